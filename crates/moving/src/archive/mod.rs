//! The archive of one organization: its entries, its limits, and their reading and writing.
//!
//! An archive is a gzipped tar. The first entry names the format, the last one is the manifest, and between them each table has parts of JSON
//! lines. Each value has one spelling, so equal data gives equal bytes, and a reader can refuse everything that it would not have written.

mod line;
mod manifest;
mod read;
mod write;

use loggia_sql::moving::{API_KEYS, STORED_RESPONSES, TABLES, Table};

pub(crate) use line::encode;
pub(crate) use read::{Limits, Reading, Rows, read};
pub(crate) use write::{Part, Writing, write};

/// The version of the format that is written, and the only one that is read.
pub const VERSION: u64 = 1;

/// The name of the format.
const FORMAT: &str = "loggia-organization";

/// The name of the entry that names the format.
const HEAD: &str = "archive.json";

/// The name of the entry that lists all others.
const MANIFEST: &str = "manifest.json";

/// The number of rows of a part, of which the last one of a table may have fewer.
pub(crate) const PART_ROWS: u64 = 10_000;

/// The number of bytes after which a part ends, whatever its number of rows.
pub(crate) const PART_BYTES: usize = 4 << 20;

/// The maximum number of bytes of a line. The longest line that is written is an event that changes a description of 10 000 characters.
const MAX_LINE: usize = 256 << 10;

/// The maximum number of bytes of an entry: a part ends with the line that reaches [`PART_BYTES`].
const MAX_ENTRY: u64 = (PART_BYTES + MAX_LINE) as u64;

/// The maximum number of bytes of the manifest, which has some 150 for each part.
const MAX_MANIFEST: u64 = 64 << 20;

/// The bytes with which the file begins: gzip without a name, a time or the kind of system.
const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// Returns the tables that an archive contains, in their order. API keys and stored responses are secrets.
pub(crate) fn tables() -> impl Iterator<Item = &'static Table> {
    TABLES.into_iter().filter(|table| **table != API_KEYS && **table != STORED_RESPONSES)
}

/// Returns the name of a part.
fn part_name(table: &Table, number: usize) -> String {
    format!("{}/{number:06}.jsonl", table.name)
}

/// The reason why an archive is refused.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file cannot be read or written.
    #[error("the file cannot be read or written")]
    File(#[source] std::io::Error),
    /// The file is cut off, is not a gzipped tar, or its bytes were changed.
    #[error("the archive is damaged, cut off, or not an archive of loggia")]
    Damaged(#[source] std::io::Error),
    /// The archive has a version that this program does not know.
    #[error("the archive has version {found} of the format, and this program reads version {VERSION}")]
    Version {
        /// The version of the archive.
        found: u64,
    },
    /// A part of the archive is not as the format says.
    #[error("{location}: {why}")]
    Invalid {
        /// The entry, and the number of the line in it.
        location: String,
        /// The reason.
        why: String,
    },
}

impl ArchiveError {
    pub(crate) fn invalid(location: impl Into<String>, why: impl ToString) -> Self {
        Self::Invalid { location: location.into(), why: why.to_string() }
    }
}
