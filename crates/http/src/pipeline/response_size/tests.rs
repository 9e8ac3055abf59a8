use loggia_serve::admission::FairSemaphore;

use super::*;
use crate::api::ENDPOINTS;
use crate::api::v2::tasks::mine::MOST_TASKS;
use crate::limits::Limits;
use crate::pipeline::endpoint::Endpoint;
use crate::wire::response::ROOM_UNIT;

/// Returns the endpoints that need a key, each with the extent of its responses or the part of them that has no bound.
fn all() -> Vec<(&'static Endpoint, Result<Extent, String>)> {
    let with_key = ENDPOINTS.iter().filter(|endpoint| endpoint.action.is_some());
    with_key.map(|endpoint| (endpoint, read(endpoint.operation, false))).collect()
}

fn endpoint(id: &str) -> &'static Endpoint {
    ENDPOINTS.iter().find(|endpoint| endpoint.id == id).expect("an endpoint")
}

fn text(id: &str, query: &str) -> usize {
    endpoint(id).response_size(query).text
}

#[test]
fn every_response_has_a_maximum_length() {
    for (endpoint, extent) in all() {
        assert!(extent.is_ok(), "{} {}: {extent:?}", endpoint.method, endpoint.path);
    }
}

#[test]
fn every_list_is_a_page_or_the_response_to_a_batch() {
    let has_many = |endpoint: &Endpoint| endpoint.body.is_some_and(|body| body.many.is_some());
    let is_paged =
        |endpoint: &Endpoint| endpoint.parameter_names().any(|name| ["limit", "per_page"].contains(&name));
    let unbounded = all().into_iter().filter(|(endpoint, extent)| {
        extent.as_ref().is_ok_and(|extent| extent.has_rows()) && !is_paged(endpoint) && !has_many(endpoint)
    });
    let unbounded: Vec<_> = unbounded.map(|(endpoint, _)| endpoint.id).collect();
    assert_eq!(unbounded, [""; 0]);
}

#[test]
fn only_lists_reserve_memory() {
    for (endpoint, extent) in all() {
        if extent.is_ok_and(|extent| !extent.has_rows()) {
            let size = endpoint.response_size("include=all");
            assert_eq!(size.reserved(), 0, "{} {}: {size:?}", endpoint.method, endpoint.path);
        }
    }
}

/// A larger response would be refused however often the client tried.
#[test]
fn every_permitted_response_fits_into_the_memory_limit_of_one_user() {
    let share =
        FairSemaphore::new(Limits::default().response_room_bytes / ROOM_UNIT).max_per_user() * ROOM_UNIT;
    for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.action.is_some()) {
        for query in ["", "limit=100&include=all", "per_page=100", "cursor=x&per_page=100"] {
            let size = endpoint.response_size(query);
            assert!(size.memory <= share, "{} {}?{query}: {size:?}", endpoint.method, endpoint.path);
        }
    }
    for tasks in 1..=MOST_TASKS {
        for per_page in 1..=PageSize::MAX {
            let query = format!("tasks_limit={tasks}&per_page={per_page}");
            assert!(endpoint("listMyTasksByProject").response_size(&query).memory <= share, "{query}");
        }
    }
}

#[test]
fn a_page_counts_the_rows_that_it_may_have() {
    let space = text("listSpaces", "limit=2") - text("listSpaces", "limit=1");
    assert!((40_000..44_000).contains(&space), "{space}");
    let included =
        text("listSpaces", "limit=2&include=project") - text("listSpaces", "limit=1&include=project");
    assert!((60_000..70_000).contains(&included), "{included}");
    assert_eq!(text("listSpaces", ""), text("listSpaces", "limit=50"));
    assert_eq!(text("listProjects", ""), text("listProjects", "per_page=20"));
    for refused in ["0", "101", "quay", "-1", ""] {
        assert_eq!(
            text("listSpaces", &format!("limit={refused}")),
            text("listSpaces", "limit=1"),
            "{refused}"
        );
    }
}

#[test]
fn a_page_of_own_tasks_counts_each_task() {
    let mine = |query: &str| text("listMyTasksByProject", query);
    assert_eq!(mine(""), mine("tasks_limit=5&per_page=20"));
    assert_eq!(mine("tasks_limit=50"), mine("tasks_limit=50&per_page=10"), "fewer projects");
    let task = mine("tasks_limit=3&per_page=1") - mine("tasks_limit=2&per_page=1");
    assert!((30_000..40_000).contains(&task), "{task}");
    assert_eq!(
        mine("tasks_limit=50&per_page=100"),
        mine("tasks_limit=50&per_page=10"),
        "the rest is refused"
    );
}

#[test]
fn a_batch_counts_as_many_records_as_it_may_have() {
    let size = |body: &[u8]| endpoint("addMembers").response_size_of(&Query::default(), body);
    for one in [&b"{}"[..], b" \n{", b"\t{\"a\":[]}"] {
        assert_eq!(size(one).reserved(), 0, "{one:?}");
    }
    for many in [&b"[]"[..], b"", b"quay", b"\xef\xbb\xbf[{}]"] {
        assert!(size(many).reserved() > 1_000_000, "{many:?}");
    }
}
