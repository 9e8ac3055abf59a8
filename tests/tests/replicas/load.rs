//! Polite clients, who wait for each answer, beside rude ones, who reset their connection in the middle of a write.

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

/// How many of each kind there are at once.
const POLITE: u64 = 4;
const RUDE: u64 = 8;
/// How long after sending the rude ones are gone, at most, in milliseconds.
const PATIENCE: u64 = 20;
/// How many rude writes there may be for each polite one that was answered. What nobody waits for is done all the same, and
/// without a bound there would be more of it than any service can do: then it has to turn polite clients away too.
const RUDE_FOR_EACH: usize = 5;

/// Where each kind writes.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) key: String,
    pub(crate) polite: &'static str,
    pub(crate) rude: &'static str,
    /// How many writes each polite client makes.
    pub(crate) writes: u64,
}

/// What came of it.
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
    /// How many writes are made politely.
    pub(crate) fn polite_writes(&self) -> u64 {
        POLITE * self.writes
    }

    /// Runs until every polite client is done. The names of what is written have the run's number in them.
    pub(crate) async fn run(&self, number: u64) -> Arc<Harvest> {
        let harvest = Arc::new(Harvest::default());
        let turns = Arc::new(Semaphore::new(usize::try_from(RUDE).expect("a count")));
        let (mut polite, mut rude) = (JoinSet::new(), JoinSet::new());
        for writer in 0..RUDE {
            let chance = Chance::seeded(number * RUDE + writer);
            let name = format!("Rude {number}-{writer}");
            rude.spawn(self.clone().write_rudely(harvest.clone(), turns.clone(), name, chance));
        }
        for writer in 0..POLITE {
            let name = format!("Polite {number}-{writer}");
            polite.spawn(self.clone().write_politely(harvest.clone(), turns.clone(), name));
        }
        polite.join_all().await;
        turns.close();
        rude.join_all().await;
        harvest
    }

    async fn write_politely(self, harvest: Arc<Harvest>, turns: Arc<Semaphore>, name: String) {
        let mut client = Client::connect(self.address, &self.key).await.unwrap();
        for number in 0..self.writes {
            let name = format!("{name}-{number}");
            harvest.ledger.send(&name);
            let answer = client.post(self.polite, &json!({"name": name})).await;
            harvest.ledger.note(&name, &answer);
            turns.add_permits(RUDE_FOR_EACH);
        }
    }

    async fn write_rudely(
        self,
        harvest: Arc<Harvest>,
        turns: Arc<Semaphore>,
        name: String,
        mut chance: Chance,
    ) {
        for number in 0.. {
            // Closed once the last polite client is done.
            let Ok(turn) = turns.acquire().await else { return };
            turn.forget();
            let name = format!("{name}-{number}");
            harvest.ledger.send(&name);
            let mut client = Client::connect(self.address, &self.key).await.unwrap();
            client.send("POST", self.rude, Some(&json!({"name": name}))).await.unwrap();
            tokio::time::sleep(Duration::from_millis(chance.below(PATIENCE + 1))).await;
            client.reset();
            harvest.resets.fetch_add(1, Ordering::Relaxed);
        }
    }
}
