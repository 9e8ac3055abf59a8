//! Calls of a store that fail or wait, as a test asks for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use loggia_domain::port::StoreError;
use loggia_testkit::intercept::Interceptor;
use tokio::sync::Semaphore;

/// Blocks units of work at their commit until the test lets them continue.
#[derive(Debug)]
pub(crate) struct Gate {
    arrived: Semaphore,
    open: Semaphore,
    ended: Semaphore,
}

impl Gate {
    pub(crate) fn closed() -> Arc<Self> {
        let empty = || Semaphore::new(0);
        Arc::new(Self { arrived: empty(), open: empty(), ended: empty() })
    }

    /// Waits until a unit of work is blocked.
    pub(crate) async fn arrival(&self) {
        within(self.arrived.acquire()).await.unwrap().forget();
    }

    /// Lets one unit of work continue.
    pub(crate) fn let_one_through(&self) {
        self.open.add_permits(1);
    }

    /// Waits until one unit of work has ended, with or without success.
    pub(crate) async fn end(&self) {
        within(self.ended.acquire()).await.unwrap().forget();
    }
}

#[async_trait]
impl Interceptor for Gate {
    async fn before(&self, call: &'static str) -> Result<(), StoreError> {
        if call == "commit" {
            self.arrived.add_permits(1);
            self.open.acquire().await.unwrap().forget();
        }
        Ok(())
    }

    fn ended(&self) {
        self.ended.add_permits(1);
    }
}

/// Blocks one kind of call until the test lets it continue, and reports its arrival.
pub(crate) struct Turnstile {
    call: &'static str,
    arrived: Semaphore,
    open: Semaphore,
}

impl Turnstile {
    pub(crate) fn at(call: &'static str) -> Arc<Self> {
        Arc::new(Self { call, arrived: Semaphore::new(0), open: Semaphore::new(0) })
    }

    /// Waits until that many more calls are blocked.
    pub(crate) async fn arrivals(&self, number: u32) {
        within(self.arrived.acquire_many(number)).await.unwrap().forget();
    }

    /// Returns the number of blocked calls beyond those that were waited for.
    pub(crate) fn waiting(&self) -> usize {
        self.arrived.available_permits()
    }

    pub(crate) fn let_through(&self, number: usize) {
        self.open.add_permits(number);
    }
}

#[async_trait]
impl Interceptor for Turnstile {
    async fn before(&self, call: &'static str) -> Result<(), StoreError> {
        if call == self.call {
            self.arrived.add_permits(1);
            self.open.acquire().await.unwrap().forget();
        }
        Ok(())
    }
}

/// Fails the call with that number, counted from 1, and no other.
pub(crate) struct FailAt {
    call: usize,
    error: fn() -> StoreError,
    calls: AtomicUsize,
}

impl FailAt {
    pub(crate) fn new(call: usize, error: fn() -> StoreError) -> Arc<Self> {
        Arc::new(Self { call, error, calls: AtomicUsize::new(0) })
    }

    /// Returns `true` if there were that many calls.
    pub(crate) fn is_reached(&self) -> bool {
        self.calls.load(Ordering::SeqCst) >= self.call
    }
}

#[async_trait]
impl Interceptor for FailAt {
    async fn before(&self, _: &'static str) -> Result<(), StoreError> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if call == self.call { Err((self.error)()) } else { Ok(()) }
    }
}

/// Awaits a future. Fails if it takes too long.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test that hangs must fail; the dropped future writes nothing"
    )]
    let outcome = tokio::time::timeout(Duration::from_secs(20), future).await;
    outcome.expect("it came to nothing in 20 seconds")
}
