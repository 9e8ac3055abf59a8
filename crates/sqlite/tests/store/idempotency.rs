//! Tests of one request that is sent many times at once, through the use cases.

use loggia_domain::key::Caller;
use loggia_domain::once::{Once, StoredResponse};
use loggia_domain::page::{Offset, SpaceQuery, Start, Window};
use loggia_domain::port::Includes;
use loggia_domain::scope::ScopeChoice;
use loggia_domain::service::Loggia;
use loggia_domain::space::NewSpace;
use loggia_domain::text::SpaceName;
use loggia_testkit::builders;
use loggia_testkit::seed::World;
use tokio::task::JoinSet;

use crate::support::Temporary;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_requests_with_one_idempotency_key_run_once() {
    const AT_ONCE: usize = 8;
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let (loggia, caller) =
        (Loggia::on_ports(temporary.ports.clone()).build(), Caller::unchecked(world.admin.user, world.scope));
    for round in 0..4 {
        let claim = builders::claim("POST /v1/spaces", &format!("round-{round}"));
        let mut tasks = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (loggia, claim) = (loggia.clone(), claim.clone());
            tasks.spawn(async move {
                let outcome = loggia.once(&caller, &claim, |acting| async move {
                    let new = NewSpace::named(SpaceName::parse("Quay").expect("a name"));
                    let made = acting.create_space(ScopeChoice::Default, new).await;
                    let made = made.expect("a space").id.as_uuid().as_bytes().to_vec();
                    (made.clone(), Some(StoredResponse::Shown(made)))
                });
                outcome.await.expect("a result")
            });
        }
        let outcomes = tasks.join_all().await;
        let done: Vec<_> = outcomes
            .iter()
            .filter_map(|outcome| if let Once::Done(made) = outcome { Some(made.clone()) } else { None })
            .collect();
        let [made] = done.as_slice() else { panic!("done {} times in round {round}", done.len()) };
        for outcome in outcomes {
            let same = StoredResponse::Shown(made.clone());
            assert!(
                matches!(&outcome, Once::Done(_) | Once::InFlight) || outcome == Once::Kept(same),
                "in round {round}: {outcome:?}"
            );
        }
    }
    let window = Window { start: Start::Offset(Offset::default()), rows: 100 };
    let (viewer, query) = (world.as_admin(), SpaceQuery::default());
    let spaces =
        temporary.ports.views.spaces(&viewer, world.scope, &query, Includes::default(), &window).await;
    assert_eq!(spaces.expect("a list").len(), 4, "one for each request");
}
