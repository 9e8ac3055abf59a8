//! The unit of work: one transaction, in which rows are locked as the ports promise.

use async_trait::async_trait;
use loggia_domain::id::UserId;
use loggia_domain::port::{StoreError, UnitOfWork};
use loggia_domain::scope::{Scope, Viewer};
use uuid::Uuid;

use crate::error::{commit_error, is_stale_plan, store_error};
use crate::in_time::InTime;
use crate::tenancy::{Granted, Record, Target, TenantContext};
use crate::transaction::{Recognition, Transaction};

pub(crate) use crate::tenancy::{confined_to, scope_key, scope_kind};

/// Dropping it has the transaction undone before its session is used again.
pub(crate) struct PostgresUnitOfWork {
    transaction: Transaction,
    /// Whom it is for, judged once more when it commits; `None` for the operator.
    recognition: Option<Recognition>,
    /// The scopes in which a membership of theirs was found.
    memberships: Vec<Uuid>,
    context: TenantContext,
    granted: Granted,
    /// Whose memberships decide which scopes are granted; `None` for the operator, who is granted any.
    viewer: Option<Viewer>,
    /// The context in which a trial was begun, while one is in progress: settings are undone with what is tried.
    before_trial: Option<(TenantContext, Granted, Option<Viewer>)>,
    /// A statement failed. Postgres answers the COMMIT of such a transaction with a rollback that is no error.
    failed: bool,
}

/// A unit of work was to be committed although a statement in it had failed: a bug of its user.
#[derive(Debug, thiserror::Error)]
#[error("a statement of the unit of work has failed, so it cannot be committed")]
struct CommitAfterFailure;

impl PostgresUnitOfWork {
    pub(crate) fn new(transaction: Transaction, recognition: Option<Recognition>) -> Self {
        Self {
            transaction,
            recognition,
            memberships: Vec::new(),
            context: TenantContext::none(),
            granted: Granted::default(),
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

    async fn open(&mut self, context: TenantContext) -> Result<(), StoreError> {
        let granted = context.enter(self.transaction.connection(), true).await;
        self.granted = self.told(granted).await?;
        self.context = context;
        Ok(())
    }

    /// Grants a scope in which the viewer is an active member, if it is one and was not granted before. Returns `true` if the
    /// membership was looked up now.
    ///
    /// It is looked up once: each statement asks for the viewer's membership itself, and this is the wall behind it.
    async fn enter_target(&mut self, viewer: &Viewer, target: Target) -> Result<bool, StoreError> {
        let context = if self.viewer == Some(*viewer) {
            let context = TenantContext::and_target(&self.granted, viewer, target);
            if self.context.covers(&self.granted, &TenantContext::viewer(viewer, target)) {
                return Ok(false);
            }
            context
        } else {
            TenantContext::viewer(viewer, target)
        };
        self.open(context).await?;
        self.viewer = Some(*viewer);
        if let (Some(scope), Some(caller)) = (self.granted.found_scope(), &self.recognition)
            && caller.is_of(viewer.user)
            && !self.memberships.contains(&scope)
        {
            self.memberships.push(scope);
        }
        Ok(true)
    }

    /// Grants that scope to a viewer who is an active member there, see [`Self::granted`]. Returns `true` if the membership was
    /// looked up now.
    pub(crate) async fn enter_as(&mut self, viewer: &Viewer, scope: Scope) -> Result<bool, StoreError> {
        self.enter_target(viewer, Target::Scope(scope_key(scope))).await
    }

    /// Returns `true` if a scope was granted to that viewer before: mostly, what is asked for next lies there too.
    pub(crate) fn is_granted_to(&self, viewer: &Viewer) -> bool {
        self.viewer == Some(*viewer) && self.granted.len() > 0
    }

    /// Grants the scope of that record to a viewer who is an active member there. Returns `true` if it is one that was not granted to
    /// the viewer before.
    pub(crate) async fn enter_at(&mut self, viewer: &Viewer, record: Record) -> Result<bool, StoreError> {
        let before = if self.viewer == Some(*viewer) { self.granted.len() } else { 0 };
        self.enter_target(viewer, Target::In(record)).await?;
        Ok(self.granted.len() > before)
    }

    /// What was granted.
    pub(crate) fn granted(&self) -> &Granted {
        &self.granted
    }

    /// Grants a scope that was found before. What is granted for a viewer stays as narrow as the viewer's memberships are;
    /// the operator's unit of work may go anywhere.
    pub(crate) async fn enter(&mut self, scope: Scope) -> Result<(), StoreError> {
        match self.viewer {
            _ if self.granted.contains(scope) => Ok(()),
            Some(viewer) => self.enter_as(&viewer, scope).await.map(|_| ()),
            None => self.enter_anew(scope).await,
        }
    }

    /// Grants a scope that is made in this unit of work.
    pub(crate) async fn enter_anew(&mut self, scope: Scope) -> Result<(), StoreError> {
        if self.granted.contains(scope) {
            return Ok(());
        }
        self.open(self.context.and_scope(&self.granted, scope)).await
    }

    /// See `OrganizationRows::begin_trial`.
    pub(crate) async fn set_savepoint(&mut self) -> Result<(), StoreError> {
        let done = sqlx::raw_sql("SAVEPOINT trial").execute(self.connection()).await;
        self.told(done).await?;
        self.before_trial = Some((self.context.clone(), self.granted.clone(), self.viewer));
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
            (self.context, self.granted, self.viewer) = before;
        }
        Ok(())
    }

    /// Grants what is that person's own, beside what was granted.
    pub(crate) async fn open_own(&mut self, person: UserId) -> Result<(), StoreError> {
        if self.context.is_of(person) { Ok(()) } else { self.open_row(Some(person), "").await }
    }

    /// Grants one row of a table without scopes: a person's, or one that is known by a word of its own.
    pub(crate) async fn open_row(&mut self, person: Option<UserId>, word: &str) -> Result<(), StoreError> {
        self.open(self.context.and_row(&self.granted, person, word)).await
    }
}

/// Finds a record of a viewer's by its id: first in what was granted, where it mostly lies, then in its own scope.
macro_rules! find_record {
    ($uow:expr, $viewer:expr, $record:expr, $find:expr) => {{
        let mut found = None;
        if $uow.is_granted_to($viewer) {
            let row = $find.fetch_optional($uow.connection()).await;
            found = $uow.told(row).await?;
        }
        if found.is_none() && $uow.enter_at($viewer, $record).await? {
            let row = $find.fetch_optional($uow.connection()).await;
            found = $uow.told(row).await?;
        }
        found
    }};
}
pub(crate) use find_record;

#[async_trait]
impl UnitOfWork for PostgresUnitOfWork {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Failed(CommitAfterFailure.into()));
        }
        let Self { transaction, recognition, memberships, .. } = *self;
        transaction.commit(recognition, &memberships).await.map_err(commit_error)
    }
}
