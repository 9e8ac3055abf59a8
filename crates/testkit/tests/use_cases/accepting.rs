//! Accounts that accept an invitation: their role and projects, the keys that open the organization, and the refusals.

use std::sync::Arc;

use loggia_domain::event::Actor;
use loggia_domain::id::{InvitationId, OrganizationId, ProjectId};
use loggia_domain::invitation::InvitationToken;
use loggia_domain::key::{Ability, Caller, KeySecret};
use loggia_domain::page::PageRequest;
use loggia_domain::project::Project;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{InvitationError as E, IssuedKey, NewInvitations, NewKey, OrganizationError};
use loggia_domain::text::{EmployeeNumber, KeyName, OrganizationName, Username};
use loggia_domain::user::{Member, MemberPatch};
use loggia_testkit::builders::{ALAN, KATHERINE};
use loggia_testkit::intercept::Recorder;

use crate::invitations::to;
use crate::support::{CONFINED, HIDDEN, House, READ_ONLY, account, newcomer, only, reading};

const DAY: i64 = 24 * 60 * 60;

impl House {
    /// Invites Alan to Harbour Works, and returns the token.
    async fn alans_token(&self, role: ScopeRole, projects: &[(ProjectId, RosterRole)]) -> InvitationToken {
        self.invite(to(ALAN.email(), role, projects)).await.token
    }

    /// Makes Alan a member of Harbour Works by an invitation, and skips the events.
    async fn alan_joins(&self, role: ScopeRole, projects: &[(ProjectId, RosterRole)]) {
        let token = self.alans_token(role, projects).await;
        self.loggia.acting_as(&self.alan).accept_invitation(&token).await.expect("a membership");
        self.forget_news().await;
    }

    async fn alan_leaves(&self) {
        self.loggia.acting_as(&self.alan).leave_organization(self.organization).await.expect("he leaves");
        self.forget_news().await;
        self.wait();
    }

    /// Returns a member of Harbour Works.
    async fn member_now(&self, who: &Caller) -> Member {
        self.loggia.acting_as(&self.ada).member(self.organization, who.user).await.expect("a member")
    }

    /// Returns the role on a roster, and names the membership in the log of events.
    async fn roster_role(&self, project: &Project, who: &Caller) -> Option<RosterRole> {
        let roster = self.loggia.acting_as(&self.ada).list_roster(project.id, &PageRequest::FIRST).await;
        let roster = roster.expect("the roster").items;
        let membership =
            roster.into_iter().map(|view| view.membership).find(|membership| membership.user == who.user)?;
        self.call(membership.id.as_uuid(), &format!("on {}", project.name));
        Some(membership.role)
    }

    /// Issues a key of Alan's.
    async fn alans_key(&self, default_scope: Scope, reach: Reach) -> IssuedKey {
        let name = KeyName::parse("laptop").expect("a name");
        let new = NewKey { name, default_scope, reach, ability: Ability::Write, expires_at: None };
        self.loggia.operator().issue_key(Actor::Operator, self.alan.user, new).await.expect("a key")
    }

    async fn alans_key_at_home(&self) -> KeySecret {
        self.alans_key(Scope::Personal(self.alan.user), Reach::Everywhere).await.secret
    }

    /// Returns the caller that a key stands for at present.
    async fn caller(&self, secret: &KeySecret) -> Caller {
        self.loggia.authenticate(secret).await.expect("a live key").caller
    }

    /// Returns `true` if a key gives access to Harbour Works.
    async fn opens_harbour(&self, secret: &KeySecret) -> bool {
        let found = self.loggia.acting_as(&self.caller(secret).await).organization(self.organization).await;
        assert!(matches!(found, Ok(_) | Err(OrganizationError::Denied(HIDDEN))), "{found:?}");
        found.is_ok()
    }
}

