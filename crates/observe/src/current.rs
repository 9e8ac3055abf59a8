//! The account that the running code writes to.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use pin_project_lite::pin_project;

use crate::account::{Account, Stage, StoreFailure};

thread_local! {
    static CURRENT: RefCell<Option<Account>> = const { RefCell::new(None) };
}

fn current() -> Option<Account> {
    CURRENT.with_borrow(Clone::clone)
}

/// Makes an account the current one until it is dropped.
struct Entered(Option<Account>);

impl Entered {
    fn into(account: Account) -> Self {
        Self(CURRENT.replace(Some(account)))
    }

    /// Returns the account, and makes the one before it the current one again.
    fn leave(self) -> Option<Account> {
        CURRENT.take()
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

pin_project! {
    /// A future that writes to an account while it runs, or to none.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Observed<F> {
        account: Option<Account>,
        #[pin]
        future: F,
    }
}

impl<F> Observed<F> {
    /// Runs a future on an account. With `None`, nothing is written.
    pub const fn new(account: Option<Account>, future: F) -> Self {
        Self { account, future }
    }

    /// Runs a future on the account of the code that calls this, wherever the future runs.
    pub fn current(future: F) -> Self {
        Self::new(current(), future)
    }
}

impl<F: Future> Future for Observed<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        // Moved there and back: a clone would cost two atomic operations for each poll.
        let Some(account) = this.account.take() else { return this.future.poll(context) };
        let entered = Entered::into(account);
        let outcome = this.future.poll(context);
        *this.account = entered.leave();
        outcome
    }
}

/// Returns a function that runs on the account of the code that calls this, on whichever thread it runs.
pub fn carried<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let account = current();
    move || {
        let _entered = account.map(Entered::into);
        work()
    }
}

/// Returns the time if there is an account to write to, for a later [`statement`].
pub fn when_observed() -> Option<Instant> {
    CURRENT.with_borrow(Option::is_some).then(Instant::now)
}

/// Adds a statement that began at that time and took that long. `text` must have no values of parameters in it.
pub fn statement(text: Option<&str>, begun: Instant, took: Duration) {
    CURRENT.with_borrow(|current| {
        if let Some(account) = current {
            account.add_statement(text, begun, took);
        }
    });
}

/// Adds a failure of the store that the request received.
pub fn store_failed(kind: StoreFailure) {
    CURRENT.with_borrow(|current| {
        if let Some(account) = current {
            account.add_failure(kind);
        }
    });
}

/// Adds the time of a stage, from its creation until it is dropped.
#[derive(Debug)]
#[must_use = "the stage ends when this is dropped"]
pub struct Timer {
    stage: Stage,
    begun: Option<Instant>,
}

impl Timer {
    /// Begins a stage. Does nothing without an account.
    pub fn begin(stage: Stage) -> Self {
        Self { stage, begun: when_observed() }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let Some(begun) = self.begun else { return };
        CURRENT.with_borrow(|current| {
            if let Some(account) = current {
                account.add(self.stage, None, begun, begun.elapsed());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::future::{poll_fn, ready};
    use std::pin::pin;
    use std::task::Waker;

    use super::*;

    fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn two_interleaved_futures_on_one_thread_write_to_their_own_accounts() {
        let accounts = [Account::of_sums(), Account::of_sums()];
        let twice = |account: &Account| {
            let mut left = 2;
            let future = poll_fn(move |_| {
                statement(None, Instant::now(), Duration::ZERO);
                left -= 1;
                if left == 0 { Poll::Ready(()) } else { Poll::Pending }
            });
            Observed::new(Some(account.clone()), future)
        };
        let (mut first, mut second) = (pin!(twice(&accounts[0])), pin!(twice(&accounts[1])));
        assert!(poll(first.as_mut()).is_pending() && poll(second.as_mut()).is_pending());
        assert!(poll(first.as_mut()).is_ready());
        assert_eq!(accounts.each_ref().map(Account::statements), [2, 1]);
        assert_eq!(when_observed(), None, "no account is left behind");
    }

    #[test]
    fn without_an_account_nothing_is_written() {
        statement(None, Instant::now(), Duration::ZERO);
        store_failed(StoreFailure::Failed);
        assert!(Timer::begin(Stage::Queue).begun.is_none());
        assert!(poll(pin!(Observed::current(ready(())))).is_ready());
    }

    #[test]
    fn work_on_another_thread_writes_to_the_account_of_its_request() {
        let account = Account::of_sums();
        let _entered = Entered::into(account.clone());
        let work = carried(|| statement(None, Instant::now(), Duration::ZERO));
        std::thread::spawn(work).join().expect("a thread");
        std::thread::spawn(|| statement(None, Instant::now(), Duration::ZERO)).join().expect("a thread");
        assert_eq!(account.statements(), 1, "work that was not carried has no account");
    }

    #[test]
    fn a_panic_leaves_no_account_behind() {
        let panics = Observed::new(Some(Account::of_sums()), poll_fn(|_| -> Poll<()> { panic!("a bug") }));
        let mut panics = Box::pin(panics);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| poll(panics.as_mut())));
        assert!(outcome.is_err());
        assert_eq!(when_observed(), None);
    }

    #[test]
    fn a_timer_adds_its_stage_when_it_is_dropped() {
        let account = Account::of_steps();
        let _entered = Entered::into(account.clone());
        let timer = Timer::begin(Stage::Serialize);
        assert_eq!(account.spent_in(Stage::Serialize), None);
        drop(timer);
        assert!(account.spent_in(Stage::Serialize).is_some());
        assert_eq!(account.take_steps().len(), 1);
    }
}
