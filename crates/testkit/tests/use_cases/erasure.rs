//! The erasure of users by an organization: the data that goes, the records that stay, and the users that cannot be erased.

use loggia_domain::event::Actor;
use loggia_domain::id::UserId;
use loggia_domain::key::{Ability, Caller};
use loggia_domain::organization::LastAdmin;
use loggia_domain::page::{MemberQuery, PageRequest};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::Reach;
use loggia_domain::service::{
    AuthenticationError, IssuedKey, NewAccount, NewKey, NewMember, NewMemberKey, OrganizationError as E,
    RosterError,
};
use loggia_domain::task::TaskStatus;
use loggia_domain::text::{AvatarUrl, EmployeeNumber, KeyName, Username};
use loggia_domain::user::{Member, MemberPatch, MemberRefused, Profile};
use loggia_testkit::builders::{GRACE, KATHERINE};

use crate::support::{HIDDEN, House, NOBODY, READ_ONLY, ROLE, batch, only, out, reading};

impl House {
    /// Adds Katherine as an own person of Harbour Works, with a whole profile.
    async fn katherine(&self, role: ScopeRole) -> Caller {
        let profile = Profile {
            username: Username::parse("kath").ok(),
            employee_number: EmployeeNumber::parse("42").ok(),
            avatar: AvatarUrl::parse("https://example.com/katherine.png").ok(),
            ..KATHERINE.profile()
        };
        let new = NewMember::person(KATHERINE.email(), profile, role);
        let added = self.loggia.operator().add_member(self.organization, new).await;
        let member = added.expect("a member");
        self.call(member.user.as_uuid(), KATHERINE.first);
        self.forget_news().await;
        self.wait();
        only(&Caller::unchecked(member.user, member.scope), self.organization)
    }

    async fn erase(&self, user: UserId) -> Result<Member, E> {
        self.loggia.acting_as(&self.ada).erase_member(self.organization, user).await
    }

    async fn key_of(&self, user: UserId) -> IssuedKey {
        let new = NewKey {
            name: KeyName::parse("badge").expect("a name"),
            default_scope: self.scope,
            reach: Reach::Only(self.organization),
            ability: Ability::Write,
            expires_at: None,
        };
        self.loggia.operator().issue_key(Actor::Operator, user, new).await.expect("a key")
    }

    /// Returns everything that Harbour Works shows and records of its members.
    async fn shown(&self) -> String {
        let (loggia, query, page) = (&self.loggia, MemberQuery::default(), PageRequest::FIRST);
        let members = loggia.acting_as(&self.ada).list_members(self.organization, &query, &page).await;
        let events = self.ports.views.events(self.scope, None, 1_000).await.expect("events");
        format!("{:?} {events:?}", members.expect("the members").items)
    }
}

#[tokio::test]
async fn an_erased_person_loses_name_and_address_and_access_and_work() {
    let house = House::open().await;
    let katherine = house.katherine(ScopeRole::Member).await;
    let (harbour, basin) = (house.project("Harbour").await, house.project("Basin").await);
    house.join(&harbour, &katherine, RosterRole::Member).await;
    house.join(&basin, &katherine, RosterRole::Admin).await;
    let user = katherine.user;
    let open = house.task(&harbour, "Dredge", |new| new.assignee = Some(user)).await;
    let done =
        house.task(&basin, "Drain", |new| (new.assignee, new.status) = (Some(user), TaskStatus::Done)).await;
    for word in ["Katherine", "Johnson", "katherine", "kath", "\"42\""] {
        assert!(house.shown().await.contains(word), "{word} is there before");
    }

    let erased = house.erase(user).await.expect("she is erased");
    assert_eq!((erased.user, erased.active, erased.role), (user, false, ScopeRole::Member));
    assert_eq!((erased.email.as_ref(), &erased.profile), (None, &Profile::erased()));
    assert_eq!((erased.updated_at, erased.revision), (house.loggia.now(), 2));
    assert_eq!(
        house.news().await,
        [
            "Ada deleted membership on the roster: project Harbour > -, user Katherine > -, role member > -"
                .to_owned(),
            "Ada deleted membership on the roster: project Basin > -, user Katherine > -, role admin > -"
                .to_owned(),
            "Ada updated task Dredge: assignee Katherine > -".to_owned(),
            format!(
                "Ada updated member Katherine: active true > false, erased_at - > {}",
                house.loggia.now().to_rfc3339()
            ),
        ]
    );
    for word in ["Katherine", "Johnson", "katherine", "kath", "\"42\""] {
        assert!(!house.shown().await.contains(word), "{word} is gone");
    }
    assert_eq!(house.task_now(open.id).await.assignee, None);
    assert_eq!(house.task_now(done.id).await, done, "what is finished keeps its nameless assignee");
    let shown = house.loggia.acting_as(&house.ada).member(house.organization, user).await;
    assert_eq!(shown.expect("the member"), erased, "the membership stays readable");
    refused!(house.loggia.acting_as(&katherine).organization(house.organization).await, E::Denied(HIDDEN));
}

#[tokio::test]
async fn every_key_of_the_erased_and_every_key_that_descends_from_one_is_dead() {
    let house = House::open().await;
    let katherine = house.katherine(ScopeRole::Admin).await;
    let badge = house.key_of(katherine.user).await;
    let maker = Caller::from(&badge.key);
    let new = NewMemberKey {
        name: KeyName::parse("gate").expect("a name"),
        ability: Ability::Read,
        expires_at: None,
    };
    let machine = NewMember::machine(GRACE.profile(), ScopeRole::Member);
    let machine = house.loggia.operator().add_member(house.organization, machine).await;
    let machine = machine.expect("a machine").user;
    let child = house.loggia.acting_as(&maker).issue_member_key(house.organization, machine, new).await;
    let child = child.expect("a key that descends from the badge");
    let bystander = house.key_of(machine).await;
    house.erase(katherine.user).await.expect("she is erased");
    for key in [&badge, &child] {
        refused!(house.loggia.authenticate(&key.secret).await, AuthenticationError::InvalidKey);
    }
    house.loggia.authenticate(&bystander.secret).await.expect("another key of the descendant's user");
}

