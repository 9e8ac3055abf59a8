//! API keys.

use loggia_domain::id::{KeyId, OrganizationId, UserId};
use loggia_domain::key::{Ability, ApiKey, KeyOrigin, KeyPrefix};
use loggia_domain::port::{LiveKeys, StoreError};
use loggia_domain::scope::{Reach, Readmissions};
use loggia_domain::text::KeyName;
use uuid::Uuid;

use super::{optional_time, scope, time};
use crate::columns::{Record, record};
use crate::error::{RowName, Sound};
use crate::statement::Statement;

record! {
    /// A row of `api_keys`, with the kind of its default scope.
    KeyRow {
        id: Uuid,
        user_id: Uuid,
        name: String,
        default_scope_id: Uuid,
        default_scope_kind: String,
        confined_to: Option<Uuid>,
        ability: String,
        created_at: i64,
        expires_at: Option<i64>,
        revoked_at: Option<i64>,
        prefix: String,
        last_used_at: Option<i64>,
        ends_unless_used: bool,
        readmissions: i64,
    }
}

/// The checked query for [`KeyRow`]s, of the keys that the rest of the statement selects.
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

/// The select list of a composed query for [`KeyRow`]s, of keys `k` and their default scopes `sc`.
pub(crate) fn select_keys() -> Statement {
    let mut query = Statement::new("SELECT ");
    for (i, column) in KeyRow::COLUMNS.iter().enumerate() {
        query.push(if i == 0 { "" } else { ", " });
        match *column {
            "default_scope_kind" => query.push("sc.kind"),
            column => query.push("k.").push(column),
        };
    }
    query
}

impl KeyRow {
    pub(crate) fn decode(self) -> Result<ApiKey, StoreError> {
        let row = RowName { table: "api_keys", id: self.id };
        Ok(ApiKey {
            id: KeyId::from_uuid(self.id),
            user: UserId::from_uuid(self.user_id),
            name: KeyName::from_stored(self.name).sound(row, "name")?,
            prefix: match self.prefix.as_str() {
                "" => None,
                text => Some(KeyPrefix::parse(text).sound(row, "prefix")?),
            },
            default_scope: scope(self.default_scope_id, &self.default_scope_kind)?,
            reach: self
                .confined_to
                .map_or(Reach::Everywhere, |id| Reach::Only(OrganizationId::from_uuid(id))),
            ability: Ability::parse(&self.ability).sound(row, "ability")?,
            created_at: time(self.created_at, row, "created_at")?,
            expires_at: optional_time(self.expires_at, row, "expires_at")?,
            ends_unless_used: self.ends_unless_used,
            revoked_at: optional_time(self.revoked_at, row, "revoked_at")?,
            last_used_at: optional_time(self.last_used_at, row, "last_used_at")?,
            readmissions: Readmissions::new(self.readmissions),
        })
    }
}

record! {
    /// The origin of a key.
    OriginRow { parent_id: Option<Uuid>, issued: bool }
}

impl OriginRow {
    pub(crate) fn decode(self) -> KeyOrigin {
        KeyOrigin { parent: self.parent_id.map(KeyId::from_uuid), issued: self.issued }
    }
}

record! {
    /// The columns that [`LiveKeys`] are decoded from.
    LiveKeysRow { readmissions: i64, live: i64 }
}

impl LiveKeysRow {
    pub(crate) fn decode(self) -> LiveKeys {
        let count = u32::try_from(self.live).unwrap_or(u32::MAX);
        LiveKeys { count, readmissions: Readmissions::new(self.readmissions) }
    }
}
