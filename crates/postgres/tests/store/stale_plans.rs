//! Tests of a schema that changes while a store is open: its sessions' prepared statements do not fit any more (rule C40).

use std::sync::Arc;

use loggia_domain::key::Caller;
use loggia_domain::page::{Offset, SpaceQuery, Start, Window};
use loggia_domain::port::{Includes, Store, UnitOfWork};
use loggia_domain::scope::Viewer;
use loggia_domain::service::Loggia;
use loggia_domain::space::{Space, SpacePatch};
use loggia_domain::text::SpaceName;
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};

use crate::support::Temporary;

/// The number of a store's sessions of each kind.
const SESSIONS: usize = 8;

/// Makes every session of the store prepare the statements that read spaces and lock one.
async fn warm_up(temporary: &Temporary, viewer: Viewer, space: &Space) {
    let mut works: Vec<Box<dyn UnitOfWork>> = Vec::new();
    for _ in 0..SESSIONS {
        works.push(temporary.store.begin().await.expect("a separate session"));
    }
    for mut work in works {
        assert!(work.lock_space(&viewer, space.id).await.expect("a lock").is_some());
        seed::commit(work).await;
    }
    let views = temporary.ports.views.clone();
    let gate = Arc::new(tokio::sync::Barrier::new(SESSIONS));
    for _ in 0..4 {
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..SESSIONS {
            let (views, scope, id, gate) = (views.clone(), space.scope, space.id, gate.clone());
            readers.spawn(async move {
                gate.wait().await;
                let window = Window { start: Start::Offset(Offset::default()), rows: 10 };
                let query = SpaceQuery::default();
                views.spaces(&viewer, scope, &query, Includes::default(), &window).await.expect("a list");
                views.space(&viewer, id, Includes::default()).await.expect("a look").expect("there");
            });
        }
        readers.join_all().await;
    }
}

async fn rename(loggia: &Loggia, caller: &Caller, space: &Space, name: &str) {
    let patch = SpacePatch { name: Some(SpaceName::parse(name).expect("a name")), ..SpacePatch::default() };
    loggia.acting_as(caller).update_space(space.id, patch).await.expect("the use case goes through");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn adding_or_retyping_a_column_causes_no_error_for_callers() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let space = builders::space(&temporary.ports, world.scope, world.admin.user, "Quay");
    seed::spaces(&temporary.ports, std::slice::from_ref(&space)).await;
    let caller = Caller::unchecked(world.admin.user, world.scope);
    let (viewer, loggia) = (caller.viewer(), Loggia::on_ports(temporary.ports.clone()).build());
    for (change, name) in [
        ("ALTER TABLE spaces ADD COLUMN colour text", "Mole"),
        ("ALTER TABLE spaces ALTER COLUMN name TYPE varchar(200)", "Pier"),
        ("ALTER TABLE spaces ALTER COLUMN name TYPE varchar(120)", "Dock"),
    ] {
        warm_up(&temporary, viewer, &space).await;
        temporary.execute(change).await.expect(change);
        // Enough rounds to use each of the sessions.
        for round in 0..=SESSIONS {
            let name = format!("{name} {round}");
            rename(&loggia, &caller, &space, &name).await;
            let found = temporary.ports.views.space(&viewer, space.id, Includes::default()).await;
            assert_eq!(found.expect(change).expect("there").0.space.name.as_str(), name);
        }
    }
}

/// Control: without this the test above would pass with a driver that prepares stale statements anew, or if none were stale.
#[tokio::test]
async fn the_server_refuses_statements_prepared_before_a_column_changed_its_type() {
    let temporary = Temporary::new().await;
    let mut session = temporary.raw().await;
    let statement = "SELECT name FROM spaces";
    sqlx::query(statement).fetch_all(&mut session).await.expect("a list");
    temporary.execute("ALTER TABLE spaces ALTER COLUMN name TYPE varchar(200)").await.expect("a change");
    let refused = sqlx::query(statement).fetch_all(&mut session).await.expect_err("a stale plan");
    let code = refused.as_database_error().and_then(|error| error.code());
    assert_eq!(code.as_deref(), Some("0A000"));
}