#[tokio::test]
async fn erasing_again_changes_nothing() {
    let house = House::open().await;
    let katherine = house.katherine(ScopeRole::Member).await;
    let erased = house.erase(katherine.user).await.expect("she is erased");
    house.forget_news().await;
    house.wait();
    assert_eq!(house.erase(katherine.user).await.expect("nothing to do"), erased);
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn an_erased_user_is_neither_changed_nor_readmitted() {
    let house = House::open().await;
    let katherine = house.katherine(ScopeRole::Member).await;
    house.erase(katherine.user).await.expect("she is erased");
    house.forget_news().await;
    let back = MemberPatch { active: Some(true), ..MemberPatch::default() };
    let role = MemberPatch { role: Some(ScopeRole::Admin), ..MemberPatch::default() };
    for patch in [back, role, out(), MemberPatch::default()] {
        let admin = &house.ada;
        let changed =
            house.loggia.acting_as(admin).update_member(house.organization, katherine.user, patch).await;
        refused!(changed, E::Refused(MemberRefused::Erased));
    }
    let harbour = house.project("Harbour").await;
    let people = batch(&[(katherine.user, RosterRole::Member)]);
    let added = house.loggia.acting_as(&house.ada).add_to_roster(harbour.id, &people).await;
    refused!(added, RosterError::UserNotFound { index: 0 });
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn the_address_and_the_profile_are_free_for_another_person() {
    let house = House::open().await;
    let katherine = house.katherine(ScopeRole::Member).await;
    house.erase(katherine.user).await.expect("she is erased");
    let other = house.katherine(ScopeRole::Member).await;
    assert_ne!(other.user, katherine.user);
    let shown =
        house.loggia.acting_as(&house.ada).member(house.organization, other.user).await.expect("the member");
    assert_eq!((shown.email, shown.active), (Some(KATHERINE.email()), true));
}

#[tokio::test]
async fn an_inactive_person_and_a_machine_are_erased_too() {
    let house = House::open().await;
    let katherine = house.katherine(ScopeRole::Member).await;
    house.deactivate(&katherine).await;
    let new = NewMember::machine(KATHERINE.profile(), ScopeRole::Member);
    let machine = house.loggia.operator().add_member(house.organization, new).await;
    let machine = machine.expect("a machine").user;
    for user in [katherine.user, machine] {
        let erased = house.erase(user).await.expect("an erasure");
        assert_eq!((erased.active, erased.profile), (false, Profile::erased()));
    }
    assert!(!house.shown().await.contains("Katherine"));
}

#[tokio::test]
async fn an_account_is_not_erased_by_an_organization() {
    let house = House::open().await;
    let new = NewAccount { email: KATHERINE.email(), profile: KATHERINE.profile() };
    let member =
        house.loggia.operator().add_account_member(house.organization, &new, ScopeRole::Member).await;
    let member = member.expect("an account");
    house.forget_news().await;
    let (ada, operator) = (house.loggia.acting_as(&house.ada), house.loggia.operator());
    for erased in [
        ada.erase_member(house.organization, member.user).await,
        operator.erase_member(house.organization, member.user).await,
    ] {
        refused!(erased, E::Refused(MemberRefused::BelongsToAccount));
    }
    assert_eq!(house.news().await, [""; 0]);
    let shown = house.loggia.acting_as(&house.ada).member(house.organization, member.user).await;
    assert_eq!(shown.expect("the member"), member);
}

#[tokio::test]
async fn the_last_admin_is_not_erased() {
    let house = House::open().await;
    let katherine = house.katherine(ScopeRole::Admin).await;
    for user in [house.ada.user, house.barbara.user] {
        let demoted = MemberPatch { role: Some(ScopeRole::Member), ..MemberPatch::default() };
        let id = house.organization;
        house.loggia.operator().update_member(id, user, demoted).await.expect("another admin is left");
    }
    house.forget_news().await;
    let herself = &katherine;
    let erased = house.loggia.acting_as(herself).erase_member(house.organization, katherine.user).await;
    refused!(erased, E::Refused(MemberRefused::LastAdmin(LastAdmin)));
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn only_an_admin_of_the_organization_erases_its_people() {
    let house = House::open().await;
    let user = house.katherine(ScopeRole::Member).await.user;
    for (caller, denied) in [
        (house.grace, ROLE),
        (house.edsger, ROLE),
        (house.alan, HIDDEN),
        (reading(&house.ada), READ_ONLY),
        (only(&house.ada, house.elsewhere), HIDDEN),
    ] {
        let outcome = house.loggia.acting_as(&caller).erase_member(house.organization, user).await;
        match outcome {
            Err(E::Denied(found)) => assert_eq!(found, denied),
            other => panic!("expected {denied:?}, got {other:?}"),
        }
    }
    // A person of another organization is not found by any caller.
    for (user, organization) in [
        (UserId::from_uuid(NOBODY), house.organization),
        (house.alan.user, house.organization),
        (user, house.elsewhere),
    ] {
        let outcome = house.loggia.operator().erase_member(organization, user).await;
        refused!(outcome, E::UserNotFound);
    }
    assert_eq!(house.news().await, [""; 0]);
}
