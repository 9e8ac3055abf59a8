//! The one table of endpoints. The table makes the routes, `loggia routes` prints it, and tests walk it: an endpoint that is not in it does
//! not exist, and one that is has its row in the permission walk.

use std::future::Future;
use std::pin::Pin;

use loggia_domain::key::Ability;
use loggia_domain::policy::Action;

use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::openapi::{Operation, operations as words};
use crate::problem::Problem;
use crate::{projects, spaces};

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
    GET LIVE, None, None, &[], public, words::service::LIVE, "Check that the process is running";
    GET READY, None, None, &[], public, words::service::READY, "Check that the service is ready";

    GET DOCUMENT, None, None, &[], public, words::service::DOCUMENT, "Get the OpenAPI document";
    GET REFERENCE, None, None, &[], public, words::service::REFERENCE, "Get the API reference";
    GET TRY_PAGE, None, None, &[], public, words::service::TRY_PAGE, "Get the page for trying calls";
    GET TRY_FILE, None, None, &[], public, words::service::TRY_FILE, "Get a file of the page for trying calls";
    GET PROBLEM_PAGE, None, None, &[], public, words::service::PROBLEM, "Get the page of a problem code";

    GET "/api/v1/me", Some(A::ReadMe), None, spaces::pages::LIMIT_AND_CURSOR, spaces::me::get, words::organizations::ME, "Get the current user and API key";
    PATCH "/api/v1/me", Some(A::UpdateMe), Patch, &[], spaces::me_update::handle, words::organizations::UPDATE_ME, "Update the profile of the current user";
    GET "/api/v1/me/permissions", Some(A::ReadPermissions), None, spaces::permissions::PARAMETERS, spaces::permissions::handle, words::organizations::PERMISSIONS, "Get the permissions of the current user";
    DELETE "/api/v1/me/organizations/{id}", Some(A::LeaveOrganization), None, &[], spaces::organizations_leave::handle, words::organizations::LEAVE, "Leave an organization";
    GET "/api/v1/api-keys", Some(A::ListKeys), None, spaces::pages::LIMIT_AND_CURSOR, spaces::keys_list::handle, words::keys::LIST, "List API keys of the current user";
    POST "/api/v1/api-keys", Some(A::ManageKeys), Json, &[], spaces::keys_create::handle, words::keys::CREATE, "Create an API key for the current user";
    DELETE "/api/v1/api-keys/{keyId}", Some(A::ManageKeys), None, spaces::keys_revoke::PARAMETERS, spaces::keys_revoke::handle, words::keys::REVOKE, "Revoke an API key of the current user";
    POST "/api/v1/api-keys/{keyId}/rotate", Some(A::ManageKeys), Json, &[], spaces::keys_rotate::handle, words::keys::ROTATE, "Rotate an API key of the current user";

    GET "/api/v1/organizations", Some(A::ListOrganizations), None, spaces::pages::LIMIT_AND_CURSOR, spaces::organizations::list, words::organizations::LIST, "List organizations of the current user";
    POST "/api/v1/organizations", Some(A::CreateOrganization), Json, &[], spaces::organizations_create::handle, words::organizations::CREATE, "Create an organization";
    GET "/api/v1/organizations/{id}", Some(A::ReadOrganization), None, &[], spaces::organizations::get, words::organizations::GET, "Get an organization";
    PATCH "/api/v1/organizations/{id}", Some(A::UpdateOrganization), Patch, &[], spaces::organizations_update::handle, words::organizations::UPDATE, "Rename an organization";
    GET "/api/v1/organizations/{id}/members", Some(A::ReadMembers), None, spaces::members_list::PARAMETERS, spaces::members_list::handle, words::members::LIST, "List an organization's members";
    POST "/api/v1/organizations/{id}/members", Some(A::ManageMembers), Json, &[], spaces::members_add::handle, words::members::ADD, "Add members to an organization";
    GET "/api/v1/organizations/{id}/members/{userId}", Some(A::ReadMembers), None, &[], spaces::members_get::handle, words::members::GET, "Get a member of an organization";
    PATCH "/api/v1/organizations/{id}/members/{userId}", Some(A::ManageMembers), Patch, &[], spaces::members_update::handle, words::members::UPDATE, "Update a member of an organization";
    DELETE "/api/v1/organizations/{id}/members/{userId}", Some(A::ManageMembers), None, &[], spaces::members_deactivate::handle, words::members::DEACTIVATE, "Deactivate a member of an organization";
    POST "/api/v1/organizations/{id}/members/{userId}/erase", Some(A::EraseMember), None, &[], spaces::members_erase::handle, words::members::ERASE, "Erase a person of an organization";
    GET "/api/v1/organizations/{id}/members/{userId}/api-keys", Some(A::ListMemberKeys), None, spaces::pages::LIMIT_AND_CURSOR, spaces::member_keys_list::handle, words::keys::LIST_OF_MEMBER, "List a member's API keys for the organization";
    POST "/api/v1/organizations/{id}/members/{userId}/api-keys", Some(A::ManageMemberKeys), Json, &[], spaces::member_keys_create::handle, words::keys::CREATE_FOR_MEMBER, "Create an API key for a member";
    DELETE "/api/v1/organizations/{id}/members/{userId}/api-keys/{keyId}", Some(A::ManageMemberKeys), None, spaces::keys_revoke::PARAMETERS, spaces::member_keys_revoke::handle, words::keys::REVOKE_OF_MEMBER, "Revoke a member's API key for the organization";

    GET "/api/v1/organizations/{id}/invitations", Some(A::ListInvitations), None, spaces::pages::LIMIT_AND_CURSOR, spaces::invitations_list::handle, words::invitations::LIST, "List an organization's invitations";
    POST "/api/v1/organizations/{id}/invitations", Some(A::ManageInvitations), Json, &[], spaces::invitations_create::handle, words::invitations::CREATE, "Invite people to an organization";
    DELETE "/api/v1/organizations/{id}/invitations/{invitationId}", Some(A::ManageInvitations), None, &[], spaces::invitations_withdraw::handle, words::invitations::WITHDRAW, "Withdraw an invitation";
    POST "/api/v1/organizations/{id}/invitations/{invitationId}/resend", Some(A::ManageInvitations), None, &[], spaces::invitations_resend::handle, words::invitations::RESEND, "Send an invitation again";
    POST "/api/v1/invitations/accept", Some(A::AcceptInvitation), Json, &[], spaces::invitations_accept::handle, words::invitations::ACCEPT, "Accept an invitation";

    GET "/api/v1/spaces", Some(A::ListSpaces), None, spaces::list::PARAMETERS, spaces::list::handle, words::spaces::LIST, "List spaces";
    POST "/api/v1/spaces", Some(A::CreateSpace), Json, &[], spaces::create::handle, words::spaces::CREATE, "Create a space";
    GET "/api/v1/spaces/{id}", Some(A::ReadSpace), None, &["include"], spaces::get::handle, words::spaces::GET, "Get a space";
    PATCH "/api/v1/spaces/{id}", Some(A::UpdateSpace), Patch, &[], spaces::update::handle, words::spaces::UPDATE, "Update a space";
    DELETE "/api/v1/spaces/{id}", Some(A::DeleteSpace), None, &[], spaces::delete::handle, words::spaces::DELETE, "Delete a space";

    GET "/v2/projects", Some(A::ListProjects), None, projects::list::PARAMETERS, projects::list::handle, words::projects::LIST, "List projects";
    POST "/v2/projects", Some(A::CreateProject), Json, &[], projects::create::handle, words::projects::CREATE, "Create a project";
    GET "/v2/projects/{node_id}", Some(A::ReadProject), None, &[], projects::get::handle, words::projects::GET, "Get a project";
    GET "/projects/{node_id}", Some(A::ReadProject), None, &[], projects::get::handle, words::projects::GET_UNVERSIONED, "Get a project";
    PATCH "/v2/projects/{node_id}", Some(A::UpdateProject), OptionalPatch, &[], projects::update::handle, words::projects::UPDATE, "Update a project";
    PATCH "/v2/projects/{node_id}/", Some(A::UpdateProject), OptionalPatch, &[], projects::update::handle, words::projects::UPDATE_WITH_SLASH, "Update a project";
    DELETE "/v2/projects/{node_id}", Some(A::DeleteProject), None, &[], projects::delete::handle, words::projects::DELETE, "Delete a project";

    GET "/v2/projects/{node_id}/members", Some(A::ReadRoster), None, PAGE, projects::members_list::handle, words::rosters::LIST, "List a project's members";
    POST "/v2/projects/{node_id}/add-member", Some(A::ManageRoster), Json, &[], projects::members_add::handle, words::rosters::ADD, "Add members to a project";
    PATCH "/v2/projects/{node_id}/remove-member", Some(A::ManageRoster), Patch, &[], projects::members_remove::handle, words::rosters::REMOVE, "Remove a member from a project";
    PATCH "/v2/projects/{node_id}/members/{user_node_id}", Some(A::ManageRoster), Patch, &[], projects::members_update::handle, words::rosters::UPDATE, "Update a project member's role";
    DELETE "/v2/projects/{node_id}/members/me", Some(A::LeaveRoster), None, &[], projects::members_leave::handle, words::rosters::LEAVE, "Leave a project";

    GET "/v2/projects/{node_id}/tasks", Some(A::ReadTasks), None, projects::tasks_list::PARAMETERS, projects::tasks_list::handle, words::tasks::LIST, "List a project's tasks";
    POST "/v2/projects/{node_id}/tasks", Some(A::WriteTasks), Json, &["dottie"], projects::tasks_create::handle, words::tasks::CREATE, "Create a task";
    GET "/v2/tasks/my-tasks-by-project", Some(A::ListOwnTasks), None, projects::tasks_mine::PARAMETERS, projects::tasks_mine::handle, words::tasks::MINE, "List tasks of the current user by project";
    GET "/v2/tasks/{node_id}", Some(A::ReadTasks), None, &["dottie"], projects::tasks_get::handle, words::tasks::GET, "Get a task";
    PATCH "/v2/tasks/{node_id}", Some(A::WriteTasks), Patch, &["dottie"], projects::tasks_update::handle, words::tasks::UPDATE, "Update a task";
    DELETE "/v2/tasks/{node_id}", Some(A::WriteTasks), None, &[], projects::tasks_delete::handle, words::tasks::DELETE, "Delete a task";
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
