//! The unit of work: one transaction that holds SQLite's write lock from beginning to end.

use async_trait::async_trait;
use loggia_domain::id::ScopeId;
use loggia_domain::port::{StoreError, UnitOfWork};
use loggia_domain::scope::{Reach, Scope, Viewer};
use sqlx::{Sqlite, SqliteConnection, Transaction};
use uuid::Uuid;

use crate::error::{commit_error, store_error};

/// Dropping it queues a ROLLBACK on the connection, which runs before anything else there.
pub(crate) struct SqliteUnitOfWork {
    transaction: Transaction<'static, Sqlite>,
}

impl SqliteUnitOfWork {
    pub(crate) fn new(transaction: Transaction<'static, Sqlite>) -> Self {
        Self { transaction }
    }

    /// The connection that the transaction is open on.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    /// See `OrganizationRows::begin_trial`.
    pub(crate) async fn set_savepoint(&mut self) -> Result<(), StoreError> {
        sqlx::raw_sql("SAVEPOINT trial").execute(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    /// See `OrganizationRows::end_trial`.
    pub(crate) async fn leave_savepoint(&mut self, keep: bool) -> Result<(), StoreError> {
        let leave = if keep { "RELEASE trial" } else { "ROLLBACK TO trial; RELEASE trial" };
        sqlx::raw_sql(leave).execute(self.connection()).await.map_err(store_error)?;
        Ok(())
    }
}

#[async_trait]
impl UnitOfWork for SqliteUnitOfWork {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.transaction.commit().await.map_err(commit_error)
    }
}

/// The one scope that the viewer's key is confined to, as statements compare it; `None` for no such bound.
pub(crate) fn confined_to(viewer: &Viewer) -> Option<Uuid> {
    match viewer.reach {
        Reach::Everywhere => None,
        Reach::Only(organization) => Some(organization.as_uuid()),
    }
}

/// The id under which a scope's rows are stored.
pub(crate) fn scope_key(scope: Scope) -> Uuid {
    ScopeId::as_uuid(scope.id())
}

/// The word for a scope's kind. A user's id names no organization, though it is the id of a scope: whoever comes with a
/// scope that a client named must check both.
pub(crate) fn scope_kind(scope: Scope) -> &'static str {
    match scope {
        Scope::Organization(_) => "organization",
        Scope::Personal(_) => "personal",
    }
}

/// Several ids as one parameter: a JSON array of hex strings, which `unhex(value)` over `json_each` makes blobs again.
pub(crate) fn id_list(ids: impl Iterator<Item = Uuid>) -> String {
    let quoted: Vec<String> = ids.map(|id| format!("\"{}\"", id.simple())).collect();
    format!("[{}]", quoted.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_listed_as_json() {
        assert_eq!(id_list(std::iter::empty()), "[]");
        let ids = [Uuid::nil(), Uuid::max()];
        assert_eq!(id_list(ids.into_iter()), format!("[\"{}\",\"{}\"]", "0".repeat(32), "f".repeat(32)));
    }
}
