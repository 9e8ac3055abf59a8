//! Members who are readmitted: earlier API keys no longer give access to the organization.

use loggia_domain::key::{Ability, ApiKey, Caller, Descendants, Overlap};
use loggia_domain::once::Once;
use loggia_domain::policy::Denied;
use loggia_domain::port::{Includes, StoreError};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Scope, ScopeChoice};
use loggia_domain::service::{KeyError, NewKey, NewMemberKey, SpaceError};
use loggia_domain::space::NewSpace;
use loggia_domain::text::KeyName;
use loggia_domain::user::MemberPatch;
use loggia_testkit::builders::{GRACE, claim};

use crate::once::{change, done, kept, make, response_for};
use crate::support::{HIDDEN, House, NO_SCOPE, account, first, space_name};

fn name(text: &str) -> KeyName {
    KeyName::parse(text).expect("a name")
}

fn own(default_scope: Scope, reach: Reach) -> NewKey {
    NewKey { name: name("laptop"), default_scope, reach, ability: Ability::Write, expires_at: None }
}

fn at_once() -> Overlap {
    Overlap::new(0).expect("an overlap")
}

impl House {
    /// Creates a key of Grace without a parent, with access to all her scopes.
    async fn graces(&self, default_scope: Scope) -> ApiKey {
        let new = own(default_scope, Reach::Everywhere);
        self.loggia.operator().issue_key(self.ada.actor(), self.grace.user, new).await.expect("a key").key
    }

    async fn by_operator(&self, who: &Caller, patch: MemberPatch) {
        let changed = self.loggia.operator().update_member(self.organization, who.user, patch).await;
        changed.expect("a change");
    }

    async fn readmit_grace(&self) {
        self.deactivate(&self.grace).await;
        let back = MemberPatch { active: Some(true), ..MemberPatch::default() };
        self.by_operator(&self.grace, back).await;
        self.forget_news().await;
    }

    /// Returns `true` if a key gives access to Harbour Works, and checks that every way of reading agrees.
    async fn is_open_to(&self, key: &ApiKey) -> bool {
        let (loggia, caller) = (&self.loggia, Caller::from(key));
        let me = loggia.acting_as(&caller).me(&first(100)).await.expect("the caller");
        let listed =
            me.organizations.items.iter().any(|(organization, _)| organization.id == self.organization);
        assert_eq!(me.member.is_some(), listed || key.default_scope != self.scope);
        let read = loggia.acting_as(&caller).organization(self.organization).await.is_ok();
        let members = loggia.acting_as(&caller).member(self.organization, self.ada.user).await.is_ok();
        let choice = ScopeChoice::Organization(self.organization);
        let made = loggia.acting_as(&caller).create_space(choice, NewSpace::named(space_name("Quay"))).await;
        if !listed {
            refused!(
                loggia.acting_as(&caller).organization(self.organization).await,
                loggia_domain::service::OrganizationError::Denied(HIDDEN)
            );
            refused!(made, SpaceError::Denied(NO_SCOPE));
        } else {
            made.expect("a space");
        }
        assert_eq!((read, members), (listed, listed));
        listed
    }
}

