//! The table of all limits in `docs/limits.md`, made of the figures in the code, and the check that each inner limit is smaller than the
//! outer one.

use std::fmt::Write as _;
use std::time::Duration;

use loggia_domain::roster::MAX_BATCH;
use loggia_domain::service::UserLimits;
use loggia_http::limits::{
    ALL_QUEUES_MILLISECONDS, BURST_CALLS, CALM_MILLISECONDS, CONNECTIONS_PER_WORKER, FAREWELL_MILLISECONDS,
    HEAD_BYTES, HEADER_LINES, JSON_DEPTH, NEWEST_FIRST_MILLISECONDS, OVERLOADED_WAIT_MILLISECONDS,
    QUEUE_MILLISECONDS, READINESS_MILLISECONDS, REQUESTS_AHEAD, SMALL_ANSWER_BYTES, SPARE_CONNECTIONS,
    SPARE_CONNECTIONS_PER_ADDRESS, SPARE_HEAD_SECONDS, TARGET_BYTES, UNSENT_BYTES,
    USERS_PER_ORGANIZATION_RATE,
};
use loggia_http::{ENDPOINTS, Limits, ResponseSize};
use loggia_postgres::limits as postgres;
use loggia_sqlite::limits as sqlite;

use crate::harness::root;

/// A limit: its subject, its value, and the consequence of exceeding it.
struct Row(&'static str, String, &'static str);

fn seconds(number: u64) -> String {
    format!("{number} s")
}

fn milliseconds(time: Duration) -> String {
    if time.subsec_millis() == 0 { seconds(time.as_secs()) } else { format!("{} ms", time.as_millis()) }
}

fn bytes(number: usize) -> String {
    match number {
        _ if number.is_multiple_of(1024 * 1024) => format!("{} MiB", number / (1024 * 1024)),
        _ if number.is_multiple_of(1024) => format!("{} KiB", number / 1024),
        _ => format!("{number} bytes"),
    }
}

/// Returns the maximum size of a response to a GET of that path with that query.
#[expect(clippy::expect_used, reason = "a helper of tests fails as loudly as they do")]
fn size_of(path: &str, query: &str) -> ResponseSize {
    let found = ENDPOINTS.iter().find(|endpoint| endpoint.method == "GET" && endpoint.path == path);
    found.expect("an endpoint").response_size(query)
}

const SPACES: &str = "/api/v1/spaces";
const MEMBERS: &str = "/api/v1/organizations/{id}/members";
const PROJECTS: &str = "/v2/projects";
const ROSTER: &str = "/v2/projects/{node_id}/members";
const TASKS: &str = "/v2/projects/{node_id}/tasks";
const OWN_TASKS: &str = "/v2/tasks/my-tasks-by-project";

fn response_sizes() -> Vec<Row> {
    let refused = "400 `VALIDATION_FAILED`";
    let megabytes = |bytes: usize| format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10);
    let row = |(what, path, query)| {
        let size = size_of(path, query);
        let at_most = format!("{}; {} with its records", megabytes(size.text), megabytes(size.memory));
        Row(what, at_most, refused)
    };
    let pages = [
        ("50 spaces, as a page has by default", SPACES, ""),
        ("100 spaces with `include=all`", SPACES, "limit=100&include=all"),
        ("100 members of an organization", MEMBERS, "limit=100"),
        ("20 projects, as a page has by default", PROJECTS, ""),
        ("100 projects", PROJECTS, "per_page=100"),
        ("100 members of a project", ROSTER, "per_page=100"),
        ("100 tasks of a project", TASKS, "per_page=100"),
        ("100 own tasks, as a page has by default: 5 of each of 20 projects", OWN_TASKS, ""),
        ("500 own tasks, the maximum of a page", OWN_TASKS, "tasks_limit=5&per_page=100"),
    ];
    pages.into_iter().map(row).collect()
}

