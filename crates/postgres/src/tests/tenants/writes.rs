//! Tests that rows of other tenants cannot be written, and some columns not at all.

use sqlx::{AssertSqlSafe, PgConnection};

use super::super::TABLES;
use super::town::{ContextCase, Town};
use super::{options, run, superuser};

/// Returns the SQLSTATE and the message with which a statement is refused; "" if it is not.
async fn refusal(session: &mut PgConnection, sql: &str) -> String {
    let done = sqlx::query(AssertSqlSafe(sql.to_owned())).persistent(false).execute(session).await;
    done.err().map_or_else(String::new, |error| {
        let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
        format!("{code} {error}")
    })
}

/// Returns every existing row as text, each with a statement that inserts it again.
async fn insertions(town: &Town) -> Vec<(String, String)> {
    let mut outsider = superuser(&town.database).await;
    let mut insertions = Vec::new();
    for table in TABLES {
        let rows: Vec<(String, String)> = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT given::text, to_jsonb(given)::text FROM {table} AS given"
        )))
        .fetch_all(&mut outsider)
        .await
        .expect("rows");
        assert!(!rows.is_empty(), "{table} has rows");
        for (row, json) in rows {
            let json = json.replace('\'', "''");
            insertions.push((
                row,
                format!("INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_record(NULL::{table}, '{json}')"),
            ));
        }
    }
    insertions
}

#[tokio::test]
async fn rows_of_others_cannot_be_inserted() {
    let town = Town::found().await;
    let insertions = insertions(&town).await;
    let mut service = options(&town.database).connect_as_service().await.expect("a session");
    for ContextCase { name, context, foreign } in town.contexts() {
        let foreign: Vec<&str> = foreign.split('|').collect();
        let mut tried = 0;
        for (row, insertion) in &insertions {
            if !foreign.iter().any(|id| row.contains(id)) {
                continue;
            }
            tried += 1;
            run(&mut service, "BEGIN").await;
            context.enter(&mut service, true).await.expect("a context");
            let refused = refusal(&mut service, insertion).await;
            run(&mut service, "ROLLBACK").await;
            // The error must not be about the taken key, which would reveal that the row exists.
            assert!(
                refused.starts_with("42501 ") && refused.contains("row-level security"),
                "in the context {name}: {insertion}: {refused}"
            );
        }
        assert!(tried > 20, "{tried} rows are foreign in the context {name}");
    }
    // A superuser, who bypasses row-level security, gets the error about the key.
    let mut outsider = superuser(&town.database).await;
    for (_, insertion) in &insertions {
        let refused = refusal(&mut outsider, insertion).await;
        assert!(refused.starts_with("23505 "), "{insertion}: {refused}");
    }
}

#[tokio::test]
async fn ids_scopes_authors_and_past_events_cannot_be_changed() {
    let town = Town::found().await;
    let mut service = options(&town.database).connect_as_service().await.expect("a session");
    for statement in [
        "UPDATE spaces SET scope_id = scope_id",
        "UPDATE spaces SET id = id",
        "UPDATE spaces SET created_by = created_by",
        "UPDATE projects SET scope_id = scope_id",
        "UPDATE tasks SET project_id = project_id",
        "UPDATE members SET user_id = user_id",
        "UPDATE project_members SET user_id = user_id",
        "UPDATE users SET home_scope = home_scope",
        "UPDATE users SET kind = kind",
        "UPDATE api_keys SET user_id = user_id",
        "UPDATE api_keys SET hash = hash",
        "UPDATE scopes SET kind = kind",
        "UPDATE invitations SET email_key = email_key",
        "UPDATE invitations SET role = role",
        "UPDATE invitation_projects SET role = role",
        "UPDATE stored_responses SET user_id = user_id",
        "UPDATE stored_responses SET reach = reach",
        "UPDATE stored_responses SET operation = operation",
        "UPDATE stored_responses SET key = key",
        "UPDATE events SET verb = verb",
        "UPDATE events SET subject_id = subject_id",
        "UPDATE instance SET secret = secret",
        "UPDATE instance SET transaction_offset = 0",
        "UPDATE _sqlx_migrations SET success = true",
        "DELETE FROM instance",
        "DELETE FROM invitation_projects",
        "TRUNCATE spaces",
        "CREATE TABLE mine (id int)",
        "ALTER TABLE spaces NO FORCE ROW LEVEL SECURITY",
    ] {
        let refused = refusal(&mut service, statement).await;
        assert!(refused.starts_with("42501 "), "{statement}: {refused}");
    }
    // A session may change this setting, but its role stays the service's.
    let superuser_again = refusal(&mut service, "SET row_security = off").await;
    assert_eq!(superuser_again, "");
    let refused = refusal(&mut service, "SELECT * FROM spaces").await;
    assert!(refused.contains("row-level security"), "an error instead of rows: {refused}");
}

/// Otherwise the first start could be repeated.
#[tokio::test]
async fn has_organizations_cannot_be_reset_to_false() {
    let town = Town::found().await;
    let service = options(&town.database).connect_as_service().await.expect("a session");
    for mut session in [service, superuser(&town.database).await] {
        let refused = refusal(&mut session, "UPDATE instance SET has_organizations = false").await;
        assert!(refused.starts_with("23514 "), "{refused}");
        assert_eq!(refusal(&mut session, "UPDATE instance SET has_organizations = true").await, "");
    }
}
