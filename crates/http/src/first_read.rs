//! The first read of a call, as far as its path and query tell it before the key is looked up: a store may then look up the key and the
//! record at once. A read that is not predicted here is made when the use case asks for it.

use loggia_domain::id::{OrganizationId, ProjectId, SpaceId, TaskId};
use loggia_domain::port::{Includes, ReadAhead};
use loggia_domain::scope::ScopeChoice;

use crate::call::scope_choice;
use crate::endpoints::Endpoint;
use crate::routes::Route;
use crate::spaces::include;

/// Returns the first read of a call, if it can be predicted.
pub(crate) fn of(endpoint: &Endpoint, route: &Route, query: &str) -> Option<ReadAhead> {
    let Some(id) = route.values.first() else { return by_parameter(endpoint, query) };
    match endpoint.path {
        "/api/v1/spaces/{id}" => Some(ReadAhead::Space(SpaceId::parse(id).ok()?, includes(query)?)),
        "/v2/projects/{node_id}" | "/projects/{node_id}" => ProjectId::parse(id).ok().map(ReadAhead::Project),
        "/v2/projects/{node_id}/members" | "/v2/projects/{node_id}/tasks" => {
            ProjectId::parse(id).ok().map(ReadAhead::ProjectStanding)
        }
        "/v2/tasks/{node_id}" => TaskId::parse(id).ok().map(ReadAhead::Task),
        path if path.starts_with("/api/v1/organizations/{id}") => {
            let organization = OrganizationId::parse(id).ok()?;
            Some(ReadAhead::RoleInScope(ScopeChoice::Organization(organization)))
        }
        _ => None,
    }
}

/// Predicts the first read from the query, if the parameter is not percent-encoded: the scope of a list, or a project or space. Without the
/// parameter a list is one of the default scope.
fn by_parameter(endpoint: &Endpoint, query: &str) -> Option<ReadAhead> {
    let value = |name: &&'static str| {
        let name = *name;
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        Some((name, value))
    };
    match endpoint.parameters.iter().find_map(value) {
        Some(("projectId", id)) if endpoint.path == PERMISSIONS => {
            ProjectId::parse(id).ok().map(ReadAhead::ProjectStanding)
        }
        Some(("spaceId", id)) => Some(ReadAhead::Space(SpaceId::parse(id).ok()?, Includes::default())),
        _ => {
            let scope = ["organizationId", "organization_id"];
            let name = scope.iter().find(|name| endpoint.parameters.contains(name))?;
            let choice = value(name).map_or(Ok(ScopeChoice::Default), |(_, value)| scope_choice(value));
            choice.ok().map(ReadAhead::RoleInScope)
        }
    }
}

const PERMISSIONS: &str = "/api/v1/me/permissions";

/// Parses `include` if it is the only parameter. Returns no relations for an empty query, and `None` for any other.
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

    fn first(path: &str, query: &str) -> Option<ReadAhead> {
        let route = Route::find(path)?;
        let endpoint = route.resource.endpoint(&actix_web::http::Method::GET)?;
        of(endpoint, &route, query)
    }

    #[test]
    fn a_record_that_is_asked_for_by_its_id_is_read_first() {
        let space = SpaceId::parse(ID).expect("an id");
        let all = Includes { project: true, organization: true, creator: true };
        let path = format!("/api/v1/spaces/{ID}");
        assert_eq!(first(&path, ""), Some(ReadAhead::Space(space, Includes::default())));
        assert_eq!(first(&path, "include=all"), Some(ReadAhead::Space(space, all)));
        for query in ["include=", "include=all&x=1", "include=a%6cl", "x=1"] {
            assert_eq!(first(&path, query), None, "{query}");
        }
        let project = ProjectId::parse(ID).expect("an id");
        assert_eq!(first(&format!("/v2/projects/{ID}"), ""), Some(ReadAhead::Project(project)));
        let standing = Some(ReadAhead::ProjectStanding(project));
        assert_eq!(first(&format!("/v2/projects/{ID}/tasks"), "page=2"), standing);
        assert_eq!(first(&format!("/v2/projects/{ID}/members"), ""), standing);
        let task = Some(ReadAhead::Task(TaskId::parse(ID).expect("an id")));
        assert_eq!(first(&format!("/v2/tasks/{ID}"), "dottie=false"), task);
        assert_eq!(first("/v2/tasks/7", ""), None);
        assert_eq!(first("/api/v1/organizations", ""), None);
    }

    #[test]
    fn the_role_in_the_scope_of_a_list_is_read_first() {
        let organization = ScopeChoice::Organization(OrganizationId::parse(ID).expect("an id"));
        let role = |choice| Some(ReadAhead::RoleInScope(choice));
        for (path, name) in [
            ("/api/v1/spaces", "organizationId"),
            ("/v2/projects", "organization_id"),
            ("/v2/tasks/my-tasks-by-project", "organization_id"),
        ] {
            assert_eq!(first(path, ""), role(ScopeChoice::Default));
            assert_eq!(first(path, "cursor=x"), role(ScopeChoice::Default));
            assert_eq!(first(path, &format!("cursor=x&{name}=")), role(ScopeChoice::Personal));
            assert_eq!(first(path, &format!("{name}={ID}&cursor=x")), role(organization));
            assert_eq!(first(path, &format!("{name}=%30")), None);
            assert_eq!(first(path, &format!("projectId={ID}&{name}={ID}")), role(organization), "a filter");
        }
        let project = ProjectId::parse(ID).expect("an id");
        assert_eq!(first(PERMISSIONS, &format!("projectId={ID}")), Some(ReadAhead::ProjectStanding(project)));
        let space = ReadAhead::Space(SpaceId::parse(ID).expect("an id"), Includes::default());
        assert_eq!(first(PERMISSIONS, &format!("spaceId={ID}")), Some(space));
        assert_eq!(first(PERMISSIONS, "spaceId=1"), None);
        for below in
            ["", "/members", "/invitations", &format!("/members/{ID}"), &format!("/members/{ID}/api-keys")]
        {
            assert_eq!(first(&format!("/api/v1/organizations/{ID}{below}"), ""), role(organization));
        }
    }

    #[test]
    fn every_call_about_a_scope_or_a_record_reads_something_first() {
        let found = ENDPOINTS.iter().filter(|endpoint| endpoint.method == "GET" && endpoint.action.is_some());
        let found = found.filter(|endpoint| {
            let path = endpoint.path.replace("{id}", ID).replace("{node_id}", ID).replace("{userId}", ID);
            first(&path, "").is_some()
        });
        assert_eq!(found.count(), 15);
    }
}
