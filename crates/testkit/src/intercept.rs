//! The one intercepting store: every failure, delay and count that a test injects between the use cases and a store.
//!
//! [`store`] and [`views`] put an [`Interceptor`] in front of the write side or the read side of a store. The interceptor receives the
//! method's name before each call, and may wait, fail the call, run it elsewhere, or change what it returns.

mod recorder;
mod rows;
mod views;

use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;
use loggia_domain::instant::Timestamp;
use loggia_domain::key::Caller;
use loggia_domain::port::{Ports, Settlement, Store, StoreError, UnitOfWork};

pub use recorder::Recorder;

/// Observes and changes the calls of a store.
#[async_trait]
pub trait Interceptor: Send + Sync {
    /// Runs before a call. The call is the name of a method of the store, of a unit of work or of the read side. An error replaces the call.
    async fn before(&self, _call: &'static str) -> Result<(), StoreError> {
        Ok(())
    }

    /// Returns another unit of work to run a call in, which is dropped after the call.
    async fn elsewhere(&self, _call: &'static str) -> Result<Option<Box<dyn UnitOfWork>>, StoreError> {
        Ok(None)
    }

    /// Runs after a call that succeeded, with its answer: the value in the `Ok` that the method returns. It may change the answer; an error
    /// replaces it.
    fn after(&self, _call: &Call<'_>, _answer: &mut dyn Any) -> Result<(), StoreError> {
        Ok(())
    }

    /// Runs when a unit of work was committed or rolled back.
    fn ended(&self) {}
}

/// A call that succeeded.
pub struct Call<'a> {
    /// The method's name.
    pub name: &'static str,
    arguments: &'a [&'a dyn Any],
}

impl Call<'_> {
    /// Returns the first argument of this type. Only calls of the read side have their arguments.
    pub fn argument<T: Any>(&self) -> Option<&T> {
        self.arguments.iter().find_map(|argument| argument.downcast_ref())
    }
}

struct Before<F>(F);

#[async_trait]
impl<F: Fn(&'static str) -> Result<(), StoreError> + Send + Sync> Interceptor for Before<F> {
    async fn before(&self, call: &'static str) -> Result<(), StoreError> {
        (self.0)(call)
    }
}

/// Returns an interceptor that runs a closure before each call.
pub fn before<F>(run: F) -> Arc<dyn Interceptor>
where
    F: Fn(&'static str) -> Result<(), StoreError> + Send + Sync + 'static,
{
    Arc::new(Before(run))
}

/// Returns the ports with the interceptor in front of the write side.
#[must_use]
pub fn store(ports: Ports, interceptor: Arc<dyn Interceptor>) -> Ports {
    Ports { store: Arc::new(InterceptedStore { inner: ports.store, interceptor }), ..ports }
}

/// Returns the ports with the interceptor in front of the read side.
#[must_use]
pub fn views(ports: Ports, interceptor: Arc<dyn Interceptor>) -> Ports {
    Ports { views: Arc::new(views::InterceptedViews { inner: ports.views, interceptor }), ..ports }
}

struct InterceptedStore {
    inner: Arc<dyn Store>,
    interceptor: Arc<dyn Interceptor>,
}

impl InterceptedStore {
    fn unit(&self, inner: Box<dyn UnitOfWork>) -> Box<dyn UnitOfWork> {
        let end = End(Arc::clone(&self.interceptor));
        Box::new(InterceptedUnit { inner, interceptor: Arc::clone(&self.interceptor), end })
    }
}

#[async_trait]
impl Store for InterceptedStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.interceptor.before("begin").await?;
        Ok(self.unit(self.inner.begin().await?))
    }

    async fn begin_for(&self, caller: &Caller, now: Timestamp) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.interceptor.before("begin_for").await?;
        Ok(self.unit(self.inner.begin_for(caller, now).await?))
    }
}

/// A unit of work behind an interceptor. Its rows are in [`rows`].
struct InterceptedUnit {
    inner: Box<dyn UnitOfWork>,
    interceptor: Arc<dyn Interceptor>,
    end: End,
}

/// Reports the end of a unit of work, also if the unit of work is dropped half-way. It is dropped after the inner unit of work.
struct End(Arc<dyn Interceptor>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.ended();
    }
}

#[async_trait]
impl UnitOfWork for InterceptedUnit {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { inner, interceptor, end } = *self;
        interceptor.before("commit").await?;
        let outcome = inner.commit().await;
        drop(end);
        outcome?;
        interceptor.after(&Call { name: "commit", arguments: &[] }, &mut ())
    }

    fn settlement(&self) -> Option<Settlement> {
        self.inner.settlement()
    }
}
