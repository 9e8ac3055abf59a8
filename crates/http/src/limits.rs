//! Every limit of the HTTP side: how much is read, how long things may take, and how much is done at once.
//!
//! A limit that a host may choose is a field of [`Limits`]; any other is a constant here or among the server's. `docs/limits.md` lists all
//! of them. A test compares it with these figures, and checks that each inner limit is smaller than the outer one.

pub use loggia_serve::limits::{
    ALL_QUEUES_MILLISECONDS, BURST_CALLS, CALM_MILLISECONDS, CONNECTIONS_PER_WORKER, FAREWELL_MILLISECONDS,
    HEAD_BYTES, HEADER_LINES, NEWEST_FIRST_MILLISECONDS, OVERLOADED_WAIT_MILLISECONDS, QUEUE_MILLISECONDS,
    REQUESTS_AHEAD, SPARE_CONNECTIONS, SPARE_CONNECTIONS_PER_ADDRESS, SPARE_HEAD_SECONDS, ServerLimits,
    TARGET_BYTES, UNSENT_BYTES,
};

/// The maximum nesting depth of arrays and objects in a body.
pub const JSON_DEPTH: usize = 32;
/// The timeout of the store's readiness check, in milliseconds.
pub const READINESS_MILLISECONDS: u64 = 1_000;
/// The size in bytes above which a response reserves memory before the store is asked, see [`Limits::response_room_bytes`], and is sent in
/// parts.
pub const SMALL_ANSWER_BYTES: usize = 64 * 1024;
/// The rate limit of an organization, as a multiple of that of a user.
pub const USERS_PER_ORGANIZATION_RATE: u32 = 10;

/// The limits that a host may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The limits of the server: its connections, and the time that clients may take.
    pub server: ServerLimits,
    /// The maximum length of a body in bytes; a longer one is refused (413).
    pub body_bytes: usize,
    /// The time in seconds in which a body must arrive; a slower one is refused (408).
    pub body_seconds: u64,
    /// The time in seconds that a call may take once it has arrived whole; then it is answered with 503. A write still runs to its end, and
    /// its outcome is unknown to the caller.
    pub request_seconds: u64,
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
    /// `true` to refuse changing or deleting a single record without `If-Match` (428).
    pub require_if_match: bool,
    /// The time in seconds for which the result of a readiness check is reused.
    pub readiness_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            server: ServerLimits::default(),
            body_bytes: 256 * 1024,
            body_seconds: 10,
            request_seconds: 5,
            reads_at_once: 64,
            long_reads_at_once: 32,
            writes_at_once: 64,
            body_room_bytes: 64 * 1024 * 1024,
            response_room_bytes: 96 * 1024 * 1024,
            permit_milliseconds: 3_000,
            failed_authentications: 20,
            requests_per_minute: None,
            require_if_match: false,
            readiness_seconds: 1,
        }
    }
}
