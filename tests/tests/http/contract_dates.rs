//! Dates of projects and tasks: their formats, and the check of their order after a change.

use serde_json::{Value, json};

use crate::harness::on_every_store;
use crate::world::World;

on_every_store!(
    dates_are_read_in_all_their_forms,
    a_time_has_a_t_in_its_middle,
    the_dates_of_a_project_are_validated_together,
    the_dates_of_a_task_are_validated_together,
    two_dates_out_of_order_are_refused_before_any_record_is_read,
);

async fn two_dates_out_of_order_are_refused_before_any_record_is_read(world: World) {
    let body = json!({"start_date": "2026-02-02", "end_date": "2026-02-01"});
    let task = format!("/v2/tasks/{}", world.harbour.free_task);
    for path in [format!("/v2/projects/{}", world.harbour.id), task] {
        for client in [world.as_stranger(), world.as_viewer(), world.as_project_admin()] {
            client.patch(&path, body.clone()).await.names(&[("/start_date", "START_AFTER_END")]);
        }
    }
}

async fn dates_are_read_in_all_their_forms(world: World) {
    let (admin, path) = (world.as_project_admin(), format!("/v2/projects/{}", world.harbour.id));
    for (given, shown) in [
        ("2026-01-31", "2026-01-31T00:00:00.000Z"),
        ("2024-02-29", "2024-02-29T00:00:00.000Z"),
        ("2026-01-31T08:00:00Z", "2026-01-31T08:00:00.000Z"),
        ("2026-01-31T08:00:00.1239Z", "2026-01-31T08:00:00.123Z"),
        ("2026-01-31T00:30:00-08:00", "2026-01-31T08:30:00.000Z"),
    ] {
        let project = admin.patch(&path, json!({"start_date": given})).await.json();
        assert_eq!(project["start_date"], json!(shown), "{given}");
    }
    for given in [
        "",
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "31.01.2026",
        "2026-1-31",
        "2026-01-31T08:00:00",
        "2026-01-31T25:00:00Z",
        "1769846400",
        "0000-01-01",
        " 2026-01-31",
    ] {
        let response = admin.patch(&path, json!({"end_date": given})).await;
        response.names(&[("/end_date", "INVALID_TIME")]);
    }
    admin.patch(&path, json!({"end_date": 1769846400})).await.names(&[("/end_date", "WRONG_TYPE")]);
}

async fn a_time_has_a_t_in_its_middle(world: World) {
    let (admin, path) = (world.as_project_admin(), format!("/v2/projects/{}", world.harbour.id));
    assert_eq!(
        admin.patch(&path, json!({"end_date": "2026-01-31t08:00:00z"})).await.status,
        200,
        "in any case"
    );
    for given in
        ["2026-01-31 08:00:00Z", "2026-01-31_08:00:00Z", "2026-01-31x08:00:00Z", "2026-01-31\u{0}08:00:00Z"]
    {
        admin.patch(&path, json!({"end_date": given})).await.names(&[("/end_date", "INVALID_TIME")]);
    }
}

async fn the_dates_of_a_project_are_validated_together(world: World) {
    let (admin, path) = (world.as_project_admin(), format!("/v2/projects/{}", world.harbour.id));
    let patch = async |body: Value| admin.patch(&path, body).await;
    assert_eq!(patch(json!({"start_date": "2026-03-01", "end_date": "2026-03-01"})).await.status, 200);
    patch(json!({"start_date": "2026-03-02"})).await.names(&[("/start_date", "START_AFTER_END")]);
    patch(json!({"end_date": "2026-02-28"})).await.names(&[("/end_date", "START_AFTER_END")]);
    let both = patch(json!({"start_date": "2026-03-03", "end_date": "2026-03-02"})).await;
    both.names(&[("/start_date", "START_AFTER_END")]);
    let unchanged = admin.get(&path).await.json();
    assert_eq!(unchanged["start_date"], json!("2026-03-01T00:00:00.000Z"));
    // Both dates move past each other together, and either may be absent.
    assert_eq!(patch(json!({"start_date": "2027-01-01", "end_date": "2027-01-02"})).await.status, 200);
    assert_eq!(patch(json!({"start_date": "2028-01-01", "end_date": null})).await.status, 200);
    let new = json!({"project_name": "Quay", "start_date": "2026-03-02", "end_date": "2026-03-01"});
    world.as_admin().post("/v2/projects", new).await.names(&[("/start_date", "START_AFTER_END")]);
}

async fn the_dates_of_a_task_are_validated_together(world: World) {
    let (member, path) = (world.as_project_member(), format!("/v2/tasks/{}", world.harbour.free_task));
    let tasks = format!("/v2/projects/{}/tasks", world.harbour.id);
    let patch = async |body: Value| member.patch(&path, body).await;
    assert_eq!(patch(json!({"start_date": "2026-03-01", "end_date": "2026-03-02"})).await.status, 200);
    patch(json!({"start_date": "2026-03-03"})).await.names(&[("/start_date", "START_AFTER_END")]);
    patch(json!({"end_date": "2026-02-28"})).await.names(&[("/end_date", "START_AFTER_END")]);
    assert_eq!(patch(json!({"start_date": "2026-03-02"})).await.status, 200, "equal is fine");
    patch(json!({"start_date": "2026-02-30"})).await.names(&[("/start_date", "INVALID_TIME")]);
    let new = json!({"task_name": "Paint", "start_date": "2026-03-02", "end_date": "2026-03-01"});
    member.post(&tasks, new).await.names(&[("/start_date", "START_AFTER_END")]);
}
