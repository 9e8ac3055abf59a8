//! The ids that must not be seen, determined by a superuser.

use loggia_domain::id::UserId;
use loggia_domain::scope::Scope;
use sqlx::PgConnection;
use uuid::Uuid;

/// Returns the ids of everything that is not in these scopes, is not the person's own, and is not the row that `word` identifies. It
/// leaves out the ids of scopes that the person is a member of, since the membership itself contains them.
pub(super) async fn foreign_ids(
    outsider: &mut PgConnection,
    scopes: &[Scope],
    person: Option<UserId>,
    word: &str,
) -> String {
    let scopes: Vec<Uuid> = scopes.iter().map(|scope| scope.id().as_uuid()).collect();
    let ids: Vec<String> = sqlx::query_scalar(
        "WITH invited AS (
             SELECT scope_id, id, invited_by FROM invitations WHERE encode(token_hash, 'hex') = $3
         ), known AS (
             SELECT user_id FROM members WHERE scope_id = ANY ($1)
             UNION SELECT $2 UNION SELECT id FROM users WHERE email_key = $3 UNION SELECT invited_by FROM invited
         ), keys AS (
             SELECT id, user_id, default_scope_id FROM api_keys
             WHERE user_id = $2 OR id::text = $3 OR encode(hash, 'hex') = $3
         )
         SELECT id::text FROM scopes WHERE id <> ALL ($1)
             AND id NOT IN (SELECT scope_id FROM members WHERE user_id = $2) AND id NOT IN (SELECT user_id FROM keys)
             AND id NOT IN (SELECT user_id FROM known WHERE user_id IS NOT NULL) AND id NOT IN (SELECT scope_id FROM invited)
         UNION SELECT id::text FROM projects WHERE scope_id <> ALL ($1)
         UNION SELECT id::text FROM project_members WHERE scope_id <> ALL ($1)
         UNION SELECT id::text FROM spaces WHERE scope_id <> ALL ($1)
         UNION SELECT id::text FROM tasks WHERE scope_id <> ALL ($1)
         UNION SELECT id::text FROM invitations WHERE scope_id <> ALL ($1) AND id NOT IN (SELECT id FROM invited)
         UNION SELECT id::text FROM events WHERE scope_id <> ALL ($1)
         UNION SELECT id::text FROM users WHERE id NOT IN (SELECT user_id FROM known WHERE user_id IS NOT NULL)
             AND id NOT IN (SELECT user_id FROM keys)
         UNION SELECT id::text FROM api_keys WHERE id NOT IN (SELECT id FROM keys)
         UNION SELECT key FROM stored_responses WHERE user_id IS DISTINCT FROM $2",
    )
    .bind(&scopes)
    .bind(person.map(UserId::as_uuid))
    .bind(word)
    .fetch_all(outsider)
    .await
    .expect("ids");
    assert!(ids.len() > 10, "there is a lot that is foreign");
    ids.join("|")
}
