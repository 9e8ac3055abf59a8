//! Invitations that are accepted and withdrawn concurrently, and members who join meanwhile.

use loggia_domain::id::{InvitationId, OrganizationId, ProjectId, UserId};
use loggia_domain::invitation::{Invitation, InvitedProject};
use loggia_domain::key::KeyHash;
use loggia_domain::port::{Inserted, MemberInserted, Ports, StoreError, UnitOfWork};
use loggia_domain::project::Project;
use loggia_domain::role::RosterRole;
use loggia_domain::scope::Scope;
use loggia_domain::user::{Member, User};

use super::Fixture;
use super::contention::{ROUNDS, insist, linger, race};
use super::pagination::whole;
use crate::builders::{self, ALAN, GRACE, KATHERINE, Person};
use crate::seed::{self, World};

/// An account, and the person that it belongs to.
#[derive(Clone)]
struct Account {
    user: User,
    who: Person,
}

/// Loads the invitation of a token as the use case does: first without a lock, then again under that of the organization.
async fn lock_by_token(
    work: &mut dyn UnitOfWork,
    ports: &Ports,
    hash: &KeyHash,
) -> Result<Option<Invitation>, StoreError> {
    let now = ports.clock.now();
    let found = work.invitation_by_token(hash, now).await?;
    let Some((organization, id)) = found else { return Ok(None) };
    assert!(work.lock_any_organization(organization).await?.is_some());
    if work.invitation_by_token(hash, now).await? != found {
        return Ok(None);
    }
    work.invitation(organization, id).await
}

/// Accepts an invitation. Returns `true` if the account is a member now.
async fn accept(ports: Ports, account: Account, hash: KeyHash) -> bool {
    let user = account.user.id;
    insist(|| async {
        let mut work = ports.store.begin().await?;
        let Some(invitation) = lock_by_token(&mut *work, &ports, &hash).await? else { return Ok(false) };
        let scope = Scope::Organization(invitation.organization);
        let named: Vec<ProjectId> = invitation.projects.iter().map(|invited| invited.project).collect();
        let mut memberships = Vec::new();
        for project in work.hold_projects(scope, &named).await? {
            let number = work.next_membership_numbers(scope, project, 1).await?;
            memberships.push(builders::membership(&ports, project, user, number, RosterRole::Member));
        }
        let inserted = match work.members(scope, &[user]).await?.pop() {
            Some(member) if member.active => return Ok(false),
            Some(member) => work.update_member(&Member { active: true, ..member }).await?,
            None => {
                let number = work.next_member_number(scope).await?;
                let (user, role) = (&account.user, invitation.role);
                let member = builders::member(&ports, scope, user, account.who, number, role);
                work.insert_member(&member).await?
            }
        };
        assert_eq!(inserted, MemberInserted::Yes);
        linger().await;
        for membership in &memberships {
            assert_eq!(work.insert_membership(scope, membership).await?, Inserted::Yes);
        }
        work.delete_invitation(invitation.organization, invitation.id).await?;
        work.commit().await.map(|()| true)
    })
    .await
}

/// Withdraws an invitation. Returns `true` if it was there.
async fn withdraw(ports: Ports, organization: OrganizationId, id: InvitationId) -> bool {
    insist(|| async {
        let mut work = ports.store.begin().await?;
        assert!(work.lock_any_organization(organization).await?.is_some());
        if work.invitation(organization, id).await?.is_none() {
            return Ok(false);
        }
        linger().await;
        work.delete_invitation(organization, id).await?;
        work.commit().await.map(|()| true)
    })
    .await
}

/// Sends an invitation again, under the digest of a new token. Returns `true` if it was there.
async fn resend(ports: Ports, invitation: Invitation, hash: KeyHash) -> bool {
    insist(|| async {
        let mut work = ports.store.begin().await?;
        assert!(work.lock_any_organization(invitation.organization).await?.is_some());
        if work.invitation(invitation.organization, invitation.id).await?.is_none() {
            return Ok(false);
        }
        linger().await;
        work.renew_invitation(&invitation, &hash).await?;
        work.commit().await.map(|()| true)
    })
    .await
}