#[tokio::test]
async fn an_account_that_accepts_has_exactly_the_role_and_the_projects_of_the_invitation() {
    let house = House::open().await;
    let (basin, harbour) = (house.project("Basin").await, house.private_project("Harbour").await);
    let dock = house.project("Dock").await;
    let projects = [(harbour.id, RosterRole::Admin), (basin.id, RosterRole::Member)];
    let issued = house.invite(to(KATHERINE.email(), ScopeRole::Viewer, &projects)).await;

    // The address says where the token was sent. Alan, who was handed it, has another one.
    let (organization, role) =
        house.loggia.acting_as(&house.alan).accept_invitation(&issued.token).await.expect("a membership");
    assert_eq!((organization.id, role), (house.organization, ScopeRole::Viewer));
    let shown =
        house.loggia.acting_as(&house.alan).organization(house.organization).await.expect("his organization");
    assert_eq!(shown, (organization, role));
    let member = house.member_now(&house.alan).await;
    assert_eq!((member.role, member.active, member.revision), (ScopeRole::Viewer, true, 1));
    assert_eq!((member.number.get(), member.created_at), (5, house.loggia.now()));
    assert_eq!((member.profile, member.email), (ALAN.profile(), Some(ALAN.email())));
    assert_eq!(house.roster_role(&basin, &house.alan).await, Some(RosterRole::Member));
    assert_eq!(house.roster_role(&harbour, &house.alan).await, Some(RosterRole::Admin));
    assert_eq!(house.roster_role(&dock, &house.alan).await, None);
    assert_eq!(house.invitations().await, []);
    let end = issued.invitation.expires_at.to_rfc3339();
    assert_eq!(
        house.news().await,
        [
            "Alan created member Alan: role - > viewer, active - > true, first_name - > Alan, last_name - > Turing"
                .to_owned(),
            "Alan created membership on Basin: project - > Basin, user - > Alan, role - > member"
                .to_owned(),
            "Alan created membership on Harbour: project - > Harbour, user - > Alan, role - > admin"
                .to_owned(),
            format!("Alan deleted invitation the invitation: role viewer > -, expires_at {end} > -"),
        ]
    );
}

#[tokio::test]
async fn a_new_membership_has_no_username_or_number_of_another_scope() {
    let house = House::open().await;
    let mut new = account(KATHERINE);
    new.profile.username = Username::parse("kate").ok();
    let own = house.loggia.operator().add_account(&new).await.expect("an account");
    let katherine = Caller::unchecked(own.user, own.scope);
    let token = house.invite(to(KATHERINE.email(), ScopeRole::Member, &[])).await.token;
    house.loggia.acting_as(&katherine).accept_invitation(&token).await.expect("a membership");
    assert_eq!(house.member_now(&katherine).await.profile, KATHERINE.profile());
}

#[tokio::test]
async fn a_former_member_gets_the_role_and_the_projects_of_the_invitation_and_none_from_before() {
    let house = House::open().await;
    let (basin, harbour) = (house.project("Basin").await, house.project("Harbour").await);
    house.alan_joins(ScopeRole::Admin, &[(basin.id, RosterRole::Admin)]).await;
    let known = MemberPatch {
        username: Some(Username::parse("alan").ok()),
        employee_number: Some(EmployeeNumber::parse("E-7").ok()),
        ..MemberPatch::default()
    };
    let (admin, user) = (&house.ada, house.alan.user);
    house.loggia.acting_as(admin).update_member(house.organization, user, known).await.expect("a change");
    let before = house.member_now(&house.alan).await;
    house.alan_leaves().await;

    let token = house.alans_token(ScopeRole::Viewer, &[(harbour.id, RosterRole::Member)]).await;
    let (_, role) =
        house.loggia.acting_as(&house.alan).accept_invitation(&token).await.expect("a membership");
    assert_eq!(role, ScopeRole::Viewer);
    let after = house.member_now(&house.alan).await;
    let (updated_at, revision) = (house.loggia.now(), before.revision + 2);
    assert_eq!(after, Member { role, updated_at, revision, ..before }, "the organization's records are kept");
    assert_eq!(house.roster_role(&basin, &house.alan).await, None);
    assert_eq!(house.roster_role(&harbour, &house.alan).await, Some(RosterRole::Member));
    let news = house.news().await;
    assert_eq!(news[0], "Alan updated member Alan: role admin > viewer, active false > true");
    assert_eq!(news.len(), 3, "{news:?}");
}

#[tokio::test]
async fn of_the_earlier_keys_only_the_calling_one_regains_access() {
    let house = House::open().await;
    house.alan_joins(ScopeRole::Member, &[]).await;
    let [by, other] = [house.alans_key_at_home().await, house.alans_key_at_home().await];
    let confined = house.alans_key(house.scope, Reach::Only(house.organization)).await;
    assert!(house.opens_harbour(&by).await && house.opens_harbour(&other).await);
    house.alan_leaves().await;
    let between = house.alans_key_at_home().await;
    assert!(!house.opens_harbour(&by).await);

    let token = house.alans_token(ScopeRole::Member, &[]).await;
    house.loggia.acting_as(&house.caller(&by).await).accept_invitation(&token).await.expect("a membership");
    assert!(house.opens_harbour(&by).await, "the account asked for this access by means of it");
    for earlier in [&other, &between] {
        assert!(!house.opens_harbour(earlier).await);
    }
    assert!(house.loggia.authenticate(&confined.secret).await.is_err(), "it is revoked");
    assert!(house.opens_harbour(&house.alans_key_at_home().await).await, "a key from afterwards");
}

