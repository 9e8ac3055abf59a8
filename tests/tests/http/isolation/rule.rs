//! The expected response of a cell: derived from the caller's roles and the domain's policy, in the contract's order of checks.

use loggia_domain::policy::{Action, Denied, Forbidden, ProjectStanding, Standing, decide};
use loggia_domain::project::Visibility;

use super::callers::{Caller, NamedScope};
use super::rows::{Record, Row, Site};
use super::scene::ONLY_ADMINS;

/// The code of a list that is empty because it is filtered by a record that the caller does not see.
pub(super) const EMPTY: &str = "EMPTY";

/// The expected outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) status: u16,
    /// The problem's code, or empty if any code is accepted.
    pub(super) code: &'static str,
}

const fn refused(status: u16, code: &'static str) -> Outcome {
    Outcome { status, code }
}

const HIDDEN: Outcome = refused(404, "NOT_FOUND");
const NO_SUCH_PERSON: Outcome = refused(404, "USER_NOT_FOUND");
const NO_ACCESS: Outcome = refused(403, "NO_ACCESS_TO_ORGANIZATION");

/// Returns the expected response to this caller in this row.
pub(super) fn expected(row: &Row, caller: Caller) -> Outcome {
    let Some(action) = row.endpoint.action else { return refused(200, "") };
    match caller {
        Caller::Nobody => return refused(401, "UNAUTHENTICATED"),
        caller if !caller.authenticates() => return refused(401, "INVALID_KEY"),
        _ => {}
    }
    judge(row, action, caller).unwrap_or_else(|outcome| outcome)
}

fn judge(row: &Row, action: Action, caller: Caller) -> Result<Outcome, Outcome> {
    // The request's own validation comes before everything that the request is about.
    if row.site == Site::Cursor && !cursor_fits(row, caller) {
        return Err(refused(400, ""));
    }
    let standing = standing(row, caller)?;
    decide(action, standing, caller.ability()).map_err(|refusal| match (action, refusal) {
        // The path names the caller's own membership, which does not exist.
        (Action::LeaveRoster, Denied::Forbidden(Forbidden::Role)) => NO_SUCH_PERSON,
        (_, refusal) => denied(refusal),
    })?;
    refer(row, action, caller)?;
    if row.site == Site::OwnKey && row.record == Record::Deleted && row.endpoint.path.ends_with("/rotate") {
        return Err(refused(409, "KEY_NOT_LIVE"));
    }
    let status = match (row.endpoint.method, action) {
        (_, Action::AcceptInvitation | Action::EraseMember) => 200,
        ("POST", Action::ManageInvitations) if row.endpoint.path.ends_with("/resend") => 200,
        ("POST", _) => 201,
        ("DELETE", Action::LeaveOrganization | Action::ManageInvitations) => 204,
        _ => 200,
    };
    Ok(Outcome { status, code: narrowed(row, caller) })
}

fn denied(denied: Denied) -> Outcome {
    match denied {
        Denied::Hidden => HIDDEN,
        Denied::Forbidden(Forbidden::NotInScope) => NO_ACCESS,
        Denied::Forbidden(Forbidden::Role) => refused(403, "FORBIDDEN"),
        Denied::Forbidden(Forbidden::Ability(_)) => refused(403, "INSUFFICIENT_SCOPE"),
        Denied::Forbidden(Forbidden::Reach) => refused(403, "KEY_IS_CONFINED"),
        Denied::Forbidden(Forbidden::CreationClosed) => refused(403, "ORGANIZATION_CREATION_CLOSED"),
    }
}

/// Returns the scope of a record.
fn scope_of(record: Record) -> NamedScope {
    match record {
        Record::Own | Record::Private | Record::Former => NamedScope::Meridian,
        Record::Foreign | Record::ForeignOwn => NamedScope::Borealis,
        Record::Personal => NamedScope::Margarets,
        Record::CallersOwn => NamedScope::CallersOwn,
        Record::Deleted | Record::MadeUp => NamedScope::Nowhere,
    }
}

