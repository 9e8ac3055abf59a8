//! The unit of work: one transaction, in which rows are locked as the ports promise.

use async_trait::async_trait;
use loggia_domain::id::UserId;
use loggia_domain::port::{StoreError, UnitOfWork};
use loggia_domain::scope::{Scope, Viewer};

use crate::door::{Door, Entered};
use crate::error::{commit_error, is_stale_plan, store_error};
use crate::in_time::InTime;
use crate::transaction::Transaction;

pub(crate) use crate::door::{confined_to, scope_key, scope_kind};

/// Dropping it has the transaction undone before its session is used again.
pub(crate) struct PostgresUnitOfWork {
    transaction: Transaction,
    door: Door,
    entered: Entered,
    /// Who the scopes were entered as; `None` for the operator, who may enter any.
    viewer: Option<Viewer>,
    /// What was open when a trial was begun, while one is under way: settings are undone with what is tried.
    before_trial: Option<(Door, Entered, Option<Viewer>)>,
    /// A statement failed. Postgres answers the COMMIT of such a transaction with a rollback that is no error.
    failed: bool,
}

/// A unit of work was to be committed although a statement in it had failed: a bug of its user.
#[derive(Debug, thiserror::Error)]
#[error("a statement of the unit of work has failed, so it cannot be committed")]
struct CommitAfterFailure;

impl PostgresUnitOfWork {
    pub(crate) fn new(transaction: Transaction) -> Self {
        Self {
            transaction,
            door: Door::shut(),
            entered: Entered::default(),
            viewer: None,
            before_trial: None,
            failed: false,
        }
    }

    /// The connection that the transaction is open on.
    pub(crate) fn connection(&mut self) -> InTime<'_> {
        self.transaction.connection()
    }

    /// What a statement gave, or what its failure means to the domain. After a failure nothing will be committed any more.
    pub(crate) async fn told<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        let error = match outcome {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        self.failed = true;
        if is_stale_plan(&error) {
            // The schema has changed under a prepared statement: the next try must prepare it anew.
            self.transaction.schema().noticed();
            return Err(StoreError::Contended(Some(error.into())));
        }
        Err(store_error(error))
    }

    async fn open(&mut self, door: Door) -> Result<(), StoreError> {
        let entered = door.enter(self.transaction.connection(), true).await;
        self.entered = self.told(entered).await?;
        self.door = door;
        Ok(())
    }

    /// Enters the scopes that the viewer is an active member of.
    ///
    /// They are looked up once: each statement asks for the viewer's place itself, and this is the wall behind it. Tells whether
    /// they were looked up now.
    pub(crate) async fn enter_as(&mut self, viewer: &Viewer) -> Result<bool, StoreError> {
        if self.viewer == Some(*viewer) {
            return Ok(false);
        }
        self.open(Door::viewer(viewer)).await?;
        self.viewer = Some(*viewer);
        Ok(true)
    }

    /// What was entered.
    pub(crate) fn entered(&self) -> &Entered {
        &self.entered
    }

    /// Enters a scope that was found before. What was entered for a viewer stays as narrow as the viewer's places are;
    /// the operator's unit of work may go anywhere.
    pub(crate) async fn enter(&mut self, scope: Scope) -> Result<(), StoreError> {
        if self.viewer.is_some() { Ok(()) } else { self.enter_anew(scope).await }
    }

    /// Enters a scope that is made in this unit of work.
    pub(crate) async fn enter_anew(&mut self, scope: Scope) -> Result<(), StoreError> {
        if self.entered.contains(scope) {
            return Ok(());
        }
        self.open(self.door.and_scope(&self.entered, scope)).await
    }

    /// See `OrganizationRows::begin_trial`.
    pub(crate) async fn set_savepoint(&mut self) -> Result<(), StoreError> {
        let done = sqlx::raw_sql("SAVEPOINT trial").execute(self.connection()).await;
        self.told(done).await?;
        self.before_trial = Some((self.door.clone(), self.entered.clone(), self.viewer));
        Ok(())
    }

    /// See `OrganizationRows::end_trial`.
    pub(crate) async fn leave_savepoint(&mut self, keep: bool) -> Result<(), StoreError> {
        let leave = if keep { "RELEASE trial" } else { "ROLLBACK TO trial; RELEASE trial" };
        let done = sqlx::raw_sql(leave).execute(self.connection()).await;
        self.told(done).await?;
        if let Some(before) = self.before_trial.take()
            && !keep
        {
            (self.door, self.entered, self.viewer) = before;
        }
        Ok(())
    }

    /// Opens what is that person's own, and leaves open what is.
    pub(crate) async fn open_own(&mut self, person: UserId) -> Result<(), StoreError> {
        if self.door.is_of(person) { Ok(()) } else { self.open_row(Some(person), "").await }
    }

    /// Opens one row of a table without scopes: a person's, or one that is known by a word of its own.
    pub(crate) async fn open_row(&mut self, person: Option<UserId>, word: &str) -> Result<(), StoreError> {
        self.open(self.door.and_row(&self.entered, person, word)).await
    }
}

#[async_trait]
impl UnitOfWork for PostgresUnitOfWork {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Failed(CommitAfterFailure.into()));
        }
        self.transaction.commit().await.map_err(commit_error)
    }
}