#[tokio::test]
async fn a_key_from_before_a_readmission_elsewhere_accepts_no_invitation() {
    let house = House::open().await;
    house.alan_joins(ScopeRole::Member, &[]).await;
    let old = house.alans_key_at_home().await;
    house.alan_leaves().await;
    house.alan_joins(ScopeRole::Member, &[]).await;
    house.alan_leaves().await;
    let issued = house.invite(to(ALAN.email(), ScopeRole::Member, &[])).await;
    let outcome = house.loggia.acting_as(&house.caller(&old).await).accept_invitation(&issued.token).await;
    refused!(outcome, E::KeyTooOld);
    assert!(!house.member_now(&house.alan).await.active);
    assert_eq!(house.invitations().await, [issued.invitation], "the invitation stays");
    assert_eq!(house.news().await, [""; 0]);
    let newer = house.alans_key_at_home().await;
    house
        .loggia
        .acting_as(&house.caller(&newer).await)
        .accept_invitation(&issued.token)
        .await
        .expect("a membership");
    assert!(house.opens_harbour(&newer).await && !house.opens_harbour(&old).await);
}

/// The first membership of an organization is open to every key, so none is too old for it.
#[tokio::test]
async fn an_old_key_joins_an_organization_that_its_user_was_never_in() {
    let house = House::open().await;
    house.alan_joins(ScopeRole::Member, &[]).await;
    let old = house.alans_key_at_home().await;
    house.alan_leaves().await;
    house.alan_joins(ScopeRole::Member, &[]).await;
    let name = OrganizationName::parse("Pier Works").expect("a name");
    let (third, _) =
        house.loggia.acting_as(&house.ada).create_organization(name).await.expect("an organization");
    let new = NewInvitations::from(to(ALAN.email(), ScopeRole::Member, &[]));
    let issued = house.loggia.acting_as(&house.ada).invite(third.id, &new).await;
    let token = &issued.expect("an invitation")[0].token;
    house.loggia.acting_as(&house.caller(&old).await).accept_invitation(token).await.expect("a membership");
    let opened = house.loggia.acting_as(&house.caller(&old).await).organization(third.id).await;
    assert!(opened.is_ok() && !house.opens_harbour(&old).await);
}

#[tokio::test]
async fn only_an_account_accepts_with_a_key_that_writes_and_reaches_everywhere() {
    let house = House::of_own_people().await;
    let issued = house.invite(to(ALAN.email(), ScopeRole::Member, &[])).await;
    let accept =
        async |caller: Caller| house.loggia.acting_as(&caller).accept_invitation(&issued.token).await;
    refused!(accept(only(&house.alan, house.elsewhere)).await, E::Denied(CONFINED));
    refused!(accept(reading(&house.alan)).await, E::Denied(READ_ONLY));
    let own = house.loggia.operator().add_member(house.elsewhere, newcomer(KATHERINE)).await;
    let own = own.expect("a person of Quay Works");
    refused!(accept(Caller::unchecked(own.user, own.scope)).await, E::NotAnAccount);
    refused!(accept(house.grace).await, E::NotAnAccount);
    assert_eq!(house.invitations().await, std::slice::from_ref(&issued.invitation));
    assert_eq!(house.news().await, [""; 0]);
    accept(house.alan).await.expect("a membership");
}

#[tokio::test]
async fn an_active_member_accepts_nothing_and_the_invitation_stays() {
    let house = House::open().await;
    let harbour = house.project("Harbour").await;
    let new = to(ALAN.email(), ScopeRole::Admin, &[(harbour.id, RosterRole::Admin)]);
    let issued = house.invite(new).await;
    refused!(house.loggia.acting_as(&house.grace).accept_invitation(&issued.token).await, E::AlreadyAMember);
    assert_eq!(house.member_now(&house.grace).await.role, ScopeRole::Member);
    assert_eq!(house.roster_role(&harbour, &house.grace).await, None);
    assert_eq!(house.invitations().await, [issued.invitation]);
    assert_eq!(house.news().await, [""; 0]);
    house.loggia.acting_as(&house.alan).accept_invitation(&issued.token).await.expect("a membership");
}