/// Deactivates a member. Returns `true` if the member was active.
async fn deactivate(ports: Ports, organization: OrganizationId, user: UserId, delays: usize) -> bool {
    let scope = Scope::Organization(organization);
    insist(|| async {
        let mut work = ports.store.begin().await?;
        assert!(work.lock_any_organization(organization).await?.is_some());
        let member = work.members(scope, &[user]).await?.pop().expect("a member");
        if !member.active {
            return Ok(false);
        }
        work.lock_rosters_of(scope, user).await?;
        for _ in 0..delays {
            linger().await;
        }
        let left = Member { active: false, ..member };
        assert_eq!(work.update_member(&left).await?, MemberInserted::Yes);
        work.remove_from_rosters(scope, user).await?;
        work.commit().await.map(|()| true)
    })
    .await
}

async fn account(ports: &Ports, who: Person) -> Account {
    Account { user: seed::person(ports, who).await, who }
}

/// Inserts an invitation of Alan to a project.
async fn invite(ports: &Ports, project: &Project, token: &str) -> (Invitation, KeyHash) {
    let organization = project.scope.organization().expect("an organization's project");
    let invitation = Invitation {
        projects: vec![InvitedProject { project: project.id, role: RosterRole::Member }],
        ..builders::invitation(ports, organization, ALAN)
    };
    let hash = seed::invitation(ports, &invitation, token).await;
    (invitation, hash)
}

/// Returns whether the user is an active member, and whether they are on the roster of the project.
async fn state(fixture: &Fixture, project: &Project, user: UserId) -> (bool, bool) {
    let mut work = fixture.begin().await;
    let members = work.members(project.scope, &[user]).await.expect("a lookup");
    let memberships = work.memberships(project.scope, project.id, &[user]).await.expect("a lookup");
    (members.iter().any(|member| member.active), !memberships.is_empty())
}

/// Of two accounts that accept one token, exactly one joins, with its projects.
pub async fn of_two_accounts_accepting_one_token_at_once_one_joins(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let (alan, katherine) = (account(ports, ALAN).await, account(ports, KATHERINE).await);
    for round in 0..ROUNDS {
        let (invitation, hash) = invite(ports, &world.project, &format!("round {round}")).await;
        let organization = invitation.organization;
        let (one, other) =
            race(accept(ports.clone(), alan.clone(), hash), accept(ports.clone(), katherine.clone(), hash))
                .await;
        assert!(one != other, "in round {round} one accepted and one found the token used");
        for (account, joined) in [(&alan, one), (&katherine, other)] {
            let user = account.user.id;
            assert_eq!(state(fixture, &world.project, user).await, (joined, joined), "in round {round}");
            if joined {
                assert!(deactivate(ports.clone(), organization, user, 0).await);
            }
        }
        assert!(!withdraw(ports.clone(), organization, invitation.id).await, "it was used");
    }
}

/// An invitation that is accepted cannot be withdrawn any more, and no account joins by one that was withdrawn.
pub async fn an_invitation_is_accepted_or_withdrawn_and_never_both(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let alan = account(ports, ALAN).await;
    let user = alan.user.id;
    for round in 0..ROUNDS {
        let (invitation, hash) = invite(ports, &world.project, &format!("round {round}")).await;
        let organization = invitation.organization;
        let (accepted, withdrawn) = race(
            accept(ports.clone(), alan.clone(), hash),
            withdraw(ports.clone(), organization, invitation.id),
        )
        .await;
        assert!(accepted != withdrawn, "in round {round} one of the two found it gone");
        assert_eq!(state(fixture, &world.project, user).await, (accepted, accepted), "in round {round}");
        if accepted {
            assert!(deactivate(ports.clone(), organization, user, 0).await);
        }
    }
}

