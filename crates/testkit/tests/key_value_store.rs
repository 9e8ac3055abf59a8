//! The contract of the core on the ports that are derived from records, and how little a store has to do for them.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::port::key_value::{
    Counter, Key, ReadRecords, Record, Snapshot, Snapshots, Workspace, WriteRecords,
};
use loggia_domain::port::{
    DeletionRows, DeletionViews, InstanceRows, InstanceViews, InvitationRows, InvitationViews, KeyRows,
    KeyViews, Store, StoreError, StoredResponseRows, StoredResponseViews, UnitOfWork,
};
use loggia_testkit::contract::Fixture;
use tokio::sync::{Mutex, OwnedMutexGuard};
use uuid::Uuid;

/// The content of a store.
#[derive(Clone, Default)]
struct Maps {
    records: BTreeMap<(&'static str, Key), Arc<dyn Any + Send + Sync>>,
    addresses: BTreeMap<(Option<OrganizationId>, String), UserId>,
    counters: BTreeMap<(Uuid, Counter), i64>,
}

impl<R: Record + Send + Sync + 'static> ReadRecords<R> for Maps {
    fn get(&self, key: Key) -> Result<Option<R>, StoreError> {
        Ok(self.records.get(&(R::KIND, key)).and_then(|record| record.downcast_ref().cloned()))
    }

    fn list(&self, from: Key) -> Result<Vec<R>, StoreError> {
        let keys = (R::KIND, from)..=(R::KIND, Key { id: Uuid::max(), ..from });
        Ok(self.records.range(keys).filter_map(|(_, record)| record.downcast_ref().cloned()).collect())
    }

    fn with_id(&self, id: Uuid) -> Result<Vec<R>, StoreError> {
        let records = self.records.iter().filter(|((kind, key), _)| *kind == R::KIND && key.id == id);
        Ok(records.filter_map(|(_, record)| record.downcast_ref().cloned()).collect())
    }
}

impl Snapshot for Maps {
    fn address(&self, home: Option<OrganizationId>, key: &str) -> Result<Option<UserId>, StoreError> {
        Ok(self.addresses.get(&(home, key.to_owned())).copied())
    }
}

/// A unit of work: a copy of the maps, which replaces them at the commit.
struct Unit {
    maps: Maps,
    store: MapStore,
    _turn: OwnedMutexGuard<()>,
}

impl<R: Record + Send + Sync + 'static> ReadRecords<R> for Unit {
    fn get(&self, key: Key) -> Result<Option<R>, StoreError> {
        self.maps.get(key)
    }

    fn list(&self, from: Key) -> Result<Vec<R>, StoreError> {
        self.maps.list(from)
    }

    fn with_id(&self, id: Uuid) -> Result<Vec<R>, StoreError> {
        self.maps.with_id(id)
    }
}

impl Snapshot for Unit {
    fn address(&self, home: Option<OrganizationId>, key: &str) -> Result<Option<UserId>, StoreError> {
        self.maps.address(home, key)
    }
}

impl<R: Record + Send + Sync + 'static> WriteRecords<R> for Unit {
    fn put(&mut self, record: &R) -> Result<(), StoreError> {
        self.maps.records.insert((R::KIND, record.key()), Arc::new(record.clone()));
        Ok(())
    }

    fn delete(&mut self, key: Key) -> Result<(), StoreError> {
        self.maps.records.remove(&(R::KIND, key));
        Ok(())
    }
}

impl Workspace for Unit {
    fn put_address(
        &mut self,
        home: Option<OrganizationId>,
        key: &str,
        user: Option<UserId>,
    ) -> Result<(), StoreError> {
        let key = (home, key.to_owned());
        match user {
            Some(user) => self.maps.addresses.insert(key, user),
            None => self.maps.addresses.remove(&key),
        };
        Ok(())
    }

    fn counter(&self, of: Uuid, counter: Counter) -> Result<i64, StoreError> {
        Ok(self.maps.counters.get(&(of, counter)).copied().unwrap_or_default())
    }

    fn put_counter(&mut self, of: Uuid, counter: Counter, number: i64) -> Result<(), StoreError> {
        self.maps.counters.insert((of, counter), number);
        Ok(())
    }

    fn commit(self) -> Result<(), StoreError> {
        *self.store.committed.write().unwrap_or_else(PoisonError::into_inner) = self.maps;
        Ok(())
    }
}

impl KeyRows for Unit {}
impl StoredResponseRows for Unit {}
impl InvitationRows for Unit {}
impl DeletionRows for Unit {}
impl InstanceRows for Unit {}

#[derive(Clone, Default)]
struct MapStore {
    committed: Arc<RwLock<Maps>>,
    writer: Arc<Mutex<()>>,
}

#[async_trait]
impl Store for MapStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let turn = Arc::clone(&self.writer).lock_owned().await;
        Ok(Box::new(Unit { maps: self.snapshot()?, store: self.clone(), _turn: turn }))
    }
}

impl Snapshots for MapStore {
    type Snapshot<'s> = Maps;

    fn snapshot(&self) -> Result<Maps, StoreError> {
        Ok(self.committed.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl KeyViews for MapStore {}
impl StoredResponseViews for MapStore {}
impl InvitationViews for MapStore {}
impl DeletionViews for MapStore {}
impl InstanceViews for MapStore {}

async fn fresh() -> Fixture {
    let store = Arc::new(MapStore::default());
    Fixture::new(loggia_testkit::ports(store.clone(), store))
}

loggia_testkit::store_contract!(fresh, without = [keys, stored_responses, invitations, deletion, instance]);
