//! The tables, and the records in a transaction of redb.

use std::ops::RangeInclusive;

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::port::key_value::{Counter, Key, ReadRecords, Record, Snapshot, Workspace, WriteRecords};
use loggia_domain::port::{
    DeletionRows, InstanceRows, InvitationRows, KeyRows, StoreError, StoredResponseRows,
};
use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use crate::codec::Stored;

/// The records of all kinds as JSON, by kind, owner and id. redb orders numbers by value, and so UUIDs by their bytes.
const RECORDS: TableDefinition<'static, (&str, u128, u128), &[u8]> = TableDefinition::new("records");
/// The same keys with the id before the owner: redb has no secondary indexes, so each write keeps this one.
const OWNERS: TableDefinition<'static, (&str, u128, u128), ()> = TableDefinition::new("owners");
/// Users by their home, 0 for accounts, and the key of their address.
const ADDRESSES: TableDefinition<'static, (u128, &str), u128> = TableDefinition::new("addresses");
/// Counters by what they count for and their name.
const COUNTERS: TableDefinition<'static, (u128, &str), i64> = TableDefinition::new("counters");

/// Creates the tables, since a reader does not find a table that was never written.
pub fn create(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.open_table(RECORDS)?;
    transaction.open_table(OWNERS)?;
    transaction.open_table(ADDRESSES)?;
    transaction.open_table(COUNTERS)?;
    Ok(())
}

/// Runs work that may wait for the disk, while another thread runs the other tasks of this one.
pub fn on_disk<T>(work: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, StoreError> {
    tokio::task::block_in_place(work).map_err(|error| match error {
        redb::Error::Io(_) | redb::Error::PreviousIo => StoreError::Unavailable(Some(error.into())),
        redb::Error::Corrupted(what) => StoreError::Corrupt(what),
        error => StoreError::Failed(error.into()),
    })
}

/// The reads that both kinds of transactions have alike.
trait Read {
    fn record(&self, kind: &str, key: Key) -> Result<Option<Vec<u8>>, redb::Error>;
    fn records(&self, kind: &str, from: Key) -> Result<Vec<Vec<u8>>, redb::Error>;
    fn owners(&self, kind: &str, id: Uuid) -> Result<Vec<Uuid>, redb::Error>;
    fn user_at(&self, home: u128, address: &str) -> Result<Option<u128>, redb::Error>;
}

fn all_from<'k>(kind: &'k str, first: Uuid, second: Uuid) -> RangeInclusive<(&'k str, u128, u128)> {
    (kind, first.as_u128(), second.as_u128())..=(kind, first.as_u128(), u128::MAX)
}

macro_rules! read {
    ($($transaction:ty),+) => {$(
        impl Read for $transaction {
            fn record(&self, kind: &str, key: Key) -> Result<Option<Vec<u8>>, redb::Error> {
                let key = (kind, key.owner.as_u128(), key.id.as_u128());
                Ok(self.open_table(RECORDS)?.get(key)?.map(|json| json.value().to_vec()))
            }

            fn records(&self, kind: &str, from: Key) -> Result<Vec<Vec<u8>>, redb::Error> {
                let rows = self.open_table(RECORDS)?;
                let rows = rows.range(all_from(kind, from.owner, from.id))?;
                rows.map(|row| Ok(row?.1.value().to_vec())).collect()
            }

            fn owners(&self, kind: &str, id: Uuid) -> Result<Vec<Uuid>, redb::Error> {
                let rows = self.open_table(OWNERS)?;
                let rows = rows.range(all_from(kind, id, Uuid::nil()))?;
                rows.map(|row| Ok(Uuid::from_u128(row?.0.value().2))).collect()
            }

            fn user_at(&self, home: u128, address: &str) -> Result<Option<u128>, redb::Error> {
                Ok(self.open_table(ADDRESSES)?.get((home, address))?.map(|user| user.value()))
            }
        }
    )+};
}
read!(ReadTransaction, WriteTransaction);

/// A transaction to read in, or the one to write in.
pub struct Transaction<T> {
    pub inner: T,
    /// The turn of the one writer, which ends after the transaction.
    pub turn: Option<OwnedMutexGuard<()>>,
}

