//! A map whose copies share everything until one of them is written.

use std::collections::BTreeMap;
use std::ops::RangeBounds;
use std::sync::Arc;

/// The rows of a table, by key.
#[derive(Debug)]
pub(super) struct Table<K, V>(Arc<BTreeMap<K, Arc<V>>>);

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.0.get(key).map(AsRef::as_ref)
    }

    pub(super) fn contains(&self, key: &K) -> bool {
        self.0.contains_key(key)
    }

    /// Returns a row for a change in this copy alone.
    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        // The key is looked up first, so that a missing key does not copy the map.
        if !self.0.contains_key(key) {
            return None;
        }
        Arc::make_mut(&mut self.0).get_mut(key).map(Arc::make_mut)
    }

    /// Returns a row for a change, inserting its default if it does not exist.
    pub(super) fn entry(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        Arc::make_mut(Arc::make_mut(&mut self.0).entry(key).or_default())
    }

    pub(super) fn insert(&mut self, key: K, row: V) {
        Arc::make_mut(&mut self.0).insert(key, Arc::new(row));
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<Arc<V>> {
        if self.0.contains_key(key) { Arc::make_mut(&mut self.0).remove(key) } else { None }
    }

    /// Returns the rows by ascending key.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.values().map(AsRef::as_ref)
    }

    /// Returns the rows with their keys, by ascending key.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, row)| (key, row.as_ref()))
    }

    /// Returns the rows of a range, by ascending key.
    pub(super) fn range(&self, range: impl RangeBounds<K>) -> impl Iterator<Item = &V> {
        self.0.range(range).map(|(_, row)| row.as_ref())
    }

    /// Returns the shared rows with their keys, so that a caller can tell which were written.
    #[cfg(test)]
    pub(super) fn rows(&self) -> impl Iterator<Item = (&K, &Arc<V>)> {
        self.0.iter()
    }
}
