//! Rows of either store, read by column index; columns that no response shows are not read.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};
use uuid::Uuid;

macro_rules! rows {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty = $at:literal),+ $(,)? }) => {
        $(#[$doc])*
        pub(super) struct $name { $(pub(super) $field: $type),+ }

        impl FromRow<'_, SqliteRow> for $name {
            fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: row.try_get($at)?),+ })
            }
        }

        impl FromRow<'_, PgRow> for $name {
            fn from_row(row: &PgRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: row.try_get($at)?),+ })
            }
        }
    };
}

rows! {
    /// A space.
    SpaceRow {
        scope_id: Uuid = 0,
        kind: String = 1,
        id: Uuid = 4,
        name: String = 5,
        description: Option<String> = 6,
        project_id: Option<Uuid> = 7,
        status: String = 8,
        priority: i64 = 9,
        strength: i64 = 10,
        created_by: Uuid = 11,
        created_at: i64 = 12,
        updated_at: i64 = 13,
    }
}

rows! {
    /// A membership on a roster, with the project and the person.
    MembershipRow {
        id: Uuid = 2,
        number: i64 = 3,
        user_id: Uuid = 5,
        role: String = 6,
        created_at: i64 = 7,
        project_id: Uuid = 8,
        project_number: i64 = 9,
        project_name: String = 10,
        member_number: i64 = 12,
        username: Option<String> = 17,
        email: String = 23,
    }
}
