//! Every limit of the server: how much of a request's head is read, how long clients may take, and how many connections may be open.
//!
//! A limit that a host may choose is a field of [`ServerLimits`]; any other is a constant here.

/// The maximum number of header lines of a request: the parser's own limit.
pub const HEADER_LINES: usize = 96;
/// The maximum number of bytes of a request line and its headers: the parser's own limit.
pub const HEAD_BYTES: usize = 128 * 1024;
/// The maximum number of bytes of a path with its query: the parser's own limit.
pub const TARGET_BYTES: usize = 65_534;
/// The maximum number of pipelined requests on one connection. The parser reads no further until one of them has its response.
pub const REQUESTS_AHEAD: usize = 16;
/// The maximum number of bytes that the system holds unsent for one client, on Linux. Without this limit, thousands of clients that read
/// slowly would exhaust the system's memory for buffers, and all connections would suffer.
pub const UNSENT_BYTES: u32 = 64 * 1024;
/// The number of connections that a host should allow for each worker. Each connection costs memory even while it is idle.
pub const CONNECTIONS_PER_WORKER: usize = 2_000;
/// The number of connections beyond [`ServerLimits::connections`] on which health checks are served and everything else is refused (503);
/// any more are closed.
pub const SPARE_CONNECTIONS: usize = 16;
/// The number of spare connections of one address beyond [`ServerLimits::connections_per_address`].
pub const SPARE_CONNECTIONS_PER_ADDRESS: usize = 4;
/// The time in seconds in which the one request of a spare connection must arrive.
pub const SPARE_HEAD_SECONDS: u64 = 1;
/// The time in milliseconds after which a user's queue counts as overloaded if it has not been empty: longer than most bursts take to
/// serve.
pub const QUEUE_MILLISECONDS: u64 = 1_000;
/// The time in milliseconds after which the queue of all users counts as overloaded if it has not been empty. Users whose own queues are
/// overloaded do not count there. The time is longer than [`QUEUE_MILLISECONDS`], so that a user who sends too much is refused before
/// others are.
pub const ALL_QUEUES_MILLISECONDS: u64 = 2_000;
/// The time in milliseconds for which an overloaded queue must be empty to recover.
pub const CALM_MILLISECONDS: u64 = 100;
/// The maximum wait for a permit in an overloaded queue, in milliseconds: a longer wait would only delay all calls. The wait is not so
/// short that a few dozen clients who wait for their responses are refused, if each is served in a millisecond.
pub const OVERLOADED_WAIT_MILLISECONDS: u64 = 20;
/// The number of one user's waiting calls that count as a burst. Further calls wait as in an overloaded queue.
pub const BURST_CALLS: usize = 256;
/// The age of the oldest call in a queue, in milliseconds, above which the newest call is served first: under overload it is better to
/// serve some calls at once than all of them late.
pub const NEWEST_FIRST_MILLISECONDS: u64 = 100;
/// The time in milliseconds in which a connection must close after its last response (actix's `client_disconnect_timeout`).
pub const FAREWELL_MILLISECONDS: u64 = 1_000;

/// The limits of the server that a host may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerLimits {
    /// The time in seconds in which the request line and the headers must arrive; then the connection is closed.
    pub head_seconds: u64,
    /// The time in seconds in which a client must take a response; then the connection is closed.
    pub answer_seconds: u64,
    /// The time in seconds for which a connection stays open without a request: longer than a proxy in front keeps an idle one.
    pub keep_alive_seconds: u64,
    /// The maximum number of open connections. Beyond it, a few are answered with 503, and any more are closed.
    pub connections: usize,
    /// The maximum number of open connections of one address, unless it is that of a trusted proxy.
    pub connections_per_address: usize,
    /// The time in seconds for which a server that was asked to stop goes on to serve, so that its clients learn of the stop: it is not
    /// ready any more, and each response is the last one of its connection.
    pub drain_seconds: u64,
    /// The time in seconds in which requests and writes in flight must end after that.
    pub shutdown_seconds: u64,
}

impl ServerLimits {
    /// Sets the maximum number of connections, at most `most`, for a process with `descriptors` file descriptors left for them. Some
    /// descriptors are reserved for connections that are refused, since those are open for a moment, too.
    ///
    /// Sets the maximum for one address to a quarter of the connections.
    #[must_use]
    pub fn with_connections_within(self, descriptors: usize, most: usize) -> Self {
        let connections = (descriptors / 9 * 8).saturating_sub(SPARE_CONNECTIONS).clamp(1, most.max(1));
        Self { connections, connections_per_address: connections.div_ceil(4), ..self }
    }

    /// Returns the number of connections that each worker accepts before it leaves further ones to the other workers. Together the workers
    /// accept more connections than may be open, so that one of them always accepts the next connection and refuses it, but no more than
    /// there are descriptors for.
    pub(crate) fn connections_of_worker(&self, workers: usize) -> usize {
        let all = self.connections.saturating_add(SPARE_CONNECTIONS);
        (all.saturating_add(all / 8) / workers.max(1)).max(1)
    }
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            head_seconds: 5,
            answer_seconds: 30,
            keep_alive_seconds: 75,
            connections: 4_000,
            connections_per_address: 1_000,
            drain_seconds: 5,
            shutdown_seconds: 20,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_limits_never_need_more_descriptors_than_are_available() {
        for descriptors in [32, 33, 100, 924, 1_000, 20_000, 1_000_000] {
            for workers in [1, 2, 3, 8, 64] {
                let limits = ServerLimits::default().with_connections_within(descriptors, 2_000 * workers);
                let (all, taken) =
                    (limits.connections + SPARE_CONNECTIONS, limits.connections_of_worker(workers) * workers);
                // Each worker accepts at least one.
                assert!(taken <= descriptors.max(workers), "{descriptors} for {workers}: {taken}");
                assert!(all < taken || workers > all / 8, "one takes the next and refuses it: {all} {taken}");
                assert!(limits.connections_per_address <= limits.connections);
            }
        }
        let few = ServerLimits::default().with_connections_within(36, 4_000);
        assert_eq!((few.connections, few.connections_per_address), (16, 4));
        let many = ServerLimits::default().with_connections_within(1_000_000, 4_000);
        assert_eq!((many.connections, many.connections_per_address), (4_000, 1_000));
    }
}
