//! Last-used tracking of API keys.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use loggia_domain::id::KeyId;

/// The keys whose last use is being recorded.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastUsed(Arc<Mutex<HashSet<KeyId>>>);

/// The maximum number of keys at a time: they must not be in the way of the callers' writes.
const MOST: usize = 16;

/// Releases the key when it is dropped, even by a panic.
pub(super) struct Turn {
    last_used: LastUsed,
    key: KeyId,
}

impl LastUsed {
    /// Returns `None` if the key's use is being recorded already, or if those of too many others are.
    pub(super) fn begin(&self, key: KeyId) -> Option<Turn> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let free = keys.len() < MOST && keys.insert(key);
        free.then(|| Turn { last_used: self.clone(), key })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.last_used.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_key_is_recorded_by_one_task_and_sixteen_keys_at_most_at_once() {
        let last_used = LastUsed::default();
        let key = |number: u128| KeyId::from_uuid(Uuid::from_u128(number));
        let first = last_used.begin(key(0)).expect("a turn");
        assert!(last_used.begin(key(0)).is_none(), "it is being written down");
        let others: Vec<_> = (1..16).map(|number| last_used.begin(key(number)).expect("a turn")).collect();
        assert!(last_used.begin(key(16)).is_none(), "that is too many");
        drop(first);
        assert!(last_used.begin(key(16)).is_some());
        drop(others);
        assert!(last_used.0.lock().expect("the keys").is_empty());
    }
}