/// An invitation that is sent again while its earlier token is accepted is accepted with exactly one of the two tokens, and afterwards the
/// earlier token opens nothing.
pub async fn an_invitation_resent_during_its_acceptance_is_accepted_with_one_token(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let alan = account(ports, ALAN).await;
    let user = alan.user.id;
    for round in 0..ROUNDS {
        let (invitation, earlier) = invite(ports, &world.project, &format!("round {round}")).await;
        let organization = invitation.organization;
        let later = ports.secrets.digest(&format!("round {round}, sent again"));
        let (accepted, resent) =
            race(accept(ports.clone(), alan.clone(), earlier), resend(ports.clone(), invitation, later))
                .await;
        assert!(accepted != resent, "in round {round} one of the two came first");
        assert_eq!(state(fixture, &world.project, user).await, (accepted, accepted), "in round {round}");
        assert!(!accept(ports.clone(), alan.clone(), earlier).await, "it is used or replaced");
        assert_eq!(accept(ports.clone(), alan.clone(), later).await, resent, "in round {round}");
        assert_eq!(state(fixture, &world.project, user).await, (true, true), "in round {round}");
        assert!(deactivate(ports.clone(), organization, user, 0).await);
    }
}

/// A member who leaves, and joins again by an invitation, while an admin deactivates them, is active and on the rosters of the invitation,
/// or is inactive and on none.
pub async fn a_member_rejoining_during_a_deactivation_is_active_or_on_no_roster(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let organization = world.organization.id;
    let alan = account(ports, ALAN).await;
    let user = alan.user.id;
    let mut here = world.project.clone();
    let mut there = seed::project(ports, world.scope, world.admin.user, "Lighthouse", |_| ()).await;
    let (_, hash) = invite(ports, &here, "first").await;
    assert!(accept(ports.clone(), alan.clone(), hash).await, "nothing is in the way");
    for round in 0..ROUNDS {
        let (_, hash) = invite(ports, &there, &format!("round {round}")).await;
        let (returning, again) = (ports.clone(), alan.clone());
        let leave_and_return = async move {
            deactivate(returning.clone(), organization, user, 1).await;
            accept(returning, again, hash).await
        };
        // The deactivation takes its time, so that the member could return meanwhile if nothing prevented that.
        let (returned, _) = race(leave_and_return, deactivate(ports.clone(), organization, user, 8)).await;
        assert!(returned, "in round {round} the member had left");
        let (is_active, is_placed) = state(fixture, &there, user).await;
        assert_eq!(is_placed, is_active, "in round {round}");
        assert_eq!(state(fixture, &here, user).await, (is_active, false), "in round {round}");
        if !is_active {
            let (_, hash) = invite(ports, &there, &format!("after round {round}")).await;
            assert!(accept(ports.clone(), alan.clone(), hash).await, "nothing is in the way");
        }
        std::mem::swap(&mut here, &mut there);
    }
}

/// An invitation that is made while its project is deleted is without that project, or is not made.
pub async fn an_invitation_made_while_its_project_is_deleted_omits_the_project(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let organization = world.organization.id;
    for round in 0..ROUNDS {
        let project = seed::project(ports, world.scope, world.admin.user, "Lighthouse", |_| ()).await;
        let invitation = Invitation {
            projects: vec![InvitedProject { project: project.id, role: RosterRole::Member }],
            ..builders::invitation(ports, organization, GRACE)
        };
        let (deleting, inviting, admin, made) =
            (ports.clone(), ports.clone(), world.as_admin(), invitation.clone());
        let scope = world.scope;
        let delete = async move {
            insist(|| async {
                let mut work = deleting.store.begin().await?;
                assert!(work.lock_project(&admin, project.id).await?.is_some());
                linger().await;
                work.delete_project(scope, project.id).await?;
                work.commit().await
            })
            .await;
        };
        let invite = async move {
            insist(|| async {
                let mut work = inviting.store.begin().await?;
                assert!(work.lock_any_organization(organization).await?.is_some());
                if work.hold_projects(scope, &[project.id]).await?.is_empty() {
                    return Ok(false);
                }
                linger().await;
                let hash = inviting.secrets.digest(&format!("round {round}"));
                assert_eq!(work.insert_invitation(&made, &hash).await?, Inserted::Yes);
                work.commit().await.map(|()| true)
            })
            .await
        };
        let ((), was_made) = race(delete, invite).await;
        let listed = fixture.views().invitations(&admin, organization, &whole()).await.expect("a list");
        let expected = was_made.then(|| Invitation { projects: Vec::new(), ..invitation.clone() });
        assert_eq!(listed, expected.into_iter().collect::<Vec<_>>(), "in round {round}");
        if was_made {
            assert!(withdraw(ports.clone(), organization, invitation.id).await);
        }
    }
}
