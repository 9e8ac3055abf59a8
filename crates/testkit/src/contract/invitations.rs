//! Invitations of accounts to organizations, and their tokens.

use loggia_domain::id::{InvitationId, OrganizationId, ProjectId};
use loggia_domain::instant::Timestamp;
use loggia_domain::invitation::{Invitation, InvitedProject};
use loggia_domain::key::KeyHash;
use loggia_domain::page::{Direction, invitation_position};
use loggia_domain::port::{Inserted, MemberInserted};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Reach, Scope, Viewer};
use loggia_domain::user::Member;

use super::Fixture;
use super::extremes::{before_the_epoch, earliest, exact, latest};
use super::pagination::{check_pagination, sorted, whole};
use crate::builders::{self, ADA, ALAN, BARBARA, EDSGER, GRACE, KATHERINE, email, viewer};
use crate::seed::{self, World, commit};

/// Loads an invitation as a unit of work does.
async fn load(fixture: &Fixture, organization: OrganizationId, id: InvitationId) -> Option<Invitation> {
    let mut work = fixture.begin().await;
    assert!(work.lock_any_organization(organization).await.expect("a lock").is_some());
    work.invitation(organization, id).await.expect("a lookup")
}

/// Finds an invitation by its token.
async fn find(fixture: &Fixture, hash: &KeyHash, now: Timestamp) -> Option<InvitationId> {
    let found = fixture.begin().await.invitation_by_token(hash, now).await.expect("a lookup");
    found.map(|(_, id)| id)
}

const fn invited(project: ProjectId, role: RosterRole) -> InvitedProject {
    InvitedProject { project, role }
}

/// Invitations are stored unchanged, in every role, with and without projects, and with or without a member who invited.
pub async fn invitations_are_stored_unchanged(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let (organization, admin) = (world.organization.id, world.admin.user);
    let basin = seed::project(ports, world.scope, admin, "Basin", |_| ()).await;
    let mut projects =
        vec![invited(basin.id, RosterRole::Admin), invited(world.project.id, RosterRole::Member)];
    projects.sort_by_key(|invited| invited.project);
    let plain = builders::invitation(ports, organization, ALAN);
    let full = Invitation {
        email: email("Katherine.Johnson+Orbit@Exämple.com"),
        role: ScopeRole::Admin,
        projects,
        invited_by: Some(admin),
        created_at: exact(),
        expires_at: latest(),
        ..builders::invitation(ports, organization, KATHERINE)
    };
    let old = Invitation {
        role: ScopeRole::Viewer,
        projects: vec![invited(basin.id, RosterRole::Member)],
        created_at: earliest(),
        expires_at: before_the_epoch(),
        ..builders::invitation(ports, organization, BARBARA)
    };
    for (invitation, token) in [(&plain, "plain"), (&full, "full"), (&old, "old")] {
        seed::invitation(ports, invitation, token).await;
        assert_eq!(load(fixture, organization, invitation.id).await.as_ref(), Some(invitation));
    }
    let listed = fixture.views().invitations(&world.as_admin(), organization, &whole()).await;
    assert_eq!(listed.expect("a list"), [plain, full, old], "by id, expired or not");
}

/// A second invitation of one address, however it is spelled, is refused with a value, and the unit of work continues. Another
/// organization may invite the address as well.
pub async fn an_address_is_invited_once_to_each_organization(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let other = seed::organization(ports, "Quay Works").await.id;
    let first = builders::invitation(ports, world.organization.id, ALAN);
    seed::invitation(ports, &first, "first").await;
    let again = Invitation {
        email: email("ALAN@Example.Com"),
        ..builders::invitation(ports, world.organization.id, ALAN)
    };
    let katherine = builders::invitation(ports, world.organization.id, KATHERINE);
    let mut work = fixture.begin().await;
    assert!(work.lock_any_organization(world.organization.id).await.expect("a lock").is_some());
    let hash = ports.secrets.digest("again");
    assert_eq!(work.insert_invitation(&again, &hash).await.expect("an answer"), Inserted::KeyTaken);
    assert_eq!(work.insert_invitation(&katherine, &hash).await.expect("an answer"), Inserted::Yes);
    commit(work).await;
    let elsewhere = builders::invitation(ports, other, ALAN);
    seed::invitation(ports, &elsewhere, "elsewhere").await;
    let listed = fixture.views().invitations(&world.as_admin(), world.organization.id, &whole()).await;
    assert_eq!(listed.expect("a list"), [first, katherine]);
    assert_eq!(load(fixture, other, elsewhere.id).await, Some(elsewhere));
}

