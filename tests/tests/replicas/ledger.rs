//! The responses that clients received: each write has a unique name, and its response is compared with the stored rows at the end.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard};

use crate::wire::Response;

/// The known outcome of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// The write was sent, and no response was received.
    Sent,
    /// The response says that the write is committed.
    Acknowledged,
    /// The response says that nothing was written.
    Refused,
    /// The response says that the outcome is unknown.
    Unknown,
}

/// All writes of a test.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    writes: BTreeMap<String, Fate>,
    responses: BTreeMap<String, u64>,
}

impl Ledger {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().expect("the ledger is not poisoned")
    }

    /// Records that a write with that name is about to be sent.
    pub(crate) fn send(&self, name: &str) {
        let before = self.pages().writes.insert(name.to_owned(), Fate::Sent);
        assert_eq!(before, None, "{name} is used once");
    }

    /// Records the response to a write and returns the write's outcome.
    ///
    /// # Panics
    /// Panics if the response is not one that a fault may cause.
    #[track_caller]
    pub(crate) fn note(&self, name: &str, response: &Response) -> Fate {
        let fate = match (response.status, response.code()) {
            (201, _) => Fate::Acknowledged,
            (503, "OUTCOME_UNKNOWN") => Fate::Unknown,
            (503, "STORE_UNAVAILABLE" | "BUSY") | (400, "VALIDATION_FAILED") => Fate::Refused,
            _ => panic!("{name}: {response:?}"),
        };
        let mut pages = self.pages();
        *pages
            .responses
            .entry(format!("{} {}", response.status, response.code()).trim_end().to_owned())
            .or_default() += 1;
        pages.writes.insert(name.to_owned(), fate);
        fate
    }

    /// Returns the number of responses with a status and a problem code, such as `503 BUSY`.
    pub(crate) fn count_responses(&self, response: &str) -> u64 {
        self.pages().responses.get(response).copied().unwrap_or(0)
    }

    /// Returns the number of writes with an outcome.
    pub(crate) fn count(&self, fate: Fate) -> usize {
        self.pages().writes.values().filter(|known| **known == fate).count()
    }

    /// Compares the recorded outcomes with the stored names and returns the differences.
    pub(crate) fn audit(&self, there: &[String]) -> Vec<String> {
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for name in there {
            *found.entry(name).or_default() += 1;
        }
        let pages = self.pages();
        let mut wrong = Vec::new();
        for (name, fate) in &pages.writes {
            let times = found.remove(name.as_str()).unwrap_or(0);
            let sound = match fate {
                Fate::Acknowledged => times == 1,
                Fate::Refused => times == 0,
                Fate::Sent | Fate::Unknown => times <= 1,
            };
            if !sound {
                wrong.push(format!("{name}: {fate:?} and {times} times there"));
            }
        }
        wrong.extend(found.keys().map(|name| format!("{name}: there and never sent")));
        wrong
    }
}

/// Shows the number of responses of each kind.
impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.pages().responses)
    }
}

#[test]
fn each_kind_of_discrepancy_is_found() {
    let response = |status, code: &str| Response { status, body: serde_json::json!({ "code": code }) };
    let ledger = Ledger::default();
    let responses = [(201, ""), (503, "OUTCOME_UNKNOWN"), (503, "STORE_UNAVAILABLE")];
    for ((status, code), name) in responses.into_iter().zip(["done", "unknown", "refused"]) {
        ledger.send(name);
        ledger.note(name, &response(status, code));
    }
    ledger.send("sent");
    let wrong =
        |there: &[&str]| ledger.audit(&there.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).len();
    assert_eq!(wrong(&["done"]), 0);
    assert_eq!(wrong(&["done", "unknown", "sent"]), 0);
    assert_eq!(wrong(&[]), 1, "lost");
    assert_eq!(wrong(&["done", "done"]), 1, "twice");
    assert_eq!(wrong(&["done", "refused"]), 1, "refused and there");
    assert_eq!(wrong(&["done", "unknown", "unknown"]), 1, "unknown and twice there");
    assert_eq!(wrong(&["done", "sent", "sent"]), 1, "sent and twice there");
    assert_eq!(wrong(&["done", "forged"]), 1, "never sent");
}
