//! Tests of what the schema itself rejects, also from a program that bypasses the store.

use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Scope;
use loggia_testkit::builders::{self, BARBARA};
use loggia_testkit::seed::{self, World};
use uuid::Uuid;

use crate::support::Temporary;

/// Seeds a world, and a second organization with a project of its own.
async fn two_organizations() -> (Temporary, World, Uuid, Uuid) {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let other = seed::organization(&temporary.ports, "Lighthouse").await;
    let barbara = seed::member(&temporary.ports, other.id, BARBARA, ScopeRole::Admin).await;
    let scope = Scope::Organization(other.id);
    let project = seed::project(&temporary.ports, scope, barbara.user, "Lamp", |_| ()).await;
    (temporary, world, project.id.as_uuid(), barbara.user.as_uuid())
}

async fn assert_refused(temporary: &Temporary, sql: String, constraint: &str) {
    let refused = temporary.execute(sql.clone()).await.expect_err(&sql);
    assert!(refused.contains(constraint), "{sql}: {refused}");
}

const CHECK: &str = "violates check constraint";
const FOREIGN_KEY: &str = "violates foreign key constraint";
const UNIQUE: &str = "violates unique constraint";

#[tokio::test]
async fn dates_out_of_order_are_refused() {
    let (temporary, world, ..) = two_organizations().await;
    seed::task(&temporary.ports, &world.project, "1", |_| ()).await;
    for table in ["projects", "tasks"] {
        let sql = format!("UPDATE {table} SET start_date = 2, end_date = 1");
        assert_refused(&temporary, sql, CHECK).await;
        for (start, end) in [("2", "2"), ("2", "NULL"), ("NULL", "1")] {
            let sql = format!("UPDATE {table} SET start_date = {start}, end_date = {end}");
            temporary.execute(sql).await.expect("one instant, or open on one side");
        }
    }
}

#[tokio::test]
async fn no_row_can_refer_to_another_scope() {
    let (temporary, world, foreign_project, foreign_user) = two_organizations().await;
    let ports = &temporary.ports;
    let space = builders::space(ports, world.scope, world.admin.user, "Quay");
    seed::spaces(ports, std::slice::from_ref(&space)).await;
    seed::task(ports, &world.project, "1", |_| ()).await;
    world.invitation(ports).await;
    let ours = world.scope.id().as_uuid();
    for sql in [
        format!("UPDATE spaces SET project_id = '{foreign_project}'"),
        format!("UPDATE spaces SET created_by = '{foreign_user}'"),
        format!("UPDATE tasks SET project_id = '{foreign_project}'"),
        format!("UPDATE tasks SET assignee_id = '{foreign_user}'"),
        format!("UPDATE projects SET created_by = '{foreign_user}' WHERE scope_id = '{ours}'"),
        format!("UPDATE project_members SET user_id = '{foreign_user}' WHERE number = 2"),
        format!("UPDATE project_members SET project_id = '{foreign_project}' WHERE number = 2"),
        format!("UPDATE invitations SET invited_by = '{foreign_user}'"),
        format!("UPDATE invitation_projects SET project_id = '{foreign_project}'"),
    ] {
        assert_refused(&temporary, sql, FOREIGN_KEY).await;
    }
}

#[tokio::test]
async fn deleting_a_project_is_refused_while_a_space_refers_to_it_and_then_cascades() {
    let (temporary, world, ..) = two_organizations().await;
    let ports = &temporary.ports;
    let mut space = builders::space(ports, world.scope, world.admin.user, "Quay");
    space.project = Some(world.project.id);
    seed::spaces(ports, &[space]).await;
    seed::task(ports, &world.project, "1", |_| ()).await;
    world.invitation(ports).await;
    let delete = format!("DELETE FROM projects WHERE id = '{}'", world.project.id.as_uuid());
    assert_refused(&temporary, delete.clone(), FOREIGN_KEY).await;
    temporary.execute("UPDATE spaces SET project_id = NULL").await.expect("an update");
    assert_eq!(temporary.execute(delete).await, Ok(1));
    assert_eq!(temporary.execute("UPDATE tasks SET name = name").await, Ok(0), "the tasks went");
    assert_eq!(temporary.execute("UPDATE project_members SET role = role").await, Ok(0), "the roster went");
    assert_eq!(
        temporary.execute("UPDATE invitation_projects SET role = role").await,
        Ok(0),
        "the invitation has no projects"
    );
    assert_eq!(temporary.execute("UPDATE invitations SET role = role").await, Ok(1), "the invitation stays");
}

