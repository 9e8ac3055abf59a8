//! The callers of the matrix: some of the world's people, some of them with unusual keys, and two from further organizations.

use loggia_domain::event::Actor;
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::key::{Ability, KeySecret};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{Bootstrap, NewAccount, NewKey};
use loggia_domain::text::{EmailAddress, KeyName, OrganizationName, PersonName};
use loggia_domain::user::{MemberPatch, Profile};

use crate::harness::client::Client;
use crate::isolation::callers::Caller;
use crate::world::{Key, Who, World};

/// The address of an account that Meridian has invited.
pub(super) const INVITED: &str = "kathleen@example.com";

/// Returns the client of a column.
pub(super) async fn client(world: &World, caller: Caller) -> Client {
    match caller {
        Caller::Nobody => world.as_nobody(),
        Caller::MadeUpKey => bearer(world, KeySecret::from_entropy([7; 32]).expose()),
        Caller::RevokedKey => world.with_key(Who::Admin, Key::Revoked).await,
        Caller::ExpiredKey => world.with_key(Who::Admin, Key::Expired).await,
        Caller::Former => left(world).await,
        Caller::Readmitted => readmitted(world).await,
        Caller::Stranger => elsewhere(world, "Tern", "frances@example.com").await,
        Caller::Invited => elsewhere(world, "Puffin", INVITED).await,
        Caller::ForeignAdmin => world.as_stranger(),
        Caller::Viewer => world.as_viewer(),
        Caller::OwnPerson => world.as_own_person(),
        Caller::Member => world.as_member(),
        Caller::ProjectMember => world.as_project_member(),
        Caller::ConfinedProjectMember => world.with_key(Who::ProjectMember, Key::Confined).await,
        Caller::ProjectAdmin => world.as_project_admin(),
        Caller::Admin => world.as_admin(),
        Caller::ReadingAdmin => world.with_key(Who::Admin, Key::ReadOnly).await,
        Caller::AdminElsewhere => admin_elsewhere(world).await,
    }
}

fn bearer(world: &World, secret: &str) -> Client {
    world.with_authorization(&[&format!("Bearer {secret}")])
}

fn profile(first: &str) -> Profile {
    Profile {
        first_name: PersonName::parse(first).expect("a name"),
        last_name: PersonName::parse("Elsewhere").expect("a name"),
        username: None,
        employee_number: None,
        avatar: None,
    }
}

/// Creates an organization with that admin, and returns both.
async fn found(world: &World, name: &str, admin: &str) -> (OrganizationId, UserId) {
    let plan = Bootstrap {
        organization: OrganizationName::parse(name).expect("a name"),
        email: EmailAddress::parse(admin).expect("an address"),
        profile: profile("Ada"),
        key: KeyName::parse("laptop").expect("a name"),
        key_ends_unless_used: false,
    };
    let made =
        world.loggia.operator().bootstrap(&plan, false).await.expect("an organization").expect("a new one");
    (made.organization.id, made.member.user)
}

async fn with_new_key(world: &World, user: UserId, only: OrganizationId, reach: Reach) -> Client {
    let new = NewKey {
        name: KeyName::parse("the matrix'").expect("a name"),
        default_scope: Scope::Organization(only),
        reach,
        ability: Ability::Write,
        expires_at: None,
    };
    let issued = world.loggia.operator().issue_key(Actor::Operator, user, new).await.expect("a key");
    world.loggia.touch_key(issued.key.id).await.expect("a noted use");
    bearer(world, issued.secret.expose())
}

/// Creates an account that is a member of the organization, and returns it with a key from then.
async fn account(
    world: &World,
    organization: OrganizationId,
    email: &str,
    role: ScopeRole,
) -> (UserId, Client) {
    let email = EmailAddress::parse(email).expect("an address");
    let new = NewAccount { email, profile: profile("Frances") };
    let member =
        world.loggia.operator().add_account_member(organization, &new, role).await.expect("a member");
    (member.user, with_new_key(world, member.user, organization, Reach::Everywhere).await)
}

async fn set_active(world: &World, user: UserId, active: bool) {
    let patch = MemberPatch { active: Some(active), ..MemberPatch::default() };
    let changed = world.loggia.operator().update_member(meridian(world), user, patch).await;
    assert_eq!(changed.expect("a change").active, active);
}

fn meridian(world: &World) -> OrganizationId {
    OrganizationId::parse(&world.meridian).expect("an id")
}

/// Returns an account that has left Meridian.
async fn left(world: &World) -> Client {
    let (_, client) = account(world, meridian(world), "lois@example.com", ScopeRole::Admin).await;
    let response = client.delete(&format!("/api/v1/me/organizations/{}", world.meridian)).await;
    assert_eq!(response.status, 204, "{response}");
    client
}

/// Returns an account that was deactivated in Meridian and readmitted, with a key from before.
async fn readmitted(world: &World) -> Client {
    let (user, client) = account(world, meridian(world), "radia@example.com", ScopeRole::Admin).await;
    set_active(world, user, false).await;
    set_active(world, user, true).await;
    client
}

/// Returns an account that is a member of another organization.
async fn elsewhere(world: &World, organization: &str, email: &str) -> Client {
    let (organization, _) = found(world, organization, "tilly@example.com").await;
    account(world, organization, email, ScopeRole::Member).await.1
}

/// Returns Meridian's admin with a key that reaches only another organization, of which she is an admin, too.
async fn admin_elsewhere(world: &World) -> Client {
    let (halcyon, ada) = found(world, "Halcyon", "ada@example.com").await;
    assert_eq!(ada, world.person(Who::Admin).user);
    with_new_key(world, ada, halcyon, Reach::Only(halcyon)).await
}
