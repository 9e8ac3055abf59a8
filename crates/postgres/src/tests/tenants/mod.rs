//! Tests of row-level security as the only wall between tenants (promise B22).

mod bare;
mod deletion;
mod entering;
mod foreign;
mod town;
mod writes;

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;

use super::statements::every_read;
use super::{database, open, options, ports, run, superuser};
use town::{ContextCase, Town};

use bare::{Shown, fixed_statements, strip};

/// Returns every statement: those that reads were seen to prepare, and the fixed ones in the source.
async fn all_statements(town: &Town) -> BTreeSet<String> {
    let mut statements = fixed_statements();
    for viewer in [town.ada_everywhere(), town.ada_confined()] {
        let mut question = town.question();
        question.viewer = viewer;
        let reads = every_read(&town.store, &question, async |_, _| ()).await;
        assert!(reads.len() > 60, "the reads were seen: {}", reads.len());
        statements.extend(reads.into_iter().map(|read| read.sql));
    }
    statements
}

#[tokio::test]
async fn with_the_scope_predicates_removed_rls_alone_returns_no_foreign_row() {
    let town = Town::found().await;
    let mut outsider = superuser(&town.database).await;
    let mut stripped = BTreeSet::new();
    for statement in all_statements(&town).await {
        if let Some(sql) = strip(&mut outsider, &statement).await {
            stripped.insert(sql);
        }
    }
    stripped.extend(super::TABLES.map(|table| format!("SELECT * FROM {table}")));
    assert!(stripped.len() > 50, "{} statements", stripped.len());
    let mut service = options(&town.database).connect_as_service().await.expect("a session");

    let contexts = town.contexts();
    for ContextCase { name, context, foreign } in &contexts {
        for sql in &stripped {
            run(&mut service, "BEGIN").await;
            context.enter(&mut service, true).await.expect("a context");
            let shown = Shown::by(&mut service, sql, foreign).await;
            run(&mut service, "ROLLBACK").await;
            assert_eq!(shown, Shown::NothingForeign, "in the context {name}:\n{sql}");
        }
    }

    // Without row-level security, each of them does return foreign rows.
    let everything = &contexts.iter().find(|it| it.name == "nothing").expect("it is there").foreign;
    run(&mut outsider, "SET session_replication_role = replica; SET jit = off").await;
    for sql in &stripped {
        run(&mut outsider, "BEGIN").await;
        let shown = Shown::by(&mut outsider, sql, everything).await;
        run(&mut outsider, "ROLLBACK").await;
        assert_eq!(shown, Shown::Foreign, "a superuser is shown everything:\n{sql}");
    }
}

/// A table that is missing from the list would not be tested here.
#[tokio::test]
async fn every_table_with_rows_of_a_scope_or_user_is_listed() {
    let database = database().await;
    let tables: BTreeSet<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname NOT IN ('instance', '_sqlx_migrations')",
    )
    .fetch_all(&mut superuser(&database).await)
    .await
    .expect("the tables")
    .into_iter()
    .collect();
    assert_eq!(tables, super::TABLES.map(str::to_owned).into());
}

