//! Rows that break a rule of the domain are reported by table and id, never shown.

use loggia_domain::page::{Offset, ProjectQuery, SpaceQuery, Start, TaskQuery, Window};
use loggia_domain::port::{Includes, InstanceViews, StoreError};
use loggia_domain::scope::Scope;
use loggia_sqlite::SqliteStore;
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};
use sqlx::{Connection, QueryBuilder, Sqlite};

use crate::support::Temporary;

const FROM_START: fn() -> Window = || Window { start: Start::Offset(Offset::default()), rows: 10 };

/// Damages rows by a statement that bypasses the schema's own checks, as a broken disk or a manual change could.
async fn damage(temporary: &Temporary, sql: &str) {
    let mut connection = temporary.raw().await;
    for statement in ["PRAGMA ignore_check_constraints = ON", "PRAGMA foreign_keys = OFF", sql] {
        QueryBuilder::<Sqlite>::new(statement).build().execute(&mut connection).await.expect(statement);
    }
    connection.close().await.expect("closing");
}

fn assert_corrupt<T: std::fmt::Debug>(result: Result<T, StoreError>, table: &str, column: &str) {
    match result {
        Err(StoreError::Corrupt(what)) => {
            assert!(what.starts_with(&format!("{table} 0193")), "names the row: {what}");
            assert!(what.contains(&format!(": {column} ")), "names the column: {what}");
        }
        other => panic!("{table}.{column} is corrupt, and not {other:?}"),
    }
}

#[tokio::test]
async fn corrupt_spaces_are_reported() {
    for (column, value) in [
        ("name", "printf('%.121c', 'x')"),
        ("name", "'a' || char(0) || 'b'"),
        ("description", "printf('%.10001c', 'x')"),
        ("status", "'Lost'"),
        ("priority", "9"),
        ("strength", "11"),
        ("created_at", "9223372036854775807"),
        ("revision", "-1"),
        ("created_by", "x'01930000000070008000ffffffffffff'"),
    ] {
        let temporary = Temporary::new().await;
        let world = World::seed(&temporary.ports).await;
        let space = builders::space(&temporary.ports, world.scope, world.admin.user, "Quay");
        seed::spaces(&temporary.ports, std::slice::from_ref(&space)).await;
        damage(&temporary, &format!("UPDATE spaces SET {column} = {value}")).await;
        let (viewer, views) = (world.as_admin(), &temporary.ports.views);
        let includes = Includes { creator: true, ..Includes::default() };
        assert_corrupt(views.space(&viewer, space.id, includes).await, "spaces", column);
        let list = views.spaces(&viewer, world.scope, &SpaceQuery::default(), includes, &FROM_START()).await;
        assert_corrupt(list, "spaces", column);
        if column != "created_by" {
            let mut work = seed::begin(&temporary.ports).await;
            assert_corrupt(work.lock_space(&viewer, space.id).await, "spaces", column);
        }
    }
}

#[tokio::test]
async fn corrupt_projects_and_tasks_are_reported() {
    for (table, column, value) in [
        ("projects", "name", "'ab'"),
        ("projects", "description", "printf('%.3001c', 'x')"),
        ("projects", "end_date", "-9223372036854775807"),
        ("projects", "visibility", "'secret'"),
        ("tasks", "name", "''"),
        ("tasks", "outline", "x'00'"),
        ("tasks", "outline", "x'00000000'"),
        ("tasks", "status", "'lost'"),
        ("tasks", "start_date", "9223372036854775807"),
        ("tasks", "assignee_id", "x'01930000000070008000ffffffffffff'"),
    ] {
        let temporary = Temporary::new().await;
        let world = World::seed(&temporary.ports).await;
        let task = seed::task(&temporary.ports, &world.project, "1", |_| ()).await;
        damage(&temporary, &format!("UPDATE {table} SET {column} = {value}")).await;
        let (viewer, views) = (world.as_admin(), &temporary.ports.views);
        if table == "tasks" {
            assert_corrupt(views.task(&viewer, task.id).await, table, column);
            let list = views.tasks(&viewer, world.project.id, &TaskQuery::default(), &FROM_START()).await;
            assert_corrupt(list, table, column);
        } else {
            assert_corrupt(views.project(&viewer, world.project.id).await, table, column);
            let list = views.projects(&viewer, world.scope, &ProjectQuery::default(), &FROM_START()).await;
            // Lists are read by visibility, so a project with an unknown one is in none of them.
            if column == "visibility" {
                assert_eq!(list.expect("a list"), []);
            } else {
                assert_corrupt(list, table, column);
            }
            let mut work = seed::begin(&temporary.ports).await;
            assert_corrupt(work.lock_project(&viewer, world.project.id).await, table, column);
        }
    }
}

