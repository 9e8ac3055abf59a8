//! Keys that admins issue for members: they reach one organization, and admins neither see nor revoke a member's other keys.

use loggia_domain::id::{KeyId, OrganizationId, UserId};
use loggia_domain::key::{Ability, Caller, Descendants};
use loggia_domain::page::PageRequest;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{KeyError as E, NewKey, NewMember, NewMemberKey};
use loggia_domain::text::KeyName;
use loggia_testkit::builders::KATHERINE;

use crate::support::{HIDDEN, House, NOBODY, READ_ONLY, ROLE, only, reading};

fn pipeline() -> NewMemberKey {
    NewMemberKey {
        name: KeyName::parse("pipeline").expect("a name"),
        ability: Ability::Write,
        expires_at: None,
    }
}

impl House {
    /// Adds a machine to Harbour Works.
    async fn robot(&self) -> UserId {
        let new = NewMember::machine(KATHERINE.profile(), ScopeRole::Member);
        let added = self.loggia.acting_as(&self.ada).add_member(self.organization, new).await;
        let user = added.expect("a machine").user;
        self.call(user.as_uuid(), "the robot");
        self.forget_news().await;
        user
    }

    /// Creates a key of the caller's own, for Harbour Works.
    async fn own(&self, who: &Caller, reach: Reach) -> KeyId {
        let new = NewKey {
            name: KeyName::parse("laptop").expect("a name"),
            default_scope: self.scope,
            reach,
            ability: Ability::Write,
            expires_at: None,
        };
        self.loggia.acting_as(who).create_own_key(new).await.expect("a key").key.id
    }
}

#[tokio::test]
async fn an_admin_issues_lists_and_revokes_a_machines_key() {
    let house = House::of_own_people().await;
    let robot = house.robot().await;
    let issued = house
        .loggia
        .acting_as(&house.ada)
        .issue_member_key(house.organization, robot, pipeline())
        .await
        .expect("a key");
    assert_eq!((issued.key.user, issued.key.default_scope), (robot, house.scope));
    assert_eq!(issued.key.reach, Reach::Only(house.organization));
    house.call(issued.key.id.as_uuid(), "the key");
    assert_eq!(
        house.news().await,
        ["Ada created api_key the key: user - > the robot, name - > pipeline, ability - > write"]
    );
    let caller = house.loggia.authenticate(&issued.secret).await.expect("it opens").caller;
    assert_eq!((caller.user, caller.reach), (robot, Reach::Only(house.organization)));
    let listed = house
        .loggia
        .acting_as(&reading(&house.barbara))
        .member_keys(house.organization, robot, &PageRequest::FIRST)
        .await;
    assert_eq!(listed.expect("a list").items, std::slice::from_ref(&issued.key));
    let revoke = async || {
        house
            .loggia
            .acting_as(&house.barbara)
            .revoke_member_key(house.organization, robot, issued.key.id, Descendants::Revoke)
            .await
    };
    let revoked = revoke().await.expect("a revocation");
    assert_eq!(revoked.key.revoked_at, Some(house.loggia.now()));
    assert!(house.loggia.authenticate(&issued.secret).await.is_err());
    house.wait();
    assert_eq!(revoke().await.expect("no change"), revoked);
}

#[tokio::test]
async fn a_machine_gets_no_key_that_reaches_beyond_its_organization() {
    let house = House::of_own_people().await;
    let robot = house.robot().await;
    let wide = NewKey {
        name: KeyName::parse("laptop").expect("a name"),
        default_scope: house.scope,
        reach: Reach::Everywhere,
        ability: Ability::Write,
        expires_at: None,
    };
    let own =
        house.loggia.operator().issue_key(house.ada.actor(), robot, wide.clone()).await.expect("a key").key;
    assert_eq!(own.reach, Reach::Only(house.organization));
    let personal = NewKey { default_scope: Scope::Personal(robot), ..wide };
    refused!(house.loggia.operator().issue_key(house.ada.actor(), robot, personal).await, E::NotInScope);
}

