//! Polite clients, which wait for each response, beside rude clients, which reset their connection in the middle of a write.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::chance::Chance;
use crate::ledger::Ledger;
use crate::wire::Client;

/// The number of concurrent clients of each kind.
const POLITE: u64 = 4;
const RUDE: u64 = 8;
/// The maximum time between sending a rude request and resetting its connection, in milliseconds.
const TIMEOUT: u64 = 20;
/// The number of rude writes for each polite write that got a response. The service completes abandoned writes, too, so without a bound
/// they would overload any service, which then has to reject polite clients.
const RUDE_FOR_EACH: usize = 5;

/// The service, and the path that each kind of client writes to.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) key: String,
    pub(crate) polite: &'static str,
    pub(crate) rude: &'static str,
    /// The number of writes of each polite client.
    pub(crate) writes: u64,
}

/// The results of a run.
#[derive(Default)]
pub(crate) struct Harvest {
    pub(crate) ledger: Ledger,
    resets: AtomicU64,
}

impl Harvest {
    pub(crate) fn resets(&self) -> u64 {
        self.resets.load(Ordering::Relaxed)
    }
}

impl Load {
    /// Returns the total number of polite writes.
    pub(crate) fn polite_writes(&self) -> u64 {
        POLITE * self.writes
    }

    /// Runs until every polite client is done. The names that are written contain the number of the run.
    pub(crate) async fn run(&self, number: u64) -> Arc<Harvest> {
        let harvest = Arc::new(Harvest::default());
        let permits = Arc::new(Semaphore::new(usize::try_from(RUDE).expect("a count")));
        let (mut polite, mut rude) = (JoinSet::new(), JoinSet::new());
        for writer in 0..RUDE {
            let chance = Chance::seeded(number * RUDE + writer);
            let name = format!("Rude {number}-{writer}");
            rude.spawn(self.clone().write_rudely(harvest.clone(), permits.clone(), name, chance));
        }
        for writer in 0..POLITE {
            let name = format!("Polite {number}-{writer}");
            polite.spawn(self.clone().write_politely(harvest.clone(), permits.clone(), name));
        }
        polite.join_all().await;
        permits.close();
        rude.join_all().await;
        harvest
    }

    async fn write_politely(self, harvest: Arc<Harvest>, permits: Arc<Semaphore>, name: String) {
        let mut client = Client::connect(self.address, &self.key).await.unwrap();
        for number in 0..self.writes {
            let name = format!("{name}-{number}");
            harvest.ledger.send(&name);
            let response = client.post(self.polite, &json!({"name": name})).await;
            harvest.ledger.note(&name, &response);
            permits.add_permits(RUDE_FOR_EACH);
        }
    }

    async fn write_rudely(
        self,
        harvest: Arc<Harvest>,
        permits: Arc<Semaphore>,
        name: String,
        mut chance: Chance,
    ) {
        for number in 0.. {
            // The semaphore is closed once the last polite client is done.
            let Ok(permit) = permits.acquire().await else { return };
            permit.forget();
            let name = format!("{name}-{number}");
            harvest.ledger.send(&name);
            let mut client = Client::connect(self.address, &self.key).await.unwrap();
            client.send("POST", self.rude, Some(&json!({"name": name}))).await.unwrap();
            tokio::time::sleep(Duration::from_millis(chance.below(TIMEOUT + 1))).await;
            client.reset();
            harvest.resets.fetch_add(1, Ordering::Relaxed);
        }
    }
}
