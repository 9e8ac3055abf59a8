//! Rows that break a rule of the domain are reported by table and id, never shown.

use loggia_domain::event::{SubjectKind, Verb};
use loggia_domain::page::{Offset, ProjectQuery, SpaceQuery, Start, TaskQuery, Window};
use loggia_domain::port::{Includes, StoreError};
use loggia_domain::scope::Scope;
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};

use crate::support::Temporary;

const FROM_START: fn() -> Window = || Window { start: Start::Offset(Offset::default()), rows: 10 };

/// Opens a store whose schema has lost its constraints, as if it had been changed manually.
async fn lenient() -> (Temporary, World) {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    temporary
        .execute(
            "DO $$
             DECLARE it record;
             BEGIN
                 FOR it IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
                     WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace
                 LOOP
                     EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', it.place, it.conname);
                 END LOOP;
             END
             $$",
        )
        .await
        .expect("no constraints");
    (temporary, world)
}

/// Damages a column by a statement that bypasses the store, and keeps a copy of the rows.
async fn damage(temporary: &Temporary, table: &str, column: &str, value: &str) {
    let keep = format!("CREATE TABLE kept AS SELECT ctid AS place, * FROM {table}");
    temporary.execute(keep).await.expect("a copy");
    let damage = format!("UPDATE {table} SET {column} = {value}");
    let damaged = temporary.execute(damage).await.expect("the damage");
    assert!(damaged > 0, "{table} has rows");
}

/// Restores from the copy of [`damage`], in a table that has an id of its own.
async fn repair(temporary: &Temporary, table: &str, column: &str) {
    let repair = format!("UPDATE {table} t SET {column} = k.{column} FROM kept k WHERE k.id = t.id");
    temporary.execute(repair).await.expect("what was there");
    temporary.execute("DROP TABLE kept").await.expect("tidy");
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
    let (temporary, world) = lenient().await;
    let space = builders::space(&temporary.ports, world.scope, world.admin.user, "Quay");
    seed::spaces(&temporary.ports, std::slice::from_ref(&space)).await;
    let (viewer, views) = (world.as_admin(), &temporary.ports.views);
    let includes = Includes { creator: true, ..Includes::default() };
    for (column, value) in [
        ("name", "repeat('x', 121)"),
        ("name", "'a' || chr(7) || 'b'"),
        ("description", "repeat('x', 10001)"),
        ("status", "'Lost'"),
        ("priority", "9"),
        ("strength", "11"),
        ("created_at", "9223372036854775807"),
        ("revision", "-1"),
        ("created_by", "'01930000-0000-7000-8000-ffffffffffff'"),
    ] {
        damage(&temporary, "spaces", column, value).await;
        assert_corrupt(views.space(&viewer, space.id, includes).await, "spaces", column);
        let list = views.spaces(&viewer, world.scope, &SpaceQuery::default(), includes, &FROM_START()).await;
        assert_corrupt(list, "spaces", column);
        if column != "created_by" {
            let mut work = seed::begin(&temporary.ports).await;
            assert_corrupt(work.lock_space(&viewer, space.id).await, "spaces", column);
        }
        repair(&temporary, "spaces", column).await;
        views.space(&viewer, space.id, includes).await.expect("it was put right").expect("there");
    }
}

