//! Keys that other keys created: they are bounded by their creators and revoked with them.

use loggia_domain::id::KeyId;
use loggia_domain::instant::Timestamp;
use loggia_domain::key::{Ability, ApiKey, BeyondMaker, Caller, Descendants, KeyOrigin, Overlap};
use loggia_domain::port::StoreError;
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{IssuedKey, KeyError as E, NewKey, NewMemberKey};
use loggia_domain::text::KeyName;
use loggia_domain::user::MemberPatch;

use crate::support::House;

fn laptop(default_scope: Scope, expires_at: Option<Timestamp>) -> NewKey {
    NewKey {
        name: KeyName::parse("laptop").expect("a name"),
        default_scope,
        reach: Reach::Everywhere,
        ability: Ability::Write,
        expires_at,
    }
}

fn pipeline(expires_at: Option<Timestamp>) -> NewMemberKey {
    NewMemberKey { name: KeyName::parse("pipeline").expect("a name"), ability: Ability::Write, expires_at }
}

fn at_once() -> Overlap {
    Overlap::new(0).expect("an overlap")
}

impl House {
    /// Creates a key with this expiry and without a parent.
    async fn root(&self, who: &Caller, expires_at: Option<Timestamp>) -> ApiKey {
        let new = laptop(self.scope, expires_at);
        self.loggia.operator().issue_key(who.actor(), who.user, new).await.expect("a key").key
    }

    async fn child(&self, parent: &ApiKey, expires_at: Option<Timestamp>) -> Result<ApiKey, E> {
        let new = laptop(self.scope, expires_at);
        self.loggia.acting_as(&Caller::from(parent)).create_own_key(new).await.map(|issued| issued.key)
    }

    /// Issues a key for a member of Harbour Works, with an admin's key.
    async fn issued(&self, with: &ApiKey, holder: &Caller) -> ApiKey {
        let caller = Caller::from(with);
        let new = pipeline(None);
        let issued =
            self.loggia.acting_as(&caller).issue_member_key(self.organization, holder.user, new).await;
        issued.expect("a key").key
    }

    async fn rotated(&self, with: &ApiKey, key: &ApiKey) -> Result<IssuedKey, E> {
        self.loggia.acting_as(&Caller::from(with)).rotate_own_key(key.id, at_once()).await
    }

    async fn revoked(&self, who: &Caller, key: &ApiKey, descendants: Descendants) -> u64 {
        self.loggia
            .acting_as(who)
            .revoke_own_key(key.id, descendants)
            .await
            .expect("a revocation")
            .descendants
    }

    async fn is_live(&self, key: &ApiKey) -> bool {
        let found = self.ports.views.key(key.user, key.id).await.expect("a look-up").expect("the key");
        found.is_live(self.loggia.now())
    }

    async fn parent(&self, key: &ApiKey) -> Option<KeyId> {
        let mut work = self.ports.store.begin().await.expect("a unit of work");
        work.key_origin(key.id).await.expect("a look-up").expect("the key").parent
    }
}

#[tokio::test]
async fn a_key_expires_no_later_than_its_parent() {
    let house = House::open().await;
    let end = house.loggia.now().plus_seconds(3);
    let soon = house.root(&house.grace, Some(end)).await;
    let before = Timestamp::from_micros(end.micros() - 1).expect("a time");
    let after = Timestamp::from_micros(end.micros() + 1).expect("a time");
    for (wanted, expected) in [(None, end), (Some(end), end), (Some(before), before)] {
        let child = house.child(&soon, wanted).await.expect("a key");
        assert_eq!(child.expires_at, Some(expected), "{wanted:?}");
    }
    refused!(house.child(&soon, Some(after)).await, E::Beyond(BeyondMaker::End(_)));
    let endless = house.root(&house.grace, None).await;
    assert_eq!(house.child(&endless, None).await.expect("a key").expires_at, None);
    assert_eq!(house.child(&endless, Some(after)).await.expect("a key").expires_at, Some(after));
    // A caller whom the host has authenticated without a key is limited by no key.
    let new = laptop(house.scope, None);
    let own = house.loggia.acting_as(&house.grace).create_own_key(new).await.expect("a key").key;
    assert_eq!((own.expires_at, house.parent(&own).await), (None, None));
}

#[tokio::test]
async fn a_key_that_an_admin_issues_ends_no_later_than_the_admins() {
    let house = House::of_own_people().await;
    let end = house.loggia.now().plus_seconds(3);
    let soon = house.root(&house.ada, Some(end)).await;
    let issue = |wanted| {
        let caller = Caller::from(&soon);
        let (loggia, organization, grace) = (house.loggia.clone(), house.organization, house.grace.user);
        async move { loggia.acting_as(&caller).issue_member_key(organization, grace, pipeline(wanted)).await }
    };
    assert_eq!(issue(None).await.expect("a key").key.expires_at, Some(end));
    refused!(issue(Some(end.plus_seconds(1))).await, E::Beyond(BeyondMaker::End(_)));
    let issued = issue(Some(end)).await.expect("a key").key;
    assert_eq!(house.parent(&issued).await, Some(soon.id));
    assert_eq!(house.revoked(&house.ada, &soon, Descendants::Revoke).await, 2);
    assert!(!house.is_live(&issued).await, "also a key of somebody else");
}

