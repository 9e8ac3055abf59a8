//! Decodes rows into domain values, by aggregate. A row with a value that the domain rejects is reported as corrupt.

/// Declares a struct of a record's column values, for all statements that write the record.
macro_rules! values {
    ($(#[$doc:meta])* $name:ident<$life:lifetime>($record:ident: $of:ty) {
        $($column:ident: $type:ty = $value:expr),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<$life> {
            $(#[doc = concat!("The column `", stringify!($column), "`.")] pub $column: $type),+
        }

        impl<$life> $name<$life> {
            /// Returns the values, or fails with [`StoreError::Failed`] if the revision is too large.
            pub fn new($record: &$life $of) -> Result<Self, StoreError> {
                Ok(Self { $($column: $value),+ })
            }
        }
    };
}

mod events;
mod invitations;
mod keys;
mod organizations;
mod people;
mod projects;
mod rosters;
mod spaces;
mod stored_responses;
mod tasks;

pub use events::{EventRow, actor_columns, canonical_changes, encode_changes};
pub use invitations::InvitationRow;
pub use keys::KeyRow;
pub use stored_responses::{decode_stored_response, response_bytes};

use loggia_domain::instant::{DateRange, Timestamp};
use loggia_domain::port::StoreError;
pub use organizations::{AnyOrganizationRow, OrganizationRow};
pub use people::{MemberRow, MemberValues, UserRow, erased_address_key, scope_role, stored_address};
pub use projects::{ProjectRefRow, ProjectRow, ProjectValues, standing};
pub use rosters::MembershipRow;
pub use spaces::{SpaceRow, SpaceValues};
pub use tasks::{TaskRow, TaskValues};

use crate::corrupt::{RowName, Sound};

fn time(micros: i64, row: RowName, column: &'static str) -> Result<Timestamp, StoreError> {
    Timestamp::from_micros(micros).sound(row, column)
}

fn optional_time(
    micros: Option<i64>,
    row: RowName,
    column: &'static str,
) -> Result<Option<Timestamp>, StoreError> {
    micros.map(|micros| time(micros, row, column)).transpose()
}

fn dates(start: Option<i64>, end: Option<i64>, row: RowName) -> Result<DateRange, StoreError> {
    let (start, end) = (optional_time(start, row, "start_date")?, optional_time(end, row, "end_date")?);
    DateRange::new(start, end).sound(row, "end_date")
}

/// Parses a text unless it is null.
fn optional<T, E: std::fmt::Display>(
    text: Option<String>,
    parse: impl FnOnce(String) -> Result<T, E>,
    row: RowName,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    text.map(|text| parse(text).sound(row, column)).transpose()
}
