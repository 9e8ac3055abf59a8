//! Shares of what there is only so much of, such as turns at the store: so that one organization alone cannot take it all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use loggia_domain::key::Caller;
use loggia_domain::scope::Scope;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::admission_queue::Queue;

/// Whose share something is taken from.
///
/// All keys with one default scope are one party: that much is known of a call before anything else is looked up. (A person
/// is another party in their personal scope than in an organization. Whoever runs an instance for strangers limits the rate
/// of each key, too.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Party {
    /// Whoever sent a key, of which no more is known yet than a number that goes with its text.
    Presented(u64),
    /// The keys of a scope.
    Of(Scope),
}

impl From<&Caller> for Party {
    fn from(caller: &Caller) -> Self {
        Self::Of(caller.default_scope)
    }
}

/// A number of things that are alike, of which one party has three quarters at most, and leaves one where there are two.
///
/// Of turns at the store there are twice as many as it has sessions. So one party alone can keep all sessions busy and have the next
/// calls waiting for them; and whoever else comes finds a quarter, and waits behind few.
#[derive(Debug)]
pub(crate) struct Shares {
    all: Arc<Semaphore>,
    /// Those who wait though they have not all that they may have.
    queue: Queue,
    most_of_one: usize,
    /// Of those who have something or wait for it.
    parties: Mutex<HashMap<Party, Weak<Own>>>,
}

/// What is one party's own. It is forgotten when the party has nothing and waits for nothing: then its queue does not stand.
#[derive(Debug)]
struct Own {
    /// What it may still take.
    left: Arc<Semaphore>,
    /// Its calls that wait since it has all that it may have.
    queue: Queue,
}

/// Something taken; it is given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    _left: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
    _own: Arc<Own>,
}

/// Parties that nobody has looked at are forgotten when there are more than this.
const MANY_PARTIES: usize = 1_024;

impl Shares {
    /// That many in all.
    pub(crate) fn new(number: usize) -> Self {
        let number = number.min(Semaphore::MAX_PERMITS);
        Self {
            all: Arc::new(Semaphore::new(number)),
            queue: Queue::default(),
            // At least one is left to the others, where there are two.
            most_of_one: number.saturating_sub((number / 4).max(1)).max(1),
            parties: Mutex::default(),
        }
    }

    /// What a party has left.
    fn own(&self, party: Party) -> Arc<Own> {
        let mut parties = self.parties.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = parties.get(&party).and_then(Weak::upgrade) {
            return own;
        }
        if parties.len() >= MANY_PARTIES {
            parties.retain(|_, own| own.strong_count() > 0);
        }
        let left = Arc::new(Semaphore::new(self.most_of_one));
        let own = Arc::new(Own { left, queue: Queue::default() });
        parties.insert(party, Arc::downgrade(&own));
        own
    }

    /// Takes that many if they are there now.
    pub(crate) fn try_take(&self, party: Party, number: usize) -> Option<Share> {
        self.try_take_of(self.own(party), number)
    }

    fn try_take_of(&self, own: Arc<Own>, number: usize) -> Option<Share> {
        let number = u32::try_from(number).ok()?;
        let left = own.left.clone().try_acquire_many_owned(number).ok()?;
        let of_all = self.all.clone().try_acquire_many_owned(number).ok()?;
        Some(Share { _left: left, _of_all: of_all, _own: own })
    }

