//! Timeouts and sizes of a store. [`SqliteOptions`](crate::SqliteOptions) changes some of them; `docs/limits.md` lists them all.

use std::time::Duration;

/// The number of reading connections for each processor, and so of reads at the same time. Half of them may run long.
pub const READERS_PER_PROCESSOR: u32 = 2;
/// The greatest number of reading connections, however many processors there are: each caches up to two megabytes of pages.
pub const MAX_READERS: u32 = 32;
/// The longest time that a unit of work waits for the writer.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(4);
/// The longest time that a call waits for a connection to read on.
pub const READER_TIMEOUT: Duration = Duration::from_secs(1);
/// The longest time that a reading statement may run.
pub const LONGEST_READ: Duration = Duration::from_secs(2);
/// The greatest number of units of work in one commit group.
pub const GROUP_UNITS: u32 = 64;
/// The age at which a commit group accepts no further unit of work and is committed.
pub const GROUP_AGE: Duration = Duration::from_millis(5);
