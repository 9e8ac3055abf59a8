//! Lists of tasks: those of a project, and those of the current user by project.

use serde_json::{Value, json};

use crate::harness::on_every_store;
use crate::world::{Who, World};

on_every_store!(
    an_outline_is_ordered_number_by_number,
    a_projects_tasks_are_filtered,
    a_list_is_flat_or_nested,
    own_tasks_are_grouped_by_project,
    groups_are_cut_and_counted,
    groups_are_paged,
    own_tasks_in_hidden_projects_are_not_listed,
    own_tasks_are_listed_for_one_scope,
);

const MINE: &str = "/v2/tasks/my-tasks-by-project";

/// Returns the outline numbers of the tasks in a list.
fn numbers(tasks: &Value) -> Vec<&str> {
    let rows = tasks.as_array().expect("tasks");
    rows.iter().map(|row| row["task_no"].as_str().expect("a number")).collect()
}

async fn an_outline_is_ordered_number_by_number(world: World) {
    let member = world.as_project_member();
    let tasks = format!("/v2/projects/{}/tasks", world.harbour.id);
    for number in ["10", "1.10", "1.2.1", "1.2", "1.1"] {
        member.post(&tasks, json!({"task_name": "Paint", "task_no": number})).await;
    }
    let list = member.get(&tasks).await.json();
    assert_eq!(numbers(&list["result"]), ["1", "1.1", "1.2", "1.2.1", "1.10", "2", "3", "10"]);
    let mut paged = vec![];
    let mut path = format!("{tasks}?per_page=3");
    loop {
        let page = member.get(&path).await.json();
        paged.extend(numbers(&page["result"]).into_iter().map(str::to_owned));
        assert_eq!(page["total"], json!(8));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{tasks}?cursor={cursor}");
    }
    assert_eq!(paged, numbers(&list["result"]));
}

async fn a_projects_tasks_are_filtered(world: World) {
    let found = async |query: &str| {
        let path = format!("/v2/projects/{}/tasks?{query}", world.harbour.id);
        let list = world.as_viewer().get(&path).await.json();
        let found = numbers(&list["result"]).join(" ");
        assert_eq!(list["total"], json!(found.split_whitespace().count()), "{query}");
        found
    };
    let margaret = world.id(Who::ProjectMember);
    assert_eq!(found("").await, "1 2 3");
    assert_eq!(found("status=todo").await, "1");
    assert_eq!(found("status=cancelled").await, "");
    assert_eq!(found(&format!("assignee={margaret}")).await, "2 3");
    assert_eq!(found(&format!("assignee={margaret}&status=done")).await, "3");
    assert_eq!(found("assignee=").await, "1", "unassigned");
    let refused = async |query: &str| {
        world.as_viewer().get(&format!("/v2/projects/{}/tasks?{query}", world.harbour.id)).await
    };
    refused("status=Done").await.names(&[("?status", "NOT_ALLOWED")]);
    refused("assignee=abc").await.names(&[("?assignee", "INVALID_ID")]);
    refused("search=x").await.names(&[("?search", "UNKNOWN_PARAMETER")]);
}

async fn a_list_is_flat_or_nested(world: World) {
    let viewer = world.as_viewer();
    let tasks = format!("/v2/projects/{}/tasks", world.harbour.id);
    let (flat, nested) =
        (viewer.get(&tasks).await.json(), viewer.get(&format!("{tasks}?dottie=true")).await.json());
    let ids = [&world.harbour.free_task, &world.harbour.open_task, &world.harbour.done_task];
    for (index, id) in ids.into_iter().enumerate() {
        let path = format!("/v2/tasks/{id}");
        assert_eq!(viewer.get(&path).await.json(), flat["result"][index]);
        assert_eq!(viewer.get(&format!("{path}?dottie=true")).await.json(), nested["result"][index]);
    }
    assert_eq!(nested["result"][1]["assignee"]["full_name"], json!("Margaret Hamilton"));
    assert_eq!(flat["result"][1]["assignee.full_name"], json!("Margaret Hamilton"));
}

async fn own_tasks_are_grouped_by_project(world: World) {
    let member = world.as_project_member();
    let task = async |id: &str| member.get(&format!("/v2/tasks/{id}")).await.json();
    let group = async |number: u32, name: &str, project: &crate::world::Project| {
        json!({
            "project": {"id": number, "node_id": project.id, "project_name": name},
            "total": 2,
            "tasks": [task(&project.open_task).await, task(&project.done_task).await],
        })
    };
    let envelope = json!({
        "total": 2, "last_page": 1, "prev_page": null, "next_page": null, "has_next_page": false,
        "page": 1, "per_page": 20, "from": 0, "to": 2, "next_cursor": null,
        "result": [group(1, "Harbour", &world.harbour).await, group(2, "Vault", &world.vault).await],
    });
    member.get(MINE).await.is(200, envelope);
    let nested = member.get(&format!("{MINE}?dottie=true")).await.json();
    assert_eq!(nested["result"][0]["tasks"][0]["assignee"]["node_id"], json!(world.id(Who::ProjectMember)));
    let none = world.as_founder().get(MINE).await.json();
    assert_eq!((&none["total"], &none["last_page"], &none["result"]), (&json!(0), &json!(1), &json!([])));
}

