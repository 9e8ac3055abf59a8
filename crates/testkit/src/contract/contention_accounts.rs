//! Changes of an account's profile beside other changes of its memberships.

use loggia_domain::account::{AccountPatch, AccountProfile};
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::port::{MemberInserted, Ports};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Scope;
use loggia_domain::text::PersonName;
use loggia_domain::user::Member;

use super::Fixture;
use super::contention::{ROUNDS, insist, linger, race};
use crate::seed::{self, World};

/// Returns another name for each round.
fn name(round: usize) -> PersonName {
    PersonName::parse(&format!("Grace {round}")).expect("a name")
}

/// Changes the first name of an account in all of its memberships.
async fn rename(ports: Ports, user: UserId, name: PersonName) {
    insist(|| async {
        let mut work = ports.store.begin().await?;
        let mut own = work.lock_memberships_of(user).await?;
        linger().await;
        let personal = own.iter().find(|member| member.scope == Scope::Personal(user));
        let mut account = AccountProfile::from_member(personal.expect("a personal scope"));
        account.apply(AccountPatch { first_name: Some(name.clone()), ..AccountPatch::default() });
        for member in &mut own {
            if member.take_over(&account, ports.clock.now()).is_some() {
                assert_eq!(work.update_member(member).await?, MemberInserted::Yes);
            }
        }
        work.commit().await
    })
    .await;
}

/// Changes a member's role, as an admin of the organization does.
async fn change_role(ports: Ports, organization: OrganizationId, user: UserId, role: ScopeRole) {
    insist(|| async {
        let mut work = ports.store.begin().await?;
        assert!(work.lock_any_organization(organization).await?.is_some());
        let found = work.members(Scope::Organization(organization), &[user]).await?.pop();
        let mut member = found.expect("a member");
        linger().await;
        member.role = role;
        member.revision += 1;
        assert_eq!(work.update_member(&member).await?, MemberInserted::Yes);
        work.commit().await
    })
    .await;
}

/// The locks of the scopes keep a change of the profile and a change of a role from overwriting each other.
pub async fn concurrent_changes_of_a_profile_and_a_role_are_both_kept(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let user = world.member.user;
    for round in 0..ROUNDS {
        let role = if round % 2 == 0 { ScopeRole::Viewer } else { ScopeRole::Member };
        race(
            rename(ports.clone(), user, name(round)),
            change_role(ports.clone(), world.organization.id, user, role),
        )
        .await;
        let mut work = fixture.begin().await;
        let found = work.members(world.scope, &[user]).await.expect("a lookup").pop().expect("a member");
        assert_eq!((found.role, &found.profile.first_name), (role, &name(round)), "in round {round}");
        let changes = 2 * (u64::try_from(round).expect("few rounds") + 1);
        assert_eq!(found.revision, world.member.revision + changes, "each change counts once");
    }
}

/// Makes an account a member of an organization, with the profile that the account has.
async fn admit(ports: Ports, organization: OrganizationId, user: UserId) {
    let scope = Scope::Organization(organization);
    insist(|| async {
        let mut work = ports.store.begin().await?;
        assert!(work.lock_any_organization(organization).await?.is_some());
        work.lock_user(user).await?;
        let personal = work.members(Scope::Personal(user), &[user]).await?.pop().expect("a personal scope");
        linger().await;
        let number = work.next_member_number(scope).await?;
        let member = Member { scope, number, role: ScopeRole::Viewer, revision: 1, ..personal };
        assert_eq!(work.insert_member(&member).await?, MemberInserted::Yes);
        work.commit().await
    })
    .await;
}

/// The lock of the user keeps a new membership from showing a profile that is changed at the same time.
pub async fn a_membership_created_during_a_profile_change_has_the_new_profile(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let user = world.member.user;
    for round in 0..ROUNDS {
        let organization = seed::organization(ports, &format!("Organization {round}")).await.id;
        race(rename(ports.clone(), user, name(round)), admit(ports.clone(), organization, user)).await;
        let mut work = fixture.begin().await;
        let own = work.lock_memberships_of(user).await.expect("memberships");
        assert_eq!(own.len(), round + 3, "with those of the personal scope and of the first organization");
        for member in own {
            assert_eq!(member.profile.first_name, name(round), "in round {round}, in {:?}", member.scope);
        }
    }
}
