//! The limit of files that the process may have open, connections among them, and what follows from it.

use std::num::NonZero;

/// The number of descriptors that the process needs beside its store, its workers and its clients: standard streams, the listener, timers,
/// signals, and the host's lookups.
const BASE: u64 = 48;
/// The number of descriptors that each worker needs to wait for its clients: an epoll, its waker, its part of the signals, and a spare one.
const PER_WORKER: u64 = 4;
/// The minimum number of descriptors for clients. A server with fewer clients is of no use.
const FEWEST: u64 = 32;

/// The limit of open files, before and after it was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Descriptors {
    /// The limit now, or `None` if there is no limit.
    pub(crate) limit: Option<u64>,
    /// The limit when the program began.
    pub(crate) was: Option<u64>,
}

/// The process has too few descriptors for any client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this process may open {limit} files, and needs {needed} to serve: raise the limit (ulimit -n, LimitNOFILE=)"
)]
pub(crate) struct TooFew {
    limit: u64,
    needed: u64,
}

impl Descriptors {
    /// Raises the limit as far as the process is allowed to. If that fails, the limit stays.
    #[cfg(unix)]
    pub(crate) fn raise() -> Self {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let before = getrlimit(Resource::Nofile);
        let wanted = Rlimit { current: before.maximum, maximum: before.maximum };
        let limit = if before.current != before.maximum && setrlimit(Resource::Nofile, wanted).is_ok() {
            wanted.current
        } else {
            before.current
        };
        Self { limit, was: before.current }
    }

    /// Returns no limit: there is none on this system.
    #[cfg(not(unix))]
    pub(crate) fn raise() -> Self {
        Self { limit: None, was: None }
    }

    /// Returns the number of descriptors that are left for clients if the store needs `of_the_store`, or `None` if there is no limit.
    pub(crate) fn left(self, workers: NonZero<usize>, of_the_store: u64) -> Result<Option<usize>, TooFew> {
        let Some(limit) = self.limit else { return Ok(None) };
        let workers = u64::try_from(workers.get()).unwrap_or(u64::MAX);
        let kept = BASE.saturating_add(workers.saturating_mul(PER_WORKER)).saturating_add(of_the_store);
        match limit.checked_sub(kept) {
            Some(left @ FEWEST..) => Ok(Some(usize::try_from(left).unwrap_or(usize::MAX))),
            _ => Err(TooFew { limit, needed: kept.saturating_add(FEWEST) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKERS: NonZero<usize> = NonZero::new(2).expect("two");

    fn left(limit: Option<u64>) -> Result<Option<usize>, TooFew> {
        Descriptors { limit, was: limit }.left(WORKERS, 20)
    }

    #[test]
    fn descriptors_that_the_process_needs_are_reserved() {
        assert_eq!(left(None), Ok(None));
        assert_eq!(left(Some(1_024)), Ok(Some(948)));
        assert_eq!(left(Some(108)), Ok(Some(32)));
        assert_eq!(left(Some(107)), Err(TooFew { limit: 107, needed: 108 }));
        assert_eq!(left(Some(10)), Err(TooFew { limit: 10, needed: 108 }));
    }

    #[cfg(unix)]
    #[test]
    fn raising_the_limit_again_changes_nothing() {
        let first = Descriptors::raise();
        let second = Descriptors::raise();
        assert_eq!(second, Descriptors { limit: first.limit, was: first.limit });
        assert!(first.limit.is_none() || first.limit >= first.was);
    }
}