async fn groups_are_cut_and_counted(world: World) {
    let member = world.as_project_member();
    let tasks = format!("/v2/projects/{}/tasks", world.harbour.id);
    for _ in 0..5 {
        let body = json!({"task_name": "Paint", "assignee_node_id": world.id(Who::ProjectMember)});
        assert_eq!(member.post(&tasks, body).await.status, 201);
    }
    let groups = async |query: &str| {
        let list = member.get(&format!("{MINE}?{query}")).await.json();
        let groups = list["result"].as_array().expect("groups").clone();
        let group = |group: &Value| (group["total"].as_u64(), numbers(&group["tasks"]).join(" "));
        groups.iter().map(group).collect::<Vec<_>>()
    };
    let both = |first: (u64, &str), second: (u64, &str)| {
        vec![(Some(first.0), first.1.to_owned()), (Some(second.0), second.1.to_owned())]
    };
    assert_eq!(groups("").await, both((7, "2 3 4 5 6"), (2, "2 3")), "five of each by default");
    assert_eq!(groups("tasks_limit=1").await, both((7, "2"), (2, "2")));
    assert_eq!(groups("tasks_limit=50").await, both((7, "2 3 4 5 6 7 8"), (2, "2 3")));
    assert_eq!(groups("status=done").await, both((1, "3"), (1, "3")));
    assert_eq!(groups("status=todo&tasks_limit=2").await, [(Some(5), "4 5".to_owned())]);
    assert_eq!(groups("status=cancelled").await, []);
    for (query, code) in [
        ("tasks_limit=0", "OUT_OF_RANGE"),
        ("tasks_limit=51", "OUT_OF_RANGE"),
        ("tasks_limit=", "WRONG_TYPE"),
    ] {
        member.get(&format!("{MINE}?{query}")).await.names(&[("?tasks_limit", code)]);
    }
}

async fn groups_are_paged(world: World) {
    let member = world.as_project_member();
    let whole = member.get(MINE).await.json();
    let first = member.get(&format!("{MINE}?per_page=1")).await.json();
    assert_eq!((&first["total"], &first["next_page"]), (&json!(2), &json!(2)));
    assert_eq!(first["result"], json!([whole["result"][0]]));
    let second = member.get(&format!("{MINE}?per_page=1&page=2")).await.json();
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    assert_eq!(member.get(&format!("{MINE}?cursor={cursor}")).await.json(), second);
    assert_eq!(second["result"], json!([whole["result"][1]]));
    for query in ["status=done", "organization_id=", "tasks_limit=1"] {
        let other = member.get(&format!("{MINE}?cursor={cursor}&{query}")).await;
        other.names(&[("?cursor", "INVALID_CURSOR")]);
    }
}

async fn own_tasks_in_hidden_projects_are_not_listed(world: World) {
    // After the removal from the rosters, the done task still has the assignee; the task in the private project is hidden.
    let remove = json!({"member_node_id": world.id(Who::ProjectMember)});
    for project in [&world.harbour, &world.vault] {
        let path = format!("/v2/projects/{}/remove-member", project.id);
        assert_eq!(world.as_founder().patch(&path, remove.clone()).await.status, 200);
    }
    let list = world.as_project_member().get(MINE).await.json();
    assert_eq!(list["total"], json!(1));
    assert_eq!(list["result"][0]["project"]["project_name"], json!("Harbour"));
    assert_eq!(numbers(&list["result"][0]["tasks"]), ["3"]);
}

async fn own_tasks_are_listed_for_one_scope(world: World) {
    let member = world.as_project_member();
    let names = async |query: &str| {
        let list = member.get(&format!("{MINE}{query}")).await.json();
        let rows = list["result"].as_array().expect("groups").clone();
        rows.iter()
            .map(|row| row["project"]["project_name"].as_str().expect("a name").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["Harbour", "Vault"]);
    assert_eq!(names(&format!("?organization_id={}", world.meridian)).await, ["Harbour", "Vault"]);
    assert_eq!(names("?organization_id=").await, ["Garden"]);
    let foreign = member.get(&format!("{MINE}?organization_id={}", world.borealis)).await;
    foreign.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
}