fn rows() -> Vec<(&'static str, Vec<Row>)> {
    let (limits, per_user) = (Limits::default(), UserLimits::default());
    let turns = |sessions: u32, sqlite: &str| {
        format!("{} on Postgres (2 per session), {sqlite} on SQLite", 2 * sessions)
    };
    let sqlite_readers = sqlite::READERS_PER_PROCESSOR;
    vec![
        (
            "Size of requests",
            vec![
                Row("Request line and headers", bytes(HEAD_BYTES), "431 without a body, connection closed"),
                Row("Header lines", HEADER_LINES.to_string(), "431 without a body, connection closed"),
                Row("Path and query", bytes(TARGET_BYTES), "400 without a body, connection closed"),
                Row("Body", bytes(limits.body_bytes), "413 `PAYLOAD_TOO_LARGE`, connection closed"),
                Row("Compressed body", "none".to_owned(), "415 `UNSUPPORTED_CONTENT_ENCODING`"),
                Row("Nesting of arrays and objects", JSON_DEPTH.to_string(), "400 `INVALID_JSON`"),
                Row("Records in one request", MAX_BATCH.to_string(), "400 `VALIDATION_FAILED`"),
                Row(
                    "Pipelined requests on a connection",
                    REQUESTS_AHEAD.to_string(),
                    "not read until one has a response",
                ),
            ],
        ),
        (
            "Timeouts",
            vec![
                Row(
                    "Time for the request line and headers to arrive",
                    seconds(limits.server.head_seconds),
                    "connection closed; with 408 if it is new",
                ),
                Row(
                    "Time for the request line and headers to arrive on a spare connection",
                    seconds(SPARE_HEAD_SECONDS),
                    "connection closed",
                ),
                Row(
                    "Time for the body to arrive",
                    seconds(limits.body_seconds),
                    "408 `REQUEST_TIMEOUT`, connection closed",
                ),
                Row(
                    "Wait of a request for all of its permits",
                    milliseconds(Duration::from_millis(limits.permit_milliseconds)),
                    "503 `BUSY`",
                ),
                Row(
                    "Wait for a permit in an overloaded queue",
                    format!("{OVERLOADED_WAIT_MILLISECONDS} ms"),
                    "503 `BUSY`",
                ),
                Row(
                    "Time without an empty queue, of one user",
                    milliseconds(Duration::from_millis(QUEUE_MILLISECONDS)),
                    "overloaded, until it has been empty for 100 ms",
                ),
                Row(
                    "Time without an empty queue, of all other users",
                    milliseconds(Duration::from_millis(ALL_QUEUES_MILLISECONDS)),
                    "overloaded, until it has been empty for 100 ms",
                ),
                Row(
                    "Wait for a session (Postgres)",
                    milliseconds(postgres::ACQUIRE_TIMEOUT),
                    "503 `STORE_UNAVAILABLE`",
                ),
                Row(
                    "Wait for a lock (Postgres)",
                    milliseconds(postgres::LOCK_TIMEOUT),
                    "503 `STORE_UNAVAILABLE`",
                ),
                Row(
                    "Statement (Postgres)",
                    milliseconds(postgres::STATEMENT_TIMEOUT),
                    "503 `STORE_UNAVAILABLE`",
                ),
                Row(
                    "Wait for the server's response, after which its connection is dropped (Postgres)",
                    milliseconds(postgres::STATEMENT_TIMEOUT + postgres::ON_THE_WAY),
                    "503 `STORE_UNAVAILABLE`, or `OUTCOME_UNKNOWN` while committing",
                ),
                Row(
                    "Wait for a read connection (SQLite)",
                    milliseconds(sqlite::READER_TIMEOUT),
                    "503 `STORE_UNAVAILABLE`",
                ),
                Row("Read statement (SQLite)", milliseconds(sqlite::LONGEST_READ), "503 `STORE_UNAVAILABLE`"),
                Row(
                    "Wait for the writer (SQLite)",
                    milliseconds(sqlite::BUSY_TIMEOUT),
                    "503 `STORE_UNAVAILABLE`",
                ),
                Row(
                    "Processing of a request that has arrived completely",
                    seconds(limits.request_seconds),
                    "503 `BUSY`; for a write that continues, 503 `OUTCOME_UNKNOWN`",
                ),
                Row(
                    "Transaction without a statement (Postgres)",
                    milliseconds(postgres::IDLE_IN_TRANSACTION_TIMEOUT),
                    "rolled back by the server",
                ),
                Row(
                    "Time for the client to read the response",
                    seconds(limits.server.answer_seconds),
                    "connection closed",
                ),
                Row(
                    "Idle connection",
                    format!("{}; `LOGGIA_KEEP_ALIVE_SECONDS`", seconds(limits.server.keep_alive_seconds)),
                    "connection closed",
                ),
                Row("Closing of a connection", format!("{FAREWELL_MILLISECONDS} ms"), "connection dropped"),
                Row(
                    "Readiness check",
                    format!("{READINESS_MILLISECONDS} ms, cached for {}", seconds(limits.readiness_seconds)),
                    "503 `STORE_UNAVAILABLE`",
                ),
                Row(
                    "Drain at shutdown",
                    format!("{}; `LOGGIA_DRAIN_SECONDS`", seconds(limits.server.drain_seconds)),
                    "no new connections",
                ),
                Row(
                    "Requests in flight after the drain",
                    seconds(limits.server.shutdown_seconds),
                    "aborted, counted in the log, exit code 1",
                ),
            ],
        ),
        (
            "Concurrency",
            vec![
                Row(
                    "Connections",
                    format!(
                        "{CONNECTIONS_PER_WORKER} per worker (one per processor), or as many as the limit of open files allows"
                    ),
                    "see the next two",
                ),
                Row(
                    "Of those, from one address that is not a trusted proxy's",
                    "a quarter; `LOGGIA_CONNECTIONS_PER_ADDRESS`".to_owned(),
                    "see the next one",
                ),
                Row(
                    "Spare connections beyond either limit, on which health checks succeed and all else gets 503 `BUSY`",
                    format!(
                        "{SPARE_CONNECTIONS} in total, {SPARE_CONNECTIONS_PER_ADDRESS} from one address, for one request each"
                    ),
                    "connection closed",
                ),
                Row(
                    "Unsent bytes in the system's buffer for one client (Linux)",
                    format!("{} KiB", UNSENT_BYTES / 1024),
                    "waits for the client, see above",
                ),
                Row(
                    "Sessions (Postgres)",
                    format!(
                        "{} for reads, {} for writes; `LOGGIA_DATABASE_CONNECTIONS`",
                        postgres::READERS,
                        postgres::WRITERS
                    ),
                    "waits, see above",
                ),
                Row(
                    "Connections (SQLite)",
                    format!(
                        "{sqlite_readers} for reads per processor and {} in total, 1 for writes",
                        sqlite::MAX_READERS
                    ),
                    "waits, see above",
                ),
                Row(
                    "Of the read connections, those for long reads (SQLite)",
                    "half".to_owned(),
                    "waits, see above",
                ),
                Row(
                    "Units of work in one commit (SQLite)",
                    format!(
                        "{}, or those that arrive within {}",
                        sqlite::GROUP_UNITS,
                        milliseconds(sqlite::GROUP_AGE)
                    ),
                    "the next commit",
                ),
                Row(
                    "Reads in flight",
                    turns(
                        postgres::READERS,
                        &format!(
                            "{} per processor and {} in total",
                            2 * sqlite_readers,
                            2 * sqlite::MAX_READERS
                        ),
                    ),
                    "waits, see above",
                ),
                Row(
                    "Of the reads, long ones, such as lists with a search, filter or offset",
                    format!(
                        "{} on Postgres (3 for 4 read sessions), half on SQLite",
                        postgres::READERS * 3 / 4
                    ),
                    "waits, see above",
                ),
                Row("Writes in flight", turns(postgres::WRITERS, "128"), "waits, see above"),
                Row("API key lookups in flight", "half as many as reads".to_owned(), "waits, see above"),
                Row("Request bodies in memory", bytes(limits.body_room_bytes), "503 `BUSY`"),
                Row(
                    "Memory of responses that may exceed 64 KiB: the maximum size until they are serialized, then the actual size until they are sent",
                    bytes(limits.response_room_bytes),
                    "waits, see above",
                ),
                Row(
                    "Of the permits and the memory above, for one organization",
                    "three quarters".to_owned(),
                    "as for all",
                ),
                Row(
                    "Of the permits and the memory above, for one user",
                    "three quarters of that".to_owned(),
                    "as for all",
                ),
                Row(
                    "Waiting requests of one user",
                    BURST_CALLS.to_string(),
                    "further ones wait as in an overloaded queue",
                ),
            ],
        ),
        ("Size of responses", response_sizes()),
        (
            "Quotas of a user",
            vec![
                Row(
                    "Live API keys of a user",
                    format!("{}; `LOGGIA_MAX_KEYS_PER_USER`", per_user.live_keys),
                    "409 `TOO_MANY_API_KEYS`",
                ),
                Row(
                    "Live API keys that an organization's admins have created for one member",
                    "as many again".to_owned(),
                    "409 `TOO_MANY_API_KEYS`",
                ),
                Row(
                    "Organizations that a user has created",
                    format!("{}; `LOGGIA_MAX_ORGANIZATIONS_PER_USER`", per_user.organizations),
                    "409 `TOO_MANY_ORGANIZATIONS`",
                ),
            ],
        ),
        (
            "Rates",
            vec![
                Row(
                    "Requests of a user in a minute, with all keys",
                    "unlimited; `LOGGIA_RATE_LIMIT_PER_MINUTE`".to_owned(),
                    "429 `RATE_LIMITED`",
                ),
                Row(
                    "Requests of an organization's users in a minute",
                    format!("{USERS_PER_ORGANIZATION_RATE} times as many"),
                    "429 `RATE_LIMITED`",
                ),
                Row(
                    "Invalid keys from an address in a minute",
                    format!("{}; `LOGGIA_FAILED_AUTHENTICATIONS_PER_MINUTE`", limits.failed_authentications),
                    "429 `TOO_MANY_FAILED_AUTHENTICATIONS`; valid keys are accepted",
                ),
            ],
        ),
    ]
}

