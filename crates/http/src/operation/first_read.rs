//! The first read of a call, as far as its path and query determine it before the key is looked up: a store may then look up the key and
//! the record at once. A read that is not predicted here is made when the use case asks for it.

use loggia_domain::id::{OrganizationId, ProjectId, SpaceId, TaskId};
use loggia_domain::port::{Includes, ReadAhead};
use loggia_domain::scope::ScopeChoice;

use super::Operation;
use crate::wire::parameter::Parameter;

/// The read that a call makes first, and the part of the request that names its record or scope.
#[derive(Clone, Copy)]
pub(crate) enum Prediction {
    /// Unknown, or not worth a prediction.
    None,
    /// The space in the path, with the relations that the parameter asks for.
    Space { include: &'static Parameter<Includes> },
    /// The project in the path.
    Project,
    /// The caller's standing in the project in the path.
    ProjectStanding,
    /// The task in the path.
    Task,
    /// The caller's role in the organization in the path.
    RoleInOrganization,
    /// The caller's role in the scope that the parameter chooses.
    RoleInScope(&'static Parameter<ScopeChoice>),
    /// The caller's role in the scope, standing in the project, or the space: whichever a parameter names.
    Permissions {
        scope: &'static Parameter<ScopeChoice>,
        project: &'static Parameter<ProjectId>,
        space: &'static Parameter<SpaceId>,
    },
}

impl Operation {
    /// Returns the first read of a call with these values of the path's placeholders and this query, if it can be predicted.
    pub(crate) fn first_read(&self, path: &[String], query: &str) -> Option<ReadAhead> {
        let id = path.first().map_or("", String::as_str);
        match self.first_read {
            Prediction::None => None,
            Prediction::Space { include } => {
                Some(ReadAhead::Space(SpaceId::parse(id).ok()?, includes(include, query)?))
            }
            Prediction::Project => ProjectId::parse(id).ok().map(ReadAhead::Project),
            Prediction::ProjectStanding => ProjectId::parse(id).ok().map(ReadAhead::ProjectStanding),
            Prediction::Task => TaskId::parse(id).ok().map(ReadAhead::Task),
            Prediction::RoleInOrganization => {
                let organization = OrganizationId::parse(id).ok()?;
                Some(ReadAhead::RoleInScope(ScopeChoice::Organization(organization)))
            }
            Prediction::RoleInScope(scope) => role(scope, query),
            Prediction::Permissions { scope, project, space } => {
                if value(scope, query).is_some() {
                    return role(scope, query);
                }
                if let Some(id) = value(project, query) {
                    return project.parse(id).ok().map(ReadAhead::ProjectStanding);
                }
                match value(space, query) {
                    Some(id) => Some(ReadAhead::Space(space.parse(id).ok()?, Includes::default())),
                    None => role(scope, query),
                }
            }
        }
    }
}

/// Predicts that the role in the chosen scope is read. Without the parameter that is the default scope.
fn role(scope: &Parameter<ScopeChoice>, query: &str) -> Option<ReadAhead> {
    let choice = value(scope, query).map_or(Ok(ScopeChoice::Default), |text| scope.parse(text));
    choice.ok().map(ReadAhead::RoleInScope)
}

/// Returns the value of a parameter as it stands in the query: a percent-encoded one is not decoded, and so predicts nothing.
fn value<'q, T>(parameter: &Parameter<T>, query: &'q str) -> Option<&'q str> {
    query.split('&').find_map(|pair| pair.strip_prefix(parameter.name())?.strip_prefix('='))
}

/// Parses the relations if their parameter is the only one. Returns no relations for an empty query, and `None` for any other.
fn includes(include: &Parameter<Includes>, query: &str) -> Option<Includes> {
    match query.strip_prefix(include.name()).and_then(|rest| rest.strip_prefix('=')) {
        Some(names) => include.parse(names).ok(),
        None => query.is_empty().then(Includes::default),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{self, ENDPOINTS};

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn first(path: &str, query: &str) -> Option<ReadAhead> {
        let (operation, values) = api::read(path)?;
        operation.first_read(&values, query)
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
        assert_eq!(
            first("/api/v1/me/permissions", &format!("projectId={ID}")),
            Some(ReadAhead::ProjectStanding(project))
        );
        let space = ReadAhead::Space(SpaceId::parse(ID).expect("an id"), Includes::default());
        assert_eq!(first("/api/v1/me/permissions", &format!("spaceId={ID}")), Some(space));
        assert_eq!(first("/api/v1/me/permissions", "spaceId=1"), None);
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