#[tokio::test]
async fn a_key_from_before_a_readmission_loses_access_to_that_organization_only() {
    let house = House::open().await;
    let (personal, space) = (Scope::Personal(house.grace.user), house.space("Pier", None).await);
    let [here, at_home] = [house.graces(house.scope).await, house.graces(personal).await];
    house
        .loggia
        .operator()
        .add_account_member(house.elsewhere, &account(GRACE), ScopeRole::Member)
        .await
        .expect("a member");
    assert!(house.is_open_to(&here).await && house.is_open_to(&at_home).await);
    house.deactivate(&house.grace).await;
    let between = house.graces(personal).await;
    assert!(
        !house.is_open_to(&here).await
            && !house.is_open_to(&at_home).await
            && !house.is_open_to(&between).await
    );
    let back = MemberPatch { active: Some(true), ..MemberPatch::default() };
    house.by_operator(&house.grace, back).await;

    for key in [&here, &at_home, &between] {
        assert!(!house.is_open_to(key).await, "a key from before");
        let caller = Caller::from(key);
        let found = house.loggia.acting_as(&caller).space(space.id, Includes::default()).await;
        refused!(found, SpaceError::Denied(HIDDEN));
        refused!(house.loggia.acting_as(&caller).delete_space(space.id).await, SpaceError::Denied(HIDDEN));
        house.loggia.acting_as(&caller).organization(house.elsewhere).await.expect("an organization");
        let note = NewSpace::named(space_name("Note"));
        house
            .loggia
            .acting_as(&caller)
            .create_space(ScopeChoice::Personal, note)
            .await
            .expect("a space of her own");
    }
    let after = house.graces(house.scope).await;
    assert!(house.is_open_to(&after).await, "a key from afterwards");
    assert!(house.is_open_to(&house.graces(personal).await).await, "whatever its default scope");
    house
        .loggia
        .acting_as(&house.grace)
        .space(space.id, Includes::default())
        .await
        .expect("the space, for the host");
}

#[tokio::test]
async fn no_other_change_of_a_member_closes_the_organization_to_keys() {
    let house = House::open().await;
    let key = house.graces(house.scope).await;
    let changes = [
        MemberPatch { role: Some(ScopeRole::Viewer), active: Some(true), ..MemberPatch::default() },
        MemberPatch { role: Some(ScopeRole::Member), ..MemberPatch::default() },
        MemberPatch { username: Some(None), ..MemberPatch::default() },
    ];
    for patch in changes {
        change(&house, &house.grace, patch).await;
        house
            .loggia
            .acting_as(&Caller::from(&key))
            .organization(house.organization)
            .await
            .expect("the organization");
    }
    // The readmission of another user has no effect on the key.
    house.deactivate(&house.edsger).await;
    house.by_operator(&house.edsger, MemberPatch { active: Some(true), ..MemberPatch::default() }).await;
    assert!(house.is_open_to(&key).await);
}

#[tokio::test]
async fn each_readmission_closes_the_organization_to_the_keys_from_before_it() {
    let house = House::open().await;
    let mut keys = Vec::new();
    for _ in 0..3 {
        keys.push(house.graces(house.scope).await);
        house.readmit_grace().await;
    }
    for key in &keys {
        assert!(!house.is_open_to(key).await);
    }
    // A readmission to another organization has no effect here.
    let key = house.graces(house.scope).await;
    house
        .loggia
        .operator()
        .add_account_member(house.elsewhere, &account(GRACE), ScopeRole::Member)
        .await
        .expect("a member");
    for active in [false, true] {
        let patch = MemberPatch { active: Some(active), ..MemberPatch::default() };
        let changed = house.loggia.operator().update_member(house.elsewhere, house.grace.user, patch).await;
        changed.expect("a change");
    }
    assert!(house.is_open_to(&key).await);
    let there = house.loggia.acting_as(&Caller::from(&key)).organization(house.elsewhere).await;
    refused!(there, loggia_domain::service::OrganizationError::Denied(Denied::Hidden));
}

#[tokio::test]
async fn a_key_from_before_creates_no_key_with_access_to_the_organization() {
    let house = House::open().await;
    let personal = Scope::Personal(house.grace.user);
    let before = house.graces(personal).await;
    house.readmit_grace().await;
    let caller = Caller::from(&before);
    for reach in [Reach::Everywhere, Reach::Only(house.organization)] {
        let made = house.loggia.acting_as(&caller).create_own_key(own(house.scope, reach)).await;
        refused!(made, KeyError::NotInScope);
    }
    let child = house.loggia.acting_as(&caller).create_own_key(own(personal, Reach::Everywhere)).await;
    let child = child.expect("a key").key;
    assert!(!house.is_open_to(&child).await, "a child of a key from before");
    let rotated = house.loggia.acting_as(&Caller::from(&child)).rotate_own_key(child.id, at_once()).await;
    let rotated = rotated.expect("a key").key;
    assert!(!house.is_open_to(&rotated).await, "a key that took its place");
    let grandchild = house
        .loggia
        .acting_as(&Caller::from(&rotated))
        .create_own_key(own(personal, Reach::Everywhere))
        .await;
    assert!(!house.is_open_to(&grandchild.expect("a key").key).await, "a child of that one");
    // The key stays closed out when a revocation above leaves its line without a parent.
    house.loggia.acting_as(&caller).revoke_own_key(before.id, Descendants::Keep).await.expect("a revocation");
    assert!(!house.is_open_to(&rotated).await);
}

