//! Tests of database files: created, migrated, reopened, refused.

use loggia_domain::page::{MemberQuery, Offset, Start, Window};
use loggia_domain::port::{InstanceViews, Store, StoreError, Views};
use loggia_domain::text::SearchText;
use loggia_sqlite::{OpenError, SqliteOptions, SqliteStore};
use loggia_testkit::seed::World;
use sqlx::Connection;

use crate::support::{Temporary, ports};

#[tokio::test]
async fn a_new_file_gets_the_schema_and_keeps_it_and_its_secret() {
    let temporary = Temporary::new().await;
    let version = temporary.store.schema_version().await.expect("a version");
    assert!(version.is_current() && version.known > 0, "{version:?}");
    temporary.store.check_ready().await.expect("ready");
    let secret = temporary.store.instance_secret().await.expect("a secret");
    temporary.store.close().await;

    let again = SqliteStore::open(temporary.path()).await.expect("the same file");
    assert_eq!(again.schema_version().await.expect("a version"), version);
    assert_eq!(again.instance_secret().await.expect("a secret"), secret);
    let elsewhere = Temporary::new().await;
    assert_ne!(elsewhere.store.instance_secret().await.expect("a secret"), secret);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_file_opened_by_many_at_once_is_migrated_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("loggia.db");
    let opening: Vec<_> = (0..6).map(|_| tokio::spawn(SqliteStore::open(path.clone()))).collect();
    let mut secrets = Vec::new();
    for store in opening {
        let store = store.await.expect("a task").expect("a store");
        store.check_ready().await.expect("ready");
        secrets.push(store.instance_secret().await.expect("a secret"));
    }
    secrets.dedup();
    assert_eq!(secrets.len(), 1, "one file, one secret");
}

#[tokio::test]
async fn committed_data_is_there_after_the_file_is_reopened() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let work = temporary.store.begin().await.expect("a unit of work that is left open");
    // A second handle sees what another process, or one after a crash, would see.
    let survivor = SqliteStore::open_existing(&temporary.options()).await.expect("the same file");
    let seen = ports(&survivor).views.project(&world.as_admin(), world.project.id).await.expect("a look");
    assert_eq!(seen.expect("the project").0.record, world.project);
    drop(work);
}

#[tokio::test]
async fn a_file_without_the_schema_is_not_ready() {
    let temporary = Temporary::new().await;
    temporary.execute("UPDATE _sqlx_migrations SET version = 100 * version").await.expect("a newer schema");
    let store = SqliteStore::open_existing(&temporary.options()).await.expect("a file");
    let version = store.schema_version().await.expect("a version");
    assert!(!version.is_current() && version.found == 100 * version.known, "{version:?}");
    assert!(matches!(store.check_ready().await, Err(StoreError::Unavailable(_))));
    let migrated = SqliteStore::open(temporary.path()).await;
    assert!(matches!(migrated, Err(OpenError::Migration(_))), "{migrated:?}");

    let empty = temporary.folder.path().join("empty.db");
    std::fs::write(&empty, []).expect("an empty file");
    let store = SqliteStore::open_existing(&SqliteOptions::new(&empty)).await.expect("an empty database");
    assert_eq!(store.schema_version().await.expect("a version").found, 0);
    assert!(store.check_ready().await.is_err());
}

#[tokio::test]
async fn a_missing_file_or_one_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("missing.db");
    let refused = SqliteStore::open_existing(&SqliteOptions::new(&missing)).await;
    assert!(matches!(refused, Err(OpenError::File(_))), "{refused:?}");
    assert!(!missing.exists(), "looking makes no file");

    let refused = SqliteStore::open(folder.path().join("no/such/folder/loggia.db")).await;
    assert!(matches!(refused, Err(OpenError::File(_))), "{refused:?}");

    let text = folder.path().join("text.db");
    std::fs::write(&text, "This is no database, but it is long enough to look like one. ".repeat(100))
        .expect("a file");
    let refused = SqliteStore::open(&text).await;
    assert!(matches!(refused, Err(OpenError::File(_))), "{refused:?}");
}

#[tokio::test]
async fn the_file_passes_its_own_checks() {
    let temporary = Temporary::new().await;
    World::seed(&temporary.ports).await;
    let mut connection = temporary.raw().await;
    let integrity: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.expect("a result");
    assert_eq!(integrity, "ok");
    let dangling =
        sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.expect("a result");
    assert!(dangling.is_empty());
    connection.close().await.expect("closing");
}

#[tokio::test]
async fn members_with_an_older_search_form_are_found_and_ordered_after_opening() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let scope = format!("x'{}'", world.organization.id.as_uuid().simple());
    temporary.store.close().await;
    // More members than one batch of the folding, in an older search form.
    for sql in [
        "UPDATE instance SET folding = 0".to_owned(),
        "UPDATE members SET name_key = '', search_key = ''".to_owned(),
        "INSERT INTO users (id, kind, email, email_key, created_at)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
         SELECT unhex(printf('%032x', i)), 'person', i || '@example.com', i || '@example.com', i FROM n"
            .to_owned(),
        format!(
            "INSERT INTO members (scope_id, user_id, number, role, active, first_name, last_name, name_key, search_key, username,
                 username_key, created_at, updated_at, revision)
             SELECT {scope}, id, 100 + created_at, 'viewer', 1, 'Zoë', 'STRASSE ' || created_at, '', '', 'Z' || created_at,
                 'z' || created_at, 1, 1, 1 FROM users WHERE email LIKE '_%@example.com' AND created_at <= 600"
        ),
    ] {
        temporary.execute(sql).await.expect("rows");
    }
    let again = SqliteStore::open(temporary.path()).await.expect("the same file");
    let window = Window { start: Start::Offset(Offset::default()), rows: 4 };
    let listed = again.members(&world.as_viewer(), world.scope, &MemberQuery::default(), &window).await;
    let listed: Vec<_> = listed.expect("a list").iter().map(|it| it.profile.last_name.to_string()).collect();
    assert_eq!(listed, ["Byron", "Dijkstra", "Hopper", "STRASSE 1"]);
    for (text, count) in [("zoë straße", 600), ("z600", 1), ("ADA", 1)] {
        let query = MemberQuery { search: SearchText::parse(text).ok(), ..MemberQuery::default() };
        let found = again.count_members(&world.as_viewer(), world.scope, &query).await.expect("a count");
        assert_eq!(found, count, "{text}");
    }
}
