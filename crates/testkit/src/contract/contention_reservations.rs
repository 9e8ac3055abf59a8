//! One request that is sent many times concurrently.

use loggia_domain::once::StoredResponse;
use loggia_domain::port::{Claimed, MemberInserted, StoreError};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Scope;
use loggia_domain::user::Member;

use super::Fixture;
use super::contention::{ROUNDS, concurrently, insist, linger, race};
use super::pagination::whole;
use crate::builders::{self, claim};
use crate::seed::World;

/// The number of concurrent callers.
const CALLERS: usize = 20;

/// Exactly one of the callers executes the request. The others get its response, or the result that it is in flight.
pub async fn of_twenty_concurrent_reservations_of_one_request_one_is_new(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let outcomes = concurrently(CALLERS, || {
        let (ports, world) = (ports.clone(), world.clone());
        async move {
            insist(|| async {
                let (owner, claim) = (world.as_admin(), claim("POST /v1/spaces", "once"));
                let mut work = ports.store.begin().await?;
                let claimed = work.claim(&owner, &claim, ports.clock.now()).await?;
                linger().await;
                if claimed == Claimed::New {
                    let space = builders::space(&ports, world.scope, world.admin.user, "Tides");
                    assert!(work.role_in_scope(&owner, world.scope).await?.is_some());
                    work.insert_space(&space).await?;
                    let answer = StoredResponse::Shown(space.id.as_uuid().as_bytes().to_vec());
                    work.keep(&owner, &claim, Some(world.scope), &answer).await?;
                    work.commit().await?;
                }
                Ok(claimed)
            })
            .await
        }
    })
    .await;
    let new = outcomes.iter().filter(|outcome| **outcome == Claimed::New).count();
    assert_eq!((new, outcomes.len()), (1, CALLERS), "exactly one does it");
    let mut work = fixture.begin().await;
    let claim = claim("POST /v1/spaces", "once");
    let kept = work.claim(&world.as_admin(), &claim, ports.clock.now()).await.expect("a claim");
    assert!(
        matches!(&kept, Claimed::Kept(kept) if matches!(kept.answer, StoredResponse::Shown(_))),
        "{kept:?}"
    );
    for outcome in outcomes.iter().filter(|outcome| **outcome != Claimed::New) {
        assert!(*outcome == kept || *outcome == Claimed::InFlight, "{outcome:?}");
    }
}

/// A unit of work that waits for a claim gets it if the claim is rolled back.
pub async fn a_rolled_back_reservation_goes_to_a_waiting_unit_of_work(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    for round in 0..ROUNDS {
        let asked = claim("POST /v1/spaces", &format!("round-{round}"));
        let (undone, done) = ((ports.clone(), asked.clone()), (ports.clone(), asked.clone()));
        let owner = world.as_admin();
        let (_, taken) = race(
            async move {
                let (ports, asked) = undone;
                insist(|| async {
                    let mut work = ports.store.begin().await?;
                    let claimed = work.claim(&owner, &asked, ports.clock.now()).await?;
                    linger().await;
                    Ok(claimed)
                })
                .await
            },
            async move {
                let (ports, asked) = done;
                insist(|| async {
                    let mut work = ports.store.begin().await?;
                    match work.claim(&owner, &asked, ports.clock.now()).await? {
                        Claimed::New => work.commit().await.map(|()| true),
                        Claimed::InFlight => Err(StoreError::Contended(None)),
                        Claimed::Kept(_) => Ok(false),
                    }
                })
                .await
            },
        )
        .await;
        assert!(taken, "in round {round} nobody else had committed it");
    }
}

/// A unit of work that waited for a claim finds the scope in which the request was executed, even if the scope did not exist when the
/// wait began.
pub async fn a_unit_of_work_that_waited_for_a_reservation_finds_its_scope(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    for round in 0..ROUNDS {
        let asked = claim("POST /v1/organizations", &format!("round-{round}"));
        let outcomes = concurrently(2, || {
            let (ports, world, asked) = (ports.clone(), world.clone(), asked.clone());
            async move {
                insist(|| async {
                    let owner = world.as_admin();
                    let mut work = ports.store.begin().await?;
                    match work.claim(&owner, &asked, ports.clock.now()).await? {
                        Claimed::New => {}
                        Claimed::InFlight => return Err(StoreError::Contended(None)),
                        Claimed::Kept(kept) => {
                            let scope = kept.scope.expect("it was done in a scope");
                            return work.role_in_scope(&owner, scope).await;
                        }
                    }
                    linger().await;
                    let organization = builders::organization(&ports, "Quay Works");
                    let scope = Scope::Organization(organization.id);
                    // The use case looks up the creator first, and so does this unit of work.
                    let own = work.members(world.scope, &[owner.user]).await?.pop().expect("a member");
                    work.insert_organization(&organization).await?;
                    let number = work.next_member_number(scope).await?;
                    let admin = Member { scope, number, ..own };
                    assert_eq!(work.insert_member(&admin).await?, MemberInserted::Yes);
                    work.keep(&owner, &asked, Some(scope), &StoredResponse::Withheld).await?;
                    work.commit().await?;
                    Ok(Some(ScopeRole::Admin))
                })
                .await
            }
        })
        .await;
        assert_eq!(outcomes, [Some(ScopeRole::Admin); 2], "in round {round}");
    }
    // Each round created one organization.
    let made = fixture.views().organizations(&world.as_admin(), &whole()).await.expect("a list");
    assert_eq!(made.len(), 1 + ROUNDS);
}
