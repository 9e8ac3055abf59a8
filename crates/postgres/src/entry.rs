//! The way in by a key: who calls is looked up, and the door of who calls is opened, in one statement.

use loggia_domain::key::KeyHash;
use sqlx::postgres::PgExecutor;

use crate::decode::keys::KeyRow;
use crate::door::identity_of;

/// Looks for the key with that digest, and opens what [`Door::viewer`](crate::door::Door::viewer) opens to its user, as far as the key
/// reaches. If there is no such key, nothing is opened but that one word.
///
/// Each part reads what the one before has returned, so no plan can run them in another order: what was open before is
/// shut, the digest is said, and only then the key is looked for; its user is said, and only then are the user's places
/// looked up. (`OFFSET 0` keeps the look-up a subquery of its own: as a mere join it could be run before the digest is said, where the
/// planner takes the table for small, and would find nothing.) The digest is compared in a form in which row-level security lets it be looked up in the index.
pub(crate) async fn enter(
    connection: impl PgExecutor<'_>,
    hash: &KeyHash,
) -> Result<Option<KeyRow>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT k.id AS "id!", k.user_id AS "user_id!", k.name AS "name!", k.default_scope_id AS "default_scope_id!",
               k.confined_to AS "confined_to?", k.ability AS "ability!", k.created_at AS "created_at!",
               k.expires_at AS "expires_at?", k.revoked_at AS "revoked_at?", k.prefix AS "prefix!",
               k.last_used_at AS "last_used_at?",
               set_config('loggia.scopes', (
                   SELECT coalesce(array_agg(m.scope_id), '{}') FROM members m
                   WHERE m.user_id = holder.person::uuid AND m.active
                       AND (k.confined_to IS NULL OR m.scope_id = k.confined_to)
               )::text, false) AS "scopes!"
           FROM (SELECT set_config('loggia.scopes', '', false) AS scopes, set_config('loggia.person', '', false) AS person,
                     set_config('loggia.identity', $1, false) AS identity) AS door
           CROSS JOIN LATERAL (
               SELECT * FROM api_keys WHERE hash = CASE WHEN door.identity IS NOT NULL THEN $2::bytea END OFFSET 0) AS k
           CROSS JOIN LATERAL (
               SELECT set_config('loggia.person', k.user_id::text, false) AS person,
                   set_config('loggia.identity', '', false) AS identity) AS holder"#,
        identity_of(hash),
        hash.as_bytes().as_slice()
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| KeyRow {
        id: row.id,
        user_id: row.user_id,
        name: row.name,
        default_scope_id: row.default_scope_id,
        confined_to: row.confined_to,
        ability: row.ability,
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        prefix: row.prefix,
        last_used_at: row.last_used_at,
    }))
}
