//! Records of another organization are looked up by the same statements as records that do not exist, so that response times cannot
//! distinguish them (promise B21). The times are measured by `cargo run -p loggia-tests --example foreign_ids`.

use loggia_domain::id::{InvitationId, KeyId, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::invitation::{Invitation, InvitationToken, InvitedProjects};
use loggia_domain::key::{Ability, ApiKey, Caller, Descendants, Overlap};
use loggia_domain::project::ProjectPatch;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::{NewMembership, NewMemberships};
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{
    InvitationError, IssuedInvitation, Loggia, NewAccount, NewInvitation, NewInvitations, NewMember,
    NewMemberKey,
};
use loggia_domain::space::SpacePatch;
use loggia_domain::task::{NewTask, TaskPatch};
use loggia_domain::text::{EmailAddress, KeyName, OrganizationName, ProjectName, SpaceName, TaskName};
use loggia_domain::user::MemberPatch;
use loggia_testkit::builders::{self, ALAN};
use loggia_testkit::seed;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::capture;
use crate::statements::{ENGINES, Tenant, tenant};
use crate::world::MADE_UP;

/// Ids of all kinds.
#[derive(Clone, Copy)]
struct Ids {
    organization: Uuid,
    user: Uuid,
    key: Uuid,
    space: Uuid,
    project: Uuid,
    task: Uuid,
    invitation: Uuid,
}

/// Returns the invitation of a viewer without projects.
fn invitation(address: &str) -> NewInvitations {
    let email = EmailAddress::parse(address).unwrap();
    let new = NewInvitation { email, role: ScopeRole::Viewer, projects: InvitedProjects::default() };
    NewInvitations::new(vec![new]).unwrap()
}

/// Creates an invitation as the operator.
async fn invited(tenant: &Tenant, organization: OrganizationId, address: &str) -> IssuedInvitation {
    let loggia = Loggia::on_ports(tenant.ports.clone()).build();
    let issued = loggia.operator().invite(organization, &invitation(address)).await.unwrap();
    issued.into_iter().next().unwrap()
}

impl Ids {
    /// Returns ids of an organization of Alan's. The user of the first is Alan, who has an account; the user of the second is one of the
    /// organization's own people.
    async fn foreign(tenant: &Tenant) -> [Self; 2] {
        let ports = &tenant.ports;
        let organization = seed::organization(ports, "Borealis").await.id;
        let scope = Scope::Organization(organization);
        let alan = seed::member(ports, organization, ALAN, ScopeRole::Admin).await.user;
        let project = seed::project(ports, scope, alan, "Lighthouse", |_| ()).await;
        let task = seed::task(ports, &project, "1", |_| ()).await;
        let space = builders::space(ports, scope, alan, "Lantern");
        seed::spaces(ports, std::slice::from_ref(&space)).await;
        let key = builders::key(ports, alan, scope);
        seed::key(ports, &key, "a secret of Alan's").await;
        let katherine = builders::KATHERINE;
        let katherine = NewMember::person(katherine.email(), katherine.profile(), ScopeRole::Member);
        let loggia = Loggia::on_ports(ports.clone()).build();
        let katherine = loggia.operator().add_member(organization, katherine).await.unwrap().user;
        let badge = ApiKey { reach: Reach::Only(organization), ..builders::key(ports, katherine, scope) };
        seed::key(ports, &badge, "a secret of Katherine's").await;
        let invitation = invited(tenant, organization, "mary@example.com").await.invitation.id;
        let ids = Self {
            organization: organization.as_uuid(),
            user: alan.as_uuid(),
            key: key.id.as_uuid(),
            space: space.id.as_uuid(),
            project: project.id.as_uuid(),
            task: task.id.as_uuid(),
            invitation: invitation.as_uuid(),
        };
        [ids, Self { user: katherine.as_uuid(), key: badge.id.as_uuid(), ..ids }]
    }

    fn made_up() -> Self {
        let id: Uuid = MADE_UP.parse().unwrap();
        Self { organization: id, user: id, key: id, space: id, project: id, task: id, invitation: id }
    }
}

/// The calls, with the statements that each took.
type Log = Vec<(String, Vec<String>)>;

/// Reads everything that is read by an id.
async fn read(tenant: &Tenant, ids: Ids) -> Log {
    let Ids { organization, user, space, project, task, .. } = ids;
    let own = tenant.world.organization.id;
    let (ada, harbour) = (tenant.world.admin.user, tenant.world.project.id);
    let mut log = Log::new();
    for (name, path) in [
        ("an organization", format!("/api/v1/organizations/{organization}")),
        ("its members", format!("/api/v1/organizations/{organization}/members")),
        ("a member of it", format!("/api/v1/organizations/{organization}/members/{ada}")),
        ("a member", format!("/api/v1/organizations/{own}/members/{user}")),
        ("a member's keys", format!("/api/v1/organizations/{own}/members/{user}/api-keys")),
        ("its invitations", format!("/api/v1/organizations/{organization}/invitations")),
        ("an organization's spaces", format!("/api/v1/spaces?organizationId={organization}")),
        ("a space", format!("/api/v1/spaces/{space}")),
        ("a space with everything", format!("/api/v1/spaces/{space}?include=all")),
        ("a project's spaces", format!("/api/v1/spaces?projectId={project}")),
        ("a project", format!("/v2/projects/{project}")),
        ("a roster", format!("/v2/projects/{project}/members")),
        ("a project's tasks", format!("/v2/projects/{project}/tasks")),
        ("a person's tasks in a project", format!("/v2/projects/{harbour}/tasks?assignee={user}")),
        ("a task", format!("/v2/tasks/{task}")),
        ("permissions in an organization", format!("/api/v1/me/permissions?organizationId={organization}")),
        ("permissions in a project", format!("/api/v1/me/permissions?projectId={project}")),
        ("permissions in a space", format!("/api/v1/me/permissions?spaceId={space}")),
    ] {
        let span = capture::counted();
        let response = async { tenant.ada.get(&path).await }.instrument(span.clone()).await;
        assert!(![401, 429, 500, 503].contains(&response.status), "{path}: {response}");
        // A statement is reported when it has ended, which may be a moment after its last row was read.
        tenant.ports.views.check_ready().await.unwrap();
        log.push((name.to_owned(), capture::texts(&span)));
    }
    log
}

/// Writes everything that is written by an id. The use cases are called directly: HTTP runs them in tasks of their own, whose statements
/// could not be distinguished from others.
async fn write(tenant: &Tenant, ids: Ids) -> Log {
    let (loggia, ada) = (Loggia::on_ports(tenant.ports.clone()).build(), tenant.world.admin.user);
    let caller = &Caller::unchecked(ada, tenant.world.scope);
    let (own, harbour) = (tenant.world.organization.id, tenant.world.project.id);
    let Ids { organization, user, key, space, project, task, invitation: invited } = ids;
    let invited = InvitationId::from_uuid(invited);
    let (organization, user) = (OrganizationId::from_uuid(organization), UserId::from_uuid(user));
    let (key, space) = (KeyId::from_uuid(key), SpaceId::from_uuid(space));
    let (project, task) = (ProjectId::from_uuid(project), TaskId::from_uuid(task));
    let spaces = SpacePatch { name: SpaceName::parse("Quay").ok(), ..SpacePatch::default() };
    let moved = SpacePatch { project: Some(Some(project)), ..SpacePatch::default() };
    let projects = ProjectPatch { name: ProjectName::parse("Quay").ok(), ..ProjectPatch::default() };
    let tasks = TaskPatch { name: TaskName::parse("Quay").ok(), ..TaskPatch::default() };
    let members = MemberPatch { active: Some(false), ..MemberPatch::default() };
    let assigned = TaskPatch { assignee: Some(Some(user)), ..TaskPatch::default() };
    let paint = NewTask::named(TaskName::parse("Paint").unwrap());
    let new_assigned = NewTask { assignee: Some(user), ..paint.clone() };
    let badge =
        NewMemberKey { name: KeyName::parse("badge").unwrap(), ability: Ability::Write, expires_at: None };
    let people = NewMemberships::new(vec![NewMembership { user, role: RosterRole::Member }]).unwrap();
    let name = OrganizationName::parse("Quay").unwrap();
    let pier = {
        let pier = builders::space(&tenant.ports, tenant.world.scope, ada, "Pier");
        seed::spaces(&tenant.ports, std::slice::from_ref(&pier)).await;
        pier.id
    };
    let painted = loggia.acting_as(caller).create_task(harbour, paint.clone()).await.unwrap().task.id;
    let grace = tenant.world.member.user;
    let acting = loggia.acting_as(caller);
    let mut log = Log::new();
    /// Checks that a call fails, and records the statements that it took.
    macro_rules! refused {
        ($($name:literal: $work:expr;)+) => {$(
            let span = capture::counted();
            assert!($work.instrument(span.clone()).await.is_err(), $name);
            // A write begins only after the statements before it have ended and been reported.
            drop(tenant.ports.store.begin().await.unwrap());
            log.push(($name.to_owned(), capture::texts(&span)));
        )+};
    }
    refused! {
        "rename an organization": acting.rename_organization(organization, name.clone());
        "deactivate a member of it": acting.update_member(organization, ada, members.clone());
        "deactivate a member": acting.update_member(own, user, members.clone());
        "erase a member of it": acting.erase_member(organization, ada);
        "erase a member": acting.erase_member(own, user);
        "leave an organization": acting.leave_organization(organization);
        "invite to an organization": acting.invite(organization, &invitation("jean@example.com"));
        "withdraw an invitation": acting.withdraw_invitation(own, invited);
        "send an invitation again": acting.resend_invitation(own, invited);
        "withdraw an invitation to an organization": acting.withdraw_invitation(organization, invited);
        "issue a key for a member of it": acting.issue_member_key(organization, ada, badge.clone());
        "issue a key for a member": acting.issue_member_key(own, user, badge.clone());
        "revoke a key of a member of it":
            acting.revoke_member_key(organization, ada, key, Descendants::Revoke);
        "revoke a key of a member": acting.revoke_member_key(own, user, key, Descendants::Revoke);
        "revoke a member's key": acting.revoke_member_key(own, grace, key, Descendants::Revoke);
        "replace a key": acting.rotate_own_key(key, Overlap::new(0).unwrap());
        "change a space": acting.update_space(space, spaces.clone());
        "delete a space": acting.delete_space(space);
        "let a space point at a project": acting.update_space(pier, moved.clone());
        "change a project": acting.update_project(project, projects.clone());
        "delete a project": acting.delete_project(project);
        "add to a roster": acting.add_to_roster(project, &people);
        "add a user to a roster": acting.add_to_roster(harbour, &people);
        "remove a user from a roster": acting.remove_from_roster(harbour, user);
        "change a role on a roster": acting.change_roster_role(project, ada, RosterRole::Member);
        "change a user's role on a roster":
            acting.change_roster_role(harbour, user, RosterRole::Admin);
        "leave a roster": acting.leave_roster(project);
        "create a task": acting.create_task(project, paint.clone());
        "create a task for a user": acting.create_task(harbour, new_assigned.clone());
        "change a task": acting.update_task(task, tasks.clone());
        "assign a task to a user": acting.update_task(painted, assigned.clone());
        "delete a task": acting.delete_task(task);
    }
    log
}

#[tokio::test]
async fn a_foreign_id_takes_the_same_statements_as_a_made_up_one() {
    for engine in ENGINES {
        let tenant = tenant(engine).await;
        let (records, made_up) = (Ids::foreign(&tenant).await, Ids::made_up());
        // A new session checks itself.
        read(&tenant, made_up).await;
        write(&tenant, made_up).await;
        for foreign in records {
            for (foreign, made_up) in [
                (read(&tenant, foreign).await, read(&tenant, made_up).await),
                (write(&tenant, foreign).await, write(&tenant, made_up).await),
            ] {
                for (foreign, made_up) in foreign.into_iter().zip(made_up) {
                    assert!(!made_up.1.is_empty(), "{engine:?}: {} takes statements", made_up.0);
                    assert_eq!(foreign, made_up, "{engine:?}");
                }
            }
        }
    }
}

/// Returns the statements that it takes to accept with a token that is refused.
async fn refused_acceptance(tenant: &Tenant, token: &InvitationToken) -> Vec<String> {
    let loggia = Loggia::on_ports(tenant.ports.clone()).build();
    let caller = Caller::unchecked(tenant.world.admin.user, tenant.world.scope);
    let span = capture::counted();
    let refused = loggia.acting_as(&caller).accept_invitation(token).instrument(span.clone()).await;
    assert!(matches!(refused, Err(InvitationError::UnknownToken)), "{refused:?}");
    drop(tenant.ports.store.begin().await.unwrap());
    capture::texts(&span)
}

#[tokio::test]
async fn a_token_that_has_ended_takes_the_same_statements_as_one_that_is_made_up() {
    for engine in ENGINES {
        let tenant = tenant(engine).await;
        let organization = seed::organization(&tenant.ports, "Borealis").await.id;
        let withdrawn = invited(&tenant, organization, "mary@example.com").await;
        let loggia = Loggia::on_ports(tenant.ports.clone()).build();
        let id = withdrawn.invitation.id;
        loggia.operator().withdraw_invitation(organization, id).await.unwrap();
        let replaced = invited(&tenant, organization, "jean@example.com").await;
        let id = replaced.invitation.id;
        loggia.operator().resend_invitation(organization, id).await.unwrap();
        let used = invited(&tenant, organization, "grace@example.com").await;
        let grace = Caller::unchecked(tenant.world.member.user, tenant.world.scope);
        loggia.acting_as(&grace).accept_invitation(&used.token).await.unwrap();
        let (expired, now) = (InvitationToken::from_entropy([8; 32]), tenant.ports.clock.now());
        let past = Invitation {
            created_at: now.plus_seconds(-Invitation::SECONDS - 1),
            expires_at: now.plus_seconds(-1),
            ..builders::invitation(&tenant.ports, organization, ALAN)
        };
        seed::invitation(&tenant.ports, &past, expired.expose()).await;
        let unknown = InvitationToken::from_entropy([7; 32]);
        // A new session checks itself.
        refused_acceptance(&tenant, &unknown).await;
        let made_up = refused_acceptance(&tenant, &unknown).await;
        assert!(!made_up.is_empty(), "{engine:?}");
        for (end, token) in [
            ("withdrawn", &withdrawn.token),
            ("replaced", &replaced.token),
            ("used", &used.token),
            ("expired", &expired),
        ] {
            assert_eq!(refused_acceptance(&tenant, token).await, made_up, "{engine:?}: {end}");
        }
    }
}

/// Returns the statements that each call with this address takes: inviting it, adding a person who has it, and giving it to a person.
/// They do not depend on users elsewhere on the instance.
async fn calls_with_address(tenant: &Tenant, email: &EmailAddress) -> Log {
    let loggia = Loggia::on_ports(tenant.ports.clone()).build();
    let (own, caller) =
        (tenant.world.organization.id, Caller::unchecked(tenant.world.admin.user, tenant.world.scope));
    let acting = loggia.acting_as(&caller);
    let other = EmailAddress::parse("other@example.com").unwrap();
    let new = |email: &EmailAddress| {
        NewMember::person(email.clone(), builders::BARBARA.profile(), ScopeRole::Member)
    };
    let other = acting.add_member(own, new(&other)).await.unwrap().user;
    let mut log = Log::new();
    macro_rules! done {
        ($($name:literal: $work:expr;)+) => {$(
            let span = capture::counted();
            drop($work.instrument(span.clone()).await.unwrap());
            drop(tenant.ports.store.begin().await.unwrap());
            log.push(($name.to_owned(), capture::texts(&span)));
        )+};
    }
    done! {
        "invite": acting.invite(own, &invitation(email.as_str()));
        "add a person": acting.add_member(own, new(email));
    }
    let added = loggia.operator().own_person_by_email(own, email).await.unwrap().unwrap().id;
    acting.erase_member(own, added).await.unwrap();
    let patch = MemberPatch { email: Some(email.clone()), ..MemberPatch::default() };
    done! {
        "give an address": acting.update_member(own, other, patch.clone());
    }
    // The next calls find both addresses free.
    acting.erase_member(own, other).await.unwrap();
    log
}

#[tokio::test]
async fn a_known_address_takes_the_same_statements_as_an_unknown_one() {
    for engine in ENGINES {
        let tenant = tenant(engine).await;
        let ports = &tenant.ports;
        let organization = seed::organization(ports, "Borealis").await.id;
        let loggia = Loggia::on_ports(ports.clone()).build();
        let role = ScopeRole::Member;
        let account = NewAccount { email: builders::ALAN.email(), profile: builders::ALAN.profile() };
        loggia.operator().add_account_member(organization, &account, role).await.unwrap();
        let own = builders::KATHERINE;
        let own_person = NewMember::person(own.email(), own.profile(), role);
        loggia.operator().add_member(organization, own_person).await.unwrap();
        let member = tenant.world.admin.email.clone().unwrap();
        // A new session checks itself.
        calls_with_address(&tenant, &EmailAddress::parse("first@example.com").unwrap()).await;
        let unknown = calls_with_address(&tenant, &EmailAddress::parse("unknown@example.com").unwrap()).await;
        assert!(unknown.iter().all(|(_, statements)| !statements.is_empty()), "{engine:?}");
        for known in [builders::ALAN.email(), own.email(), member] {
            assert_eq!(calls_with_address(&tenant, &known).await, unknown, "{engine:?}: {known:?}");
        }
    }
}
