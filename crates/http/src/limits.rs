//! Every limit of the HTTP side: how much is read, how long things may take, and how much is done at once.
//!
//! A limit that a host may choose is a field of [`Limits`]; any other is a constant here. `docs/limits.md` lists all of them. A test
//! compares it with these figures, and checks that each inner limit is smaller than the outer one.

/// The maximum nesting depth of arrays and objects in a body.
pub const JSON_DEPTH: usize = 32;
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
/// The number of connections beyond [`Limits::connections`] on which health checks are served and everything else is refused (503); any
/// more are closed.
pub const SPARE_CONNECTIONS: usize = 16;
/// The number of spare connections of one address beyond [`Limits::connections_per_address`].
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
/// The timeout of the store's readiness check, in milliseconds.
pub const READINESS_MILLISECONDS: u64 = 1_000;
/// The time in milliseconds in which a connection must close after its last response (actix's `client_disconnect_timeout`).
pub const FAREWELL_MILLISECONDS: u64 = 1_000;
/// The size in bytes above which a response reserves memory before the store is asked, see [`Limits::response_room_bytes`], and is sent in
/// parts.
pub const SMALL_ANSWER_BYTES: usize = 64 * 1024;

/// The rate limit of an organization, as a multiple of that of a user.
pub const USERS_PER_ORGANIZATION_RATE: u32 = 10;

/// The limits that a host may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time in seconds in which the request line and the headers must arrive; then the connection is closed.
    pub head_seconds: u64,
    /// The maximum length of a body in bytes; a longer one is refused (413).
    pub body_bytes: usize,
    /// The time in seconds in which a body must arrive; a slower one is refused (408).
    pub body_seconds: u64,
    /// The time in seconds that a call may take once it has arrived whole; then it is answered with 503. A write still runs to its end, and
    /// its outcome is unknown to the caller.
    pub request_seconds: u64,
    /// The time in seconds in which a client must take a response; then the connection is closed.
    pub answer_seconds: u64,
    /// The time in seconds for which a connection stays open without a request: longer than a proxy in front keeps an idle one.
    pub keep_alive_seconds: u64,
    /// The maximum number of open connections. Beyond it, a few are answered with 503, and any more are closed.
    pub connections: usize,
    /// The maximum number of open connections of one address, unless it is that of a trusted proxy.
    pub connections_per_address: usize,
    /// The number of reads that run at once; more wait for a permit. Half as many keys are looked up at once.
    pub reads_at_once: usize,
    /// The number of reads that count, search, filter or skip at once, so that other reads find permits beside them.
    pub long_reads_at_once: usize,
    /// The number of units of work that run at once; more wait for a permit.
    pub writes_at_once: usize,
    /// The bytes of request bodies that are in memory at once; further bodies are refused (503).
    pub body_room_bytes: usize,
    /// The bytes of responses over [`SMALL_ANSWER_BYTES`] that are in memory at once, with the records that they are made of; further calls
    /// wait, as for a permit.
    pub response_room_bytes: usize,
    /// The time in milliseconds for which a call may wait for its permits; then it is refused (503). The rest of `request_seconds` is
    /// reserved for the work of the call.
    pub permit_milliseconds: u64,
    /// The number of invalid keys that one address may send within a minute; more are refused (429). Valid keys pass nevertheless.
    pub failed_authentications: u32,
    /// The number of requests that a user may send within a minute, with all keys together; more are refused (429). `None` is no limit.
    /// An organization may send [`USERS_PER_ORGANIZATION_RATE`] times as many.
    pub requests_per_minute: Option<u32>,
    /// `true` to refuse PATCH and DELETE of a single record without `If-Match` (428).
    pub require_if_match: bool,
    /// The time in seconds for which a server that was told to stop goes on to serve, so that its clients learn of the stop: it is not
    /// ready any more, and each response is the last one of its connection.
    pub drain_seconds: u64,
    /// The time in seconds in which requests and writes in flight must end after that.
    pub shutdown_seconds: u64,
    /// The time in seconds for which the result of a readiness check is reused.
    pub readiness_seconds: u64,
}

impl Limits {
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

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_seconds: 5,
            body_bytes: 256 * 1024,
            body_seconds: 10,
            request_seconds: 5,
            answer_seconds: 30,
            keep_alive_seconds: 75,
            connections: 4_000,
            connections_per_address: 1_000,
            reads_at_once: 64,
            long_reads_at_once: 32,
            writes_at_once: 64,
            body_room_bytes: 64 * 1024 * 1024,
            response_room_bytes: 96 * 1024 * 1024,
            permit_milliseconds: 3_000,
            failed_authentications: 20,
            requests_per_minute: None,
            require_if_match: false,
            drain_seconds: 5,
            shutdown_seconds: 20,
            readiness_seconds: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_of_connections_needs_more_descriptors_than_there_are() {
        for descriptors in [32, 33, 100, 924, 1_000, 20_000, 1_000_000] {
            for workers in [1, 2, 3, 8, 64] {
                let limits = Limits::default().with_connections_within(descriptors, 2_000 * workers);
                let (all, taken) =
                    (limits.connections + SPARE_CONNECTIONS, limits.connections_of_worker(workers) * workers);
                // Each worker accepts at least one.
                assert!(taken <= descriptors.max(workers), "{descriptors} for {workers}: {taken}");
                assert!(all < taken || workers > all / 8, "one takes the next and refuses it: {all} {taken}");
                assert!(limits.connections_per_address <= limits.connections);
            }
        }
        let few = Limits::default().with_connections_within(36, 4_000);
        assert_eq!((few.connections, few.connections_per_address), (16, 4));
        let many = Limits::default().with_connections_within(1_000_000, 4_000);
        assert_eq!((many.connections, many.connections_per_address), (4_000, 1_000));
    }
}