/// Returns the scope that an id names. A user's id is not an organization's, not even for that user.
fn scope(record: Record) -> NamedScope {
    if record == Record::Personal { NamedScope::Nowhere } else { scope_of(record) }
}

/// Returns the scope that a call names or leaves to the key.
fn chosen(row: &Row, caller: Caller) -> NamedScope {
    match row.site {
        Site::BodyScope(_) | Site::QueryScope(_) => scope(row.record),
        _ => caller.default_scope(),
    }
}

/// Returns the caller's standing towards a record's project, if the caller sees it.
fn project(record: Record, caller: Caller) -> Option<ProjectStanding> {
    let scope_role = caller.role(scope_of(record))?;
    let visibility = if record == Record::Private { Visibility::Private } else { Visibility::Organization };
    let standing = ProjectStanding { scope_role, roster_role: caller.roster_role(record), visibility };
    standing.sees().then_some(standing)
}

/// Returns the caller's standing towards the record that the path names, or the scope in which something is listed or created.
fn standing(row: &Row, caller: Caller) -> Result<Standing, Outcome> {
    let path = row.endpoint.path;
    // A record that the row does not vary is one that all of the organization sees.
    let record = |sites: &[Site]| if sites.contains(&row.site) { row.record } else { Record::Own };
    if path.contains("/organizations/") {
        let role = caller.role(scope(record(&[Site::Organization])));
        return role.map(Standing::InScope).ok_or(HIDDEN);
    }
    if path.starts_with("/api/v1/spaces/") {
        let role = caller.role(scope_of(record(&[Site::Space, Site::Include])));
        return role.map(Standing::InScope).ok_or(HIDDEN);
    }
    if path.contains("{node_id}") {
        let record = record(&[Site::Project, Site::Task]);
        return project(record, caller).map(Standing::Project).ok_or(HIDDEN);
    }
    Ok(match path {
        "/api/v1/spaces" | "/v2/projects" | "/v2/tasks/my-tasks-by-project" => {
            Standing::Scope(caller.role(chosen(row, caller)))
        }
        "/api/v1/organizations" | "/api/v1/invitations/accept" => Standing::Oneself,
        path if path.starts_with("/api/v1/me") || path.starts_with("/api/v1/api-keys") => Standing::Oneself,
        other => panic!("the rule has no standing of a caller for {other}"),
    })
}

