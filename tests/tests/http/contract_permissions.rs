//! The permissions of the current user.

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::world::{Key, MADE_UP, Who, World};

on_every_store!(
    permissions_show_each_action_as_allowed_or_with_the_reason,
    permissions_agree_with_the_outcome_of_calls,
    permissions_hide_a_record_as_its_get_does,
    permissions_are_read_for_one_record_or_scope_at_a_time,
);

const PATH: &str = "/api/v1/me/permissions";

async fn actions(client: &Client, query: &str) -> Value {
    let response = client.get(&format!("{PATH}{query}")).await;
    assert_eq!(response.status, 200, "{query}: {response}");
    response.json()["data"]["actions"].take()
}

async fn permissions_show_each_action_as_allowed_or_with_the_reason(world: World) {
    let (yes, role) = (json!({"allowed": true}), json!({"allowed": false, "reason": "ROLE"}));
    let ability = json!({"allowed": false, "reason": "ABILITY"});
    let viewer = world.as_viewer();
    let space = json!({"space.read": yes, "space.update": role, "space.delete": role});
    assert_eq!(actions(&viewer, &format!("?spaceId={}", world.pier)).await, space);
    let reading = world.with_key(Who::Member, Key::ReadOnly).await;
    let space = json!({"space.read": yes, "space.update": ability, "space.delete": ability});
    assert_eq!(actions(&reading, &format!("?spaceId={}", world.pier)).await, space);

    let project = format!("?projectId={}", world.harbour.id);
    let of_the_roster = json!({
        "project.read": yes, "project.update": role, "project.delete": role, "roster.read": yes,
        "roster.manage": role, "roster.leave": yes, "task.read": yes, "task.write": yes,
    });
    assert_eq!(actions(&world.as_project_member(), &project).await, of_the_roster);
    let of_an_admin = json!({
        "project.read": yes, "project.update": yes, "project.delete": yes, "roster.read": role,
        "roster.manage": yes, "roster.leave": role, "task.read": yes, "task.write": role,
    });
    assert_eq!(actions(&world.as_admin(), &project).await, of_an_admin);

    let in_a_scope = json!({
        "space.list": yes, "space.create": yes, "project.list": yes, "project.create": role,
        "task.list_own": yes,
    });
    let mut in_meridian = in_a_scope.clone();
    for (action, permission) in [
        ("organization.read", &yes),
        ("organization.update", &role),
        ("organization.leave", &yes),
        ("member.read", &yes),
        ("member.manage", &role),
        ("member.erase", &role),
        ("member_key.list", &role),
        ("member_key.manage", &role),
        ("invitation.list", &role),
        ("invitation.manage", &role),
    ] {
        in_meridian[action] = permission.clone();
    }
    let member = world.as_member();
    assert_eq!(actions(&member, "").await, in_meridian, "the default scope");
    assert_eq!(actions(&member, &format!("?organizationId={}", world.meridian)).await, in_meridian);
    let mut personal = in_a_scope;
    personal["project.create"] = yes;
    assert_eq!(actions(&member, "?organizationId=").await, personal);
}

async fn permissions_agree_with_the_outcome_of_calls(world: World) {
    let callers = [Who::Admin, Who::Viewer, Who::ProjectMember, Who::ProjectAdmin];
    for who in callers {
        for kind in [Key::Full, Key::ReadOnly] {
            let client = world.with_key(who, kind).await;
            let project = format!("/v2/projects/{}", world.harbour.id);
            let shown = actions(&client, &format!("?projectId={}", world.harbour.id)).await;
            // Calls that change nothing and are refused only because of the caller.
            let update = client.patch(&project, json!({})).await.status;
            let roster = client.get(&format!("{project}/members")).await.status;
            let task = format!("/v2/tasks/{}", world.harbour.free_task);
            let write = client.patch(&task, json!({})).await.status;
            let read = client.get(&project).await.status;
            for (action, status) in [
                ("project.update", update),
                ("roster.read", roster),
                ("task.write", write),
                ("project.read", read),
            ] {
                assert_eq!(shown[action]["allowed"], json!(status < 300), "{action} by {who:?} {kind:?}");
            }
        }
    }
}

async fn permissions_hide_a_record_as_its_get_does(world: World) {
    let (grace, ask) = (world.as_member(), |query: String| format!("{PATH}?{query}"));
    let same = async |path: &str| grace.get(path).header("X-Request-Id", "the-same").await;
    for (name, get, hidden) in [
        ("projectId", "/v2/projects", [&world.vault.id, &world.lighthouse.id, &world.garden.id]),
        ("spaceId", "/api/v1/spaces", [&world.lighthouse.space, &world.garden.space, &world.harbour.id]),
    ] {
        let made_up = same(&ask(format!("{name}={MADE_UP}"))).await;
        assert_eq!(made_up, same(&format!("{get}/{MADE_UP}")).await);
        for id in hidden {
            assert_eq!(same(&ask(format!("{name}={id}"))).await, made_up, "{name} {id}");
        }
    }
    for id in [MADE_UP, &world.borealis] {
        let scope = same(&format!("/api/v1/spaces?organizationId={id}")).await;
        assert_eq!(same(&ask(format!("organizationId={id}"))).await, scope);
        scope.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    }
    let confined = world.with_key(Who::Member, Key::Confined).await;
    confined.get(&format!("{PATH}?organizationId=")).await.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
}

async fn permissions_are_read_for_one_record_or_scope_at_a_time(world: World) {
    let query = format!("?projectId={}&spaceId={}", world.harbour.id, world.pier);
    let response = world.as_member().get(&format!("{PATH}{query}")).await;
    response.names(&[("?projectId", "NOT_TOGETHER"), ("?spaceId", "NOT_TOGETHER")]);
    let response = world.as_member().get(&format!("{PATH}?organizationId=&spaceId={}", world.pier)).await;
    response.names(&[("?organizationId", "NOT_TOGETHER"), ("?spaceId", "NOT_TOGETHER")]);
    let response = world.as_member().get(&format!("{PATH}?spaceId=")).await;
    response.names(&[("?spaceId", "INVALID_ID")]);
}