#[tokio::test]
async fn corrupt_invitations_are_reported() {
    for (table, column, value) in [
        ("invitations", "email", "'nobody'"),
        ("invitations", "role", "'owner'"),
        ("invitations", "expires_at", "9223372036854775807"),
        ("invitation_projects", "role", "'viewer'"),
    ] {
        let temporary = Temporary::new().await;
        let (ports, world) = (&temporary.ports, World::seed(&temporary.ports).await);
        let (invitation, _) = world.invitation(ports).await;
        damage(&temporary, &format!("UPDATE {table} SET {column} = {value}")).await;
        let organization = world.organization.id;
        let list = ports.views.invitations(&world.as_admin(), organization, &FROM_START()).await;
        assert_corrupt(list, table, column);
        let mut work = seed::begin(ports).await;
        assert_corrupt(work.invitation(organization, invitation.id).await, table, column);
    }
}

#[tokio::test]
async fn corrupt_people_keys_and_events_are_reported() {
    use loggia_domain::event::{SubjectKind, Verb};
    use loggia_domain::page::{MemberQuery, Offset, Start, Window};

    let temporary = Temporary::new().await;
    let (ports, views) = (&temporary.ports, &temporary.ports.views);
    let world = World::seed(ports).await;
    let (viewer, ada) = (world.as_admin(), world.admin.user);
    let hash = seed::key(ports, &builders::key(ports, ada, Scope::Personal(ada)), "secret").await;
    let event = builders::event(ports, world.scope, SubjectKind::Member, ada.as_uuid(), Verb::Created);
    seed::events(ports, &[event]).await;

    damage(&temporary, "UPDATE api_keys SET name = ''").await;
    assert_corrupt(views.key_by_hash(&hash).await, "api_keys", "name");
    assert_corrupt(views.keys(&viewer, &FROM_START()).await, "api_keys", "name");

    damage(&temporary, "UPDATE api_keys SET name = 'laptop', prefix = 'ABC_00000000'").await;
    assert_corrupt(views.keys(&viewer, &FROM_START()).await, "api_keys", "prefix");

    for changes in [
        "'[{}]'",
        "'[{\"field\": \"name\", \"from\": \"empty\", \"to\": {\"time\": 9000000000000000000}}]'",
        "'nonsense'",
    ] {
        damage(&temporary, &format!("UPDATE events SET changes = {changes}")).await;
        assert_corrupt(views.events(world.scope, None, 10).await, "events", "changes");
    }

    damage(&temporary, "UPDATE users SET kind = 'robot'").await;
    assert_corrupt(views.user(ada).await, "users", "kind");
    let all = MemberQuery::default();
    let window = Window { start: Start::Offset(Offset::default()), rows: 9 };
    assert_corrupt(views.members(&viewer, world.scope, &all, &window).await, "users", "kind");
    damage(&temporary, "UPDATE users SET kind = 'person'").await;
    damage(&temporary, "UPDATE members SET revision = -1").await;
    assert_corrupt(views.own_member(&viewer, world.scope).await, "members", "revision");
    damage(&temporary, "UPDATE members SET revision = 1").await;
    seed::claim(ports, ada, "once", None).await;
    damage(&temporary, "UPDATE stored_responses SET fingerprint = x'00'").await;
    let claim = builders::claim("POST /v1/spaces", "once");
    let kept = seed::begin(ports).await.claim(&viewer, &claim, ports.clock.now()).await;
    assert_corrupt(kept, "stored_responses", "fingerprint");
    damage(&temporary, "UPDATE members SET role = 'owner'").await;
    assert_corrupt(views.role_in_scope(&viewer, world.scope).await, "members", "role");
    damage(&temporary, "UPDATE organizations SET name = ' '").await;
    assert_corrupt(views.organization(&viewer, world.organization.id).await, "organizations", "name");
    damage(&temporary, "UPDATE users SET email = 'nobody'").await;
    assert_corrupt(views.user(ada).await, "users", "email");
}

#[tokio::test]
async fn a_blob_of_the_wrong_length_is_no_id() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    damage(&temporary, "UPDATE project_members SET id = x'01' WHERE number = 1").await;
    let roster = temporary.ports.views.roster(&world.as_admin(), world.project.id, &FROM_START()).await;
    assert!(matches!(roster, Err(StoreError::Corrupt(_))), "{roster:?}");
}

#[tokio::test]
async fn a_damaged_page_is_reported_as_corrupt() {
    let temporary = Temporary::new().await;
    World::seed(&temporary.ports).await;
    temporary.store.close().await;
    let mut connection = temporary.raw().await;
    let root: usize = sqlx::query_scalar("SELECT rootpage FROM sqlite_schema WHERE name = 'instance'")
        .fetch_one(&mut connection)
        .await
        .map(|root: i64| usize::try_from(root).expect("a page"))
        .expect("a page");
    connection.close().await.expect("closing");
    let mut bytes = std::fs::read(temporary.path()).expect("the file");
    bytes[(root - 1) * 4096..root * 4096].fill(0xff);
    std::fs::write(temporary.path(), bytes).expect("the damage");
    let store = SqliteStore::open_existing(&temporary.options()).await.expect("the schema is sound");
    let refused = store.instance_secret().await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
}
