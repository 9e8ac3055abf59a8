//! Tests of what the schema itself rejects, also from a program that bypasses the store.

use loggia_domain::id::UserId;
use loggia_testkit::builders::{self, BARBARA};
use loggia_testkit::seed::{self, World};
use uuid::Uuid;

use crate::support::Temporary;

fn blob(id: Uuid) -> String {
    format!("x'{}'", id.simple())
}

/// Seeds a world, and a second organization with a project of its own.
async fn two_organizations() -> (Temporary, World, Uuid, Uuid) {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let other = seed::organization(&temporary.ports, "Lighthouse").await;
    let scope = loggia_domain::scope::Scope::Organization(other.id);
    let barbara =
        seed::member(&temporary.ports, other.id, BARBARA, loggia_domain::role::ScopeRole::Admin).await;
    let project = seed::project(&temporary.ports, scope, barbara.user, "Lamp", |_| ()).await;
    (temporary, world, project.id.as_uuid(), UserId::as_uuid(barbara.user))
}

async fn assert_refused(temporary: &Temporary, sql: String, constraint: &str) {
    let refused = temporary.execute(sql.clone()).await.expect_err(&sql);
    assert!(refused.contains(constraint), "{sql}: {refused}");
}

#[tokio::test]
async fn dates_out_of_order_are_refused() {
    let (temporary, world, ..) = two_organizations().await;
    seed::task(&temporary.ports, &world.project, "1", |_| ()).await;
    for table in ["projects", "tasks"] {
        let sql = format!("UPDATE {table} SET start_date = 2, end_date = 1");
        assert_refused(&temporary, sql, "CHECK").await;
        temporary
            .execute(format!("UPDATE {table} SET start_date = 2, end_date = 2"))
            .await
            .expect("one instant");
        temporary.execute(format!("UPDATE {table} SET start_date = 2, end_date = NULL")).await.expect("open");
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
    let (foreign_project, foreign_user) = (blob(foreign_project), blob(foreign_user));
    let ours = blob(world.scope.id().as_uuid());
    for sql in [
        format!("UPDATE spaces SET project_id = {foreign_project}"),
        format!("UPDATE spaces SET created_by = {foreign_user}"),
        format!("UPDATE tasks SET project_id = {foreign_project}"),
        format!("UPDATE tasks SET assignee_id = {foreign_user}"),
        format!("UPDATE projects SET created_by = {foreign_user} WHERE scope_id = {ours}"),
        format!("UPDATE project_members SET user_id = {foreign_user} WHERE number = 2"),
        format!("UPDATE project_members SET project_id = {foreign_project} WHERE number = 2"),
        format!("UPDATE invitations SET invited_by = {foreign_user}"),
        format!("UPDATE invitation_projects SET project_id = {foreign_project}"),
    ] {
        assert_refused(&temporary, sql, "FOREIGN KEY").await;
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
    let delete = format!("DELETE FROM projects WHERE id = {}", blob(world.project.id.as_uuid()));
    assert_refused(&temporary, delete.clone(), "FOREIGN KEY").await;
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
    let ours = blob(world.scope.id().as_uuid());
    for sql in [
        "UPDATE tasks SET outline = x'00000001'".to_owned(),
        "UPDATE tasks SET number = 1".to_owned(),
        format!("UPDATE projects SET number = 1 WHERE scope_id = {ours}"),
        format!("UPDATE members SET number = 1 WHERE scope_id = {ours}"),
        format!("UPDATE members SET username = 'x', username_key = 'x' WHERE scope_id = {ours}"),
        format!(
            "UPDATE members SET employee_number = '1', employee_number_key = '1' WHERE scope_id = {ours}"
        ),
        "UPDATE project_members SET number = 1".to_owned(),
        "UPDATE users SET email_key = 'one@example.com'".to_owned(),
        "UPDATE invitations SET email_key = 'one@example.com'".to_owned(),
        "UPDATE invitations SET token_hash = zeroblob(32)".to_owned(),
        "INSERT INTO instance (id, secret) VALUES (1, randomblob(32))".to_owned(),
    ] {
        assert_refused(&temporary, sql, "UNIQUE").await;
    }
}

#[tokio::test]
async fn enumerated_values_flags_ids_and_types_are_checked() {
    let (temporary, world, ..) = two_organizations().await;
    let ports = &temporary.ports;
    seed::spaces(ports, &[builders::space(ports, world.scope, world.admin.user, "Quay")]).await;
    seed::task(ports, &world.project, "1", |_| ()).await;
    seed::key(ports, &builders::key(ports, world.admin.user, world.scope), "secret").await;
    seed::claim(ports, world.admin.user, "once", Some(world.scope)).await;
    world.invitation(ports).await;
    for sql in [
        "UPDATE spaces SET status = 'draft'",
        "UPDATE spaces SET priority = 5",
        "UPDATE spaces SET strength = 11",
        "UPDATE spaces SET strength = -1",
        "UPDATE spaces SET revision = 0",
        "UPDATE projects SET visibility = 'public'",
        "UPDATE members SET role = 'owner'",
        "UPDATE members SET revision = 0",
        "UPDATE members SET active = 2",
        "UPDATE project_members SET role = 'viewer'",
        "UPDATE tasks SET status = 'open'",
        "UPDATE tasks SET outline = x'0001'",
        "UPDATE scopes SET kind = 'team'",
        "UPDATE stored_responses SET fingerprint = x'00'",
        "UPDATE stored_responses SET key = ''",
        "UPDATE stored_responses SET key = printf('%.256c', 'k')",
        "UPDATE stored_responses SET operation = ''",
        "UPDATE stored_responses SET operation = printf('%.1001c', 'o')",
        "UPDATE stored_responses SET expires_at = made_at",
        "UPDATE invitations SET role = 'owner'",
        "UPDATE invitations SET email = ''",
        "UPDATE invitations SET token_hash = x'00'",
        "UPDATE invitation_projects SET role = 'viewer'",
        "UPDATE stored_responses SET reach = x'00'",
        "UPDATE stored_responses SET done_in = x'00'",
        "UPDATE users SET kind = 'robot'",
        // A person has an email address. A machine has none, and its key is derived from its own id.
        "UPDATE users SET kind = 'machine'",
        "UPDATE users SET email = ''",
        "UPDATE users SET kind = 'machine', email = ''",
        "UPDATE users SET kind = 'machine', email = '', email_key = 'machine:' || lower(hex(x'00'))",
        // An erased user has no address, and is no account.
        "UPDATE users SET erased_at = 1",
        "UPDATE users SET email = '', email_key = 'erased:' || lower(hex(id)), erased_at = 1",
        "UPDATE api_keys SET prefix = 'lga_'",
        "INSERT INTO instance (id, secret) VALUES (2, randomblob(32))",
        "INSERT INTO users (id, kind, email, email_key, created_at)
         VALUES (x'01', 'person', 'a@example.com', 'a@example.com', 1)",
    ] {
        assert_refused(&temporary, sql.to_owned(), "CHECK").await;
    }
    assert_refused(&temporary, "UPDATE spaces SET created_at = 'now'".to_owned(), "INTEGER").await;
    assert_refused(&temporary, "UPDATE spaces SET name = x'00'".to_owned(), "TEXT").await;
}

/// Otherwise the first start could be repeated.
#[tokio::test]
async fn has_organizations_cannot_be_reset_to_false() {
    let (temporary, ..) = two_organizations().await;
    let sql = "UPDATE instance SET has_organizations = 0".to_owned();
    assert_refused(&temporary, sql, "never taken back").await;
    temporary.execute("UPDATE instance SET has_organizations = 1".to_owned()).await.expect("it stays so");
}