fn decoded<R: Record + Stored>(json: &[u8]) -> Result<R, StoreError> {
    let record = serde_json::from_slice(json).ok().and_then(|json| R::from_json(&json));
    record.ok_or_else(|| StoreError::Corrupt(format!("{}: {}", R::KIND, String::from_utf8_lossy(json))))
}

impl<T: Read, R: Record + Stored> ReadRecords<R> for Transaction<T> {
    fn get(&self, key: Key) -> Result<Option<R>, StoreError> {
        on_disk(|| self.inner.record(R::KIND, key))?.map(|json| decoded(&json)).transpose()
    }

    fn list(&self, from: Key) -> Result<Vec<R>, StoreError> {
        on_disk(|| self.inner.records(R::KIND, from))?.iter().map(|json| decoded(json)).collect()
    }

    fn with_id(&self, id: Uuid) -> Result<Vec<R>, StoreError> {
        let owners = on_disk(|| self.inner.owners(R::KIND, id))?.into_iter();
        owners.filter_map(|owner| self.get(Key { owner, id }).transpose()).collect()
    }
}

fn number(home: Option<OrganizationId>) -> u128 {
    home.map_or(0, |home| home.as_uuid().as_u128())
}

impl<T: Read> Snapshot for Transaction<T> {
    fn address(&self, home: Option<OrganizationId>, key: &str) -> Result<Option<UserId>, StoreError> {
        let user = on_disk(|| self.inner.user_at(number(home), key))?;
        Ok(user.map(|user| UserId::from_uuid(Uuid::from_u128(user))))
    }
}

impl<R: Record + Stored> WriteRecords<R> for Transaction<WriteTransaction> {
    fn put(&mut self, record: &R) -> Result<(), StoreError> {
        let (key, json) = (record.key(), record.to_json().to_string());
        let (owner, id) = (key.owner.as_u128(), key.id.as_u128());
        on_disk(|| {
            self.inner.open_table(RECORDS)?.insert((R::KIND, owner, id), json.as_bytes())?;
            self.inner.open_table(OWNERS)?.insert((R::KIND, id, owner), ())?;
            Ok(())
        })
    }

    fn delete(&mut self, key: Key) -> Result<(), StoreError> {
        let (owner, id) = (key.owner.as_u128(), key.id.as_u128());
        on_disk(|| {
            self.inner.open_table(RECORDS)?.remove((R::KIND, owner, id))?;
            self.inner.open_table(OWNERS)?.remove((R::KIND, id, owner))?;
            Ok(())
        })
    }
}

impl Workspace for Transaction<WriteTransaction> {
    fn put_address(
        &mut self,
        home: Option<OrganizationId>,
        key: &str,
        user: Option<UserId>,
    ) -> Result<(), StoreError> {
        on_disk(|| {
            let mut addresses = self.inner.open_table(ADDRESSES)?;
            match user {
                Some(user) => addresses.insert((number(home), key), user.as_uuid().as_u128())?,
                None => addresses.remove((number(home), key))?,
            };
            Ok(())
        })
    }

    fn counter(&self, of: Uuid, counter: Counter) -> Result<i64, StoreError> {
        let key = (of.as_u128(), counter.as_str());
        on_disk(|| Ok(self.inner.open_table(COUNTERS)?.get(key)?.map_or(0, |number| number.value())))
    }

    fn put_counter(&mut self, of: Uuid, counter: Counter, number: i64) -> Result<(), StoreError> {
        let key = (of.as_u128(), counter.as_str());
        on_disk(|| Ok(self.inner.open_table(COUNTERS)?.insert(key, number).map(drop)?))
    }

    fn commit(self) -> Result<(), StoreError> {
        // The turn is kept until the commit is done.
        let Self { inner, turn } = self;
        let outcome = on_disk(|| Ok(inner.commit()?));
        drop(turn);
        outcome.map_err(|error| StoreError::OutcomeUnknown(Some(error.into())))
    }
}

// The capabilities that this store lacks.
impl KeyRows for Transaction<WriteTransaction> {}
impl StoredResponseRows for Transaction<WriteTransaction> {}
impl InvitationRows for Transaction<WriteTransaction> {}
impl DeletionRows for Transaction<WriteTransaction> {}
impl InstanceRows for Transaction<WriteTransaction> {}
