//! Inviting accounts to an organization: several at once, all or none, and the permission to see, withdraw and resend an invitation.

use std::sync::Arc;

use loggia_domain::id::{InvitationId, OrganizationId, ProjectId};
use loggia_domain::invitation::{Invitation, InvitedProject, InvitedProjects};
use loggia_domain::key::Caller;
use loggia_domain::project::Visibility;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::{BatchError, MAX_BATCH};
use loggia_domain::service::{InvitationError as E, IssuedInvitation, NewInvitation, NewInvitations};
use loggia_domain::text::EmailAddress;
use loggia_testkit::builders::{ALAN, KATHERINE, email};
use loggia_testkit::intercept::Recorder;

use crate::support::{HIDDEN, House, NOBODY, READ_ONLY, ROLE, first, only, reading};

/// Returns the request to invite an address.
pub(crate) fn to(
    email: EmailAddress,
    role: ScopeRole,
    projects: &[(ProjectId, RosterRole)],
) -> NewInvitation {
    let projects = projects.iter().map(|(project, role)| InvitedProject { project: *project, role: *role });
    NewInvitation { email, role, projects: InvitedProjects::new(projects.collect()).expect("projects") }
}

fn worker(number: usize) -> NewInvitation {
    to(email(&format!("worker{number}@example.com")), ScopeRole::Viewer, &[])
}

impl House {
    /// Invites, as Ada, and skips the events.
    pub(crate) async fn invite(&self, new: NewInvitation) -> IssuedInvitation {
        let issued = self.try_invite(&self.ada, vec![new]).await.expect("an invitation").remove(0);
        self.call(issued.invitation.id.as_uuid(), "the invitation");
        self.forget_news().await;
        self.wait();
        issued
    }

    async fn try_invite(&self, who: &Caller, new: Vec<NewInvitation>) -> Result<Vec<IssuedInvitation>, E> {
        let new = NewInvitations::new(new).expect("a batch");
        self.loggia.acting_as(who).invite(self.organization, &new).await
    }

    /// Returns the invitations of Harbour Works, as Ada sees them.
    pub(crate) async fn invitations(&self) -> Vec<Invitation> {
        let page = self.loggia.acting_as(&self.ada).invitations(self.organization, &first(100)).await;
        page.expect("a page").items
    }
}

#[test]
fn a_batch_has_one_to_a_hundred_different_addresses() {
    assert_eq!(NewInvitations::new(Vec::new()), Err(BatchError::Empty));
    let hundred: Vec<NewInvitation> = (0..MAX_BATCH).map(worker).collect();
    let batch = NewInvitations::new(hundred.clone()).expect("a full batch");
    assert_eq!(batch.as_slice(), hundred, "in the order in which they were named");
    let more = hundred.into_iter().chain([worker(MAX_BATCH)]).collect();
    assert_eq!(NewInvitations::new(more), Err(BatchError::TooMany));
    let twice = vec![worker(1), worker(2), to(email("WORKER1@example.com"), ScopeRole::Admin, &[])];
    assert_eq!(NewInvitations::new(twice), Err(BatchError::Duplicate(2)));
}