#[tokio::test]
async fn each_tenant_context_shows_the_rows_that_it_grants() {
    let town = Town::found().await;
    let mut service = options(&town.database).connect_as_service().await.expect("a session");
    for ContextCase { name, context, .. } in town.contexts() {
        run(&mut service, "BEGIN").await;
        context.enter(&mut service, true).await.expect("a context");
        let scopes: i64 =
            sqlx::query_scalar("SELECT count(*) FROM scopes").fetch_one(&mut service).await.expect("a count");
        let spaces: i64 =
            sqlx::query_scalar("SELECT count(*) FROM spaces").fetch_one(&mut service).await.expect("a count");
        let users: i64 =
            sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(&mut service).await.expect("a count");
        let keys: i64 = sqlx::query_scalar("SELECT count(*) FROM api_keys")
            .fetch_one(&mut service)
            .await
            .expect("a count");
        let responses: i64 = sqlx::query_scalar("SELECT count(*) FROM stored_responses")
            .fetch_one(&mut service)
            .await
            .expect("a count");
        let invitations: i64 = sqlx::query_scalar("SELECT count(*) FROM invitations")
            .fetch_one(&mut service)
            .await
            .expect("a count");
        run(&mut service, "ROLLBACK").await;
        let expected = match name {
            "Ada in another organization, with a key for that one"
            | "Ada at a record of another organization" => (1, 1, 2, 1, 1, 1),
            "Ada in one organization" | "Ada at a record of one organization" => (1, 1, 3, 1, 1, 1),
            "Ada in her personal scope" => (1, 0, 1, 1, 1, 0),
            "a scope" => (1, 1, 3, 0, 0, 1),
            "Ada in another organization than the key's"
            | "Ada in an organization that she left"
            | "Ada in an organization of others"
            | "Ada at a space of others"
            | "Ada at a project of others"
            | "Ada at a task of others"
            | "a person" => (0, 0, 1, 1, 1, 0),
            "an address" => (0, 0, 1, 0, 0, 0),
            "a key's id" | "a key's digest" => (0, 0, 0, 1, 0, 0),
            "a token's digest" => (0, 0, 0, 0, 0, 1),
            "a user who does not exist" | "nothing" => (0, 0, 0, 0, 0, 0),
            other => unreachable!("{other} is new"),
        };
        let shown = (scopes, spaces, users, keys, responses, invitations);
        assert_eq!(
            shown, expected,
            "scopes, spaces, users, keys, stored responses and invitations in the context {name}"
        );
    }
}

/// Expired stored responses of any user are visible for deletion, the only exception to the isolation.
#[tokio::test]
async fn the_cleanup_sees_and_deletes_expired_responses_but_cannot_update_them() {
    let town = Town::found().await;
    let mut outsider = superuser(&town.database).await;
    run(&mut outsider, "UPDATE stored_responses SET made_at = 0, expires_at = 1000").await;
    run(
        &mut outsider,
        "UPDATE stored_responses SET expires_at = 2000 WHERE user_id = (SELECT id FROM users WHERE email = 'alan@example.com')",
    )
    .await;
    let mut service = options(&town.database).connect_as_service().await.expect("a session");
    for (clearing_at, seen) in [("", 0), ("999", 0), ("1000", 2), ("1999", 2), ("2000", 3)] {
        run(&mut service, "BEGIN").await;
        run(&mut service, &format!("SELECT set_config('loggia.clearing_at', '{clearing_at}', true)")).await;
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM stored_responses")
            .fetch_one(&mut service)
            .await
            .expect("a count");
        assert_eq!(rows, seen, "at {clearing_at}");
        for table in super::TABLES.iter().filter(|table| **table != "stored_responses") {
            let others: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
                .fetch_one(&mut service)
                .await
                .expect("a count");
            assert_eq!(others, 0, "{table} is not looked at for that");
        }
        let deleted =
            sqlx::query("DELETE FROM stored_responses").execute(&mut service).await.expect("deleting");
        assert_eq!(deleted.rows_affected(), u64::try_from(seen).expect("a few"), "at {clearing_at}");
        run(&mut service, "ROLLBACK").await;
    }
    run(&mut service, "BEGIN").await;
    run(&mut service, "SELECT set_config('loggia.clearing_at', '2000', true)").await;
    let changed = sqlx::query("UPDATE stored_responses SET answer = NULL").execute(&mut service).await;
    let refused = changed.expect_err("they are there to be deleted").to_string();
    assert!(refused.contains("row-level security"), "{refused}");
}

/// Checks the tenant context of each read, and not only its statement: a read of another tenant's records grants none of them.
#[tokio::test]
async fn no_read_by_a_non_member_grants_foreign_rows() {
    let town = Town::found().await;
    let (viewer, foreign) = town.stranger();
    let mut question = town.question();
    question.viewer = viewer;
    let mut asked = 0;
    every_read(&town.store, &question, async |label, session| {
        // These reads take no viewer: the caller was checked before, or a key or an address stands for one.
        if label.starts_with("open_with_key")
            || ["key_by_hash", "account_by_email", "own_person_by_email", "user", "key", "keys", "events"]
                .contains(&label)
            || ["all_organizations", "count_organization_extent"].contains(&label)
        {
            return;
        }
        asked += 1;
        for table in super::TABLES {
            let shown = Shown::by(session, &format!("SELECT * FROM {table}"), &foreign).await;
            assert_eq!(shown, Shown::NothingForeign, "{table} after {label}");
        }
    })
    .await;
    assert!(asked > 60, "{asked} reads");
}
