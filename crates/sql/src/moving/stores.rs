//! The traits of a store whose rows can be moved.

use async_trait::async_trait;
use loggia_domain::port::StoreError;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::tables::Table;
use super::value::Row;

/// Rows of a store in one snapshot: of the whole instance, or of one organization.
#[async_trait]
pub trait RowReader: Send {
    /// Returns the number of rows in the table.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the store cannot be read.
    async fn count(&mut self, table: &'static Table) -> Result<u64, StoreError>;

    /// Returns at most `limit` rows in the order of [`Table::source`]: the first ones, or those after the row `after`.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the store cannot be read, or if a row is corrupt.
    async fn rows(
        &mut self,
        table: &'static Table,
        after: Option<&Row>,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError>;

    /// Returns the row about the instance.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the store cannot be read.
    async fn instance(&mut self) -> Result<InstanceRow, StoreError>;
}

/// The facts about an instance that move with it.
#[derive(Clone, PartialEq, Eq)]
pub struct InstanceRow {
    /// The secret that authenticates cursors.
    pub secret: [u8; 32],
    /// Whether the instance has had an organization.
    pub has_organizations: bool,
    /// The version of the search form of all folded texts.
    pub folding: i64,
}

impl std::fmt::Debug for InstanceRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { secret: _, has_organizations, folding } = self;
        f.debug_struct("InstanceRow")
            .field("has_organizations", has_organizations)
            .field("folding", folding)
            .finish_non_exhaustive()
    }
}

impl InstanceRow {
    /// Returns a name of the instance that reveals nothing of its secret, for recognising the source of a copy that was interrupted.
    pub fn name(&self) -> String {
        let digest = Sha256::new().chain_update(b"loggia copy of ").chain_update(self.secret).finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The beginning of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// The target was empty.
    New,
    /// The target has rows of an interrupted copy of the same source.
    Continued,
}

/// The target of a copy has rows that are not those of an interrupted copy of the same source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetIsNotEmpty {
    /// The target is in use.
    #[error("it has data already")]
    Used,
    /// The target is the unfinished copy of another instance.
    #[error("it is the unfinished copy of another instance")]
    CopyOfAnother,
}

/// The target of a copy of an instance. Nobody else uses the store meanwhile.
#[async_trait]
pub trait InstanceWriter: RowReader {
    /// Marks the store as the unfinished copy of the instance with this name, so that nobody opens it.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the store cannot be written.
    async fn begin(&mut self, source: &str) -> Result<Result<Beginning, TargetIsNotEmpty>, StoreError>;

    /// Returns the last row of the table in the order of [`Table::source`], or `None` if there is none.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the store cannot be read.
    async fn last(&mut self, table: &'static Table) -> Result<Option<Row>, StoreError>;

    /// Inserts rows, all or none. The parents of API keys are left out, see [`Self::link_keys`].
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if a row cannot be inserted.
    async fn write(&mut self, table: &'static Table, rows: Vec<Row>) -> Result<(), StoreError>;

    /// Sets the parents of API keys: pairs of a key and its parent.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the store cannot be written.
    async fn link_keys(&mut self, links: &[(Uuid, Uuid)]) -> Result<(), StoreError>;

    /// Sets the facts about the instance and removes the mark, so that the store can be opened.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the store cannot be written.
    async fn finish(&mut self, instance: &InstanceRow) -> Result<(), StoreError>;
}

/// A user whom a store has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundUser {
    /// The user's id.
    pub id: Uuid,
    /// The organization that the user belongs to; `None` for an account.
    pub home: Option<Uuid>,
}

/// A unit of work that inserts one organization. Dropping it undoes everything.
#[async_trait]
pub trait OrganizationWriter: Send {
    /// Returns `true` if the organization, or another scope with its id, exists.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the store cannot be read.
    async fn has_scope(&mut self) -> Result<bool, StoreError>;

    /// Returns the user with this id, and the account with this key of an address, whichever exist.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the store cannot be read.
    async fn users(
        &mut self,
        id: Uuid,
        email_key: &str,
    ) -> Result<(Option<FoundUser>, Option<FoundUser>), StoreError>;

    /// Returns the member row of the account's personal scope, in the columns of [`super::MEMBERS`], with the address of the account.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the store cannot be read.
    async fn personal_member(&mut self, account: Uuid) -> Result<Option<(Row, String)>, StoreError>;

    /// Inserts an account: rows of [`super::SCOPES`], [`super::USERS`], [`super::MEMBERS`] and [`super::EVENTS`] of its personal scope.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if a row cannot be inserted.
    async fn write_account(&mut self, account: Uuid, rows: [Row; 4]) -> Result<(), StoreError>;

    /// Raises the number of an account's readmissions to this one, unless it is greater.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the store cannot be written.
    async fn raise_readmissions(&mut self, account: Uuid, readmissions: i64) -> Result<(), StoreError>;

    /// Inserts rows of the organization.
    ///
    /// # Errors
    /// Fails with [`StoreError::Contended`] if a key is taken, and with another [`StoreError`] if a row cannot be inserted.
    async fn write(&mut self, table: &'static Table, rows: Vec<Row>) -> Result<(), StoreError>;

    /// Commits everything, and marks that the instance has organizations.
    ///
    /// # Errors
    /// Fails with a [`StoreError`]; nothing was written unless it is [`StoreError::OutcomeUnknown`].
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
