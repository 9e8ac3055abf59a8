//! People, organizations, projects and other records, inserted into any store through its ports in one unit of work each.
#![expect(clippy::expect_used, reason = "a store that refuses what is seeded fails the test that needs it")]

use loggia_domain::event::Event;
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::invitation::{Invitation, InvitedProject};
use loggia_domain::key::{ApiKey, KeyHash, KeyOrigin};
use loggia_domain::once::StoredResponse;
use loggia_domain::organization::Organization;
use loggia_domain::port::{Claimed, Inserted, MemberInserted, Ports, UnitOfWork};
use loggia_domain::project::Project;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::Membership;
use loggia_domain::scope::{Readmissions, Scope, Viewer};
use loggia_domain::space::Space;
use loggia_domain::task::Task;
use loggia_domain::user::{Member, User};

use crate::builders::{self, ADA, EDSGER, GRACE, Person, viewer};

/// Opens a unit of work.
pub async fn begin(ports: &Ports) -> Box<dyn UnitOfWork> {
    ports.store.begin().await.expect("a unit of work")
}

/// Commits a unit of work.
pub async fn commit(work: Box<dyn UnitOfWork>) {
    work.commit().await.expect("a commit");
}

/// Inserts an organization without members.
pub async fn organization(ports: &Ports, name: &str) -> Organization {
    let organization = builders::organization(ports, name);
    let mut work = begin(ports).await;
    work.insert_organization(&organization).await.expect("an organization");
    commit(work).await;
    organization
}

/// Inserts a user, their personal scope, and their membership of it.
pub async fn person(ports: &Ports, who: Person) -> User {
    let user = builders::user(ports, who);
    let scope = Scope::Personal(user.id);
    let mut work = begin(ports).await;
    assert_eq!(work.insert_user(&user).await.expect("a user"), Inserted::Yes, "{who:?} is new");
    let number = work.next_member_number(scope).await.expect("a number");
    let member = builders::member(ports, scope, &user, who, number, ScopeRole::Admin);
    assert_eq!(work.insert_member(&member).await.expect("a member"), MemberInserted::Yes);
    commit(work).await;
    user
}

/// Adds a person to an organization. A person who is unknown to the instance is inserted first.
pub async fn member(ports: &Ports, organization: OrganizationId, who: Person, role: ScopeRole) -> Member {
    let known = ports.views.account_by_email(&who.email()).await.expect("a lookup");
    let user = match known {
        Some(user) => user,
        None => person(ports, who).await,
    };
    let scope = Scope::Organization(organization);
    let mut work = begin(ports).await;
    let number = work.next_member_number(scope).await.expect("a number");
    let member = builders::member(ports, scope, &user, who, number, role);
    assert_eq!(work.insert_member(&member).await.expect("a member"), MemberInserted::Yes);
    commit(work).await;
    member
}

/// Inserts an invitation under the digest of `token`.
pub async fn invitation(ports: &Ports, invitation: &Invitation, token: &str) -> KeyHash {
    let hash = ports.secrets.digest(token);
    let mut work = begin(ports).await;
    work.lock_any_organization(invitation.organization).await.expect("a lock");
    let inserted = work.insert_invitation(invitation, &hash).await.expect("an invitation");
    assert_eq!(inserted, Inserted::Yes, "{:?} is invited once", invitation.email);
    commit(work).await;
    hash
}

/// Inserts a project with an empty roster; `change` may modify it before.
pub async fn project(
    ports: &Ports,
    scope: Scope,
    created_by: UserId,
    name: &str,
    change: impl FnOnce(&mut Project) + Send,
) -> Project {
    let mut work = begin(ports).await;
    let number = work.next_project_number(scope).await.expect("a number");
    let mut project = builders::project(ports, scope, created_by, number, name);
    change(&mut project);
    work.insert_project(&project).await.expect("a project");
    commit(work).await;
    project
}

/// Adds a user to a project's roster.
pub async fn membership(ports: &Ports, project: &Project, user: UserId, role: RosterRole) -> Membership {
    let mut work = begin(ports).await;
    let locked = work.lock_project(&viewer(project.created_by), project.id).await.expect("a lock");
    assert!(locked.is_some(), "{} is there for who made it", project.name);
    let number = work.next_membership_numbers(project.scope, project.id, 1).await.expect("a number");
    let membership = builders::membership(ports, project.id, user, number, role);
    assert_eq!(
        work.insert_membership(project.scope, &membership).await.expect("a membership"),
        Inserted::Yes
    );
    commit(work).await;
    membership
}

/// Inserts a task at that position of the outline; `change` may modify it before.
pub async fn task(
    ports: &Ports,
    project: &Project,
    position: &str,
    change: impl FnOnce(&mut Task) + Send,
) -> Task {
    let mut work = begin(ports).await;
    let locked = work.lock_project(&viewer(project.created_by), project.id).await.expect("a lock");
    assert!(locked.is_some(), "{} is there for who made it", project.name);
    let number = work.next_task_number(project.scope, project.id).await.expect("a number");
    let mut task = builders::task(ports, project, project.created_by, number, position);
    change(&mut task);
    work.raise_top_number(project.scope, project.id, task.outline.top()).await.expect("a higher number");
    assert_eq!(work.insert_task(&task).await.expect("a task"), Inserted::Yes);
    commit(work).await;
    task
}

