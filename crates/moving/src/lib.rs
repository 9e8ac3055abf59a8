//! Moves data between stores: one organization as an archive, and a whole instance as a copy. `docs/operations/moving.md` specifies the
//! archive.
//!
//! Both read and write whole rows, see [`loggia_sql::moving`]; only this crate knows the archive.
//!
//! - [`copy`] copies an instance into an empty store, continues if it was interrupted, and compares the two afterwards.
//! - [`export`] writes an archive, and [`import`] reads one. Nothing of an archive is written before all of it was verified.

mod archive;
mod copying;
mod exporting;
mod importing;

pub use archive::{ArchiveError, VERSION};
pub use copying::{CopyError, CopyReport, Difference, copy, picture};
pub use exporting::{ExportError, Exported, export};
pub use importing::{ImportError, Imported, Machine, Refusal, Verified, import, verify};
pub use loggia_sql::moving::{
    Beginning, Digest, InstanceRow, InstanceWriter, OrganizationWriter, Row, RowReader, Table,
    TargetIsNotEmpty,
};

/// The current step, for a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A copy that was interrupted goes on.
    Continued {
        /// The number of rows that the target has already.
        rows: u64,
    },
    /// Rows of a table are moved or compared.
    Rows {
        /// The step, such as `copying`.
        step: &'static str,
        /// The name of the table.
        table: &'static str,
        /// The number of rows that are done.
        done: u64,
        /// The number of all rows of the table.
        of: u64,
    },
    /// The bytes of an archive are read.
    Bytes {
        /// The step, such as `verifying`.
        step: &'static str,
        /// The number of bytes that are done.
        done: u64,
        /// The number of bytes of the file.
        of: u64,
    },
}
