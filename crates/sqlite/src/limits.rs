//! What a store does not wait for longer than, unless told otherwise; `docs/limits.md` tells all of it.

use std::time::Duration;

/// Statements that read at once, each on its own thread.
pub const READERS: u32 = 4;
/// The wait for the one writer.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(4);
/// The wait for a connection to read on.
pub const READER_TIMEOUT: Duration = Duration::from_secs(2);