#[tokio::test]
async fn a_key_that_has_ended_since_the_call_began_makes_none() {
    let house = House::of_own_people().await;
    let end = house.loggia.now().plus_seconds(3);
    let (soon, lost) = (house.root(&house.ada, Some(end)).await, house.root(&house.ada, None).await);
    house.revoked(&house.ada, &lost, Descendants::Revoke).await;
    house.wait();
    for dead in [&soon, &lost] {
        let caller = Caller::from(dead);
        refused!(house.child(dead, None).await, E::Store(StoreError::UnknownCaller));
        let issued = house
            .loggia
            .acting_as(&caller)
            .issue_member_key(house.organization, house.grace.user, pipeline(None))
            .await;
        refused!(issued, E::Store(StoreError::UnknownCaller));
        let other = house.root(&house.ada, None).await;
        refused!(house.rotated(dead, &other).await, E::Store(StoreError::UnknownCaller));
    }
}

#[tokio::test]
async fn revoking_a_key_revokes_its_descendants_and_reports_their_number() {
    let house = House::of_own_people().await;
    let root = house.root(&house.ada, None).await;
    let bystander = house.root(&house.ada, None).await;
    let child = house.child(&root, None).await.expect("a key");
    let grandchild = house.child(&child, None).await.expect("a key");
    let issued = house.issued(&grandchild, &house.barbara).await;
    let further = house.issued(&issued, &house.grace).await;
    let dead = house.child(&root, None).await.expect("a key");
    house.revoked(&house.ada, &dead, Descendants::Revoke).await;
    for (key, name) in [(&root, "the root"), (&child, "the child"), (&grandchild, "the grandchild")] {
        house.call(key.id.as_uuid(), name);
    }
    house.call(issued.id.as_uuid(), "the issued one");
    house.call(further.id.as_uuid(), "the one further down");
    house.forget_news().await;
    assert_eq!(house.revoked(&house.ada, &root, Descendants::Revoke).await, 4);
    for key in [&root, &child, &grandchild, &issued, &further] {
        assert!(!house.is_live(key).await);
    }
    assert!(house.is_live(&bystander).await);
    let at = house.loggia.now().to_rfc3339();
    let line = |name: &str| format!("Ada updated api_key {name}: revoked_at - > {at}");
    let names = ["the root", "the child", "the grandchild", "the issued one", "the one further down"];
    assert_eq!(house.news().await, names.map(line));
    assert_eq!(house.revoked(&house.ada, &root, Descendants::Revoke).await, 0, "once");
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn kept_children_of_a_revoked_key_pass_to_its_parent() {
    let house = House::of_own_people().await;
    let root = house.root(&house.ada, None).await;
    let child = house.child(&root, None).await.expect("a key");
    let grandchild = house.child(&child, None).await.expect("a key");
    assert_eq!(house.revoked(&house.ada, &child, Descendants::Keep).await, 0);
    assert!(!house.is_live(&child).await && house.is_live(&grandchild).await);
    assert_eq!(house.parent(&grandchild).await, Some(root.id));
    assert_eq!(
        house.revoked(&house.ada, &child, Descendants::Revoke).await,
        0,
        "it is none of that one's any more"
    );
    assert!(house.is_live(&grandchild).await);
    assert_eq!(house.revoked(&house.ada, &root, Descendants::Keep).await, 0);
    assert_eq!(house.parent(&grandchild).await, None);
    assert!(house.is_live(&grandchild).await);
}

#[tokio::test]
async fn a_key_that_rotates_itself_passes_on_its_parent_and_its_children() {
    let house = House::of_own_people().await;
    let root = house.root(&house.ada, None).await;
    let old = house.child(&root, None).await.expect("a key");
    let child = house.child(&old, None).await.expect("a key");
    let new = house.rotated(&old, &old).await.expect("a key").key;
    assert_eq!(house.parent(&new).await, Some(root.id));
    assert_eq!(house.parent(&child).await, Some(new.id), "what the old one made is the new one's");
    assert_eq!(house.revoked(&house.ada, &old, Descendants::Revoke).await, 0);
    assert!(house.is_live(&new).await && house.is_live(&child).await);
    assert_eq!(house.revoked(&house.ada, &root, Descendants::Revoke).await, 2);
}

#[tokio::test]
async fn a_key_rotated_by_another_key_becomes_its_child() {
    let house = House::of_own_people().await;
    let (one, other) = (house.root(&house.ada, None).await, house.root(&house.ada, None).await);
    let new = house.rotated(&one, &other).await.expect("a key").key;
    assert_eq!(house.parent(&new).await, Some(one.id), "the holder of that one knows the secret");
    assert_eq!(house.revoked(&house.ada, &one, Descendants::Revoke).await, 1);
    assert!(!house.is_live(&new).await);
}

#[tokio::test]
async fn no_key_rotates_one_that_outlives_it_or_that_it_descends_from() {
    let house = House::of_own_people().await;
    let end = house.loggia.now().plus_seconds(60);
    let root = house.root(&house.ada, None).await;
    let later = house.root(&house.ada, Some(end.plus_seconds(1))).await;
    let sooner = house.child(&root, Some(end)).await.expect("a key");
    for outliving in [&later, &house.root(&house.ada, None).await] {
        refused!(house.rotated(&sooner, outliving).await, E::Beyond(BeyondMaker::End(_)));
    }
    assert!(house.rotated(&sooner, &house.root(&house.ada, Some(end)).await).await.is_ok());
    let child = house.child(&root, None).await.expect("a key");
    let grandchild = house.child(&child, None).await.expect("a key");
    for descendant in [&child, &grandchild] {
        refused!(house.rotated(descendant, &root).await, E::Beyond(BeyondMaker::Ancestor));
    }
    assert!(house.is_live(&root).await, "nothing was changed");
    assert!(house.rotated(&root, &grandchild).await.is_ok(), "but the other way round");
}

#[tokio::test]
async fn an_issued_key_stays_one_when_its_holder_rotates_it() {
    let house = House::of_own_people().await;
    let admins = house.root(&house.ada, None).await;
    let issued = house.issued(&admins, &house.grace).await;
    let new = house.rotated(&issued, &issued).await.expect("a key").key;
    let mut work = house.ports.store.begin().await.expect("a unit of work");
    let origin = work.key_origin(new.id).await.expect("a look-up");
    drop(work);
    let expected = KeyOrigin { parent: Some(admins.id), issued: true };
    assert_eq!(origin, Some(expected));
    assert_eq!(house.revoked(&house.ada, &admins, Descendants::Revoke).await, 1);
    assert!(!house.is_live(&new).await, "it has not escaped the admin");
}

#[tokio::test]
async fn an_admin_who_revokes_a_members_key_revokes_its_descendants() {
    let house = House::of_own_people().await;
    let issued = house
        .loggia
        .acting_as(&house.ada)
        .issue_member_key(house.organization, house.grace.user, pipeline(None))
        .await;
    let issued = issued.expect("a key").key;
    let new = NewKey { reach: Reach::Only(house.organization), ..laptop(house.scope, None) };
    let child = house.loggia.acting_as(&Caller::from(&issued)).create_own_key(new).await.expect("a key").key;
    let (organization, grace) = (house.organization, house.grace.user);
    let revoked = house
        .loggia
        .acting_as(&house.barbara)
        .revoke_member_key(organization, grace, issued.id, Descendants::Revoke)
        .await
        .expect("a revocation");
    assert_eq!((revoked.descendants, house.is_live(&child).await), (1, false));
}

#[tokio::test]
async fn a_readmission_does_not_revive_the_keys_for_that_organization() {
    let house = House::of_own_people().await;
    let admins = house.root(&house.ada, None).await;
    let before = house.issued(&admins, &house.grace).await;
    let new = NewKey { reach: Reach::Only(house.organization), ..laptop(house.scope, None) };
    let child = house.loggia.acting_as(&Caller::from(&before)).create_own_key(new).await.expect("a key").key;
    let of_another = house.issued(&admins, &house.edsger).await;
    // The operator's keys for an own person are confined too.
    let root = house.root(&house.grace, None).await;
    house.deactivate(&house.grace).await;
    let back = MemberPatch { active: Some(true), ..MemberPatch::default() };
    let grace = house.grace.user;
    let update = async |patch| {
        house.loggia.acting_as(&house.ada).update_member(house.organization, grace, patch).await
    };
    update(back.clone()).await.expect("a change");
    assert!(!house.is_live(&before).await && !house.is_live(&child).await && !house.is_live(&root).await);
    assert!(house.is_live(&of_another).await && house.is_live(&admins).await);
    let after = house.issued(&admins, &house.grace).await;
    let renamed = MemberPatch { first_name: Some(house_name()), ..back };
    update(renamed).await.expect("a change");
    assert!(house.is_live(&after).await, "an active member keeps the keys");
}

fn house_name() -> loggia_domain::text::PersonName {
    loggia_domain::text::PersonName::parse("Amazing").expect("a name")
}