#[tokio::test]
async fn corrupt_projects_and_tasks_are_reported() {
    let (temporary, world) = lenient().await;
    let task = seed::task(&temporary.ports, &world.project, "1", |_| ()).await;
    let (viewer, views) = (world.as_admin(), &temporary.ports.views);
    for (table, column, value) in [
        ("projects", "name", "'ab'"),
        ("projects", "description", "repeat('x', 3001)"),
        ("projects", "end_date", "-9223372036854775807"),
        ("projects", "visibility", "'secret'"),
        ("tasks", "name", "''"),
        ("tasks", "outline", r"'\x00'"),
        ("tasks", "outline", r"'\x00000000'"),
        ("tasks", "status", "'lost'"),
        ("tasks", "start_date", "9223372036854775807"),
        ("tasks", "assignee_id", "'01930000-0000-7000-8000-ffffffffffff'"),
    ] {
        damage(&temporary, table, column, value).await;
        if table == "tasks" {
            assert_corrupt(views.task(&viewer, task.id).await, table, column);
            let list = views.tasks(&viewer, world.project.id, &TaskQuery::default(), &FROM_START()).await;
            assert_corrupt(list, table, column);
            if column != "assignee_id" {
                let mut work = seed::begin(&temporary.ports).await;
                assert_corrupt(work.lock_task(&viewer, task.id).await, table, column);
            }
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
        repair(&temporary, table, column).await;
    }
    views.task(&viewer, task.id).await.expect("all was put right").expect("there");
}

#[tokio::test]
async fn corrupt_invitations_are_reported() {
    for (table, column, value) in [
        ("invitations", "email", "'nobody'"),
        ("invitations", "role", "'owner'"),
        ("invitations", "expires_at", "9223372036854775807"),
        ("invitation_projects", "role", "'viewer'"),
    ] {
        let (temporary, world) = lenient().await;
        let (ports, organization) = (&temporary.ports, world.organization.id);
        let (invitation, _) = world.invitation(ports).await;
        let damaged = temporary.execute(format!("UPDATE {table} SET {column} = {value}")).await;
        assert_eq!(damaged, Ok(1));
        let list = ports.views.invitations(&world.as_admin(), organization, &FROM_START()).await;
        assert_corrupt(list, table, column);
        let mut work = seed::begin(ports).await;
        assert_corrupt(work.invitation(organization, invitation.id).await, table, column);
    }
}

#[tokio::test]
async fn corrupt_people_keys_and_events_are_reported() {
    let (temporary, world) = lenient().await;
    let (ports, views) = (&temporary.ports, &temporary.ports.views);
    let (viewer, ada) = (world.as_admin(), world.admin.user);
    let hash = seed::key(ports, &builders::key(ports, ada, Scope::Personal(ada)), "secret").await;
    let event = builders::event(ports, world.scope, SubjectKind::Member, ada.as_uuid(), Verb::Created);
    seed::events(ports, &[event]).await;
    let damage = async |sql: &str| temporary.execute(sql).await.expect("the damage");

    damage("UPDATE api_keys SET name = ''").await;
    assert_corrupt(views.key_by_hash(&hash).await, "api_keys", "name");
    assert_corrupt(views.keys(&viewer, &FROM_START()).await, "api_keys", "name");

    for changes in [
        "[{}]",
        r#"[{"field": "name", "from": "empty", "to": {"time": 9000000000000000000}}]"#,
        r#""nonsense""#,
    ] {
        damage(&format!("UPDATE events SET changes = '{changes}'")).await;
        assert_corrupt(views.events(world.scope, None, 10).await, "events", "changes");
    }

    damage("UPDATE members SET revision = -1").await;
    assert_corrupt(views.own_member(&viewer, world.scope).await, "members", "revision");
    damage("UPDATE members SET revision = 1").await;
    seed::claim(ports, ada, "once", None).await;
    damage(r"UPDATE stored_responses SET fingerprint = '\x00'").await;
    let claim = builders::claim("POST /v1/spaces", "once");
    let kept = seed::begin(ports).await.claim(&viewer, &claim, ports.clock.now()).await;
    assert_corrupt(kept, "stored_responses", "fingerprint");
    damage("UPDATE members SET role = 'owner'").await;
    assert_corrupt(views.role_in_scope(&viewer, world.scope).await, "members", "role");
    damage("UPDATE organizations SET name = ' '").await;
    assert_corrupt(views.organization(&viewer, world.organization.id).await, "organizations", "name");
    damage("UPDATE users SET email = 'nobody'").await;
    assert_corrupt(views.user(ada).await, "users", "email");
    damage(r"UPDATE instance SET secret = '\x00'").await;
    let secret = views.instance_secret().await;
    assert!(matches!(secret, Err(StoreError::Corrupt(_))), "{secret:?}");
}

#[tokio::test]
async fn a_column_of_another_type_is_reported_as_corrupt() {
    let (temporary, world) = lenient().await;
    let space = builders::space(&temporary.ports, world.scope, world.admin.user, "Quay");
    seed::spaces(&temporary.ports, std::slice::from_ref(&space)).await;
    temporary.execute("ALTER TABLE spaces ALTER COLUMN strength TYPE text").await.expect("another type");
    let found = temporary.ports.views.space(&world.as_admin(), space.id, Includes::default()).await;
    assert!(matches!(&found, Err(StoreError::Corrupt(what)) if what.contains("column 9")), "{found:?}");
}
