//! A world whose service reaches its store through a counter.
//!
//! Each call has a store of its own, with one session for reading and one for writing. The store is closed before the counts are read, so
//! that work after the response, such as the check of a returned session, is counted, too. The cost of opening and closing a store is
//! measured without a call, and subtracted.

use std::sync::Arc;

use loggia_domain::port::{Ports, Store as StorePort, Views};
use loggia_domain::service::Loggia;
use loggia_http::{HttpApp, Limits};
use loggia_postgres::{PostgresOptions, PostgresStore};
use loggia_sqlite::{SqliteOptions, SqliteStore};
use loggia_testkit::SequentialIds;
use loggia_testkit::contract::Fixture;
use tracing::Instrument as _;

use super::trips::Counter;
use crate::capture;
use crate::harness::Store;
use crate::harness::client::{Client, Service};
use crate::world::{Who, World};

/// The cost of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) statements: usize,
    /// The number of times that the client waited for the server.
    pub(super) trips: usize,
}

impl Cost {
    fn less(self, other: Self) -> Self {
        Self { statements: self.statements - other.statements, trips: self.trips - other.trips }
    }
}

/// A world, and the connection to its store.
pub(super) struct Measured {
    pub(super) world: World,
    way: Way,
}

enum Way {
    File(SqliteOptions),
    Server { options: Box<PostgresOptions>, counter: Counter },
}

/// A store that was opened for counting.
#[derive(Clone)]
enum Opened {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

impl Opened {
    fn halves(&self) -> (Arc<dyn StorePort>, Arc<dyn Views>) {
        match self {
            Self::Sqlite(store) => (Arc::new(store.clone()), Arc::new(store.clone())),
            Self::Postgres(store) => (Arc::new(store.clone()), Arc::new(store.clone())),
        }
    }

    async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
        }
    }
}

impl Measured {
    /// Creates a world on a new store of that kind.
    pub(super) async fn on(store: Store) -> Self {
        let (fixture, way) = match store {
            Store::Memory | Store::Mounted => panic!("nothing is asked in SQL there"),
            Store::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let file = folder.path().join("loggia.db");
                let opened = Arc::new(SqliteStore::open(&file).await.unwrap());
                let fixture = Fixture::new(loggia_testkit::ports(opened.clone(), opened)).keeping(folder);
                (fixture, Way::File(SqliteOptions::new(file).readers(1)))
            }
            Store::Postgres => {
                let database = loggia_tests::postgres::database().await;
                let opened =
                    Arc::new(loggia_tests::postgres::open(&loggia_tests::postgres::options(&database)).await);
                let (counter, url) = Counter::before(database.url()).await;
                let options: PostgresOptions = url.parse().unwrap();
                let options = options.readers(1).writers(1);
                let fixture = Fixture::new(loggia_testkit::ports(opened.clone(), opened)).keeping(database);
                (fixture, Way::Server { options: Box::new(options), counter })
            }
        };
        Self { world: World::over(store, fixture).await, way }
    }

    /// Returns the cost of a call by that caller.
    pub(super) async fn cost(&self, who: Option<Who>, call: impl AsyncFnOnce(Client)) -> Cost {
        let without = self.run(who, async |_| ()).await;
        let with = self.run(who, call).await;
        with.less(without)
    }

    async fn run(&self, who: Option<Who>, call: impl AsyncFnOnce(Client)) -> Cost {
        let before = self.way.counted();
        let opened = self.open().await;
        let (store, views) = opened.halves();
        // Opens the sessions first, so that it does not matter when a store opens them.
        views.check_ready().await.unwrap();
        store.begin().await.unwrap().commit().await.unwrap();
        let ports = Ports { store, views, ..self.world.ports() };
        let limits = Limits { request_seconds: 60, ..Limits::default() };
        let app =
            HttpApp::new(Loggia::on_ports(ports).build(), Arc::new(SequentialIds::new()), [7; 32], limits);
        let authorization = who.map(|who| self.world.authorization(who));
        let client = Client::new(Service::new(app).await, authorization.into_iter().collect());
        let span = capture::counted();
        call(client).instrument(span.clone()).await;
        opened.close().await;
        match (before, self.way.counted()) {
            (Some(before), Some(after)) => after.less(before),
            // For a file, only the statements that the store reports can be counted.
            _ => Cost { statements: capture::statements(&span), trips: 0 },
        }
    }

    async fn open(&self) -> Opened {
        match &self.way {
            Way::File(options) => Opened::Sqlite(SqliteStore::open_with(options).await.unwrap()),
            Way::Server { options, .. } => {
                Opened::Postgres(PostgresStore::open_existing(options).await.unwrap())
            }
        }
    }
}

impl Way {
    fn counted(&self) -> Option<Cost> {
        match self {
            Self::File(_) => None,
            Self::Server { counter, .. } => Some(counter.cost()),
        }
    }
}
