//! The import of an organization.
//!
//! The archive is read twice: first to verify all of it, then to write its rows in one unit of work, which is committed only if the second
//! reading came to the same end.

mod accounts;
mod checker;

use std::fs::File;
use std::io;

use loggia_domain::id::OrganizationId;
use loggia_domain::port::{Clock, Ids, Secrets, StoreError};
use loggia_sql::moving::OrganizationWriter;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::Progress;
use crate::archive::{ArchiveError, Limits, Reading, Rows, read};
use accounts::Resolved;
use checker::{Account, Checker};

/// The number of parts that wait to be written.
const WAITING_PARTS: usize = 2;

/// An archive of which everything was verified that can be verified without a store.
#[derive(Debug)]
pub struct Verified {
    reading: Reading,
    accounts: Vec<Account>,
    own_users: Vec<(Uuid, i64)>,
}

impl Verified {
    /// Returns the organization of the archive.
    pub fn organization(&self) -> OrganizationId {
        self.reading.organization
    }
}

/// The sources of time, ids and randomness for new accounts and for invitations.
#[derive(Clone, Copy)]
pub struct Machine<'m> {
    /// The time of the import.
    pub clock: &'m dyn Clock,
    /// The ids of events about new accounts.
    pub ids: &'m dyn Ids,
    /// Digests that no invitation's token has.
    pub secrets: &'m dyn Secrets,
}

/// The rows that an import has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The tables, each with the number of its rows.
    pub tables: Vec<(&'static str, u64)>,
    /// The number of accounts that were created.
    pub new_accounts: u64,
    /// The number of members whose accounts existed.
    pub known_accounts: u64,
}

/// The reason why the instance does not take the archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The organization exists.
    #[error("the organization {0} exists here already; nothing was written")]
    OrganizationExists(OrganizationId),
    /// A user of the archive has the id of another user.
    #[error(
        "the user {id} of the archive is {archived} there and {here} here, so the two are not the same; nothing was written"
    )]
    AnotherUser {
        /// The user's id.
        id: Uuid,
        /// The description of the user in the archive.
        archived: &'static str,
        /// The description of the user in the store.
        here: &'static str,
    },
    /// Another account has the address of an account of the archive.
    #[error(
        "the address {email} belongs to the account {here} here and to the account {archived} in the archive; nothing was written. \
         `loggia accounts update` changes the address of the account here"
    )]
    AddressTaken {
        /// The address.
        email: String,
        /// The account in the store.
        here: Uuid,
        /// The account in the archive.
        archived: Uuid,
    },
}

/// The reason why an archive was not imported. Nothing was written, unless the store says that the outcome of the commit is unknown.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The archive is refused.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The instance does not take the archive.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The archive has changed since it was verified.
    #[error("the archive has changed while it was imported; nothing was written")]
    Changed,
    /// A row cannot be inserted, for example because a record with the same id exists in another organization.
    #[error("the {table} of the archive cannot be inserted; nothing was written")]
    Rows {
        /// The name of the table.
        table: &'static str,
        /// The error of the store.
        #[source]
        source: StoreError,
    },
    /// The store cannot be used.
    #[error("the store cannot be used")]
    Store(#[from] StoreError),
}

/// Verifies an archive: its bytes, its manifest, every value of every row, and that every reference leads to a row.
///
/// # Errors
/// Fails with [`ImportError::Archive`].
pub async fn verify(file: File, report: impl Fn(Progress) + Send + 'static) -> Result<Verified, ImportError> {
    let verifying = tokio::task::spawn_blocking(move || {
        let of = file.metadata().map(|file| file.len()).unwrap_or_default();
        let mut checker: Option<Checker> = None;
        let reading = read(file, Limits::default(), |organization, mut rows| {
            report(Progress::Bytes { step: "verifying", done: rows.read, of });
            let checker = checker.get_or_insert_with(|| Checker::new(organization, Resolved::default()));
            checker.check(&mut rows)
        })?;
        let checker = checker.unwrap_or_else(|| Checker::new(reading.organization, Resolved::default()));
        let (accounts, own_users) = checker.finish()?;
        Ok::<_, ArchiveError>(Verified { reading, accounts, own_users })
    });
    let verified = verifying.await.map_err(|error| ArchiveError::File(io::Error::other(error)))?;
    Ok(verified?)
}

/// Imports an archive that was verified.
///
/// # Errors
/// Fails with an [`ImportError`]; nothing was written then.
pub async fn import(
    file: File,
    verified: Verified,
    mut writer: Box<dyn OrganizationWriter>,
    machine: Machine<'_>,
    report: impl Fn(Progress) + Send + 'static,
) -> Result<Imported, ImportError> {
    let organization = verified.organization();
    if writer.has_scope().await? {
        return Err(Refusal::OrganizationExists(organization).into());
    }
    let resolved = Resolved::resolve(&mut *writer, &verified, machine).await?;
    let known_accounts = resolved.known.len() as u64;
    let new_accounts = verified.accounts.len() as u64 - known_accounts;
    let (sender, mut parts) = mpsc::channel::<Rows>(WAITING_PARTS);
    let for_thread = resolved.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let of = file.metadata().map(|file| file.len()).unwrap_or_default();
        let mut checker = Checker::new(organization, for_thread);
        let reading = read(file, Limits::default(), |found, mut rows| {
            report(Progress::Bytes { step: "importing", done: rows.read, of });
            if found != organization {
                return Err(ImportError::Changed);
            }
            checker.check(&mut rows)?;
            // The receiver is gone if a row could not be inserted, of which it tells.
            sender.blocking_send(rows).map_err(|_| ImportError::Changed)
        })?;
        Ok::<_, ImportError>(reading)
    });
    let mut tables: Vec<(&'static str, u64)> = Vec::new();
    while let Some(rows) = parts.recv().await {
        let (table, number) = (rows.table, rows.rows.len() as u64);
        let written = resolved.write(&mut *writer, rows, machine).await;
        written.map_err(|source| ImportError::Rows { table: table.name, source })?;
        match tables.last_mut() {
            Some((name, count)) if *name == table.name => *count += number,
            _ => tables.push((table.name, number)),
        }
    }
    let reading = reading.await.map_err(|error| ArchiveError::File(io::Error::other(error)))??;
    if reading != verified.reading {
        return Err(ImportError::Changed);
    }
    writer.commit().await?;
    Ok(Imported { tables, new_accounts, known_accounts })
}
