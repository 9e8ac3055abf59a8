//! Lost updates: the entity tags of records, and conditional requests (RFC 9110 §13; contract, section 2).

use std::sync::Arc;

use loggia_http::{ENDPOINTS, HttpApp, Limits};
use loggia_testkit::SequentialIds;
use serde_json::{Value, json};

use crate::bad_input::dump;
use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{Key, MADE_UP, Who, World};

on_every_store!(
    every_record_has_a_tag_that_its_changes_change,
    a_created_record_has_the_tag_that_reading_it_returns,
    a_response_that_is_not_a_single_record_has_no_tag,
    every_representation_has_a_tag_of_its_own,
    an_empty_patch_leaves_the_tag,
    a_matching_if_none_match_gets_304,
    a_change_for_another_revision_is_refused_and_not_written,
    a_tag_of_any_representation_stands_for_the_record,
    a_weak_or_different_tag_does_not_match,
    a_deletion_for_another_revision_is_refused,
    all_other_errors_precede_a_failed_precondition,
    a_precondition_that_cannot_hold_is_refused_and_not_ignored,
    a_malformed_list_of_tags_is_reported,
    a_setting_makes_if_match_required,
);

/// Returns a record of each kind: its path and a change of it.
fn records(world: &World) -> [(String, Value); 5] {
    [
        (format!("/api/v1/organizations/{}", world.meridian), json!({"name": "Quay"})),
        (member(world), json!({"firstName": "Quay"})),
        (format!("/api/v1/spaces/{}", world.pier), json!({"name": "Quay"})),
        (format!("/v2/projects/{}", world.harbour.id), json!({"project_name": "Quay"})),
        (format!("/v2/tasks/{}", world.harbour.free_task), json!({"task_name": "Quay"})),
    ]
}

fn member(world: &World) -> String {
    format!("/api/v1/organizations/{}/members/{}", world.meridian, world.id(Who::Own))
}

#[track_caller]
fn tag(response: &Response) -> String {
    let tag = response.header("etag").unwrap_or_else(|| panic!("no tag: {response}"));
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2, "a strong one: {tag}");
    tag.to_owned()
}

#[track_caller]
fn stale(response: &Response, current: &str) {
    response.refuses(412, "PRECONDITION_FAILED");
    assert_eq!(response.header("etag"), Some(current), "{response}");
}

async fn every_record_has_a_tag_that_its_changes_change(world: World) {
    let founder = world.as_founder();
    for (path, change) in records(&world) {
        let read = founder.get(&path).await;
        assert_eq!(tag(&founder.get(&path).await), tag(&read), "{path}: it stays");
        assert_eq!(tag(&founder.request("HEAD", &path).await), tag(&read), "{path}");
        let changed = founder.patch(&path, change.clone()).await;
        assert_eq!(changed.status, 200, "{changed}");
        assert_ne!(tag(&changed), tag(&read), "{path}");
        assert_eq!(tag(&changed), tag(&founder.get(&path).await), "{path}: of what is there now");
        // Writing the current value again is no change.
        let same = founder.patch(&path, change).await;
        assert_eq!(tag(&same), tag(&changed), "{path}");
    }
    // The membership of a deactivated member is still shown.
    let gone = founder.delete(&member(&world)).await;
    assert_eq!(gone.status, 200, "{gone}");
    assert_eq!(tag(&gone), tag(&founder.get(&member(&world)).await));
}

async fn a_created_record_has_the_tag_that_reading_it_returns(world: World) {
    let founder = world.as_founder();
    let jean = json!({"email": "jean@example.com", "firstName": "Jean", "lastName": "Bartik"});
    let tasks = format!("/v2/projects/{}/tasks", world.harbour.id);
    let task = json!({"task_name": "Quay"});
    for (path, body) in [
        ("/api/v1/organizations".to_owned(), json!({"name": "Quay"})),
        (format!("/api/v1/organizations/{}/members", world.meridian), jean),
        ("/api/v1/spaces".to_owned(), json!({"name": "Quay", "projectId": world.harbour.id})),
        ("/v2/projects".to_owned(), json!({"project_name": "Quay"})),
        (tasks.clone(), task.clone()),
    ] {
        let made = founder.post(&path, body).await;
        assert_eq!(made.status, 201, "{made}");
        let location = made.location().unwrap();
        assert_eq!(tag(&made), tag(&founder.get(location).await), "{path}");
    }
    let nested = founder.post(&format!("{tasks}?dottie=true"), task).await;
    let location = format!("{}?dottie=true", nested.location().unwrap());
    assert_eq!(tag(&nested), tag(&founder.get(&location).await));
}

