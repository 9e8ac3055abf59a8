//! The one table of endpoints. The table makes the routes, `loggia routes` prints it, and tests walk it: an endpoint that is not in it does
//! not exist, and one that is has its row in the permission walk.

pub(crate) mod description;
pub(crate) mod first_read;
pub(crate) mod long_reads;

use std::future::Future;
use std::pin::Pin;

use loggia_domain::key::Ability;
use loggia_domain::policy::Action;

use crate::api::{service, v1, v2};
use crate::operation::description::Operation;
use crate::pipeline::call::Call;
use crate::problem::Problem;
use crate::wire::response::{Answer, Reply};

/// The function that serves a call of an endpoint.
pub(crate) type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Result<Answer, Problem>> + Send>>;

/// The kind of body that an endpoint reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyRule {
    /// No body. A body that is sent is ignored.
    None,
    /// JSON.
    Json,
    /// JSON or a JSON merge patch (RFC 7396).
    Patch,
    /// JSON, a JSON merge patch (RFC 7396), or no body at all.
    OptionalPatch,
}

/// A method on a path.
pub struct Endpoint {
    /// The method. HEAD is served by GET.
    pub method: &'static str,
    /// The path, with its placeholders in braces.
    pub path: &'static str,
    /// The action that the policy decides, or `None` for an endpoint that answers without a key.
    pub action: Option<Action>,
    /// A summary in a few words.
    pub summary: &'static str,
    /// The query parameters that it accepts.
    pub parameters: &'static [&'static str],
    /// The body that it reads.
    pub body: BodyRule,
    /// The description in the published document, beyond this table.
    pub(crate) operation: &'static Operation,
    pub(crate) handler: Handler,
}

impl Endpoint {
    /// Returns `true` if the endpoint may change anything.
    pub fn writes(&self) -> bool {
        self.action.is_some_and(|action| action.ability() == Ability::Write)
    }
}

async fn public(_: Call) -> Reply {
    Err(Problem::internal("an endpoint without a key was dispatched with one"))
}

pub(crate) const READY: &str = "/readyz";
/// The path of the liveness check.
pub(crate) const LIVE: &str = "/livez";
pub(crate) const DOCUMENT: &str = "/openapi.json";
pub(crate) const REFERENCE: &str = "/docs";
/// The page where calls are tried.
pub(crate) const TRY_PAGE: &str = "/docs/try";
pub(crate) const TRY_FILE: &str = "/docs/try/{file}";
pub(crate) const PROBLEM_PAGE: &str = "/docs/errors/{code}";

const PAGE: &[&str] = &["page", "per_page", "cursor"];

macro_rules! endpoints {
    ($($method:ident $path:expr, $action:expr, $body:ident, $parameters:expr, $handler:path, $words:path, $summary:literal;)+) => {
        /// Every endpoint.
        pub static ENDPOINTS: &[Endpoint] = &[$(Endpoint {
            method: stringify!($method),
            path: $path,
            action: $action,
            summary: $summary,
            operation: &$words,
            parameters: $parameters,
            body: BodyRule::$body,
            handler: |call| Box::pin($handler(call)),
        }),+];
    };
}

use Action as A;

