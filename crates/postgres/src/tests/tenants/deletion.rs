//! Tests of the rows that a session sees and deletes if it names the organization to be deleted, and of the operator's list of
//! organizations.

use loggia_domain::id::UserId;
use loggia_domain::key::ApiKey;
use loggia_domain::port::Inserted;
use loggia_domain::scope::Reach;
use loggia_domain::user::User;
use loggia_testkit::builders::{self, KATHERINE};
use loggia_testkit::seed;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::town::Town;
use super::{options, ports, run};
use crate::tenancy::context::TenantContext;

/// Returns the number of rows that the statement has written, or the SQLSTATE with which it failed.
async fn outcome(session: &mut PgConnection, sql: String) -> Result<u64, String> {
    let done = sqlx::query(AssertSqlSafe(sql)).persistent(false).execute(session).await;
    done.map(|done| done.rows_affected()).map_err(|error| {
        let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
        code.into_owned()
    })
}

async fn count(session: &mut PgConnection, table: &str) -> i64 {
    let count = format!("SELECT count(*) FROM {table}");
    sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(session).await.expect("a count")
}

/// A foreign key keeps the rows to which others refer. Its error is not one of row-level security, which would show no row.
const REFERRED_TO: &str = "23503";

#[tokio::test]
async fn undeletable_rows_can_be_deleted_only_for_the_organization_being_deleted() {
    let town = Town::found().await;
    let ports = ports(&town.store);
    let question = town.question();
    let (id, scope) = (question.organization, question.scope);
    let confined = ApiKey { reach: Reach::Only(id), ..builders::key(&ports, question.user, scope) };
    seed::key(&ports, &confined, "confined").await;
    let mut work = seed::begin(&ports).await;
    work.lock_any_organization(id).await.expect("a lock");
    // These ports begin again with the first id.
    let own = User {
        id: UserId::from_uuid(Uuid::from_u128(u128::MAX)),
        ..builders::own_person(&ports, id, KATHERINE)
    };
    assert_eq!(work.insert_user(&own).await.expect("a user"), Inserted::Yes);
    seed::commit(work).await;

    let mut service = options(&town.database).connect_as_service().await.expect("a session");
    let (named, other) = (id.to_string(), Uuid::nil().to_string());
    for (table, expected) in [
        ("events", Ok(2)),
        ("api_keys", Ok(1)),
        ("users", Ok(1)),
        ("members", Err(REFERRED_TO.to_owned())),
        ("organizations", Err(REFERRED_TO.to_owned())),
        ("scopes", Err(REFERRED_TO.to_owned())),
    ] {
        for (ending, expected) in [("", Ok(0)), (other.as_str(), Ok(0)), (named.as_str(), expected)] {
            run(&mut service, "BEGIN").await;
            TenantContext::scope(scope).enter(&mut service, true).await.expect("a context");
            run(&mut service, format!("SELECT set_config('loggia.ending', '{ending}', true)")).await;
            let deleted = outcome(&mut service, format!("DELETE FROM {table}")).await;
            run(&mut service, "ROLLBACK").await;
            assert_eq!(deleted, expected, "{table}, if {ending:?} is being deleted");
        }
    }
}

#[tokio::test]
async fn a_session_deleting_an_organization_sees_its_stored_responses_and_referring_keys() {
    let town = Town::found().await;
    let ports = ports(&town.store);
    let question = town.question();
    seed::key(&ports, &builders::key(&ports, question.user, question.scope), "by default there").await;
    let mut service = options(&town.database).connect_as_service().await.expect("a session");
    run(&mut service, "BEGIN").await;
    run(&mut service, format!("SELECT set_config('loggia.ending', '{}', true)", question.organization)).await;
    for table in super::super::TABLES {
        let expected = match table {
            "api_keys" => 1,
            "stored_responses" => 2,
            _ => 0,
        };
        assert_eq!(count(&mut service, table).await, expected, "{table}");
    }
    let changed = outcome(&mut service, "UPDATE stored_responses SET answer = NULL".to_owned()).await;
    assert_eq!(changed, Err("42501".to_owned()), "they are there to be deleted");
    run(&mut service, "ROLLBACK").await;
}

#[tokio::test]
async fn a_session_that_lists_the_organizations_sees_nothing_else() {
    let town = Town::found().await;
    let mut service = options(&town.database).connect_as_service().await.expect("a session");
    run(&mut service, "BEGIN").await;
    TenantContext::identity("organizations").enter(&mut service, true).await.expect("a context");
    for table in super::super::TABLES {
        let expected = if table == "organizations" { 4 } else { 0 };
        assert_eq!(count(&mut service, table).await, expected, "{table}");
    }
    run(&mut service, "ROLLBACK").await;
}
