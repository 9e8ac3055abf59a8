//! Tests of the settings of open sessions, and of what they guarantee.

use loggia_domain::id::UserId;
use loggia_domain::port::Store;
use loggia_domain::scope::Scope;
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};
use sqlx::{AssertSqlSafe, PgConnection, raw_sql};

use super::{TABLES, database, open, options, ports, run, superuser};
use crate::sessions::role;
use crate::tenancy::context::{Record, TenantContext};

async fn setting(session: &mut PgConnection, name: &str) -> String {
    let value = sqlx::query_scalar("SELECT coalesce(current_setting($1, true), '')").bind(name);
    value.fetch_one(session).await.expect(name)
}

/// Returns the number of rows of all tables that a session sees.
async fn rows_shown(session: &mut PgConnection) -> i64 {
    let counts = TABLES.map(|table| format!("(SELECT count(*) FROM {table})")).join(" + ");
    let all = sqlx::query_scalar(AssertSqlSafe(format!("SELECT {counts}")));
    all.fetch_one(session).await.expect("a count")
}

#[tokio::test]
async fn every_session_has_the_service_role_durable_commits_and_timeouts() {
    let database = database().await;
    // The operator's settings for the database must not weaken a guarantee.
    run(
        &mut superuser(&database).await,
        format!(
            "ALTER DATABASE {name} SET synchronous_commit = off;
             ALTER DATABASE {name} SET default_transaction_isolation = 'serializable';
             ALTER DATABASE {name} SET default_transaction_read_only = on;
             ALTER DATABASE {name} SET row_security = off;
             ALTER DATABASE {name} SET statement_timeout = 0",
            name = database.name()
        ),
    )
    .await;
    let store = open(&database.url().parse().expect("a URL")).await;
    let mut reader = store.readers.enter(&TenantContext::none()).await.expect("a session");
    let mut writer = store.writers.begin(None).await.expect("a transaction");
    for (session, read_only) in
        [(reader.connection().connection, "on"), (writer.connection().connection, "off")]
    {
        assert_eq!(setting(session, "role").await, "loggia_service");
        assert_eq!(setting(session, "row_security").await, "on");
        assert_eq!(setting(session, "synchronous_commit").await, "on");
        assert_eq!(setting(session, "statement_timeout").await, "2s");
        assert_eq!(setting(session, "lock_timeout").await, "1500ms");
        assert_eq!(setting(session, "idle_in_transaction_session_timeout").await, "5s");
        assert_eq!(setting(session, "jit").await, "off");
        assert_eq!(setting(session, "transaction_isolation").await, "read committed");
        assert_eq!(setting(session, "transaction_read_only").await, read_only);
        let bypasses: bool =
            sqlx::query_scalar("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
                .fetch_one(session)
                .await
                .expect("the role");
        assert!(!bypasses);
    }
}

#[tokio::test]
async fn readers_refuse_to_write() {
    let database = database().await;
    let store = open(&options(&database)).await;
    let world = World::seed(&ports(&store)).await;
    let context = TenantContext::viewer_in(&world.as_admin(), world.scope);
    let mut reader = store.readers.enter(&context).await.expect("a session");
    let scope = world.scope.id().as_uuid();
    for statement in [
        "UPDATE organizations SET name = name".to_owned(),
        "DELETE FROM projects".to_owned(),
        format!("INSERT INTO scopes (id, kind) VALUES ('{scope}', 'organization')"),
    ] {
        let refused = raw_sql(AssertSqlSafe(statement))
            .execute(reader.connection().connection)
            .await
            .expect_err("a reader");
        assert_eq!(
            refused.as_database_error().and_then(|it| it.code()).as_deref(),
            Some("25006"),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn a_session_left_in_a_transaction_is_discarded() {
    let database = database().await;
    let store = open(&options(&database)).await;
    let process = async || {
        let mut work = store.writers.begin(None).await.expect("a transaction");
        let id: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(work.connection().connection)
            .await
            .expect("its id");
        work.commit(None, &[]).await.expect("a commit");
        id
    };
    let first = process().await;
    assert_eq!(process().await, first, "the one session is used again and again");
    let mut session = store.writers.pool.take().await.expect("the session");
    raw_sql("BEGIN")
        .execute(session.connection().connection)
        .await
        .expect("a transaction that sqlx knows nothing of");
    drop(session);
    assert_ne!(process().await, first, "and not any more");
}

#[tokio::test]
async fn a_reused_session_shows_no_rows_of_its_previous_tenant_context() {
    let database = database().await;
    let store = open(&options(&database)).await;
    let ports = ports(&store);
    let world = World::seed(&ports).await;
    let ada = world.admin.user;
    let key = builders::key(&ports, ada, Scope::Personal(ada));
    let hash = seed::key(&ports, &key, "secret").await;
    let nobody = UserId::from_uuid(uuid::Uuid::nil());
    let digest: String = hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let admin = world.as_admin();
    let contexts = [
        TenantContext::viewer_in(&admin, world.scope),
        TenantContext::viewer_at(&admin, Record::Project(world.project.id)),
        TenantContext::scope(world.scope),
        TenantContext::person(ada),
        TenantContext::identity("ada@example.com"),
        TenantContext::identity(digest),
    ];
    let stranger = builders::viewer(nobody);
    for context in contexts {
        let mut session = store.readers.enter(&context).await.expect("a session");
        assert!(rows_shown(session.connection().connection).await > 0, "{context:?} grants something");
        drop(session);
        for next in [
            TenantContext::none(),
            TenantContext::person(nobody),
            TenantContext::viewer_in(&stranger, world.scope),
            TenantContext::viewer_at(&stranger, Record::Project(world.project.id)),
            TenantContext::identity("x"),
        ] {
            let mut session = store.readers.enter(&next).await.expect("the same session");
            assert_eq!(rows_shown(session.connection().connection).await, 0, "after {context:?}: {next:?}");
        }
    }
}

#[tokio::test]
async fn a_session_without_a_context_sees_nothing() {
    let database = database().await;
    let store = open(&options(&database)).await;
    let ports = ports(&store);
    let world = World::seed(&ports).await;
    // A session that was never granted anything: the settings do not exist.
    let mut session = options(&database).connect_as_service().await.expect("a session");
    assert_eq!(rows_shown(&mut session).await, 0);
    // A session that was granted a scope until its transaction ended: the settings exist and are empty.
    run(&mut session, "BEGIN").await;
    TenantContext::scope(world.scope).enter(&mut session, true).await.expect("a context");
    assert!(rows_shown(&mut session).await > 0);
    run(&mut session, "COMMIT").await;
    assert_eq!(rows_shown(&mut session).await, 0);
    let existed: bool = sqlx::query_scalar("SELECT current_setting('loggia.scopes', true) = ''")
        .fetch_one(&mut session)
        .await
        .expect("the setting");
    assert!(existed);
    // A unit of work that was granted nothing, after one that was.
    let mut work = store.begin().await.expect("a unit of work");
    work.lock_project(&world.as_admin(), world.project.id).await.expect("a lock").expect("there");
    work.commit().await.expect("a commit");
    let mut transaction = store.writers.begin(None).await.expect("the same session");
    assert_eq!(rows_shown(transaction.connection().connection).await, 0);
}

#[tokio::test]
async fn a_session_that_did_not_take_the_role_is_refused() {
    let database = database().await;
    // A session that behaves as on a server that ignores the requested role: it did not request one.
    let mut session = superuser(&database).await;
    for checked in [role::check_taken(&mut session).await, role::check(&mut session).await] {
        let refused = checked.expect_err("it works as the superuser").to_string();
        assert!(
            refused.contains("works as the role postgres although it asked for loggia_service"),
            "{refused}"
        );
    }
    run(&mut session, "SET ROLE loggia_service".to_owned()).await;
    role::check_taken(&mut session).await.expect("it has taken the role now");
    role::check(&mut session).await.expect("and cannot reach further");
}
