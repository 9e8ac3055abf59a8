//! Tests of the connection that a call holds for all its reads.

use std::sync::Arc;

use loggia_domain::key::KeyHash;
use loggia_domain::page::{Offset, SpaceQuery, Start, Window};
use loggia_domain::port::{Includes, Ports, Views};
use loggia_domain::space::Space;
use loggia_domain::text::SearchText;
use loggia_sqlite::SqliteStore;
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};

use crate::support::{Temporary, ports};

/// Opens a store with a single reading connection: a call that took a second one would wait for it until the timeout.
async fn setup() -> (Temporary, Ports, World, KeyHash) {
    let temporary = Temporary::new().await;
    let store = SqliteStore::open_with(&temporary.options().readers(1)).await.expect("a store");
    let ports = ports(&store);
    let world = World::seed(&ports).await;
    let hash = seed::key(&ports, &builders::key(&ports, world.admin.user, world.scope), "held").await;
    (temporary, ports, world, hash)
}

async fn opened(ports: &Ports, hash: &KeyHash) -> Arc<dyn Views> {
    let opened = ports.views.open_with_key(hash, None).await.expect("a lookup").expect("the key");
    opened.views.expect("a connection")
}

/// Searches the spaces by name: a statement that may run long.
async fn search(views: &dyn Views, world: &World, text: &str) -> Vec<Space> {
    let search = Some(SearchText::parse(text).expect("a text"));
    let query = SpaceQuery { search, ..SpaceQuery::default() };
    let window = Window { start: Start::Offset(Offset::new(0).expect("an offset")), rows: 10 };
    let found = views.spaces(&world.as_admin(), world.scope, &query, Includes::default(), &window).await;
    found.expect("a list").into_iter().map(|view| view.space).collect()
}

#[tokio::test]
async fn a_call_reads_one_snapshot_and_the_next_call_a_newer_one() {
    let (_temporary, ports, world, hash) = setup().await;
    let views = opened(&ports, &hash).await;
    let space = builders::space(&ports, world.scope, world.admin.user, "Pier");
    seed::spaces(&ports, std::slice::from_ref(&space)).await;
    let sees = async |views: &dyn Views| {
        let found = views.space(&world.as_admin(), space.id, Includes::default()).await;
        found.expect("a result").is_some()
    };
    assert!(!sees(&*views).await, "it was made after the call's key was found");
    drop(views);
    assert!(sees(&*ports.views).await);
    assert!(sees(&*opened(&ports, &hash).await).await);
}

#[tokio::test]
async fn a_call_holds_at_most_one_connection_and_returns_it() {
    let (_temporary, ports, world, hash) = setup().await;
    let space = builders::space(&ports, world.scope, world.admin.user, "Pier");
    seed::spaces(&ports, std::slice::from_ref(&space)).await;
    for _ in 0..3 {
        let views = opened(&ports, &hash).await;
        assert!(views.role_in_scope(&world.as_admin(), world.scope).await.expect("a result").is_some());
        // The search takes the connection along; the reads after it take another one.
        assert_eq!(search(&*views, &world, "pie").await, std::slice::from_ref(&space));
        assert_eq!(search(&*views, &world, "quay").await, []);
        assert!(views.role_in_scope(&world.as_admin(), world.scope).await.expect("a result").is_some());
        drop(views);
        let hidden = KeyHash::from_bytes([7; 32]);
        assert!(ports.views.open_with_key(&hidden, None).await.expect("a lookup").is_none());
    }
}