    /// Takes one, and waits a moment for it. Whoever has as much as they may stands in nobody else's way.
    pub(crate) async fn take(&self, party: Party) -> Option<Share> {
        let own = self.own(party);
        if let Some(share) = self.try_take_of(own.clone(), 1) {
            return Some(share);
        }
        let turn = async {
            let left = own.left.clone().acquire_owned().await.ok()?;
            let of_all = self.all.clone().acquire_owned().await.ok()?;
            Some((left, of_all))
        };
        let queue = if own.left.available_permits() == 0 { &own.queue } else { &self.queue };
        let (left, of_all) = queue.wait(turn).await.flatten()?;
        Some(Share { _left: left, _of_all: of_all, _own: own })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use loggia_domain::id::OrganizationId;
    use tokio::time::Instant;
    use uuid::Uuid;

    use super::*;
    use crate::limits::{CROWDED_TURN_MILLISECONDS, TURN_MILLISECONDS};

    fn party(number: u128) -> Party {
        Party::Of(Scope::Organization(OrganizationId::from_uuid(Uuid::from_u128(number))))
    }

    #[test]
    fn one_party_has_three_quarters_and_the_others_the_rest() {
        let shares = Shares::new(8);
        let mut first: Vec<_> = (0..6).map(|_| shares.try_take(party(1), 1).expect("a share")).collect();
        assert!(shares.try_take(party(1), 1).is_none(), "it has no more");
        let second = shares.try_take(party(2), 1).expect("a share");
        let third = shares.try_take(party(3), 1).expect("the last one");
        assert!(shares.try_take(party(4), 1).is_none(), "there is no more");
        first.pop();
        assert!(shares.try_take(party(2), 1).is_some());
        drop((first, second, third));
        assert!(shares.try_take(party(3), 6).is_some());
        assert!(shares.try_take(party(3), 7).is_none());
    }

    #[test]
    fn of_two_each_has_one() {
        let shares = Shares::new(2);
        let first = shares.try_take(party(1), 1).expect("a share");
        assert!(shares.try_take(party(1), 1).is_none());
        assert!(shares.try_take(party(2), 1).is_some());
        drop(first);
    }

    #[test]
    fn of_one_there_is_one_for_everybody() {
        let shares = Shares::new(1);
        let only = shares.try_take(party(1), 1).expect("a share");
        assert!(shares.try_take(party(2), 1).is_none());
        drop(only);
        assert!(shares.try_take(party(2), 1).is_some());
    }

    #[test]
    fn what_is_not_to_be_had_leaves_nothing_taken() {
        let shares = Shares::new(8);
        let others: Vec<_> = (1..3).map(|n| shares.try_take(party(n), 4).expect("a share")).collect();
        assert!(shares.try_take(party(3), 1).is_none());
        drop(others);
        assert!(shares.try_take(party(3), 4).is_some(), "its own were not touched");
    }

    #[test]
    fn parties_that_have_nothing_are_forgotten() {
        let shares = Shares::new(8);
        let kept = shares.try_take(party(0), 6).expect("a share");
        for number in 1..10_000 {
            assert!(shares.try_take(party(number), 1).is_some());
            assert!(shares.parties.lock().expect("the parties").len() <= MANY_PARTIES);
        }
        assert!(shares.try_take(party(0), 1).is_none(), "but none that has something");
        drop(kept);
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_of_many_parties_is_a_standing_one_too() {
        let shares = Shares::new(2);
        let _held = [1, 2].map(|number| shares.try_take(party(number), 1).expect("a share"));
        let come = async |number| {
            tokio::time::sleep(Duration::from_millis(10) * number).await;
            let begun = Instant::now();
            assert!(shares.take(party(10 + u128::from(number))).await.is_none());
            begun.elapsed()
        };
        let waited = futures_util::future::join_all((0..20).map(come)).await;
        assert_eq!(waited[0], Duration::from_millis(TURN_MILLISECONDS));
        assert_eq!(waited[19], Duration::from_millis(CROWDED_TURN_MILLISECONDS));
    }

    #[tokio::test]
    async fn a_turn_is_waited_for_and_not_for_long() {
        let shares = Arc::new(Shares::new(1));
        let held = shares.try_take(party(1), 1).expect("a share");
        assert!(shares.take(party(1)).await.is_none(), "it did not come");
        let waiting = tokio::spawn({
            let shares = shares.clone();
            // One that is given back while it is waited for; a slow machine may miss it and tries again.
            async move {
                loop {
                    if shares.take(party(1)).await.is_some() {
                        break;
                    }
                }
            }
        });
        tokio::task::yield_now().await;
        drop(held);
        waiting.await.expect("its turn came");
    }
}