#[tokio::test]
async fn a_token_that_is_wrong_used_withdrawn_replaced_or_expired_is_refused_alike() {
    let house = House::open().await;
    let ada = &house.ada;
    let katherine = house.loggia.operator().add_account(&account(KATHERINE)).await.expect("an account");
    let katherine = Caller::unchecked(katherine.user, katherine.scope);
    let used = house.alans_token(ScopeRole::Member, &[]).await;
    house.loggia.acting_as(&katherine).accept_invitation(&used).await.expect("a membership");
    let withdrawn = house.invite(to(ALAN.email(), ScopeRole::Member, &[])).await;
    let id = withdrawn.invitation.id;
    house.loggia.acting_as(ada).withdraw_invitation(house.organization, id).await.expect("a withdrawal");
    let replaced = house.invite(to(ALAN.email(), ScopeRole::Member, &[])).await;
    let id = replaced.invitation.id;
    let current =
        house.loggia.acting_as(ada).resend_invitation(house.organization, id).await.expect("a new token");
    house.forget_news().await;
    let wrong = InvitationToken::from_entropy([7; 32]);
    for token in [&wrong, &used, &withdrawn.token, &replaced.token] {
        refused!(house.loggia.acting_as(&house.alan).accept_invitation(token).await, E::UnknownToken);
    }
    house.clock.advance_seconds(14 * DAY);
    refused!(house.loggia.acting_as(&house.alan).accept_invitation(&current.token).await, E::UnknownToken);
    house.clock.advance_micros(-1);
    assert_eq!(house.news().await, [""; 0]);
    house
        .loggia
        .acting_as(&house.alan)
        .accept_invitation(&current.token)
        .await
        .expect("a membership, in time");
}

#[tokio::test]
async fn an_expired_invitation_is_listed_and_can_be_sent_again() {
    let house = House::open().await;
    let issued = house.invite(to(ALAN.email(), ScopeRole::Member, &[])).await;
    house.clock.advance_seconds(15 * DAY);
    assert_eq!(house.invitations().await, std::slice::from_ref(&issued.invitation));
    let (ada, id) = (&house.ada, issued.invitation.id);
    let again =
        house.loggia.acting_as(ada).resend_invitation(house.organization, id).await.expect("a new token");
    refused!(house.loggia.acting_as(&house.alan).accept_invitation(&issued.token).await, E::UnknownToken);
    house.loggia.acting_as(&house.alan).accept_invitation(&again.token).await.expect("a membership");
}

#[tokio::test]
async fn a_project_that_was_deleted_since_is_left_out() {
    let house = House::open().await;
    let (gone, kept) = (house.project("Basin").await, house.project("Harbour").await);
    let projects = [(gone.id, RosterRole::Admin), (kept.id, RosterRole::Admin)];
    let token = house.alans_token(ScopeRole::Member, &projects).await;
    house.loggia.acting_as(&house.ada).delete_project(gone.id).await.expect("a deletion");
    assert_eq!(house.invitations().await[0].projects.len(), 1);
    house.loggia.acting_as(&house.alan).accept_invitation(&token).await.expect("a membership");
    assert_eq!(house.roster_role(&kept, &house.alan).await, Some(RosterRole::Admin));
}

/// The call that held the lock of the organization before may have accepted or withdrawn the invitation, or replaced its token.
#[tokio::test]
async fn a_token_that_ends_before_its_organization_is_locked_is_refused_and_nothing_is_written() {
    let house = House::open().await;
    let token = house.alans_token(ScopeRole::Member, &[]).await;
    let calls = Arc::new(Recorder::new().changing(|call, number, answer| {
        if (call, number) == ("invitation_by_token", 2)
            && let Some(found) = answer.downcast_mut::<Option<(OrganizationId, InvitationId)>>()
        {
            *found = None;
        }
    }));
    refused!(
        house.behind(calls.clone()).acting_as(&house.alan).accept_invitation(&token).await,
        E::UnknownToken
    );
    let expected =
        ["begin_for", "members", "invitation_by_token", "lock_any_organization", "invitation_by_token"];
    assert_eq!(calls.take(), expected);
}

/// An admin who is deactivated does not come back by an invitation of their own, nor does anybody else by it.
#[tokio::test]
async fn an_invitation_ends_when_the_member_who_made_it_is_no_longer_an_active_admin() {
    let house = House::open().await;
    let by = &house.barbara;
    let new = NewInvitations::from(to(ALAN.email(), ScopeRole::Admin, &[]));
    let issued =
        house.loggia.acting_as(by).invite(house.organization, &new).await.expect("an invitation").remove(0);
    house.deactivate(&house.barbara).await;
    for account in [house.barbara, house.alan] {
        let refused = house.loggia.acting_as(&account).accept_invitation(&issued.token).await;
        refused!(refused, E::UnknownToken);
    }
    assert_eq!(house.news().await, [""; 0]);
    // Another admin sends it again, and it is that admin's then.
    let by = &house.ada;
    let resent = house.loggia.acting_as(by).resend_invitation(house.organization, issued.invitation.id).await;
    let resent = resent.expect("a token");
    assert_eq!(resent.invitation.invited_by, Some(house.ada.user));
    house.loggia.acting_as(&house.alan).accept_invitation(&resent.token).await.expect("a membership");
}
