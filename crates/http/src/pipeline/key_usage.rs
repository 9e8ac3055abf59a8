//! Last-used tracking of API keys.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use loggia_domain::id::KeyId;

use crate::pipeline::state::HttpApp;
use crate::problem::Problem;

/// The keys whose last use is being recorded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noting(Arc<Mutex<HashSet<KeyId>>>);

/// The maximum number of keys at a time: they must not be in the way of the callers' writes.
const MOST: usize = 16;

/// Releases the key when it is dropped, even by a panic.
struct Turn {
    noting: Noting,
    key: KeyId,
}

impl Noting {
    /// Returns `None` if the key's use is being recorded already, or if those of too many others are.
    fn begin(&self, key: KeyId) -> Option<Turn> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let free = keys.len() < MOST && keys.insert(key);
        free.then(|| Turn { noting: self.clone(), key })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.noting.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// Keeps a key that ends unless it is used, before its call goes on. The write completes even if the client goes away.
pub(crate) async fn keep(app: &HttpApp, key: KeyId) -> Result<(), Problem> {
    let loggia = app.loggia.clone();
    let kept = app.runtime.spawn(app.server.tasks.track_future(async move { loggia.keep_key(key).await }));
    match kept.await {
        Ok(kept) => kept.map_err(Problem::from),
        Err(error) => Err(Problem::internal(error)),
    }
}

/// Records the last use of a key, in parallel with the call and its response. If too much is being recorded already, that is left to the
/// key's next call.
pub(crate) fn note(app: &HttpApp, key: KeyId) {
    let Some(turn) = app.noting.begin(key) else { return };
    let loggia = app.loggia.clone();
    app.runtime.spawn(app.server.tasks.track_future(async move {
        if let Err(error) = loggia.touch_key(key).await {
            tracing::debug!(key_id = %key, %error, "the use of a key was not noted");
        }
        drop(turn);
    }));
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_key_once_and_not_too_many_at_once() {
        let noting = Noting::default();
        let key = |number: u128| KeyId::from_uuid(Uuid::from_u128(number));
        let first = noting.begin(key(0)).expect("a turn");
        assert!(noting.begin(key(0)).is_none(), "it is being written down");
        let others: Vec<_> = (1..16).map(|number| noting.begin(key(number)).expect("a turn")).collect();
        assert!(noting.begin(key(16)).is_none(), "that is too many");
        drop(first);
        assert!(noting.begin(key(16)).is_some());
        drop(others);
        assert!(noting.0.lock().expect("the keys").is_empty());
    }
}