async fn a_response_that_is_not_a_single_record_has_no_tag(world: World) {
    let founder = world.as_founder();
    let project = format!("/v2/projects/{}", world.harbour.id);
    let members = format!("/api/v1/organizations/{}/members", world.meridian);
    let person = |name: &str| json!([{"email": name, "firstName": "Jean", "lastName": "Bartik"}]);
    let reads = ENDPOINTS.iter().filter(|endpoint| endpoint.method == "GET" && endpoint.action.is_some());
    for endpoint in reads.filter(|endpoint| !endpoint.path.contains('{')) {
        let response = founder.get(endpoint.path).header("If-None-Match", "*").await;
        assert_eq!((response.status, response.header("etag")), (200, None), "{}: {response}", endpoint.path);
    }
    let on_roster = json!({"user_node_id": world.id(Who::Member)});
    for response in [
        founder.get(&members).await,
        founder.post(&members, person("jean@example.com")).await,
        founder.post("/api/v1/api-keys", json!({"name": "Quay"})).await,
        founder.get(&format!("{project}/members")).await,
        founder.get(&format!("{project}/tasks")).await,
        founder.post(&format!("{project}/add-member"), on_roster).await,
        founder.get(&format!("/api/v1/spaces/{MADE_UP}")).await,
        founder.delete(&format!("/v2/tasks/{}", world.harbour.free_task)).await,
        founder.delete(&format!("/api/v1/spaces/{}", world.pier)).await,
        founder.delete(&project).await,
    ] {
        assert_eq!(response.header("etag"), None, "{response}");
    }
}

async fn every_representation_has_a_tag_of_its_own(world: World) {
    let founder = world.as_founder();
    let space = format!("/api/v1/spaces/{}", world.harbour.space);
    let task = format!("/v2/tasks/{}", world.harbour.open_task);
    let seen = async || {
        let mut tags = Vec::new();
        for path in [
            space.clone(),
            format!("{space}?include=project"),
            format!("{space}?include=organization"),
            format!("{space}?include=all"),
            task.clone(),
            format!("{task}?dottie=true"),
        ] {
            tags.push(tag(&founder.get(&path).await));
        }
        tags
    };
    let before = seen().await;
    let different: std::collections::BTreeSet<_> = before.iter().collect();
    assert_eq!(different.len(), before.len(), "{before:?}");
    let plain = founder.get(&format!("{task}?dottie=false")).await;
    assert_eq!(tag(&plain), before[4], "said or not, it is the same");
    // A change of an embedded record changes the tags of the records that embed it, and no others.
    let renamed = json!({"project_name": "Quay"});
    founder.patch(&format!("/v2/projects/{}", world.harbour.id), renamed).await;
    let after = seen().await;
    let changed: Vec<_> = before.iter().zip(&after).map(|(before, after)| before != after).collect();
    assert_eq!(changed, [false, true, false, true, true, true]);
    // Two callers who see the same representation get the same tag.
    assert_eq!(tag(&world.as_member().get(&space).await), after[0]);
}

async fn an_empty_patch_leaves_the_tag(world: World) {
    let founder = world.as_founder();
    for (path, _) in records(&world) {
        let before = founder.get(&path).await;
        let patched = founder.patch(&path, json!({})).header("If-Match", &tag(&before)).await;
        assert!(matches!(patched.status, 200 | 204), "{patched}");
        if patched.status == 200 {
            assert_eq!(tag(&patched), tag(&before), "{path}");
        }
        assert_eq!(tag(&founder.get(&path).await), tag(&before), "{path}");
        let other = founder.patch(&path, json!({})).header("If-Match", "\"999-0000000000000000\"").await;
        stale(&other, &tag(&before));
    }
}

