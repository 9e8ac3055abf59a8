//! The knowledge of the writers: the writes that were acknowledged, and those whose outcome they had to ask for.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::orders::Kind;

/// The differences that a write makes to the stored records, by the name of the count.
pub(super) type Difference = BTreeMap<&'static str, i64>;

/// The ledger of all writers.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    acknowledged: BTreeMap<Kind, i64>,
    /// The names of all spaces, as the last acknowledged change of each left them.
    names: Vec<String>,
    counts: Counts,
}

/// The numbers of writes that a kill interrupted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// The writes without a response.
    pub(super) unknown: usize,
    /// Of those, the ones that the killed process had committed: the repetition got the stored response.
    pub(super) committed: usize,
    /// Of those, the ones that it had not committed: the repetition did it.
    pub(super) redone: usize,
}

impl Ledger {
    pub(super) fn unknown(&self) {
        self.0.lock().unwrap().counts.unknown += 1;
    }

    /// Notes an acknowledgement. `was_unknown` says that it is the response to a repetition, and `is_replayed` that the response was stored.
    pub(super) fn acknowledged(&self, kind: Kind, was_unknown: bool, is_replayed: bool) {
        let mut entries = self.0.lock().unwrap();
        *entries.acknowledged.entry(kind).or_default() += 1;
        match (was_unknown, is_replayed) {
            (true, true) => entries.counts.committed += 1,
            (true, false) => entries.counts.redone += 1,
            (false, false) => {}
            (false, true) => panic!("a first request got a stored response"),
        }
    }

    /// Notes the name of a space that changes no more.
    pub(super) fn space(&self, name: String) {
        self.0.lock().unwrap().names.push(name);
    }

    /// Tells whether a kill came before a commit, and one between a commit and its acknowledgement.
    pub(super) fn has_seen_everything(&self) -> bool {
        let counts = self.counts();
        counts.committed > 0 && counts.redone > 0
    }

    pub(super) fn counts(&self) -> Counts {
        self.0.lock().unwrap().counts
    }

    /// Returns the number of acknowledged writes.
    pub(super) fn total(&self) -> i64 {
        self.0.lock().unwrap().acknowledged.values().sum()
    }

    /// Returns the names of all spaces in order.
    pub(super) fn names_of_spaces(&self) -> Vec<String> {
        let mut names = self.0.lock().unwrap().names.clone();
        names.sort_unstable();
        names
    }

    /// Returns the difference that all acknowledged writes make, given that of one write of each kind.
    pub(super) fn times(&self, alone: &BTreeMap<Kind, Difference>) -> Difference {
        let mut all = Difference::new();
        for (kind, times) in &self.0.lock().unwrap().acknowledged {
            for (what, difference) in &alone[kind] {
                *all.entry(what).or_default() += times * difference;
            }
        }
        all
    }
}