const BEGIN: &str = "<!-- The tables are generated from the code: `UPDATE_DOCS=1 cargo test -p loggia-tests --test it limits`. -->\n";
const END: &str = "<!-- End of the tables. -->\n";

fn tables() -> String {
    let mut text = String::new();
    for (title, rows) in rows() {
        let _ = writeln!(text, "\n### {title}\n\n| limit | maximum | if exceeded |\n|---|---|---|");
        for Row(what, most, beyond) in rows {
            let _ = writeln!(text, "| {what} | {most} | {beyond} |");
        }
    }
    text + "\n"
}

#[test]
fn the_documented_limits_are_those_of_the_code() {
    let path = root().join("docs/limits.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (known, after) = rest.split_once(END).unwrap();
    let tables = tables();
    #[expect(
        clippy::disallowed_methods,
        reason = "whether a test writes its document is no setting of the service"
    )]
    let update = std::env::var("UPDATE_DOCS").is_ok_and(|value| value == "1");
    if update && known != tables {
        std::fs::write(&path, format!("{before}{BEGIN}{tables}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        known, tables,
        "docs/limits.md: run `UPDATE_DOCS=1 cargo test -p loggia-tests --test it limits`"
    );
}

#[test]
fn each_inner_limit_is_smaller_than_the_outer_one() {
    let limits = Limits::default();
    let s = Duration::from_secs;
    let in_order = |what: &str, times: &[Duration]| {
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{what}: {times:?}");
    };
    let ms = Duration::from_millis;
    let permits = ms(limits.permit_milliseconds);
    in_order(
        "a lock, its statement, its response, its call",
        &[
            postgres::LOCK_TIMEOUT,
            postgres::STATEMENT_TIMEOUT,
            postgres::STATEMENT_TIMEOUT + postgres::ON_THE_WAY,
            s(limits.request_seconds),
        ],
    );
    in_order(
        "a permit in an overloaded queue, the age from which the newest call is first, an overloaded queue of one user and of all, permits, a call",
        &[
            ms(OVERLOADED_WAIT_MILLISECONDS),
            ms(NEWEST_FIRST_MILLISECONDS),
            ms(QUEUE_MILLISECONDS),
            ms(ALL_QUEUES_MILLISECONDS),
            permits,
            s(limits.request_seconds),
        ],
    );
    in_order("a calm, an overloaded queue", &[ms(CALM_MILLISECONDS), ms(QUEUE_MILLISECONDS)]);
    in_order(
        "a session, what permits leave of a call",
        &[postgres::ACQUIRE_TIMEOUT, s(limits.request_seconds) - permits],
    );
    // A read of one statement waits for a session, and for the end of the statement. (The statements of a counted page add up, and the
    // call's limit ends them.)
    let read = postgres::ACQUIRE_TIMEOUT + postgres::STATEMENT_TIMEOUT;
    in_order("what a read of one statement waits for, its call", &[read, s(limits.request_seconds)]);
    in_order("the writer of SQLite, its call", &[sqlite::BUSY_TIMEOUT, s(limits.request_seconds)]);
    // A read of one statement on a file waits for a connection when its key is looked up, and possibly once more for one that may run long.
    let read = sqlite::READER_TIMEOUT * 2 + sqlite::LONGEST_READ;
    in_order(
        "what a read of one statement of SQLite waits for, its call",
        &[read, s(limits.request_seconds)],
    );
    in_order(
        "the check of readiness, what health checks wait",
        &[Duration::from_millis(READINESS_MILLISECONDS), s(2)],
    );
    // Everything that has begun when the server is asked to stop can end in time: a body, its call, and the reading of its response.
    in_order(
        "a head, a body, what is left at the end",
        &[s(limits.server.head_seconds), s(limits.body_seconds), s(limits.server.shutdown_seconds)],
    );
    in_order(
        "a body and its call, what is left at the end",
        &[s(limits.body_seconds + limits.request_seconds), s(limits.server.shutdown_seconds)],
    );
    in_order(
        "the one request of a spare connection, a head",
        &[s(SPARE_HEAD_SECONDS), s(limits.server.head_seconds)],
    );
    in_order(
        "a head, an idle connection",
        &[s(limits.server.head_seconds), s(limits.server.keep_alive_seconds)],
    );
    assert!(
        postgres::IDLE_IN_TRANSACTION_TIMEOUT >= s(limits.request_seconds),
        "no request waits any more when it is rolled back"
    );
    for room in [limits.body_room_bytes, limits.response_room_bytes] {
        let sizes = [SMALL_ANSWER_BYTES, limits.body_bytes, room * 9 / 16, room];
        assert!(sizes.windows(2).all(|pair| pair[0] < pair[1]), "{sizes:?}");
    }
}

/// Returns the permits, or the memory, of all, of one organization, and of one user.
fn shares(all: usize) -> [usize; 3] {
    let share = |number: usize| number - (number / 4).max(1);
    [all, share(all), share(share(all))]
}

/// With 16 permits to read on Postgres, 6 of which are for long reads; SQLite has as many on four processors.
#[test]
fn pages_of_the_default_length_never_wait_for_memory() {
    let memory = shares(Limits::default().response_room_bytes);
    for (path, permits) in
        [(SPACES, 16), (MEMBERS, 16), (PROJECTS, 16), (ROSTER, 16), (TASKS, 16), (OWN_TASKS, 6)]
    {
        let page = size_of(path, "").memory;
        for (permits, memory) in shares(permits).into_iter().zip(memory) {
            assert!(permits * page <= memory, "{path}: {permits} of {page} bytes, {memory}");
        }
    }
}
