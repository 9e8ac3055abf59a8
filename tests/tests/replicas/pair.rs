//! Two replicas on one database.

use std::sync::Arc;

use loggia_domain::port::Ports;
use loggia_domain::service::Loggia;
use loggia_postgres::PostgresStore;
use loggia_testkit::{TestClock, intercept};
use loggia_testpg::TestDatabase;
use loggia_tests::postgres;

use crate::town;
use crate::unlocked::{Keys, Unlocked};

/// The number of writing sessions of each replica: as many as the concurrent rounds of a race.
const WRITERS: u32 = 8;

/// Two stores on one database, each with its own sessions and its own use cases.
pub(crate) struct Pair {
    pub(crate) replicas: [Loggia; 2],
    /// The ports of each replica. Ids, secrets and the clock are shared, so that the repeatable ids do not collide.
    pub(crate) ports: [Ports; 2],
    pub(crate) clock: Arc<TestClock>,
    // The last field, so that the database is dropped last.
    pub(crate) database: TestDatabase,
}

impl Pair {
    /// Creates a pair on a database with `towns` towns.
    pub(crate) async fn new(towns: u64) -> Self {
        let database = postgres::database().await;
        town::build(&database, towns).await;
        Self::on(database).await
    }

    /// Creates a pair on a database that has the schema.
    pub(crate) async fn on(database: TestDatabase) -> Self {
        let (one, other) = (Arc::new(open(&database).await), Arc::new(open(&database).await));
        let clock = Arc::new(TestClock::new());
        let first = Ports { clock: clock.clone(), ..loggia_testkit::ports(one.clone(), one) };
        let second = Ports { store: other.clone(), views: other, ..first.clone() };
        Self::from_ports([first, second], clock, database)
    }

    /// Creates a pair like [`Self::new`], but with stores whose locks are released at once.
    pub(crate) async fn unlocked(towns: u64, keys: Keys) -> Self {
        let pair = Self::new(towns).await;
        let mut ports = Vec::new();
        for sound in &pair.ports {
            let other = Arc::new(open(&pair.database).await);
            ports.push(intercept::store(sound.clone(), Arc::new(Unlocked { other, keys })));
        }
        Self::from_ports(ports.try_into().expect("two"), pair.clock, pair.database)
    }

    fn from_ports(ports: [Ports; 2], clock: Arc<TestClock>, database: TestDatabase) -> Self {
        Self { replicas: ports.clone().map(|ports| Loggia::on_ports(ports).build()), ports, clock, database }
    }
}

async fn open(database: &TestDatabase) -> PostgresStore {
    postgres::open(&postgres::options(database).writers(WRITERS)).await
}