#[tokio::test]
async fn several_people_are_invited_at_once_each_with_an_own_token() {
    let house = House::open().await;
    let (basin, harbour) = (house.project("Basin").await, house.project("Harbour").await);
    let projects = [(harbour.id, RosterRole::Admin), (basin.id, RosterRole::Member)];
    let new = vec![worker(2), to(KATHERINE.email(), ScopeRole::Member, &projects), worker(1)];
    let issued = house.try_invite(&house.ada, new).await.expect("three invitations");
    let invitations: Vec<Invitation> = issued.iter().map(|issued| issued.invitation.clone()).collect();
    let emails = ["worker2@example.com", "katherine@example.com", "worker1@example.com"];
    assert_eq!(invitations.iter().map(|new| new.email.as_str()).collect::<Vec<_>>(), emails);
    let now = house.loggia.now();
    for invitation in &invitations {
        assert_eq!(
            (invitation.organization, invitation.invited_by),
            (house.organization, Some(house.ada.user))
        );
        assert_eq!((invitation.created_at, invitation.expires_at), (now, now.plus_seconds(1_209_600)));
    }
    let sorted = [(basin.id, RosterRole::Member), (harbour.id, RosterRole::Admin)];
    let sorted = sorted.map(|(project, role)| InvitedProject { project, role });
    assert_eq!((invitations[1].role, invitations[1].projects.as_slice()), (ScopeRole::Member, &sorted[..]));
    assert_eq!(house.invitations().await, invitations, "no list contains a token");
    let mut tokens: Vec<&str> = issued.iter().map(|issued| issued.token.expose()).collect();
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), 3);

    for (invitation, name) in invitations.iter().zip(["first", "second", "third"]) {
        house.call(invitation.id.as_uuid(), name);
    }
    let end = invitations[0].expires_at.to_rfc3339();
    assert_eq!(
        house.news().await,
        [
            format!("Ada created invitation first: role - > viewer, expires_at - > {end}"),
            format!("Ada created invitation second: role - > member, expires_at - > {end}"),
            format!("Ada created invitation third: role - > viewer, expires_at - > {end}"),
        ]
    );
}

#[tokio::test]
async fn invitations_are_made_all_or_none() {
    let house = House::open().await;
    let harbour = house.project("Harbour").await;
    let foreign = house.open_project(&house.alan, "Quay", Visibility::Organization).await;
    let there = house.invite(worker(1)).await;
    let again = to(email("Worker1@example.com"), ScopeRole::Admin, &[]);
    let taken = house.try_invite(&house.ada, vec![worker(2), again.clone()]).await;
    refused!(taken, E::AlreadyInvited { index: 1 });
    for unknown in [foreign.id, ProjectId::from_uuid(NOBODY)] {
        let projects = [(harbour.id, RosterRole::Member), (unknown, RosterRole::Member)];
        let new = vec![again.clone(), to(KATHERINE.email(), ScopeRole::Member, &projects)];
        let outcome = house.try_invite(&house.ada, new).await;
        refused!(outcome, E::UnknownProject { index: 1, project_index: 1 });
    }
    assert_eq!(house.invitations().await, [there.invitation]);
    assert_eq!(house.news().await, [""; 0]);
    // An address that a member has, of either kind, is invited as any other.
    house
        .try_invite(&house.ada, vec![to(ALAN.email(), ScopeRole::Member, &[])])
        .await
        .expect("an invitation");
    house
        .try_invite(&house.ada, vec![to(email("grace@example.com"), ScopeRole::Member, &[])])
        .await
        .expect("one");
}

#[tokio::test]
async fn an_admin_manages_invitations_and_nobody_else_does() {
    let house = House::open().await;
    let id = house.invite(worker(1)).await.invitation.id;
    let nowhere = OrganizationId::from_uuid(NOBODY);
    macro_rules! each_refused {
        ($caller:expr, $organization:expr, $writing:pat, $reading:pat) => {{
            let (caller, organization) = (&$caller, $organization);
            let (who, one) = (caller, NewInvitations::from(worker(2)));
            refused!(house.loggia.acting_as(who).invite(organization, &one).await, E::Denied($writing));
            refused!(
                house.loggia.acting_as(who).withdraw_invitation(organization, id).await,
                E::Denied($writing)
            );
            refused!(
                house.loggia.acting_as(who).resend_invitation(organization, id).await,
                E::Denied($writing)
            );
            refused!(house.loggia.acting_as(caller).invitations(organization, &first(9)).await, $reading);
        }};
    }
    each_refused!(house.alan, house.organization, HIDDEN, E::Denied(HIDDEN));
    each_refused!(house.ada, nowhere, HIDDEN, E::Denied(HIDDEN));
    each_refused!(only(&house.ada, house.elsewhere), house.organization, HIDDEN, E::Denied(HIDDEN));
    each_refused!(house.grace, house.organization, ROLE, E::Denied(ROLE));
    each_refused!(house.edsger, house.organization, ROLE, E::Denied(ROLE));
    let reader = reading(&house.ada);
    let one = NewInvitations::from(worker(2));
    let outcome = house.loggia.acting_as(&reader).invite(house.organization, &one).await;
    refused!(outcome, E::Denied(READ_ONLY));
    let seen =
        house.loggia.acting_as(&reader).invitations(house.organization, &first(9)).await.expect("a page");
    assert_eq!(seen.items.len(), 1);
    assert_eq!(house.news().await, [""; 0]);

    let confined = only(&house.barbara, house.organization);
    house.try_invite(&confined, vec![worker(3)]).await.expect("an invitation");
    let by_operator = house.loggia.operator().invite(house.organization, &one).await;
    assert_eq!(by_operator.expect("an invitation")[0].invitation.invited_by, None);
    let listed = house.loggia.operator().invitations(house.organization, &first(9)).await;
    assert_eq!(listed.expect("a page").items, house.invitations().await);
    refused!(house.loggia.operator().invitations(nowhere, &first(9)).await, E::Denied(HIDDEN));
}

