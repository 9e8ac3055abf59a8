//! API keys.

/// The checked query for [`KeyRow`](loggia_sql::KeyRow)s, of the keys that the rest of the statement selects.
macro_rules! select_key {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            loggia_sql::KeyRow,
            r#"SELECT k.id, k.user_id, k.name, k.default_scope_id, k.confined_to, k.ability, k.created_at, k.expires_at,
                   k.revoked_at, k.prefix, k.last_used_at, k.ends_unless_used, k.readmissions
               FROM api_keys k "# + $rest
            $(, $argument)*
        )
    };
}
pub(crate) use select_key;