#[tokio::test]
async fn a_rotated_key_has_no_more_access_than_the_old_key_and_the_calling_key() {
    let house = House::open().await;
    let personal = Scope::Personal(house.grace.user);
    let [before, third] = [house.graces(personal).await, house.graces(personal).await];
    let another = house.graces(house.scope).await;
    house.readmit_grace().await;
    let after = house.graces(personal).await;
    let rotate = async |with: &ApiKey, old: &ApiKey| {
        house
            .loggia
            .acting_as(&Caller::from(with))
            .rotate_own_key(old.id, at_once())
            .await
            .map(|issued| issued.key)
    };
    // A key from before the readmission whose default scope is the organization can be rotated neither by itself nor by a later key.
    refused!(rotate(&another, &another).await, KeyError::NotInScope);
    refused!(rotate(&after, &another).await, KeyError::NotInScope);
    let new = rotate(&after, &before).await.expect("a key");
    assert!(!house.is_open_to(&new).await, "in the place of a key from before");
    let new = rotate(&third, &after).await.expect("a key");
    assert!(!house.is_open_to(&new).await, "by a key from before");
    let last = house.graces(house.scope).await;
    let last = rotate(&last, &last).await.expect("a key");
    assert!(house.is_open_to(&last).await, "a key from afterwards keeps what it opens");
}

#[tokio::test]
async fn a_key_issued_by_an_admin_after_a_readmission_gives_access() {
    let house = House::of_own_people().await;
    house.graces(house.scope).await;
    house.readmit_grace().await;
    let new = NewMemberKey { name: name("pipeline"), ability: Ability::Write, expires_at: None };
    let issued =
        house.loggia.acting_as(&house.ada).issue_member_key(house.organization, house.grace.user, new).await;
    let issued = issued.expect("a key").key;
    assert!(house.is_open_to(&issued).await);
    let child = own(house.scope, Reach::Only(house.organization));
    let child =
        house.loggia.acting_as(&Caller::from(&issued)).create_own_key(child).await.expect("a key").key;
    assert!(house.is_open_to(&child).await);
}

#[tokio::test]
async fn a_key_from_before_gets_no_stored_response_of_that_organization() {
    let house = House::open().await;
    let before = Caller::from(&house.graces(house.scope).await);
    let once = claim("POST /v1/spaces", "once");
    let space = done(make(&house.loggia, &before, &once, "Quay").await).expect("a space");
    house.readmit_grace().await;
    let outcome = make(&house.loggia, &before, &once, "Quay").await.expect("an answer");
    assert!(matches!(outcome, Once::NoLonger), "{outcome:?}");
    let after = Caller::from(&house.graces(house.scope).await);
    assert_eq!(kept(make(&house.loggia, &after, &once, "Quay").await), response_for(&space));
}

/// A caller who was authenticated when a call began is checked again before the commit.
#[tokio::test]
async fn a_call_in_flight_of_a_key_from_before_writes_nothing() {
    let house = House::open().await;
    let before = Caller::from(&house.graces(house.scope).await);
    house.readmit_grace().await;
    let mut uow =
        house.ports.store.begin_for(&before, house.ports.clock.now()).await.expect("a unit of work");
    let found: Result<_, StoreError> = uow.role_in_scope(&before.viewer(), house.scope).await;
    assert_eq!(found.expect("a look-up"), None);
}
