//! Commit groups: units of work that are committed together, and the outcome.

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

/// The outcome of a transaction.
#[derive(Clone, Debug)]
enum End {
    Committed,
    Refused(CommitFailure),
    /// The transaction was rolled back before it could be committed.
    Lost,
}

/// Waits for the end of a commit group.
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

    /// Returns the id that identifies this group.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Returns the number of its units of work that are to be committed.
    pub(crate) fn units(&self) -> u32 {
        self.units
    }

    /// Returns `true` if no unit of work may join any more: the group has [`limits::GROUP_UNITS`] members, or at least one and has
    /// reached [`limits::GROUP_AGE`].
    pub(crate) fn is_full(&self) -> bool {
        let is_old = self.begun.elapsed() >= limits::GROUP_AGE;
        self.units > 0 && (is_old || self.units >= limits::GROUP_UNITS)
    }

    /// Adds a unit of work that is to be committed with the group.
    pub(crate) fn join(&mut self) -> Outcome {
        self.units += 1;
        self.outcome()
    }

    pub(crate) fn outcome(&self) -> Outcome {
        Outcome(self.end.subscribe())
    }

    /// Notifies all members of the outcome of the commit.
    pub(crate) fn ended(self, committed: Result<(), CommitFailure>) {
        self.end.send_replace(Some(committed.map_or_else(End::Refused, |()| End::Committed)));
    }

    /// Notifies all members that the transaction was rolled back.
    pub(crate) fn lost(self) {
        self.end.send_replace(Some(End::Lost));
    }
}

impl Outcome {
    async fn end(&mut self) -> Option<End> {
        self.0.wait_for(Option::is_some).await.ok().and_then(|end| end.clone())
    }

    /// Waits for the commit.
    ///
    /// Fails as [`commit_error`] says if the commit failed, with [`StoreError::Contended`] if the transaction was rolled back before it,
    /// and with [`StoreError::OutcomeUnknown`] if the program ends first.
    pub(crate) async fn committed(mut self) -> Result<(), StoreError> {
        match self.end().await {
            Some(End::Committed) => Ok(()),
            Some(End::Refused(failure)) => Err(commit_error(failure)),
            // Nothing was written, and another unit of work caused the rollback.
            Some(End::Lost) => Err(StoreError::Contended(None)),
            // The sender was dropped: the program is ending.
            None => Err(StoreError::OutcomeUnknown(None)),
        }
    }

    /// Waits for the end of the group, and fails with [`StoreError::Contended`] unless that is a commit.
    pub(crate) async fn settled(mut self) -> Result<(), StoreError> {
        match self.end().await {
            Some(End::Committed) => Ok(()),
            _ => Err(StoreError::Contended(None)),
        }
    }
}
