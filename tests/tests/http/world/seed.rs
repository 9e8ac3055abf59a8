//! Fills the world with the use cases.

use loggia_domain::event::Actor;
use loggia_domain::id::{OrganizationId, ProjectId, UserId};
use loggia_domain::invitation::{InvitedProject, InvitedProjects};
use loggia_domain::key::{Ability, Caller};
use loggia_domain::project::{NewProject, Visibility};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::{NewMembership, NewMemberships};
use loggia_domain::scope::{Reach, Scope, ScopeChoice};
use loggia_domain::service::{
    Bootstrap, IssuedInvitation, IssuedKey, Loggia, NewAccount, NewInvitation, NewInvitations, NewKey,
    NewMember,
};
use loggia_domain::space::NewSpace;
use loggia_domain::task::{NewTask, TaskStatus};
use loggia_domain::text::{
    AvatarUrl, EmailAddress, EmployeeNumber, KeyName, OrganizationName, PersonName, ProjectName, SpaceName,
    TaskName, Username,
};
use loggia_domain::user::{MemberPatch, Profile};

use super::{Person, Project};

/// The records of the world.
pub(crate) struct Seeded {
    pub(crate) people: Vec<Person>,
    pub(crate) meridian: OrganizationId,
    pub(crate) borealis: OrganizationId,
    pub(crate) harbour: Project,
    pub(crate) vault: Project,
    pub(crate) lighthouse: Project,
    pub(crate) garden: Project,
    pub(crate) pier: String,
    pub(crate) badge: String,
    pub(crate) spare: String,
    pub(crate) invitation: String,
    pub(crate) token: String,
}

/// A first name, a last name and an employee number.
const ADA: [&str; 3] = ["Ada", "Byron", "1"];
const BARBARA: [&str; 3] = ["Barbara", "Liskov", "2"];
const GRACE: [&str; 3] = ["Grace", "Hopper", "3"];
const EDSGER: [&str; 3] = ["Edsger", "Dijkstra", "4"];
const MARGARET: [&str; 3] = ["Margaret", "Hamilton", "5"];
const KATHERINE: [&str; 3] = ["Katherine", "Johnson", "6"];
const DENNIS: [&str; 3] = ["Dennis", "Ritchie", "7"];
const ALAN: [&str; 3] = ["Alan", "Turing", "1"];
const NIKLAUS: [&str; 3] = ["Niklaus", "Wirth", "1"];
const HEDY: [&str; 3] = ["Hedy", "Lamarr", "H-8"];

pub(crate) async fn fill(loggia: &Loggia) -> Seeded {
    let ada = found(loggia, "Meridian", ADA).await;
    let alan = found(loggia, "Borealis", ALAN).await;
    let (meridian, borealis) = (ada.organization, alan.organization);
    let barbara = join(loggia, meridian, BARBARA, ScopeRole::Admin).await;
    let grace = join(loggia, meridian, GRACE, ScopeRole::Member).await;
    let edsger = join(loggia, meridian, EDSGER, ScopeRole::Viewer).await;
    let margaret = join(loggia, meridian, MARGARET, ScopeRole::Member).await;
    let katherine = join(loggia, meridian, KATHERINE, ScopeRole::Member).await;
    let dennis = own_person(loggia, meridian, DENNIS, ScopeRole::Member).await;
    let hedy = own_person(loggia, meridian, HEDY, ScopeRole::Member).await;
    let out = MemberPatch { active: Some(false), ..MemberPatch::default() };
    loggia.operator().update_member(meridian, dennis.user, out).await.expect("a former member");

    let founder = Caller::unchecked(barbara.user, Scope::Organization(meridian));
    let roster = [(katherine.user, RosterRole::Admin), (margaret.user, RosterRole::Member)];
    let harbour = open(loggia, &founder, "Harbour", Visibility::Organization, &roster).await;
    let vault = open(loggia, &founder, "Vault", Visibility::Private, &roster).await;
    let stranger = Caller::unchecked(alan.user, Scope::Organization(borealis));
    let lighthouse = open(loggia, &stranger, "Lighthouse", Visibility::Organization, &[]).await;
    let own = Caller::unchecked(margaret.user, Scope::Personal(margaret.user));
    let garden = open(loggia, &own, "Garden", Visibility::Organization, &[]).await;
    let member = Caller::unchecked(grace.user, Scope::Organization(meridian));
    let pier = space(loggia, &member, "Pier", None).await;
    let badge = key(loggia, hedy.user, meridian, "badge", Reach::Only(meridian)).await.key.id.to_string();
    let spare = key(loggia, barbara.user, meridian, "spare", Reach::Everywhere).await.key.id.to_string();
    let skerry = found(loggia, "Skerry", NIKLAUS).await.organization;
    let invitation =
        invite(loggia, meridian, "jean@example.com", &[&harbour]).await.invitation.id.to_string();
    let token = invite(loggia, skerry, "somebody@example.com", &[]).await.token.expose().to_owned();
    let people = vec![ada, barbara, grace, edsger, margaret, katherine, dennis, alan, hedy];
    Seeded {
        people,
        meridian,
        borealis,
        harbour,
        vault,
        lighthouse,
        garden,
        pier,
        badge,
        spare,
        invitation,
        token,
    }
}

