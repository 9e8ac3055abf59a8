//! The callers of the matrix: some of the world's people, some of them with unusual keys, and two from further organizations.

use loggia_domain::event::Actor;
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::key::{Ability, KeySecret};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{Authority, Bootstrap, NewKey, NewMember};
use loggia_domain::text::{EmailAddress, KeyName, OrganizationName, PersonName};
use loggia_domain::user::{MemberPatch, Profile};

use crate::harness::client::Client;
use crate::isolation::callers::Caller;
use crate::world::{Key, Who, World};

/// Returns the client of a column.
pub(super) async fn client(world: &World, caller: Caller) -> Client {
    match caller {
        Caller::Nobody => world.as_nobody(),
        Caller::MadeUpKey => bearer(world, KeySecret::from_entropy([7; 32]).expose()),
        Caller::RevokedKey => world.with_key(Who::Admin, Key::Revoked).await,
        Caller::ExpiredKey => world.with_key(Who::Admin, Key::Expired).await,
        Caller::Former => world.as_former_member(),
        Caller::Readmitted => readmitted(world).await,
        Caller::Stranger => stranger(world).await,
        Caller::ForeignAdmin => world.as_stranger(),
        Caller::Viewer => world.as_viewer(),
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
    let made = world.loggia.bootstrap(&plan, false).await.expect("an organization").expect("a new one");
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
    let issued = world.loggia.issue_key(Actor::Operator, user, new).await.expect("a key");
    world.loggia.touch_key(issued.key.id).await.expect("a noted use");
    bearer(world, issued.secret.expose())
}

/// Returns a member of Meridian who was deactivated and readmitted, with a key from before.
async fn readmitted(world: &World) -> Client {
    let meridian = OrganizationId::parse(&world.meridian).expect("an id");
    let email = EmailAddress::parse("hedy@example.com").expect("an address");
    let new = NewMember::person(email, profile("Hedy"), ScopeRole::Admin);
    let member = world.loggia.add_member(Authority::Operator, meridian, new).await.expect("a member");
    let client = with_new_key(world, member.user, meridian, Reach::Everywhere).await;
    for active in [false, true] {
        let patch = MemberPatch { active: Some(active), ..MemberPatch::default() };
        let changed = world.loggia.update_member(Authority::Operator, meridian, member.user, patch).await;
        assert_eq!(changed.expect("a change").active, active);
    }
    client
}

/// Returns a member of a third organization.
async fn stranger(world: &World) -> Client {
    let (tern, _) = found(world, "Tern", "tilly@example.com").await;
    let email = EmailAddress::parse("frances@example.com").expect("an address");
    let new = NewMember::person(email, profile("Frances"), ScopeRole::Member);
    let member = world.loggia.add_member(Authority::Operator, tern, new).await.expect("a member");
    with_new_key(world, member.user, tern, Reach::Everywhere).await
}

/// Returns Meridian's admin with a key that reaches only another organization, of which she is an admin, too.
async fn admin_elsewhere(world: &World) -> Client {
    let (halcyon, ada) = found(world, "Halcyon", "ada@example.com").await;
    assert_eq!(ada, world.person(Who::Admin).user);
    with_new_key(world, ada, halcyon, Reach::Only(halcyon)).await
}
