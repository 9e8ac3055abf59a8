//! Units of work that are committed together, and what came of it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use loggia_domain::port::StoreError;
use tokio::sync::watch;

use crate::error::{CommitFailure, commit_error};
use crate::limits;

/// The units of work of one transaction.
pub(crate) struct Group {
    id: u64,
    begun: Instant,
    units: u32,
    end: watch::Sender<Option<End>>,
}

/// How a transaction has ended.
#[derive(Clone, Debug)]
enum End {
    Committed,
    Refused(CommitFailure),
    /// It was undone before it could be committed.
    Lost,
}

/// For whoever waits for the end of a group.
pub(crate) struct Outcome(watch::Receiver<Option<End>>);

impl Group {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            begun: Instant::now(),
            units: 0,
            end: watch::Sender::new(None),
        }
    }

    /// What tells it from others.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// How many units of work it has that are to be committed.
    pub(crate) fn units(&self) -> u32 {
        self.units
    }

    /// Whether nobody may join it any more: those who are in it have waited long enough.
    pub(crate) fn is_full(&self) -> bool {
        let is_old = self.begun.elapsed() >= limits::GROUP_AGE;
        self.units > 0 && (is_old || self.units >= limits::GROUP_UNITS)
    }

    /// Another unit of work is to be committed with it.
    pub(crate) fn join(&mut self) -> Outcome {
        self.units += 1;
        self.outcome()
    }

    pub(crate) fn outcome(&self) -> Outcome {
        Outcome(self.end.subscribe())
    }

    /// Tells all what came of the commit.
    pub(crate) fn ended(self, committed: Result<(), CommitFailure>) {
        self.end.send_replace(Some(committed.map_or_else(End::Refused, |()| End::Committed)));
    }

    /// Tells all that it was undone.
    pub(crate) fn lost(self) {
        self.end.send_replace(Some(End::Lost));
    }
}

impl Outcome {
    async fn end(&mut self) -> Option<End> {
        self.0.wait_for(Option::is_some).await.ok().and_then(|end| end.clone())
    }

    /// Waits for the commit.
    pub(crate) async fn committed(mut self) -> Result<(), StoreError> {
        match self.end().await {
            Some(End::Committed) => Ok(()),
            Some(End::Refused(failure)) => Err(commit_error(failure)),
            // Nothing was written, and that it was undone was another's fault.
            Some(End::Lost) => Err(StoreError::Contended(None)),
            // Whoever was to commit is gone: the program is ending.
            None => Err(StoreError::OutcomeUnknown(None)),
        }
    }

    /// Waits for the end; an error if it was any other than a commit.
    pub(crate) async fn settled(mut self) -> Result<(), StoreError> {
        match self.end().await {
            Some(End::Committed) => Ok(()),
            _ => Err(StoreError::Contended(None)),
        }
    }
}