async fn a_matching_if_none_match_gets_304(world: World) {
    let founder = world.as_founder();
    for (path, change) in records(&world) {
        let read = founder.get(&path).await;
        let known = tag(&read);
        let weak = format!("W/{known}");
        let listed = format!("\"x\", W/\"y\" ,{weak}");
        for method in ["GET", "HEAD"] {
            for value in [known.as_str(), "*", weak.as_str(), listed.as_str()] {
                let same = founder.request(method, &path).header("If-None-Match", value).await;
                assert_eq!((same.status, same.bytes.len()), (304, 0), "{method} {path} {value}: {same}");
                for name in ["etag", "cache-control", "vary"] {
                    assert_eq!(same.header(name), read.header(name), "{method} {path}");
                    assert!(same.header(name).is_some(), "{name}: {same}");
                }
                assert_eq!(same.header("content-type"), None, "{same}");
            }
            for value in ["\"x\"", "\"1-0000000000000000\"", &format!("\"x{}", &known[1..])] {
                let sent = founder.request(method, &path).header("If-None-Match", value).await;
                assert_eq!((sent.status, tag(&sent)), (200, known.clone()), "{method} {path} {value}");
            }
        }
        let lines = founder.get(&path).header("If-None-Match", "\"x\"").header("If-None-Match", &known).await;
        assert_eq!(lines.status, 304, "several lines are one list: {lines}");
        // A read may have `If-Match`, too, which is evaluated first.
        let guarded = founder.get(&path).header("If-Match", "\"x\"").header("If-None-Match", &known).await;
        stale(&guarded, &known);
        let guarded = founder.get(&path).header("If-Match", &known).await;
        assert_eq!(guarded.status, 200, "{guarded}");
        founder.patch(&path, change).await;
        let sent = founder.get(&path).header("If-None-Match", &known).await;
        assert_eq!(sent.status, 200, "{path}: it has changed");
        // A caller who may not see the record cannot use `*` to learn that it exists.
        world.as_stranger().get(&path).header("If-None-Match", "*").await.refuses(404, "NOT_FOUND");
        world.as_nobody().get(&path).header("If-None-Match", "*").await.refuses(401, "UNAUTHENTICATED");
    }
}

async fn a_change_for_another_revision_is_refused_and_not_written(world: World) {
    let founder = world.as_founder();
    for (path, change) in records(&world) {
        let first = tag(&founder.get(&path).await);
        let changed = founder.patch(&path, change.clone()).header("If-Match", &first).await;
        assert_eq!(changed.status, 200, "{path}: {changed}");
        let before = dump(&world).await;
        let mut other = change;
        for value in other.as_object_mut().unwrap().values_mut() {
            *value = json!("Pierside");
        }
        let refused = founder.patch(&path, other.clone()).header("If-Match", &first).await;
        stale(&refused, &tag(&changed));
        assert_eq!(dump(&world).await, before, "{path}: nothing is written");
        let current = refused.header("etag").unwrap().to_owned();
        let again = founder.patch(&path, other).header("If-Match", &current).await;
        assert_eq!(again.status, 200, "{path}: the tag in a 412 response is current: {again}");
        let whatever = founder.patch(&path, json!({})).header("If-Match", "*").await;
        assert!(whatever.status < 300, "{whatever}");
    }
}

async fn a_tag_of_any_representation_stands_for_the_record(world: World) {
    let founder = world.as_founder();
    let space = format!("/api/v1/spaces/{}", world.harbour.space);
    let whole = tag(&founder.get(&format!("{space}?include=all")).await);
    // `If-Match` guards the record, so a change of an embedded record does not matter.
    let renamed = json!({"project_name": "Quay"});
    founder.patch(&format!("/v2/projects/{}", world.harbour.id), renamed).await;
    let changed = founder.patch(&space, json!({"name": "Quay"})).header("If-Match", &whole).await;
    assert_eq!(changed.status, 200, "{changed}");
    stale(&founder.patch(&space, json!({"name": "Pier"})).header("If-Match", &whole).await, &tag(&changed));
    let task = format!("/v2/tasks/{}", world.harbour.open_task);
    let flat = tag(&founder.get(&task).await);
    let nested = format!("{task}?dottie=true");
    let changed = founder.patch(&nested, json!({"task_name": "Quay"})).header("If-Match", &flat).await;
    assert_eq!(changed.status, 200, "{changed}");
    assert_eq!(tag(&changed), tag(&founder.get(&nested).await));
    // The problem has the tag of the representation that the change would have shown.
    let refused = founder.patch(&nested, json!({"task_name": "Pier"})).header("If-Match", &flat).await;
    stale(&refused, &tag(&changed));
}