/// Inserts spaces, all in one unit of work.
pub async fn spaces(ports: &Ports, spaces: &[Space]) {
    let mut work = begin(ports).await;
    for space in spaces {
        work.insert_space(space).await.expect("a space");
    }
    commit(work).await;
}

/// Inserts a key without origin under the digest of `secret`.
pub async fn key(ports: &Ports, key: &ApiKey, secret: &str) -> KeyHash {
    key_of(ports, key, secret, &KeyOrigin::default()).await
}

/// Inserts a key with an origin under the digest of `secret`.
pub async fn key_of(ports: &Ports, key: &ApiKey, secret: &str, origin: &KeyOrigin) -> KeyHash {
    let hash = ports.secrets.digest(secret);
    let mut work = begin(ports).await;
    work.insert_key(key, &hash, origin).await.expect("a key");
    commit(work).await;
    hash
}

/// Stores a response for a user under an idempotency key, as given now in the scope. The response is the text of the key.
pub async fn claim(ports: &Ports, user: UserId, key: &str, scope: Option<Scope>) {
    let (owner, claim) = (viewer(user), builders::claim("POST /v1/spaces", key));
    let mut work = begin(ports).await;
    let claimed = work.claim(&owner, &claim, ports.clock.now()).await.expect("a claim");
    assert_eq!(claimed, Claimed::New, "{key} is new");
    let answer = StoredResponse::Shown(key.as_bytes().to_vec());
    work.keep(&owner, &claim, scope, &answer).await.expect("keeping");
    commit(work).await;
}

/// Deactivates and reactivates a member. Returns the user's number of readmissions after that.
pub async fn readmission(ports: &Ports, member: &Member) -> Readmissions {
    let organization = member.scope.organization().expect("an organization's member");
    let mut work = begin(ports).await;
    work.lock_any_organization(organization).await.expect("a lock");
    for active in [false, true] {
        let member = Member { active, ..member.clone() };
        assert_eq!(work.update_member(&member).await.expect("an update"), MemberInserted::Yes);
    }
    work.readmit(member.scope, member.user).await.expect("a readmission");
    let number = work.lock_user(member.user).await.expect("a number");
    commit(work).await;
    number
}

/// Appends events, all in one unit of work.
pub async fn events(ports: &Ports, events: &[Event]) {
    let mut work = begin(ports).await;
    for event in events {
        work.append(event).await.expect("an event");
    }
    commit(work).await;
}

/// A small organization: three members with the three roles, and a project with two of them on its roster.
#[derive(Clone, Debug)]
pub struct World {
    /// The organization "Harbour Works".
    pub organization: Organization,
    /// The organization's scope.
    pub scope: Scope,
    /// Ada, an admin.
    pub admin: Member,
    /// Grace, a member.
    pub member: Member,
    /// Edsger, a viewer.
    pub viewer: Member,
    /// The project "Harbour", which all of the organization sees. Ada created it.
    pub project: Project,
    /// Ada's membership of the roster, as its admin.
    pub roster_admin: Membership,
    /// Grace's membership of the roster.
    pub roster_member: Membership,
}

impl World {
    /// Inserts the organization into an empty store.
    pub async fn seed(ports: &Ports) -> Self {
        let organization = organization(ports, "Harbour Works").await;
        let scope = Scope::Organization(organization.id);
        let admin = member(ports, organization.id, ADA, ScopeRole::Admin).await;
        let grace = member(ports, organization.id, GRACE, ScopeRole::Member).await;
        let edsger = member(ports, organization.id, EDSGER, ScopeRole::Viewer).await;
        let project = project(ports, scope, admin.user, "Harbour", |_| ()).await;
        let roster_admin = membership(ports, &project, admin.user, RosterRole::Admin).await;
        let roster_member = membership(ports, &project, grace.user, RosterRole::Member).await;
        Self {
            organization,
            scope,
            admin,
            member: grace,
            viewer: edsger,
            project,
            roster_admin,
            roster_member,
        }
    }

    /// Inserts an invitation of Alan by the admin, to the roster of the project. Returns it with the digest of its token.
    pub async fn invitation(&self, ports: &Ports) -> (Invitation, KeyHash) {
        let alan = Invitation {
            projects: vec![InvitedProject { project: self.project.id, role: RosterRole::Member }],
            invited_by: Some(self.admin.user),
            ..builders::invitation(ports, self.organization.id, builders::ALAN)
        };
        let hash = invitation(ports, &alan, "token").await;
        (alan, hash)
    }

    /// Returns the viewer for the admin.
    pub const fn as_admin(&self) -> Viewer {
        viewer(self.admin.user)
    }

    /// Returns the viewer for the member.
    pub const fn as_member(&self) -> Viewer {
        viewer(self.member.user)
    }

    /// Returns the viewer for the member with the role `viewer`.
    pub const fn as_viewer(&self) -> Viewer {
        viewer(self.viewer.user)
    }
}