/// Invites a person to an organization and to projects.
async fn invite(
    loggia: &Loggia,
    organization: OrganizationId,
    address: &str,
    projects: &[&Project],
) -> IssuedInvitation {
    let invited = |project: &&Project| InvitedProject {
        project: ProjectId::parse(&project.id).expect("an id"),
        role: RosterRole::Member,
    };
    let new = NewInvitation {
        email: EmailAddress::parse(address).expect("an address"),
        role: ScopeRole::Member,
        projects: InvitedProjects::new(projects.iter().map(invited).collect()).expect("different projects"),
    };
    let new = NewInvitations::new(vec![new]).expect("one person");
    let issued = loggia.operator().invite(organization, &new).await.expect("an invitation");
    issued.into_iter().next().expect("one invitation")
}

/// Returns a person's address, such as `ada@example.com` for Ada.
fn email([first, ..]: [&str; 3]) -> EmailAddress {
    EmailAddress::parse(&format!("{}@example.com", first.to_lowercase())).expect("an address")
}

/// Returns a person's profile. Only Ada has a picture.
fn profile(name: [&str; 3]) -> Profile {
    let [first, last, number] = name;
    let picture = (name == ADA).then_some("https://example.com/ada.png");
    Profile {
        first_name: PersonName::parse(first).expect("a first name"),
        last_name: PersonName::parse(last).expect("a last name"),
        username: Some(Username::parse(&first.to_lowercase()).expect("a username")),
        employee_number: Some(EmployeeNumber::parse(number).expect("a number")),
        avatar: picture.map(|url| AvatarUrl::parse(url).expect("an address")),
    }
}

async fn found(loggia: &Loggia, name: &str, admin: [&str; 3]) -> Person {
    let plan = Bootstrap {
        organization: OrganizationName::parse(name).expect("a name"),
        email: email(admin),
        profile: profile(admin),
        key: KeyName::parse("laptop").expect("a name"),
        key_ends_unless_used: false,
    };
    let made = loggia.operator().bootstrap(&plan, false).await.expect("an organization").expect("a new one");
    Person {
        id: made.member.user.to_string(),
        user: made.member.user,
        organization: made.organization.id,
        key: made.issued.key.id.to_string(),
        secret: made.issued.secret.expose().to_owned(),
    }
}

/// Creates an account that is a member.
async fn join(loggia: &Loggia, organization: OrganizationId, name: [&str; 3], role: ScopeRole) -> Person {
    let new = NewAccount { email: email(name), profile: profile(name) };
    let member = loggia.operator().add_account_member(organization, &new, role).await.expect("a member");
    with_key(loggia, organization, member.user).await
}

/// Creates a person of the organization's own.
async fn own_person(
    loggia: &Loggia,
    organization: OrganizationId,
    name: [&str; 3],
    role: ScopeRole,
) -> Person {
    let new = NewMember::person(email(name), profile(name), role);
    let member = loggia.operator().add_member(organization, new).await.expect("a member");
    with_key(loggia, organization, member.user).await
}

async fn with_key(loggia: &Loggia, organization: OrganizationId, user: UserId) -> Person {
    let issued = key(loggia, user, organization, "laptop", Reach::Everywhere).await;
    Person {
        id: user.to_string(),
        user,
        organization,
        key: issued.key.id.to_string(),
        secret: issued.secret.expose().to_owned(),
    }
}

async fn key(
    loggia: &Loggia,
    user: UserId,
    organization: OrganizationId,
    name: &str,
    reach: Reach,
) -> IssuedKey {
    let key = NewKey {
        name: KeyName::parse(name).expect("a name"),
        default_scope: Scope::Organization(organization),
        reach,
        ability: Ability::Write,
        expires_at: None,
    };
    loggia.operator().issue_key(Actor::Operator, user, key).await.expect("a key")
}

/// Creates a project with three tasks and a space. The tasks are assigned to the last person on the roster, or to the creator if there is
/// no other.
async fn open(
    loggia: &Loggia,
    caller: &Caller,
    name: &str,
    visibility: Visibility,
    roster: &[(UserId, RosterRole)],
) -> Project {
    let new = NewProject { visibility, ..NewProject::named(ProjectName::parse(name).expect("a name")) };
    let project =
        loggia.acting_as(caller).create_project(ScopeChoice::Default, new).await.expect("a project");
    let id = project.record.id;
    let people: Vec<_> =
        roster.iter().map(|(user, role)| NewMembership { user: *user, role: *role }).collect();
    if let Ok(people) = NewMemberships::new(people) {
        loggia.acting_as(caller).add_to_roster(id, &people).await.expect("a roster");
    }
    let assignee = roster.last().map_or(caller.user, |(user, _)| *user);
    Project {
        id: id.to_string(),
        free_task: task(loggia, caller, id, "Survey", TaskStatus::Todo, None).await,
        open_task: task(loggia, caller, id, "Dredge", TaskStatus::InProgress, Some(assignee)).await,
        done_task: task(loggia, caller, id, "Plan", TaskStatus::Done, Some(assignee)).await,
        space: space(loggia, caller, &format!("{name} area"), Some(id)).await,
    }
}

async fn task(
    loggia: &Loggia,
    caller: &Caller,
    project: ProjectId,
    name: &str,
    status: TaskStatus,
    assignee: Option<UserId>,
) -> String {
    let new = NewTask { status, assignee, ..NewTask::named(TaskName::parse(name).expect("a name")) };
    loggia.acting_as(caller).create_task(project, new).await.expect("a task").task.id.to_string()
}

async fn space(loggia: &Loggia, caller: &Caller, name: &str, project: Option<ProjectId>) -> String {
    let new = NewSpace { project, ..NewSpace::named(SpaceName::parse(name).expect("a name")) };
    loggia.acting_as(caller).create_space(ScopeChoice::Default, new).await.expect("a space").id.to_string()
}
