//! Decodes rows into domain values, by aggregate. A row with a value that the domain rejects is reported as corrupt.

pub(crate) mod deletion;
pub(crate) mod events;
pub(crate) mod invitations;
pub(crate) mod kept_answers;
pub(crate) mod keys;
pub(crate) mod organizations;
pub(crate) mod projects;
pub(crate) mod rosters;
pub(crate) mod spaces;
pub(crate) mod tasks;

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::instant::{DateRange, Timestamp};
use loggia_domain::port::StoreError;
use loggia_domain::scope::Scope;
use uuid::Uuid;

use crate::error::{RowName, Sound};

/// Returns the scope with this id, in a row of `user`. Such a row names no personal scope but the user's own, which has the user's id.
pub(crate) fn scope_of(user: Uuid, scope: Uuid) -> Scope {
    if scope == user {
        Scope::Personal(UserId::from_uuid(user))
    } else {
        Scope::Organization(OrganizationId::from_uuid(scope))
    }
}

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

/// Converts the result of `count(*)`.
pub(crate) fn count(rows: i64) -> Result<u64, StoreError> {
    u64::try_from(rows).map_err(|error| StoreError::Failed(error.into()))
}

/// Converts a revision or a position, which is never negative.
pub(crate) fn unsigned(number: i64, row: RowName, column: &'static str) -> Result<u64, StoreError> {
    u64::try_from(number).sound(row, column)
}
