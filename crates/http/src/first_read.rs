//! What a call will ask for first, as its path tells before it is known whose key came with it: a store may then look for both at
//! once. Whatever this misses is read when it is asked for.

use loggia_domain::id::{ProjectId, SpaceId, TaskId};
use loggia_domain::port::{FirstRead, Includes};

use crate::endpoints::Endpoint;
use crate::routes::Route;
use crate::spaces::include;

/// Of a call that reads.
pub(crate) fn of(endpoint: &Endpoint, route: &Route, query: &str) -> Option<FirstRead> {
    let id = route.values.first()?;
    match endpoint.path {
        "/api/v1/spaces/{id}" => Some(FirstRead::Space(SpaceId::parse(id).ok()?, includes(query)?)),
        "/v2/projects/{node_id}" | "/projects/{node_id}" => ProjectId::parse(id).ok().map(FirstRead::Project),
        "/v2/projects/{node_id}/members" | "/v2/projects/{node_id}/tasks" => {
            ProjectId::parse(id).ok().map(FirstRead::ProjectStanding)
        }
        "/v2/tasks/{node_id}" => TaskId::parse(id).ok().map(FirstRead::Task),
        _ => None,
    }
}

/// What is to be included, if the query says that in the plainest way, or says nothing.
fn includes(query: &str) -> Option<Includes> {
    match query.strip_prefix("include=") {
        Some(names) => include::parse(names).ok(),
        None => query.is_empty().then(Includes::default),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::ENDPOINTS;

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn first(path: &str, query: &str) -> Option<FirstRead> {
        let route = Route::find(path)?;
        let endpoint = route.resource.endpoint(&actix_web::http::Method::GET)?;
        of(endpoint, &route, query)
    }

    #[test]
    fn a_record_that_is_asked_for_by_its_id_is_read_first() {
        let space = SpaceId::parse(ID).expect("an id");
        let all = Includes { project: true, organization: true, creator: true };
        let path = format!("/api/v1/spaces/{ID}");
        assert_eq!(first(&path, ""), Some(FirstRead::Space(space, Includes::default())));
        assert_eq!(first(&path, "include=all"), Some(FirstRead::Space(space, all)));
        for query in ["include=", "include=all&x=1", "include=a%6cl", "x=1"] {
            assert_eq!(first(&path, query), None, "{query}");
        }
        let project = ProjectId::parse(ID).expect("an id");
        assert_eq!(first(&format!("/v2/projects/{ID}"), ""), Some(FirstRead::Project(project)));
        let standing = Some(FirstRead::ProjectStanding(project));
        assert_eq!(first(&format!("/v2/projects/{ID}/tasks"), "page=2"), standing);
        assert_eq!(first(&format!("/v2/projects/{ID}/members"), ""), standing);
        let task = Some(FirstRead::Task(TaskId::parse(ID).expect("an id")));
        assert_eq!(first(&format!("/v2/tasks/{ID}"), "dottie=false"), task);
        assert_eq!(first("/v2/tasks/7", ""), None);
        assert_eq!(first("/api/v1/spaces", ""), None);
    }

    #[test]
    fn every_record_with_a_path_of_its_own_is_read_first() {
        let found = ENDPOINTS.iter().filter(|endpoint| endpoint.method == "GET" && endpoint.action.is_some());
        let found = found.filter(|endpoint| {
            let path = endpoint.path.replace("{id}", ID).replace("{node_id}", ID);
            first(&path, "").is_some()
        });
        assert_eq!(found.count(), 6);
    }
}