#[tokio::test]
async fn an_unknown_invitation_is_neither_withdrawn_nor_resent() {
    let house = House::open().await;
    let ada = &house.ada;
    let gone = house.invite(worker(1)).await.invitation.id;
    house.loggia.acting_as(ada).withdraw_invitation(house.organization, gone).await.expect("a withdrawal");
    let foreign = NewInvitations::from(worker(1));
    let foreign = house.loggia.acting_as(&house.alan).invite(house.elsewhere, &foreign).await;
    let foreign = foreign.expect("an invitation")[0].invitation.id;
    house.forget_news().await;
    for id in [gone, foreign, InvitationId::from_uuid(NOBODY)] {
        refused!(house.loggia.acting_as(ada).withdraw_invitation(house.organization, id).await, E::NotFound);
        refused!(house.loggia.acting_as(ada).resend_invitation(house.organization, id).await, E::NotFound);
    }
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn a_withdrawn_invitation_is_gone_and_the_address_can_be_invited_again() {
    let house = House::open().await;
    let issued = house.invite(worker(1)).await;
    let (ada, id) = (&house.ada, issued.invitation.id);
    house.loggia.acting_as(ada).withdraw_invitation(house.organization, id).await.expect("a withdrawal");
    let end = issued.invitation.expires_at.to_rfc3339();
    let event = format!("Ada deleted invitation the invitation: role viewer > -, expires_at {end} > -");
    assert_eq!(house.news().await, [event]);
    assert_eq!(house.invitations().await, []);
    house.invite(worker(1)).await;
}

#[tokio::test]
async fn a_resent_invitation_has_a_new_token_and_fourteen_days_from_now() {
    let house = House::open().await;
    let first = house.invite(worker(1)).await;
    let (ada, id) = (&house.ada, first.invitation.id);
    let second =
        house.loggia.acting_as(ada).resend_invitation(house.organization, id).await.expect("a new token");
    assert!(first.token != second.token);
    let expires_at = house.loggia.now().plus_seconds(Invitation::SECONDS);
    assert_eq!(second.invitation, Invitation { expires_at, ..first.invitation.clone() });
    assert_eq!(house.invitations().await, [second.invitation]);
    let (before, after) = (first.invitation.expires_at.to_rfc3339(), expires_at.to_rfc3339());
    let event = format!("Ada updated invitation the invitation: expires_at {before} > {after}");
    assert_eq!(house.news().await, [event]);
}

/// The store is asked for no user at all, so neither the response nor its duration depends on who has the address.
#[tokio::test]
async fn inviting_asks_the_store_for_no_user() {
    let house = House::open().await;
    let calls = Arc::new(Recorder::new());
    let one = NewInvitations::from(to(ALAN.email(), ScopeRole::Member, &[]));
    let issued = house.behind(calls.clone()).operator().invite(house.organization, &one).await;
    assert_eq!(issued.expect("an invitation")[0].invitation.email, ALAN.email());
    assert_eq!(calls.take(), ["begin", "lock_any_organization", "insert_invitation", "append", "commit"]);
}
