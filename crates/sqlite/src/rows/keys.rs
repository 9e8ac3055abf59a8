//! API keys.

use loggia_domain::id::KeyId;
use loggia_domain::key::{ApiKey, KeyOrigin};
use loggia_domain::port::{LiveKeys, StoreError};
use loggia_domain::scope::Readmissions;
use loggia_sql::{AnyRow, Columns, FromColumns, KeyRow, Record as _, record, scope_of_kind};
use uuid::Uuid;

use crate::statement::Statement;

/// A row of `api_keys`, with the kind of its default scope.
pub(crate) struct KeyInScopeRow {
    key: KeyRow,
    default_scope_kind: String,
}

/// The checked query for [`KeyInScopeRow`]s, of the keys that the rest of the statement selects.
macro_rules! select_key {
    ($bound:ident, $rest:literal $(, $argument:expr)*) => {
        $crate::statement::fixed!($bound, r#"SELECT k.id, k.user_id, k.name,
                   k.default_scope_id, sc.kind AS default_scope_kind,
                   k.confined_to, k.ability, k.created_at, k.expires_at, k.revoked_at,
                   k.prefix, k.last_used_at, k.ends_unless_used AS "ends_unless_used: bool", k.readmissions
               FROM api_keys k JOIN scopes sc ON sc.id = k.default_scope_id "# + $rest $(, $argument)*)
    };
}
pub(crate) use select_key;

/// The select list of a composed query for [`KeyInScopeRow`]s, of keys `k` and their default scopes `sc`.
pub(crate) fn select_keys() -> Statement {
    let mut query = Statement::new("SELECT ");
    for (i, column) in KeyRow::COLUMNS.iter().enumerate() {
        query.push(if i == 0 { "k." } else { ", k." }).push(column);
        if *column == "default_scope_id" {
            query.push(", sc.kind");
        }
    }
    query
}

impl<R: AnyRow> FromColumns<R> for KeyInScopeRow {
    fn read(columns: &mut Columns<R>) -> Result<Self, StoreError> {
        let (id, user_id, name) = (columns.value()?, columns.value()?, columns.value()?);
        let (default_scope_id, default_scope_kind) = (columns.value()?, columns.value()?);
        let key = KeyRow {
            id,
            user_id,
            name,
            default_scope_id,
            confined_to: columns.value()?,
            ability: columns.value()?,
            created_at: columns.value()?,
            expires_at: columns.value()?,
            revoked_at: columns.value()?,
            prefix: columns.value()?,
            last_used_at: columns.value()?,
            ends_unless_used: columns.value()?,
            readmissions: columns.value()?,
        };
        Ok(Self { key, default_scope_kind })
    }
}

impl KeyInScopeRow {
    pub(crate) fn decode(self) -> Result<ApiKey, StoreError> {
        let scope = scope_of_kind(self.key.default_scope_id, &self.default_scope_kind)?;
        self.key.decode_in(scope)
    }
}

record! {
    /// The origin of a key.
    pub(crate) OriginRow { parent_id: Option<Uuid>, issued: bool }
}

impl OriginRow {
    pub(crate) fn decode(self) -> KeyOrigin {
        KeyOrigin { parent: self.parent_id.map(KeyId::from_uuid), issued: self.issued }
    }
}

record! {
    /// The columns that [`LiveKeys`] are decoded from.
    pub(crate) LiveKeysRow { readmissions: i64, live: i64 }
}

impl LiveKeysRow {
    pub(crate) fn decode(self) -> LiveKeys {
        let count = u32::try_from(self.live).unwrap_or(u32::MAX);
        LiveKeys { count, readmissions: Readmissions::new(self.readmissions) }
    }
}
