//! The unit of work: one transaction, in which rows are locked as the ports promise.

use async_trait::async_trait;
use loggia_domain::id::UserId;
use loggia_domain::port::{StoreError, UnitOfWork};
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::scope_key;
use uuid::Uuid;

use crate::error::{commit_error, is_stale_plan, store_error};
use crate::sessions::in_time::InTime;
use crate::sessions::transaction::{Recognition, Transaction};
use crate::tenancy::context::{Granted, Record, Target, TenantContext};

/// A unit of work. If it is dropped, its transaction is rolled back before the session is used again.
pub(crate) struct PostgresUnitOfWork {
    transaction: Transaction,
    /// The caller, who is checked again at the commit; `None` for the operator.
    recognition: Option<Recognition>,
    /// The scopes in which a membership of the caller was found.
    memberships: Vec<Uuid>,
    context: TenantContext,
    granted: Granted,
    /// The viewer whose memberships decide which scopes are granted; `None` for the operator, who is granted any.
    viewer: Option<Viewer>,
    /// Whether a statement has failed. Postgres responds to the COMMIT of such a transaction with a rollback, and with no error.
    failed: bool,
}

/// A unit of work was to be committed although a statement in it had failed: a bug of the caller.
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
            failed: false,
        }
    }

    /// Returns the connection on which the transaction is open.
    pub(crate) fn connection(&mut self) -> InTime<'_> {
        self.transaction.connection()
    }

    /// Checks the result of a statement, and maps an error to the port's. After an error the unit of work cannot be committed.
    pub(crate) async fn check<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        let error = match outcome {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        self.failed = true;
        if is_stale_plan(&error) {
            // The schema has changed under a prepared statement, which a retry prepares anew.
            self.transaction.schema().noticed();
            return Err(StoreError::Contended(Some(error.into())));
        }
        Err(store_error(error))
    }

    async fn open(&mut self, context: TenantContext) -> Result<(), StoreError> {
        let granted = context.enter(self.transaction.connection(), true).await;
        self.granted = self.check(granted).await?;
        self.context = context;
        Ok(())
    }

    /// Grants the scope of `target`, if the viewer is an active member of it and it was not granted before. Returns `true` if the
    /// membership was looked up now.
    ///
    /// The membership is looked up once: each statement checks it itself, and the grant is a second line of defence.
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

    /// Grants the scope to a viewer who is an active member of it, see [`Self::granted`]. Returns `true` if the membership was looked up
    /// now.
    pub(crate) async fn enter_as(&mut self, viewer: &Viewer, scope: Scope) -> Result<bool, StoreError> {
        self.enter_target(viewer, Target::Scope(scope_key(scope))).await
    }

    /// Returns `true` if a scope was granted to the viewer before. Usually the next record lies in that scope too.
    pub(crate) fn is_granted_to(&self, viewer: &Viewer) -> bool {
        self.viewer == Some(*viewer) && self.granted.len() > 0
    }

    /// Grants the scope of the record to a viewer who is an active member of it. Returns `true` if that scope was not granted to the
    /// viewer before.
    pub(crate) async fn enter_at(&mut self, viewer: &Viewer, record: Record) -> Result<bool, StoreError> {
        let before = if self.viewer == Some(*viewer) { self.granted.len() } else { 0 };
        self.enter_target(viewer, Target::In(record)).await?;
        Ok(self.granted.len() > before)
    }

    /// Returns the granted scopes.
    pub(crate) fn granted(&self) -> &Granted {
        &self.granted
    }

    /// Grants a scope that is already known. To a viewer it is granted only with an active membership; the operator's unit of work is
    /// granted any scope.
    pub(crate) async fn enter(&mut self, scope: Scope) -> Result<(), StoreError> {
        match self.viewer {
            _ if self.granted.contains(scope) => Ok(()),
            Some(viewer) => self.enter_as(&viewer, scope).await.map(|_| ()),
            None => self.enter_anew(scope).await,
        }
    }

    /// Grants a scope that is created in this unit of work.
    pub(crate) async fn enter_anew(&mut self, scope: Scope) -> Result<(), StoreError> {
        if self.granted.contains(scope) {
            return Ok(());
        }
        self.open(self.context.and_scope(&self.granted, scope)).await
    }

    /// Grants scopes in which an active membership of a user was read just now, in addition to what was granted. They are locked next, so
    /// their memberships are not looked up again at the commit.
    pub(crate) async fn enter_all(&mut self, scopes: &[Uuid]) -> Result<(), StoreError> {
        self.open(self.context.and_scopes(&self.granted, scopes)).await
    }

    /// Grants the person's own rows, in addition to what was granted.
    pub(crate) async fn open_own(&mut self, person: UserId) -> Result<(), StoreError> {
        if self.context.is_of(person) { Ok(()) } else { self.open_row(Some(person), "").await }
    }

    /// Grants one row that is looked up without a scope, in addition to what was granted: a person's, or the one that `word` identifies.
    pub(crate) async fn open_row(&mut self, person: Option<UserId>, word: &str) -> Result<(), StoreError> {
        self.open(self.context.and_row(&self.granted, person, word)).await
    }
}

/// Finds a viewer's record by its id: first in the granted scopes, where it usually lies, then in its own scope.
macro_rules! find_record {
    ($uow:expr, $viewer:expr, $record:expr, $find:expr) => {{
        let mut found = None;
        if $uow.is_granted_to($viewer) {
            let row = $find.fetch_optional($uow.connection()).await;
            found = $uow.check(row).await?;
        }
        if found.is_none() && $uow.enter_at($viewer, $record).await? {
            let row = $find.fetch_optional($uow.connection()).await;
            found = $uow.check(row).await?;
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