/// A token finds its invitation, and the organization, up to the microsecond before the invitation expires.
pub async fn a_token_finds_its_invitation_until_that_expires(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let other = seed::organization(ports, "Quay Works").await.id;
    let here = builders::invitation(ports, world.organization.id, ALAN);
    let there = builders::invitation(ports, other, ALAN);
    let hash = seed::invitation(ports, &here, "here").await;
    let other_hash = seed::invitation(ports, &there, "there").await;
    let just_before = Timestamp::from_micros(here.expires_at.micros() - 1).expect("a time");
    for now in [earliest(), here.created_at, just_before] {
        let mut work = fixture.begin().await;
        let found = work.invitation_by_token(&hash, now).await.expect("a lookup");
        assert_eq!(found, Some((here.organization, here.id)));
        let found = work.invitation_by_token(&other_hash, now).await.expect("a lookup");
        assert_eq!(found, Some((there.organization, there.id)));
    }
    for now in [here.expires_at, latest()] {
        assert_eq!(find(fixture, &hash, now).await, None);
    }
    for unknown in [ports.secrets.digest("Here"), KeyHash::from_bytes([0; 32])] {
        assert_eq!(find(fixture, &unknown, here.created_at).await, None);
    }
    assert_eq!(load(fixture, other, here.id).await, None, "it is another organization's");
    assert_eq!(load(fixture, here.organization, here.id).await, Some(here), "an expired one is still there");
}

/// A renewed invitation has its new token and its new expiry, and is otherwise as it was; the earlier token finds nothing.
pub async fn a_renewed_invitation_is_found_by_its_new_token_only(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let organization = world.organization.id;
    let projects = vec![invited(world.project.id, RosterRole::Admin)];
    let before = Invitation { projects, ..builders::invitation(ports, organization, ALAN) };
    let bystander = builders::invitation(ports, organization, KATHERINE);
    let old = seed::invitation(ports, &before, "old").await;
    let other = seed::invitation(ports, &bystander, "other").await;
    let after = Invitation { expires_at: before.expires_at.plus_seconds(60), ..before.clone() };
    let new = ports.secrets.digest("new");
    let mut work = fixture.begin().await;
    assert!(work.lock_any_organization(organization).await.expect("a lock").is_some());
    work.renew_invitation(&after, &new).await.expect("an update");
    commit(work).await;
    assert_eq!(find(fixture, &old, before.created_at).await, None);
    assert_eq!(find(fixture, &new, before.expires_at).await, Some(after.id));
    assert_eq!(find(fixture, &other, before.created_at).await, Some(bystander.id));
    let listed = fixture.views().invitations(&world.as_admin(), organization, &whole()).await;
    assert_eq!(listed.expect("a list"), [after, bystander], "the other is as it was");
}

/// A deleted invitation is gone with its token and its projects, and its address may be invited again. No other invitation changes.
pub async fn a_deleted_invitation_is_deleted_with_its_projects(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let organization = world.organization.id;
    let projects = vec![invited(world.project.id, RosterRole::Member)];
    let gone = Invitation { projects: projects.clone(), ..builders::invitation(ports, organization, ALAN) };
    let stays = Invitation { projects, ..builders::invitation(ports, organization, KATHERINE) };
    let hash = seed::invitation(ports, &gone, "gone").await;
    let other = seed::invitation(ports, &stays, "stays").await;
    let mut work = fixture.begin().await;
    assert!(work.lock_any_organization(organization).await.expect("a lock").is_some());
    work.delete_invitation(organization, gone.id).await.expect("a deletion");
    assert_eq!(work.invitation(organization, gone.id).await.expect("a lookup"), None);
    drop(work);
    assert_eq!(load(fixture, organization, gone.id).await.as_ref(), Some(&gone), "it was undone");
    let mut work = fixture.begin().await;
    assert!(work.lock_any_organization(organization).await.expect("a lock").is_some());
    work.delete_invitation(organization, gone.id).await.expect("a deletion");
    commit(work).await;
    assert_eq!(load(fixture, organization, gone.id).await, None);
    assert_eq!(find(fixture, &hash, gone.created_at).await, None);
    assert_eq!(find(fixture, &other, stays.created_at).await, Some(stays.id));
    let again = builders::invitation(ports, organization, ALAN);
    seed::invitation(ports, &again, "again").await;
    let listed = fixture.views().invitations(&world.as_admin(), organization, &whole()).await;
    assert_eq!(listed.expect("a list"), [stays, again]);
}

/// The deletion of a project removes it from the invitations, which otherwise stay.
pub async fn a_deleted_project_is_left_out_of_its_invitations(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let organization = world.organization.id;
    let kept = seed::project(ports, world.scope, world.admin.user, "Basin", |_| ()).await;
    let mut both = vec![invited(world.project.id, RosterRole::Admin), invited(kept.id, RosterRole::Admin)];
    both.sort_by_key(|invited| invited.project);
    let to_both = Invitation { projects: both, ..builders::invitation(ports, organization, ALAN) };
    let to_one = Invitation {
        projects: vec![invited(world.project.id, RosterRole::Member)],
        ..builders::invitation(ports, organization, KATHERINE)
    };
    seed::invitation(ports, &to_both, "both").await;
    seed::invitation(ports, &to_one, "one").await;
    let mut work = fixture.begin().await;
    assert!(work.lock_project(&world.as_admin(), world.project.id).await.expect("a lock").is_some());
    work.delete_project(world.scope, world.project.id).await.expect("a deletion");
    commit(work).await;
    let expected = [
        Invitation { projects: vec![invited(kept.id, RosterRole::Admin)], ..to_both },
        Invitation { projects: Vec::new(), ..to_one },
    ];
    let listed = fixture.views().invitations(&world.as_admin(), organization, &whole()).await;
    assert_eq!(listed.expect("a list"), expected);
    for invitation in expected {
        assert_eq!(load(fixture, organization, invitation.id).await, Some(invitation));
    }
}

