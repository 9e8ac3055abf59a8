//! An interceptor that records, fails and changes calls.

use std::any::Any;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use loggia_domain::port::StoreError;

use super::{Call, Interceptor};

type Fail = dyn Fn(&'static str, usize) -> Result<(), StoreError> + Send + Sync;
type Change = dyn Fn(&'static str, usize, &mut dyn Any) + Send + Sync;

/// Records the names of all calls, in their order. A test may have some of them fail, and change the answers of others.
pub struct Recorder {
    calls: Mutex<Vec<&'static str>>,
    fail: Box<Fail>,
    change: Box<Change>,
}

impl Recorder {
    /// Creates a recorder that fails and changes nothing.
    pub fn new() -> Self {
        Self { calls: Mutex::default(), fail: Box::new(|_, _| Ok(())), change: Box::new(|_, _, _| ()) }
    }

    /// Runs the closure before each call, with its name and its number among the calls of that name, from 1. An error replaces the call.
    #[must_use]
    pub fn failing(
        self,
        fail: impl Fn(&'static str, usize) -> Result<(), StoreError> + Send + Sync + 'static,
    ) -> Self {
        Self { fail: Box::new(fail), ..self }
    }

    /// Runs the closure after each call that succeeded, with its name, its number among the calls of that name, and its answer.
    #[must_use]
    pub fn changing(
        self,
        change: impl Fn(&'static str, usize, &mut dyn Any) + Send + Sync + 'static,
    ) -> Self {
        Self { change: Box::new(change), ..self }
    }

    /// Returns the calls since the last time, and forgets them.
    pub fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.calls())
    }

    /// Returns the number of recorded calls with this name.
    pub fn count(&self, name: &str) -> usize {
        self.calls().iter().filter(|call| **call == name).count()
    }

    fn calls(&self) -> MutexGuard<'_, Vec<&'static str>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Interceptor for Recorder {
    async fn before(&self, call: &'static str) -> Result<(), StoreError> {
        self.calls().push(call);
        (self.fail)(call, self.count(call))
    }

    fn after(&self, call: &Call<'_>, answer: &mut dyn Any) -> Result<(), StoreError> {
        (self.change)(call.name, self.count(call.name), answer);
        Ok(())
    }
}
