//! What a store does not wait for longer than, unless told otherwise; `docs/limits.md` tells all of it.

use std::time::Duration;

/// Statements that read at once, each on a connection of its own, for each processor. Half of them may run long.
pub const READERS_PER_PROCESSOR: u32 = 2;
/// The most of them, however many processors there are: each keeps pages of its own in memory, two megabytes at most.
pub const MOST_READERS: u32 = 32;
/// The wait for the one writer.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(4);
/// The wait for a connection to read on.
pub const READER_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a statement that reads may run.
pub const LONGEST_READ: Duration = Duration::from_secs(2);
/// Units of work that are committed together at most.
pub const GROUP_UNITS: u32 = 64;
/// How old a group of units of work may become before it is committed, whoever waits to join it.
pub const GROUP_AGE: Duration = Duration::from_millis(5);