/// Of the named projects, those of the scope are returned, by ascending id and each once.
pub async fn projects_are_held_in_their_scope_only(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let admin = world.admin.user;
    let basin = seed::project(ports, world.scope, admin, "Basin", |_| ()).await.id;
    let at_home = seed::project(ports, Scope::Personal(admin), admin, "Garden", |_| ()).await.id;
    let other = seed::organization(ports, "Quay Works").await.id;
    let alan = seed::member(ports, other, ALAN, ScopeRole::Admin).await;
    let foreign = seed::project(ports, alan.scope, alan.user, "Quay", |_| ()).await.id;
    let unknown = ProjectId::from_uuid(ports.ids.next());
    let harbour = world.project.id;
    let mut expected = vec![basin, harbour];
    expected.sort();
    let mut work = fixture.begin().await;
    assert!(work.lock_any_organization(world.organization.id).await.expect("a lock").is_some());
    let mut named = [basin, at_home, harbour, foreign, unknown, harbour];
    for _ in 0..2 {
        assert_eq!(work.hold_projects(world.scope, &named).await.expect("a lock"), expected);
        named.reverse();
    }
    assert_eq!(work.hold_projects(world.scope, &[]).await.expect("a lock"), []);
    assert_eq!(work.hold_projects(world.scope, &[foreign]).await.expect("a lock"), []);
}

/// Invitations are listed by id, whatever their addresses. An invitation of another organization takes no row of a page.
pub async fn invitations_are_listed_once_each_by_id(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let organization = world.organization.id;
    let other = seed::organization(ports, "Quay Works").await.id;
    let mut expected = Vec::new();
    for (index, who) in [KATHERINE, ALAN, GRACE, BARBARA, EDSGER, ADA].into_iter().enumerate() {
        let projects = vec![invited(world.project.id, RosterRole::Member)];
        let invitation = builders::invitation(ports, organization, who);
        // An invitation with several projects is one row of the list.
        let invitation = if index % 2 == 0 { Invitation { projects, ..invitation } } else { invitation };
        seed::invitation(ports, &invitation, &format!("here {index}")).await;
        let elsewhere = builders::invitation(ports, other, who);
        seed::invitation(ports, &elsewhere, &format!("there {index}")).await;
        expected.push(invitation_position(invitation.id));
    }
    let expected = sorted(expected, Direction::Ascending);
    let (views, reader) = (fixture.views(), &world.as_admin());
    check_pagination("invitations", &expected, Direction::Ascending, |window| async move {
        let found = views.invitations(reader, organization, &window).await.expect("a list");
        found.iter().map(|invitation| invitation_position(invitation.id)).collect()
    })
    .await;
    check_pagination("invitations, for the operator", &expected, Direction::Ascending, |window| async move {
        let found = views.invitations_of(organization, &window).await.expect("a list");
        found.iter().map(|invitation| invitation_position(invitation.id)).collect()
    })
    .await;
}

/// The list of invitations is visible to active members of the organization only, through keys that reach it.
pub async fn invitations_are_visible_to_active_members_of_the_organization_only(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let organization = world.organization.id;
    let other = seed::organization(ports, "Quay Works").await.id;
    let alan = seed::member(ports, other, ALAN, ScopeRole::Admin).await;
    let invitation = builders::invitation(ports, organization, KATHERINE);
    seed::invitation(ports, &invitation, "here").await;
    let mut work = fixture.begin().await;
    assert!(work.lock_any_organization(organization).await.expect("a lock").is_some());
    let left = Member { active: false, ..world.viewer.clone() };
    assert_eq!(work.update_member(&left).await.expect("an update"), MemberInserted::Yes);
    commit(work).await;
    let views = fixture.views();
    let listed = |reader: Viewer, organization| async move {
        views.invitations(&reader, organization, &whole()).await.expect("a list")
    };
    let narrow = |reach| Viewer { reach: Reach::Only(reach), ..world.as_admin() };
    for reader in [world.as_admin(), world.as_member(), narrow(organization)] {
        assert_eq!(listed(reader, organization).await, std::slice::from_ref(&invitation));
    }
    for reader in [viewer(alan.user), world.as_viewer(), narrow(other)] {
        assert_eq!(listed(reader, organization).await, []);
    }
    assert_eq!(listed(viewer(alan.user), other).await, []);
    let for_operator = views.invitations_of(organization, &whole()).await.expect("a list");
    assert_eq!(for_operator, [invitation], "the operator needs no membership");
    assert_eq!(views.invitations_of(other, &whole()).await.expect("a list"), []);
}