async fn a_weak_or_different_tag_does_not_match(world: World) {
    let founder = world.as_founder();
    let path = format!("/api/v1/spaces/{}", world.pier);
    let current = tag(&founder.get(&path).await);
    let inner = current.trim_matches('"');
    for value in [
        format!("W/{current}"),
        format!("\"{inner} \"").replace(' ', "0"),
        format!("\"0{inner}\""),
        "\"\"".to_owned(),
        "\"1\"".to_owned(),
        "\"*\"".to_owned(),
        "\"2-0000000000000000\", \"3-0000000000000000\"".to_owned(),
    ] {
        let refused = founder.patch(&path, json!({"name": "Quay"})).header("If-Match", &value).await;
        stale(&refused, &current);
    }
    let lines = founder.patch(&path, json!({"name": "Quay"}));
    let lines = lines.header("If-Match", "\"x\"").header("If-Match", &format!("\"y\", {current}")).await;
    assert_eq!(lines.status, 200, "several lines are one list: {lines}");
}

async fn a_deletion_for_another_revision_is_refused(world: World) {
    let founder = world.as_founder();
    let (member, records) = (member(&world), records(&world));
    let there = records.iter().filter(|(path, _)| !path.ends_with(&world.meridian));
    for (path, change) in there.rev() {
        let first = tag(&founder.get(path).await);
        let changed = tag(&founder.patch(path, change.clone()).await);
        stale(&founder.delete(path).header("If-Match", &first).await, &changed);
        assert_eq!(tag(&founder.get(path).await), changed, "{path}: it is there");
        let deleted = founder.delete(path).header("If-Match", &changed).await;
        assert_eq!(deleted.status, 200, "{deleted}");
        if *path != member {
            // A deleted record gets 404, not 412.
            founder.delete(path).header("If-Match", "*").await.refuses(404, "NOT_FOUND");
        }
    }
}

async fn all_other_errors_precede_a_failed_precondition(world: World) {
    let none = "\"x\"";
    let reading = world.with_key(Who::Founder, Key::ReadOnly).await;
    for (path, change) in records(&world) {
        let patch = |client: &Client, body: Value| client.patch(&path, body).header("If-Match", none);
        patch(&world.as_nobody(), change.clone()).await.refuses(401, "UNAUTHENTICATED");
        let media_type = world.as_founder().request("PATCH", &path).raw("text/plain", "{}");
        media_type.header("If-Match", none).await.refuses(415, "UNSUPPORTED_MEDIA_TYPE");
        let surprise = patch(&world.as_founder(), json!({"surprise": 1})).await;
        surprise.names(&[("/surprise", "UNKNOWN_FIELD")]);
        patch(&world.as_stranger(), change.clone()).await.refuses(404, "NOT_FOUND");
        patch(&world.as_viewer(), change.clone()).await.refuses(403, "FORBIDDEN");
        patch(&reading, change).await.refuses(403, "INSUFFICIENT_SCOPE");
    }
    let founder = world.as_founder();
    let space = json!({"projectId": MADE_UP});
    let refused =
        founder.patch(&format!("/api/v1/spaces/{}", world.pier), space).header("If-Match", none).await;
    refused.names(&[("/projectId", "UNKNOWN_PROJECT")]);
    let task = format!("/v2/tasks/{}", world.harbour.free_task);
    let nobody = json!({"assignee_node_id": MADE_UP});
    founder.patch(&task, nobody).header("If-Match", none).await.refuses(404, "USER_NOT_FOUND");
    let taken = founder.patch(&task, json!({"task_no": "2"})).header("If-Match", none).await;
    taken.names(&[("/task_no", "TASK_NO_TAKEN")]);
    let project = format!("/v2/projects/{}", world.harbour.id);
    founder.patch(&project, json!({"end_date": "2026-02-01"})).await;
    let dates = founder.patch(&project, json!({"start_date": "2026-02-02"})).header("If-Match", none).await;
    dates.names(&[("/start_date", "START_AFTER_END")]);
    let alone = format!("/api/v1/organizations/{}/members/{}", world.borealis, world.id(Who::Stranger));
    let last = world.as_stranger().patch(&alone, json!({"role": "member"})).header("If-Match", none).await;
    last.refuses(409, "LAST_ADMIN");
}