endpoints! {
    GET LIVE, None, None, &[], public, service::docs::LIVE, "Check that the process is running";
    GET READY, None, None, &[], public, service::docs::READY, "Check that the service is ready";

    GET DOCUMENT, None, None, &[], public, service::docs::DOCUMENT, "Get the OpenAPI document";
    GET REFERENCE, None, None, &[], public, service::docs::REFERENCE, "Get the API reference";
    GET TRY_PAGE, None, None, &[], public, service::docs::TRY_PAGE, "Get the page for trying calls";
    GET TRY_FILE, None, None, &[], public, service::docs::TRY_FILE, "Get a file of the page for trying calls";
    GET PROBLEM_PAGE, None, None, &[], public, service::docs::PROBLEM, "Get the page of a problem code";

    GET "/api/v1/me", Some(A::ReadMe), None, v1::pages::LIMIT_AND_CURSOR, v1::me::get::get, v1::organizations::docs::ME, "Get the current user and API key";
    PATCH "/api/v1/me", Some(A::UpdateMe), Patch, &[], v1::me::update::handle, v1::organizations::docs::UPDATE_ME, "Update the profile of the current user";
    GET "/api/v1/me/permissions", Some(A::ReadPermissions), None, v1::permissions::get::PARAMETERS, v1::permissions::get::handle, v1::organizations::docs::PERMISSIONS, "Get the permissions of the current user";
    DELETE "/api/v1/me/organizations/{id}", Some(A::LeaveOrganization), None, &[], v1::organizations::leave::handle, v1::organizations::docs::LEAVE, "Leave an organization";
    GET "/api/v1/api-keys", Some(A::ListKeys), None, v1::pages::LIMIT_AND_CURSOR, v1::api_keys::list::handle, v1::api_keys::docs::LIST, "List API keys of the current user";
    POST "/api/v1/api-keys", Some(A::ManageKeys), Json, &[], v1::api_keys::create::handle, v1::api_keys::docs::CREATE, "Create an API key for the current user";
    DELETE "/api/v1/api-keys/{keyId}", Some(A::ManageKeys), None, v1::api_keys::revoke::PARAMETERS, v1::api_keys::revoke::handle, v1::api_keys::docs::REVOKE, "Revoke an API key of the current user";
    POST "/api/v1/api-keys/{keyId}/rotate", Some(A::ManageKeys), Json, &[], v1::api_keys::rotate::handle, v1::api_keys::docs::ROTATE, "Rotate an API key of the current user";

    GET "/api/v1/organizations", Some(A::ListOrganizations), None, v1::pages::LIMIT_AND_CURSOR, v1::organizations::get::list, v1::organizations::docs::LIST, "List organizations of the current user";
    POST "/api/v1/organizations", Some(A::CreateOrganization), Json, &[], v1::organizations::create::handle, v1::organizations::docs::CREATE, "Create an organization";
    GET "/api/v1/organizations/{id}", Some(A::ReadOrganization), None, &[], v1::organizations::get::get, v1::organizations::docs::GET, "Get an organization";
    PATCH "/api/v1/organizations/{id}", Some(A::UpdateOrganization), Patch, &[], v1::organizations::update::handle, v1::organizations::docs::UPDATE, "Rename an organization";
    GET "/api/v1/organizations/{id}/members", Some(A::ReadMembers), None, v1::members::list::PARAMETERS, v1::members::list::handle, v1::members::docs::LIST, "List an organization's members";
    POST "/api/v1/organizations/{id}/members", Some(A::ManageMembers), Json, &[], v1::members::add::handle, v1::members::docs::ADD, "Add members to an organization";
    GET "/api/v1/organizations/{id}/members/{userId}", Some(A::ReadMembers), None, &[], v1::members::get::handle, v1::members::docs::GET, "Get a member of an organization";
    PATCH "/api/v1/organizations/{id}/members/{userId}", Some(A::ManageMembers), Patch, &[], v1::members::update::handle, v1::members::docs::UPDATE, "Update a member of an organization";
    DELETE "/api/v1/organizations/{id}/members/{userId}", Some(A::ManageMembers), None, &[], v1::members::deactivate::handle, v1::members::docs::DEACTIVATE, "Deactivate a member of an organization";
    POST "/api/v1/organizations/{id}/members/{userId}/erase", Some(A::EraseMember), None, &[], v1::members::erase::handle, v1::members::docs::ERASE, "Erase a person of an organization";
    GET "/api/v1/organizations/{id}/members/{userId}/api-keys", Some(A::ListMemberKeys), None, v1::pages::LIMIT_AND_CURSOR, v1::member_keys::list::handle, v1::api_keys::docs::LIST_OF_MEMBER, "List a member's API keys for the organization";
    POST "/api/v1/organizations/{id}/members/{userId}/api-keys", Some(A::ManageMemberKeys), Json, &[], v1::member_keys::create::handle, v1::api_keys::docs::CREATE_FOR_MEMBER, "Create an API key for a member";
    DELETE "/api/v1/organizations/{id}/members/{userId}/api-keys/{keyId}", Some(A::ManageMemberKeys), None, v1::api_keys::revoke::PARAMETERS, v1::member_keys::revoke::handle, v1::api_keys::docs::REVOKE_OF_MEMBER, "Revoke a member's API key for the organization";

    GET "/api/v1/organizations/{id}/invitations", Some(A::ListInvitations), None, v1::pages::LIMIT_AND_CURSOR, v1::invitations::list::handle, v1::invitations::docs::LIST, "List an organization's invitations";
    POST "/api/v1/organizations/{id}/invitations", Some(A::ManageInvitations), Json, &[], v1::invitations::create::handle, v1::invitations::docs::CREATE, "Invite people to an organization";
    DELETE "/api/v1/organizations/{id}/invitations/{invitationId}", Some(A::ManageInvitations), None, &[], v1::invitations::withdraw::handle, v1::invitations::docs::WITHDRAW, "Withdraw an invitation";
    POST "/api/v1/organizations/{id}/invitations/{invitationId}/resend", Some(A::ManageInvitations), None, &[], v1::invitations::resend::handle, v1::invitations::docs::RESEND, "Send an invitation again";
    POST "/api/v1/invitations/accept", Some(A::AcceptInvitation), Json, &[], v1::invitations::accept::handle, v1::invitations::docs::ACCEPT, "Accept an invitation";

    GET "/api/v1/spaces", Some(A::ListSpaces), None, v1::spaces::list::PARAMETERS, v1::spaces::list::handle, v1::spaces::docs::LIST, "List spaces";
    POST "/api/v1/spaces", Some(A::CreateSpace), Json, &[], v1::spaces::create::handle, v1::spaces::docs::CREATE, "Create a space";
    GET "/api/v1/spaces/{id}", Some(A::ReadSpace), None, &["include"], v1::spaces::get::handle, v1::spaces::docs::GET, "Get a space";
    PATCH "/api/v1/spaces/{id}", Some(A::UpdateSpace), Patch, &[], v1::spaces::update::handle, v1::spaces::docs::UPDATE, "Update a space";
    DELETE "/api/v1/spaces/{id}", Some(A::DeleteSpace), None, &[], v1::spaces::delete::handle, v1::spaces::docs::DELETE, "Delete a space";

    GET "/v2/projects", Some(A::ListProjects), None, v2::projects::list::PARAMETERS, v2::projects::list::handle, v2::projects::docs::LIST, "List projects";
    POST "/v2/projects", Some(A::CreateProject), Json, &[], v2::projects::create::handle, v2::projects::docs::CREATE, "Create a project";
    GET "/v2/projects/{node_id}", Some(A::ReadProject), None, &[], v2::projects::get::handle, v2::projects::docs::GET, "Get a project";
    GET "/projects/{node_id}", Some(A::ReadProject), None, &[], v2::projects::get::handle, v2::projects::docs::GET_UNVERSIONED, "Get a project";
    PATCH "/v2/projects/{node_id}", Some(A::UpdateProject), OptionalPatch, &[], v2::projects::update::handle, v2::projects::docs::UPDATE, "Update a project";
    PATCH "/v2/projects/{node_id}/", Some(A::UpdateProject), OptionalPatch, &[], v2::projects::update::handle, v2::projects::docs::UPDATE_WITH_SLASH, "Update a project";
    DELETE "/v2/projects/{node_id}", Some(A::DeleteProject), None, &[], v2::projects::delete::handle, v2::projects::docs::DELETE, "Delete a project";

    GET "/v2/projects/{node_id}/members", Some(A::ReadRoster), None, PAGE, v2::rosters::list::handle, v2::rosters::docs::LIST, "List a project's members";
    POST "/v2/projects/{node_id}/add-member", Some(A::ManageRoster), Json, &[], v2::rosters::add::handle, v2::rosters::docs::ADD, "Add members to a project";
    PATCH "/v2/projects/{node_id}/remove-member", Some(A::ManageRoster), Patch, &[], v2::rosters::remove::handle, v2::rosters::docs::REMOVE, "Remove a member from a project";
    PATCH "/v2/projects/{node_id}/members/{user_node_id}", Some(A::ManageRoster), Patch, &[], v2::rosters::update::handle, v2::rosters::docs::UPDATE, "Update a project member's role";
    DELETE "/v2/projects/{node_id}/members/me", Some(A::LeaveRoster), None, &[], v2::rosters::leave::handle, v2::rosters::docs::LEAVE, "Leave a project";

    GET "/v2/projects/{node_id}/tasks", Some(A::ReadTasks), None, v2::tasks::list::PARAMETERS, v2::tasks::list::handle, v2::tasks::docs::LIST, "List a project's tasks";
    POST "/v2/projects/{node_id}/tasks", Some(A::WriteTasks), Json, &["dottie"], v2::tasks::create::handle, v2::tasks::docs::CREATE, "Create a task";
    GET "/v2/tasks/my-tasks-by-project", Some(A::ListOwnTasks), None, v2::tasks::mine::PARAMETERS, v2::tasks::mine::handle, v2::tasks::docs::MINE, "List tasks of the current user by project";
    GET "/v2/tasks/{node_id}", Some(A::ReadTasks), None, &["dottie"], v2::tasks::get::handle, v2::tasks::docs::GET, "Get a task";
    PATCH "/v2/tasks/{node_id}", Some(A::WriteTasks), Patch, &["dottie"], v2::tasks::update::handle, v2::tasks::docs::UPDATE, "Update a task";
    DELETE "/v2/tasks/{node_id}", Some(A::WriteTasks), None, &[], v2::tasks::delete::handle, v2::tasks::docs::DELETE, "Delete a task";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_endpoint_stands_twice() {
        let mut seen = std::collections::HashSet::new();
        for endpoint in ENDPOINTS {
            assert!(seen.insert((endpoint.method, endpoint.path)), "{} {}", endpoint.method, endpoint.path);
        }
    }

    #[test]
    fn only_health_and_documents_answer_without_a_key() {
        let open: Vec<_> = ENDPOINTS.iter().filter(|endpoint| endpoint.action.is_none()).collect();
        let paths: Vec<_> = open.iter().map(|endpoint| endpoint.path).collect();
        let documents = ["/openapi.json", "/docs", "/docs/try", "/docs/try/{file}", "/docs/errors/{code}"];
        assert_eq!(paths, [&["/livez", "/readyz"][..], &documents].concat());
    }

    #[test]
    fn whatever_needs_more_than_reading_is_a_write() {
        for endpoint in ENDPOINTS {
            assert_eq!(endpoint.writes(), endpoint.method != "GET", "{} {}", endpoint.method, endpoint.path);
        }
    }
}