/// Checks the records to which a call refers beside the one that it acts on.
fn refer(row: &Row, action: Action, caller: Caller) -> Result<(), Outcome> {
    let path = row.endpoint.path;
    match row.site {
        _ if matches!(
            action,
            Action::UpdateMe
                | Action::CreateOrganization
                | Action::LeaveOrganization
                | Action::AcceptInvitation
        ) && caller.is_confined() =>
        {
            Err(refused(403, "KEY_IS_CONFINED"))
        }
        Site::BodyToken(_) if row.record != Record::Own => Err(refused(404, "INVITATION_NOT_FOUND")),
        Site::Invitation if row.record != Record::Own => Err(HIDDEN),
        // The new key, or the question, is about a scope.
        Site::Nothing | Site::BodyScope(_) | Site::QueryScope(_)
            if matches!(path, "/api/v1/me/permissions")
                || (path, row.endpoint.method) == ("/api/v1/api-keys", "POST") =>
        {
            caller.role(chosen(row, caller)).map(|_| ()).ok_or(NO_ACCESS)
        }
        Site::QueryProject(_) if action == Action::ReadPermissions => {
            project(row.record, caller).map(|_| ()).ok_or(HIDDEN)
        }
        Site::QuerySpace(_) => caller.role(scope_of(row.record)).map(|_| ()).ok_or(HIDDEN),
        Site::BodyProject(_) => {
            let target = if path.contains('{') { NamedScope::Meridian } else { caller.default_scope() };
            let fits = project(row.record, caller).is_some() && scope_of(row.record) == target;
            if fits { Ok(()) } else { Err(refused(400, "")) }
        }
        // A personal scope has no other member to add or remove.
        Site::Project if row.record == Record::Personal && path.ends_with("/add-member") => {
            Err(NO_SUCH_PERSON)
        }
        Site::Project if row.record == Record::Personal && path.ends_with("/remove-member") => {
            Err(refused(400, "CANNOT_REMOVE_SELF"))
        }
        // A caller who passes the checks before is the only admin there.
        Site::Organization if action == Action::LeaveOrganization && row.record == Record::Foreign => {
            Err(refused(409, "LAST_ADMIN"))
        }
        Site::Project
            if action == Action::LeaveRoster && matches!(row.record, Record::Foreign | Record::Personal) =>
        {
            Err(refused(409, "LAST_ADMIN"))
        }
        Site::Member => match row.record {
            Record::Own => Ok(()),
            // The key in the path belongs to another member.
            Record::Former if path.contains("{keyId}") => Err(HIDDEN),
            Record::Former if (row.endpoint.method, action) != ("POST", Action::ManageMemberKeys) => Ok(()),
            _ => Err(NO_SUCH_PERSON),
        },
        Site::Person if row.record != Record::Own => Err(NO_SUCH_PERSON),
        Site::BodyPerson(_) => match row.record {
            Record::Own => Ok(()),
            // A deactivated member is known, but cannot be added.
            Record::Former if !path.ends_with("/add-member") => Err(refused(400, "")),
            _ => Err(NO_SUCH_PERSON),
        },
        Site::MemberKey if !matches!(row.record, Record::Own | Record::Deleted) => Err(HIDDEN),
        Site::OwnKey => {
            let is_there = match row.record {
                Record::Own | Record::Deleted => caller == Caller::OwnPerson,
                Record::Personal => caller == Caller::ProjectMember,
                Record::Foreign => caller == Caller::ForeignAdmin,
                _ => false,
            };
            if is_there { Ok(()) } else { Err(HIDDEN) }
        }
        _ => Ok(()),
    }
}

/// Returns `true` if a cursor belongs to the list and was made for the caller: the cursors of Meridian's lists for Margaret, that of her
/// keys and of Meridian's invitations for Meridian's admin, those of Borealis' lists for its admin.
fn cursor_fits(row: &Row, caller: Caller) -> bool {
    // The cursors of the caller's own lists are made for Margaret and Alan, with keys of the same reach.
    if matches!(row.endpoint.path, "/api/v1/me" | "/api/v1/organizations" | "/api/v1/api-keys") {
        let reader = if row.record == Record::Own { Caller::ProjectMember } else { Caller::ForeignAdmin };
        return row.record != Record::MadeUp && caller == reader;
    }
    let list = if row.endpoint.path.contains('{') { NamedScope::Meridian } else { caller.default_scope() };
    let is_the_callers = match row.record {
        Record::Own if ONLY_ADMINS.contains(&row.endpoint.path) => {
            matches!(caller, Caller::Admin | Caller::ReadingAdmin | Caller::AdminElsewhere)
        }
        Record::Own => caller.is_margaret(),
        Record::Foreign => caller == Caller::ForeignAdmin,
        _ => false,
    };
    is_the_callers && scope_of(row.record) == list
}

/// Returns [`EMPTY`] if a list is filtered by a record that does not exist for the caller.
fn narrowed(row: &Row, caller: Caller) -> &'static str {
    let is_empty = match row.site {
        Site::QueryProject(_) if row.endpoint.path == "/api/v1/spaces" => {
            caller.role(scope_of(row.record)).is_none()
        }
        Site::QueryPerson(_) => row.record != Record::Own,
        _ => false,
    };
    if is_empty { EMPTY } else { "" }
}
