//! Every limit of the HTTP side, in one place: how much is read, how long things may take, how much is done at once.
//!
//! What a host may choose is a field of [`Limits`]; what it may not is a constant here. `docs/limits.md` tells all of
//! them, and a test holds it to these figures and each inner figure to be smaller than the outer one.

/// How deep arrays and objects of a body may lie in each other.
pub const JSON_DEPTH: usize = 32;
/// Header lines of a request beyond which it is refused: the parser's own limit.
pub const HEADER_LINES: usize = 96;
/// The bytes of a request line and its headers beyond which they are refused: the parser's own limit.
pub const HEAD_BYTES: usize = 128 * 1024;
/// The bytes of a path with its query beyond which the request is refused: the parser's own limit.
pub const TARGET_BYTES: usize = 65_534;
/// Requests that a client may send ahead on one connection; the parser reads no further before one is answered.
pub const REQUESTS_AHEAD: usize = 16;
/// Bytes that have been handed to the system for a client and not been sent yet, beyond which it takes no more, on Linux: where thousands of
/// clients read slowly, all connections would suffer from the system's lack of memory for so many buffers.
pub const UNSENT_BYTES: u32 = 64 * 1024;
/// Connections that a host should let be open for each worker; each costs memory whether or not it asks for anything.
pub const CONNECTIONS_PER_WORKER: usize = 2_000;
/// Connections beyond [`Limits::connections`] on which health is answered and everything else is refused (503); any more are closed.
pub const SPARE_CONNECTIONS: usize = 16;
/// Of those, how many one address may have, and how many it may have beyond [`Limits::connections_per_address`].
pub const SPARE_CONNECTIONS_PER_ADDRESS: usize = 4;
/// How long the one request of such a connection may take to arrive, in seconds.
pub const SPARE_HEAD_SECONDS: u64 = 1;
/// The time in which the queue of a user is never empty, in milliseconds, after which it is overloaded: longer than most bursts take to serve.
pub const QUEUE_MILLISECONDS: u64 = 1_000;
/// The same for the queues of all users whose own is not overloaded, in milliseconds. It is longer, so that a user who sends too much is refused
/// before others are.
pub const ALL_QUEUES_MILLISECONDS: u64 = 2_000;
/// The time for which an overloaded queue must be empty to be overloaded no longer, in milliseconds.
pub const CALM_MILLISECONDS: u64 = 100;
/// The time that a call waits for a permit in an overloaded queue, in milliseconds: a longer wait would only delay all calls. It is not so short
/// that a few dozen clients who wait for their responses are refused, if each is served in a millisecond.
pub const OVERLOADED_WAIT_MILLISECONDS: u64 = 20;
/// The number of calls of one user that wait as in a burst; more wait as in an overloaded queue.
pub const BURST_CALLS: usize = 256;
/// The age of the oldest call in a queue, in milliseconds, from which on the newest is served first: under overload it is better to serve some
/// calls at once than all of them late.
pub const NEWEST_FIRST_MILLISECONDS: u64 = 100;
/// How long the check whether the store can be used may take, in milliseconds.
pub const READINESS_MILLISECONDS: u64 = 1_000;
/// How long answers without a body are still read from after the connection's end, in milliseconds.
pub const FAREWELL_MILLISECONDS: u64 = 1_000;
/// Responses that may be larger than this reserve memory before the store is asked, see [`Limits::response_room_bytes`], and are sent in parts.
pub const SMALL_ANSWER_BYTES: usize = 64 * 1024;

/// The rate limit of an organization, as a multiple of that of a user.
pub const USERS_PER_ORGANIZATION_RATE: u32 = 10;

/// What a host may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long the request line and the headers may take to arrive, in seconds; then the connection is closed.
    pub head_seconds: u64,
    /// The greatest body, in bytes; a larger one is refused (413).
    pub body_bytes: usize,
    /// How long a body may take to arrive, in seconds; a slower one is refused (408).
    pub body_seconds: u64,
    /// How long a call may take once it has arrived whole, in seconds. Beyond that nobody waits for it any more (503); a
    /// write goes on to its end all the same, and its outcome is unknown to the caller.
    pub request_seconds: u64,
    /// How long a client may take to read an answer, in seconds; then the connection is closed.
    pub answer_seconds: u64,
    /// How long a connection may stay open without a request, in seconds: longer than a proxy in front keeps one that it does not use.
    pub keep_alive_seconds: u64,
    /// How many connections may be open; beyond that a few are told so (503), and more are closed.
    pub connections: usize,
    /// How many of those one address may have, unless it is that of a proxy of ours.
    pub connections_per_address: usize,
    /// The number of reads that run at once; more wait for a permit. Half as many keys are looked up at once.
    pub reads_at_once: usize,
    /// The number of those that count, search, filter or skip, so that other reads find permits beside them.
    pub long_reads_at_once: usize,
    /// The number of units of work that run at once; more wait for a permit.
    pub writes_at_once: usize,
    /// The bytes of request bodies that are in memory at once; more are refused (503).
    pub body_room_bytes: usize,
    /// The bytes of responses over [`SMALL_ANSWER_BYTES`] that are in memory at once, with the records that they are made of; more wait, as for a
    /// permit.
    pub response_room_bytes: usize,
    /// The time of a call, in milliseconds, in which it may wait for its permits; then it is refused (503). The rest of `request_seconds` is kept to
    /// do what the call asks for.
    pub permit_milliseconds: u64,
    /// How many invalid keys one address may send within a minute before it is told to wait (429). Valid ones pass nevertheless.
    pub failed_authentications: u32,
    /// The number of requests that a user may send within a minute, with all keys together; more are refused (429). `None` is no limit.
    /// An organization may send [`USERS_PER_ORGANIZATION_RATE`] times as many.
    pub requests_per_minute: Option<u32>,
    /// Whether PATCH and DELETE of a single record are refused without `If-Match` (428).
    pub require_if_match: bool,
    /// How long a server that was told to stop goes on to serve, in seconds, so that whoever sends requests here learns of
    /// it: it is not ready any more, and each answer is the last one of its connection.
    pub drain_seconds: u64,
    /// How long what is under way may take to end after that, in seconds.
    pub shutdown_seconds: u64,
    /// How long an answer about readiness is good for, in seconds.
    pub readiness_seconds: u64,
}

impl Limits {
    /// How many connections there may be in all and from one address, where so many file descriptors are left for them. Some descriptors
    /// are kept for those that are refused: they are open for a moment, too.
    ///
    /// One address has a quarter.
    #[must_use]
    pub fn with_connections_within(self, descriptors: usize, most: usize) -> Self {
        let connections = (descriptors / 9 * 8).saturating_sub(SPARE_CONNECTIONS).clamp(1, most.max(1));
        Self { connections, connections_per_address: connections.div_ceil(4), ..self }
    }

    /// How many connections each of the workers takes before the others have to, and none is taken any more where all have as many: more
    /// than there may be in all, so that there is always one that takes the next and refuses it, and together no more than
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
                // Each worker takes one at least.
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
