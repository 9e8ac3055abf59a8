//! The way in by a key: who calls is looked up, the door of who calls is opened, and what the call will ask for first is read, in
//! one statement.

use loggia_domain::key::KeyHash;
use loggia_domain::port::FirstRead;
use sqlx::postgres::{PgExecutor, PgRow};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::columns::{Columns, Record as _, push_columns};
use crate::decode::keys::KeyRow;
use crate::door::{Entered, identity_of};
use crate::views::record::{Eyes, push_record};

/// What was found with a key.
pub(crate) struct Entry {
    pub(crate) key: KeyRow,
    /// The scopes that were opened, with the user's role in each.
    pub(crate) places: Entered,
    /// What was to be read first: its columns, or nulls in their place, come after the [`COLUMNS`] of the entry.
    pub(crate) first: Option<(FirstRead, PgRow)>,
}

/// How many columns are the entry's own: the key's, the scopes, the roles there, and what was opened.
pub(crate) const COLUMNS: usize = KeyRow::COLUMNS.len() + 3;

/// Looks for the key with that digest, and opens what [`Door::viewer`](crate::door::Door::viewer) opens to its user, as far as the key
/// reaches. If there is no such key, nothing is opened but that one word, and nothing is read.
///
/// Each part reads what the one before has returned, so no plan can run them in another order: what was open before is
/// shut, the digest is said, and only then the key is looked for; its user is said, and only then are the user's places
/// looked up; these are opened, and only then something is read in them. (`OFFSET 0` keeps each a subquery of its own: as mere joins
/// they could be run before the digest is said, where the planner takes a table for small, and would find nothing.) The digest
/// is compared in a form in which row-level security lets it be looked up in the index.
pub(crate) async fn enter(
    connection: impl PgExecutor<'_>,
    hash: &KeyHash,
    first: Option<FirstRead>,
) -> Result<Option<Entry>, sqlx::Error> {
    let Some(row) = statement(hash, first).build().fetch_optional(connection).await? else { return Ok(None) };
    let mut columns = Columns::of(&row);
    let key = columns.record()?;
    let (scopes, roles): (Vec<Uuid>, Vec<String>) = (columns.next()?, columns.next()?);
    Ok(Some(Entry { key, places: Entered::places(scopes, roles), first: first.map(|what| (what, row)) }))
}

/// Looks for the key with that digest, for a call that opens its door elsewhere. Nothing is open afterwards but the digest's word.
pub(crate) async fn look_up(
    connection: impl PgExecutor<'_>,
    hash: &KeyHash,
) -> Result<Option<KeyRow>, sqlx::Error> {
    sqlx::query_as!(
        KeyRow,
        r#"SELECT k.id AS "id!", k.user_id AS "user_id!", k.name AS "name!", k.default_scope_id AS "default_scope_id!",
               k.confined_to AS "confined_to?", k.ability AS "ability!", k.created_at AS "created_at!",
               k.expires_at AS "expires_at?", k.revoked_at AS "revoked_at?", k.prefix AS "prefix!",
               k.last_used_at AS "last_used_at?"
           FROM (SELECT set_config('loggia.scopes', '', false) AS scopes, set_config('loggia.person', '', false) AS person,
                     set_config('loggia.identity', $1, false) AS identity) AS door
           CROSS JOIN LATERAL (
               SELECT * FROM api_keys WHERE hash = CASE WHEN door.identity IS NOT NULL THEN $2::bytea END OFFSET 0) AS k"#,
        identity_of(hash),
        hash.as_bytes().as_slice()
    )
    .fetch_optional(connection)
    .await
}

fn statement(hash: &KeyHash, first: Option<FirstRead>) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("SELECT ");
    push_columns::<KeyRow>(&mut query, "k");
    query.push(", places.scopes, places.roles, opened.scopes");
    if first.is_some() {
        query.push(", record.*");
    }
    query
        .push(
            " FROM (SELECT set_config('loggia.scopes', '', false) AS scopes, set_config('loggia.person', '', false) AS person,
                  set_config('loggia.identity', ",
        )
        .push_bind(identity_of(hash))
        .push(
            ", false) AS identity) AS door
              CROSS JOIN LATERAL (
                  SELECT * FROM api_keys WHERE hash = CASE WHEN door.identity IS NOT NULL THEN ",
        )
        .push_bind(hash.as_bytes().to_vec())
        .push(
            "::bytea END OFFSET 0) AS k
              CROSS JOIN LATERAL (
                  SELECT set_config('loggia.person', k.user_id::text, false) AS person,
                      set_config('loggia.identity', '', false) AS identity) AS holder
              CROSS JOIN LATERAL (
                  SELECT coalesce(array_agg(m.scope_id), '{}') AS scopes, coalesce(array_agg(m.role), '{}') AS roles FROM members m
                  WHERE m.user_id = holder.person::uuid AND m.active
                      AND (k.confined_to IS NULL OR m.scope_id = k.confined_to)
                  OFFSET 0) AS places
              CROSS JOIN LATERAL (
                  SELECT set_config('loggia.scopes', places.scopes::text, false) AS scopes OFFSET 0) AS opened",
        );
    if let Some(what) = first {
        query.push(" LEFT JOIN LATERAL (");
        push_record(&mut query, Eyes::OfTheKey, what);
        query.push(" OFFSET 0) AS record ON true");
    }
    query
}
