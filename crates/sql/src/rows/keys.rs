//! API keys.

use loggia_domain::id::{KeyId, OrganizationId, UserId};
use loggia_domain::key::{Ability, ApiKey, KeyPrefix};
use loggia_domain::port::StoreError;
use loggia_domain::scope::{Reach, Readmissions, Scope};
use loggia_domain::text::KeyName;
use uuid::Uuid;

use super::{optional_time, time};
use crate::corrupt::{RowName, Sound};
use crate::record;
use crate::scope::scope_of;

record! {
    /// A row of `api_keys`.
    pub KeyRow {
        id: Uuid,
        user_id: Uuid,
        name: String,
        default_scope_id: Uuid,
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

impl KeyRow {
    /// Decodes the row, or fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
    pub fn decode(self) -> Result<ApiKey, StoreError> {
        let default_scope = scope_of(self.user_id, self.default_scope_id);
        self.decode_in(default_scope)
    }

    /// Decodes the row as [`Self::decode`] does, for a statement that has read the kind of the default scope.
    pub fn decode_in(self, default_scope: Scope) -> Result<ApiKey, StoreError> {
        let row = RowName { table: "api_keys", id: self.id };
        Ok(ApiKey {
            id: KeyId::from_uuid(self.id),
            user: UserId::from_uuid(self.user_id),
            name: KeyName::from_stored(self.name).sound(row, "name")?,
            prefix: match self.prefix.as_str() {
                "" => None,
                text => Some(KeyPrefix::parse(text).sound(row, "prefix")?),
            },
            default_scope,
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