#[tokio::test]
async fn a_members_other_keys_are_not_there_for_the_admin() {
    let house = House::open().await;
    let (organization, grace) = (house.organization, house.grace.user);
    let wide = house.own(&house.grace, Reach::Everywhere).await;
    let narrow = house.own(&house.grace, Reach::Only(organization)).await;
    let adas = house.own(&house.ada, Reach::Only(organization)).await;
    let listed = house
        .loggia
        .acting_as(&house.ada)
        .member_keys(organization, grace, &PageRequest::FIRST)
        .await
        .expect("a list");
    assert_eq!(listed.items.iter().map(|key| key.id).collect::<Vec<_>>(), [narrow]);
    for other in [wide, adas, KeyId::from_uuid(NOBODY)] {
        refused!(
            house
                .loggia
                .acting_as(&house.ada)
                .revoke_member_key(organization, grace, other, Descendants::Revoke)
                .await,
            E::KeyNotFound
        );
    }
    assert!(
        house
            .loggia
            .acting_as(&house.ada)
            .revoke_member_key(organization, grace, narrow, Descendants::Revoke)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn only_an_admin_of_the_organization_handles_its_members_keys() {
    let house = House::of_own_people().await;
    let robot = house.robot().await;
    let key =
        house.loggia.acting_as(&house.ada).issue_member_key(house.organization, robot, pipeline()).await;
    let key = key.expect("a key").key.id;
    house.forget_news().await;
    let nowhere = OrganizationId::from_uuid(NOBODY);
    for (caller, id, refusal) in [
        (house.ada, nowhere, HIDDEN),
        (house.alan, house.organization, HIDDEN),
        (only(&house.ada, house.elsewhere), house.organization, HIDDEN),
        (house.grace, house.organization, ROLE),
        (house.edsger, house.organization, ROLE),
        (reading(&house.ada), house.organization, READ_ONLY),
    ] {
        let outcomes = [
            house.loggia.acting_as(&caller).issue_member_key(id, robot, pipeline()).await.map(|_| ()),
            house
                .loggia
                .acting_as(&caller)
                .revoke_member_key(id, robot, key, Descendants::Revoke)
                .await
                .map(|_| ()),
            // The caller is checked before the member whom the call is about.
            house
                .loggia
                .acting_as(&caller)
                .revoke_member_key(id, house.alan.user, key, Descendants::Revoke)
                .await
                .map(|_| ()),
        ];
        for outcome in outcomes {
            assert!(matches!(&outcome, Err(E::Denied(denied)) if *denied == refusal), "{outcome:?}");
        }
        if refusal != READ_ONLY {
            let listed = house.loggia.acting_as(&caller).member_keys(id, robot, &PageRequest::FIRST).await;
            assert!(matches!(&listed, Err(E::Denied(denied)) if *denied == refusal), "{listed:?}");
        }
    }
    let stranger = house.alan.user;
    let organization = house.organization;
    refused!(
        house.loggia.acting_as(&house.ada).member_keys(organization, stranger, &PageRequest::FIRST).await,
        E::UserNotFound
    );
    let issued =
        house.loggia.acting_as(&house.ada).issue_member_key(organization, stranger, pipeline()).await;
    refused!(issued, E::UserNotFound);
    refused!(
        house
            .loggia
            .acting_as(&house.ada)
            .revoke_member_key(organization, stranger, key, Descendants::Revoke)
            .await,
        E::UserNotFound
    );
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn a_member_without_access_gets_no_key_and_no_key_is_issued_expired() {
    let house = House::of_own_people().await;
    let now = house.loggia.now();
    let until = |end| NewMemberKey { expires_at: Some(end), ..pipeline() };
    let issue = async |new| {
        house.loggia.acting_as(&house.ada).issue_member_key(house.organization, house.grace.user, new).await
    };
    refused!(issue(until(now)).await, E::AlreadyExpired);
    assert!(issue(until(now.plus_seconds(1))).await.is_ok());
    house.deactivate(&house.grace).await;
    refused!(issue(pipeline()).await, E::NotInScope);
    let listed = house
        .loggia
        .acting_as(&house.ada)
        .member_keys(house.organization, house.grace.user, &PageRequest::FIRST)
        .await;
    assert_eq!(listed.expect("a list").items.len(), 1, "what they had is still to be seen, and ended");
}