#[tokio::test]
async fn keys_are_unique_in_their_scope() {
    let (temporary, world, ..) = two_organizations().await;
    let ports = &temporary.ports;
    seed::task(ports, &world.project, "1", |_| ()).await;
    seed::task(ports, &world.project, "2", |_| ()).await;
    seed::project(ports, world.scope, world.admin.user, "Second", |_| ()).await;
    world.invitation(ports).await;
    let other = builders::invitation(ports, world.organization.id, BARBARA);
    seed::invitation(ports, &other, "other").await;
    let ours = world.scope.id().as_uuid();
    for sql in [
        r"UPDATE tasks SET outline = '\x00000001'".to_owned(),
        "UPDATE tasks SET number = 1".to_owned(),
        format!("UPDATE projects SET number = 1 WHERE scope_id = '{ours}'"),
        format!("UPDATE members SET number = 1 WHERE scope_id = '{ours}'"),
        format!("UPDATE members SET username = 'x', username_key = 'x' WHERE scope_id = '{ours}'"),
        format!(
            "UPDATE members SET employee_number = '1', employee_number_key = '1' WHERE scope_id = '{ours}'"
        ),
        "UPDATE project_members SET number = 1".to_owned(),
        "UPDATE users SET email_key = 'one@example.com'".to_owned(),
        "UPDATE invitations SET email_key = 'one@example.com'".to_owned(),
        "UPDATE invitations SET token_hash = sha256('')".to_owned(),
        "INSERT INTO instance (id, secret, system_identifier) SELECT id, secret, 1 FROM instance".to_owned(),
    ] {
        assert_refused(&temporary, sql, UNIQUE).await;
    }
}

#[tokio::test]
async fn enumerated_values_and_ranges_are_checked() {
    let (temporary, world, ..) = two_organizations().await;
    let ports = &temporary.ports;
    seed::spaces(ports, &[builders::space(ports, world.scope, world.admin.user, "Quay")]).await;
    seed::task(ports, &world.project, "1", |_| ()).await;
    let ada = world.admin.user;
    let key = seed::key(ports, &builders::key(ports, ada, Scope::Personal(ada)), "secret").await;
    assert_eq!(key.as_bytes().len(), 32);
    seed::claim(ports, world.admin.user, "once", Some(world.scope)).await;
    world.invitation(ports).await;
    for sql in [
        "UPDATE spaces SET status = 'draft'",
        "UPDATE spaces SET priority = 5",
        "UPDATE spaces SET strength = 11",
        "UPDATE spaces SET strength = -1",
        "UPDATE spaces SET revision = 0",
        "UPDATE projects SET visibility = 'public'",
        "UPDATE projects SET next_task_number = 0",
        "UPDATE members SET role = 'owner'",
        "UPDATE members SET revision = 0",
        "UPDATE members SET username = 'x'",
        "UPDATE project_members SET role = 'viewer'",
        "UPDATE tasks SET status = 'open'",
        r"UPDATE tasks SET outline = '\x0001'",
        r"UPDATE api_keys SET hash = '\x00'",
        "UPDATE api_keys SET ability = 'admin'",
        "UPDATE scopes SET kind = 'team'",
        // An erased user has no address, and is no account.
        "UPDATE users SET erased_at = 1",
        "UPDATE users SET email = '', email_key = 'erased:' || replace(id::text, '-', ''), erased_at = 1",
        r"UPDATE stored_responses SET fingerprint = '\x00'",
        "UPDATE stored_responses SET key = ''",
        "UPDATE stored_responses SET key = repeat('k', 256)",
        "UPDATE stored_responses SET operation = ''",
        "UPDATE stored_responses SET operation = repeat('o', 1001)",
        "UPDATE stored_responses SET expires_at = made_at",
        "UPDATE invitations SET role = 'owner'",
        "UPDATE invitations SET email = ''",
        r"UPDATE invitations SET token_hash = '\x00'",
        "UPDATE invitation_projects SET role = 'viewer'",
        "UPDATE instance SET transaction_offset = -1",
        r"UPDATE instance SET secret = '\x00'",
        "INSERT INTO instance (id, secret, system_identifier) SELECT 2, secret, 1 FROM instance",
    ] {
        assert_refused(&temporary, sql.to_owned(), CHECK).await;
    }
    assert_refused(&temporary, "UPDATE spaces SET name = NULL".to_owned(), "violates not-null").await;
    assert_refused(&temporary, r"UPDATE spaces SET name = U&'\0000'".to_owned(), "escape").await;
}