async fn a_precondition_that_cannot_hold_is_refused_and_not_ignored(world: World) {
    let founder = world.as_founder();
    let before = dump(&world).await;
    let project = format!("/v2/projects/{}", world.harbour.id);
    let person = json!({"user_node_id": world.id(Who::Member)});
    for (method, path, body) in [
        ("POST", "/api/v1/spaces".to_owned(), json!({"name": "Quay"})),
        ("POST", "/v2/projects".to_owned(), json!({"project_name": "Quay"})),
        ("POST", format!("{project}/add-member"), person.clone()),
        ("PATCH", format!("{project}/remove-member"), person),
        ("PATCH", format!("{project}/members/{}", world.id(Who::ProjectMember)), json!({"role": "admin"})),
        ("POST", "/api/v1/api-keys".to_owned(), json!({"name": "Quay"})),
        ("PATCH", "/api/v1/me".to_owned(), json!({"firstName": "Jean"})),
    ] {
        for value in ["*", "\"1-0000000000000000\""] {
            let refused = founder.request(method, &path).json(body.clone()).header("If-Match", value).await;
            refused.refuses(412, "PRECONDITION_FAILED");
            assert_eq!(refused.header("etag"), None, "there is none: {refused}");
        }
        let wrong = founder.request(method, &path).json(json!({"surprise": 1})).header("If-Match", "*").await;
        wrong.refuses(400, "VALIDATION_FAILED");
    }
    for path in [
        format!("/api/v1/api-keys/{}", world.spare),
        format!("/api/v1/organizations/{}/invitations/{}", world.meridian, world.invitation),
        format!("/api/v1/me/organizations/{}", world.meridian),
        format!("{project}/members/me"),
    ] {
        founder.delete(&path).header("If-Match", "*").await.refuses(412, "PRECONDITION_FAILED");
    }
    for (path, change) in records(&world) {
        for value in ["*", "\"x\""] {
            let refused = founder.patch(&path, change.clone()).header("If-None-Match", value).await;
            refused.names(&[("If-None-Match:", "NOT_ALLOWED")]);
        }
    }
    assert_eq!(dump(&world).await, before);
}

async fn a_malformed_list_of_tags_is_reported(world: World) {
    let founder = world.as_founder();
    for (path, change) in records(&world) {
        for value in ["", "x", "\"x", "\"x\" \"y\"", "*, \"x\"", "\"a b\""] {
            let refused = founder.patch(&path, change.clone()).header("If-Match", value).await;
            refused.names(&[("If-Match:", "INVALID_FORMAT")]);
            let refused = founder.get(&path).header("If-None-Match", value).await;
            refused.names(&[("If-None-Match:", "INVALID_FORMAT")]);
        }
        let refused = founder.request("PATCH", &format!("{path}?quay=1")).json(json!({"surprise": 1}));
        let refused = refused.header("If-Match", "x").header("Idempotency-Key", "a b").await;
        refused.names(&[
            ("?quay", "UNKNOWN_PARAMETER"),
            ("If-Match:", "INVALID_FORMAT"),
            ("Idempotency-Key:", "INVALID_CHARACTER"),
            ("/surprise", "UNKNOWN_FIELD"),
        ]);
    }
}

async fn a_setting_makes_if_match_required(world: World) {
    let limits = Limits { require_if_match: true, ..Limits::default() };
    let app = HttpApp::new(world.loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], limits);
    let service = world.serve(app).await;
    let client = async |who| {
        let key = world.new_key(who, Key::Full).await;
        Client::new(service.clone(), vec![format!("Bearer {key}")])
    };
    let (founder, stranger) = (client(Who::Founder).await, client(Who::Stranger).await);
    let nobody = Client::new(service.clone(), Vec::new());
    for (path, change) in records(&world) {
        let known = tag(&founder.get(&path).await);
        for body in [change.clone(), json!({})] {
            founder.patch(&path, body).await.refuses(428, "PRECONDITION_REQUIRED");
        }
        if !path.ends_with(&world.meridian) {
            founder.delete(&path).await.refuses(428, "PRECONDITION_REQUIRED");
        }
        nobody.patch(&path, change.clone()).await.refuses(401, "UNAUTHENTICATED");
        founder.patch(&path, json!({"surprise": 1})).await.refuses(400, "VALIDATION_FAILED");
        // The check concerns the request alone, so it reveals nothing about the record.
        stranger.patch(&path, change.clone()).await.refuses(428, "PRECONDITION_REQUIRED");
        let changed = founder.patch(&path, change.clone()).header("If-Match", &known).await;
        assert_eq!(changed.status, 200, "{changed}");
        let whatever = founder.patch(&path, change).header("If-Match", "*").await;
        assert_eq!(whatever.status, 200, "{whatever}");
    }
    let made = founder.post("/api/v1/spaces", json!({"name": "Quay"})).await;
    assert_eq!(made.status, 201, "nothing is there yet to be overwritten: {made}");
    let person = json!({"member_node_id": world.id(Who::ProjectMember)});
    let removed = founder.patch(&format!("/v2/projects/{}/remove-member", world.harbour.id), person).await;
    assert_eq!(removed.status, 200, "it is no record with a tag: {removed}");
}
