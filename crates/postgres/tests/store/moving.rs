//! Rows that are moved as the owner of the tables, who is no superuser, and as a login that only serves.

use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Scope;
use loggia_postgres::moving::PostgresRows;
use loggia_postgres::{OpenError, PostgresStore};
use loggia_sql::moving::{Beginning, InstanceWriter, MEMBERS, RowReader, TABLES, TASKS, TOTALS, USERS};
use loggia_testkit::builders::{ADA, GRACE};
use loggia_testkit::seed;
use sqlx::{Connection as _, PgConnection};

use crate::roles::Town;
use crate::support::ports;

/// Copies a database row by row, in which the service's role and the login `server` exist already.
pub(crate) async fn an_owner_copies_every_row_and_a_login_that_serves_reads_one_organization(
    town: &mut Town,
) {
    town.run("CREATE DATABASE source OWNER owner").await;
    let (owner, server) = (town.options("owner", "source"), town.options("server", "source"));
    let store = PostgresStore::open(&owner).await.expect("a store");
    let known = ports(&store);
    let organization = seed::organization(&known, "Harbour Works").await.id;
    let ada = seed::member(&known, organization, ADA, ScopeRole::Admin).await.user;
    let elsewhere = seed::organization(&known, "Quay Works").await.id;
    seed::member(&known, elsewhere, GRACE, ScopeRole::Admin).await;
    let project = seed::project(&known, Scope::Organization(organization), ada, "Harbour", |_| ()).await;
    seed::task(&known, &project, "1", |_| ()).await;
    let refused = PostgresRows::of_instance(&owner).await;
    assert!(matches!(refused, Err(OpenError::InUse)), "{refused:?}");
    store.close().await;

    let refused = PostgresRows::of_instance(&server).await;
    assert!(matches!(refused, Err(OpenError::NotTheOwner { .. })), "{refused:?}");
    let mut own = PostgresRows::of_organization(&server, organization).await.expect("an organization");
    for (table, rows) in [(&USERS, 1), (&MEMBERS, 1), (&TASKS, 1)] {
        assert_eq!(own.count(table).await.expect("a count"), rows, "{}", table.name);
        assert_eq!(own.rows(table, None, 10).await.expect("rows").len() as u64, rows, "{}", table.name);
    }
    drop(own);

    let mut source = PostgresRows::of_instance(&owner).await.expect("the source");
    let mut target = PostgresRows::target(&town.options("owner", "loggia")).await.expect("the target");
    let instance = source.instance().await.expect("the instance");
    let begun = target.begin(&instance.name()).await.expect("a beginning");
    assert_eq!(begun, Ok(Beginning::New));
    let refused = PostgresStore::open_existing(&town.options("owner", "loggia")).await;
    assert!(matches!(refused, Err(OpenError::Unfinished)), "{refused:?}");
    for table in TABLES {
        let rows = source.rows(table, None, 100).await.expect("rows");
        if !rows.is_empty() {
            target.write(table, rows).await.expect("written");
        }
    }
    for table in TABLES.into_iter().chain([&TOTALS]) {
        let (from, to) = (source.rows(table, None, 100).await, target.rows(table, None, 100).await);
        assert_eq!(from.expect("rows"), to.expect("rows"), "{}", table.name);
    }
    assert_eq!(target.count(&USERS).await.expect("a count"), 2);
    target.finish(&instance).await.expect("an end");
    drop((source, target));
    for database in ["source", "loggia"] {
        assert_eq!(
            forced(town, database).await,
            14,
            "{database}: row-level security is forced on every table"
        );
    }
    let store = PostgresStore::open_existing(&town.options("server", "loggia")).await.expect("a store");
    store.close().await;
}

async fn forced(town: &Town, database: &str) -> i64 {
    let url = town.url(database);
    let mut session = PgConnection::connect(&url).await.expect("a session");
    sqlx::query_scalar(
        "SELECT count(*) FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relkind = 'r'",
    )
    .fetch_one(&mut session)
    .await
    .expect("a count")
}
