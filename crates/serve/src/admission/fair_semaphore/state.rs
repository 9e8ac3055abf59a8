//! The permits that tenants hold, and the calls that wait for permits.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Permit, SemaphoreUsage};
use crate::admission::queue::AdmissionQueue;
use crate::admission::tenant::{Member, Tenant};
use crate::limits::{
    ALL_QUEUES_MILLISECONDS, BURST_CALLS, NEWEST_FIRST_MILLISECONDS, OVERLOADED_WAIT_MILLISECONDS,
    QUEUE_MILLISECONDS,
};

const NEWEST_FIRST: Duration = Duration::from_millis(NEWEST_FIRST_MILLISECONDS);
const OVERLOADED_WAIT: Duration = Duration::from_millis(OVERLOADED_WAIT_MILLISECONDS);

/// Returns the maximum number of permits of one tenant: three quarters of `permits`, rounded up, and fewer than all if there are two or
/// more.
fn share(permits: usize) -> usize {
    permits.saturating_sub((permits / 4).max(1)).max(1)
}

/// The number of calls that a semaphore has admitted at once, has let wait, and has refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) admitted: u64,
    pub(super) queued: u64,
    pub(super) refused: u64,
}

#[derive(Debug)]
pub(super) struct State {
    permits: usize,
    free: usize,
    pub(super) counts: Counts,
    max_per_organization: usize,
    max_per_user: usize,
    /// The users who hold permits or wait for some.
    users: HashMap<Member, User>,
    /// The number of permits that the users of each organization hold.
    organizations: HashMap<Uuid, usize>,
    /// The users with waiting calls; the first is next.
    turns: VecDeque<Member>,
    /// The calls of users whose own queues are not overloaded.
    queue: AdmissionQueue,
    next_id: u64,
}

#[derive(Debug)]
struct User {
    held: usize,
    /// The waiting calls, apart for each organization of the user's keys; the first is next.
    lanes: VecDeque<Lane>,
    queue: AdmissionQueue,
    /// The number of the user's waiting calls that [`State::queue`] counts.
    in_queue_of_all: usize,
}

#[derive(Debug)]
struct Lane {
    organization: Option<Uuid>,
    calls: VecDeque<Call>,
}

#[derive(Debug)]
struct Call {
    id: u64,
    /// The number of permits that it waits for.
    number: usize,
    since: Instant,
    permit: oneshot::Sender<Permit>,
}

/// The receiving end of a waiting call.
pub(super) struct Ticket {
    pub(super) id: u64,
    pub(super) permit: oneshot::Receiver<Permit>,
}

/// A tenant, the number of permits to give, and the call to give them to.
pub(super) type Granted = (Tenant, usize, oneshot::Sender<Permit>);

impl State {
    pub(super) fn new(permits: usize) -> Self {
        Self {
            permits,
            free: permits,
            counts: Counts::default(),
            max_per_organization: share(permits),
            max_per_user: share(share(permits)),
            users: HashMap::new(),
            organizations: HashMap::new(),
            turns: VecDeque::new(),
            queue: AdmissionQueue::new(Duration::from_millis(ALL_QUEUES_MILLISECONDS)),
            next_id: 0,
        }
    }

    /// Takes that many permits for the tenant, if it may hold them and they are free.
    ///
    /// A call waits only if its permits cannot be had at once, so the only waiting calls that this overtakes are those that need more
    /// permits.
    pub(super) fn take(&mut self, tenant: Tenant, number: usize) -> bool {
        let by_user = self.users.get(&tenant.member).map_or(0, |user| user.held);
        let by_organization = tenant.organization.and_then(|id| self.organizations.get(&id)).copied();
        let fits = number <= self.free
            && by_user + number <= self.max_per_user
            && by_organization.unwrap_or(0) + number <= self.max_per_organization;
        if fits {
            self.free -= number;
            self.user(tenant.member).held += number;
            if let Some(id) = tenant.organization {
                *self.organizations.entry(id).or_default() += number;
            }
        }
        fits
    }

    fn user(&mut self, member: Member) -> &mut User {
        self.users.entry(member).or_insert_with(|| User {
            held: 0,
            lanes: VecDeque::new(),
            queue: AdmissionQueue::new(Duration::from_millis(QUEUE_MILLISECONDS)),
            in_queue_of_all: 0,
        })
    }

    /// Returns permits that the tenant held.
    pub(super) fn give_back(&mut self, tenant: Tenant, number: usize) {
        self.free += number;
        if let Some(id) = tenant.organization
            && let Some(held) = self.organizations.get_mut(&id)
        {
            *held -= number;
            if *held == 0 {
                self.organizations.remove(&id);
            }
        }
        self.user(tenant.member).held -= number;
        self.forget(tenant.member);
    }

    /// Forgets a user who neither holds permits nor waits for any.
    fn forget(&mut self, member: Member) {
        if self.users.get(&member).is_some_and(|user| user.held == 0 && user.queue.waiting() == 0) {
            self.users.remove(&member);
        }
    }

    /// Adds a call to the queue of its user. Returns how long it may wait there.
    pub(super) fn enqueue(&mut self, tenant: Tenant, number: usize, now: Instant) -> (Ticket, Duration) {
        let id = self.next_id;
        self.next_id += 1;
        self.counts.queued += 1;
        let (permit, receiver) = oneshot::channel();
        let call = Call { id, number, since: now, permit };
        let user = self.user(tenant.member);
        if user.queue.waiting() == 0 {
            self.turns.push_back(tenant.member);
        }
        let user = self.user(tenant.member);
        match user.lanes.iter_mut().find(|lane| lane.organization == tenant.organization) {
            Some(lane) => lane.calls.push_back(call),
            None => user.lanes.push_back(Lane { organization: tenant.organization, calls: [call].into() }),
        }
        user.queue.join(now);
        let (is_overloaded, waiting) = (user.queue.is_overloaded(now), user.queue.waiting());
        if is_overloaded {
            self.shed_alone(tenant.member, now);
        } else {
            user.in_queue_of_all += 1;
            self.queue.join(now);
        }
        let is_short = is_overloaded || self.queue.is_overloaded(now) || waiting > BURST_CALLS;
        let wait = if is_short { OVERLOADED_WAIT } else { Duration::MAX };
        (Ticket { id, permit: receiver }, wait)
    }

    /// Removes the calls of a user whose own queue is overloaded from the queue of all, so that other users are not shed because of them.
    fn shed_alone(&mut self, member: Member, now: Instant) {
        if let Some(user) = self.users.get_mut(&member) {
            let number = std::mem::take(&mut user.in_queue_of_all);
            if number > 0 {
                self.queue.leave(number, now);
            }
        }
    }

    /// Removes a call that waits no longer, if it is still there.
    pub(super) fn leave(&mut self, tenant: Tenant, id: u64, now: Instant) {
        let Some(user) = self.users.get_mut(&tenant.member) else { return };
        let lane = user.lanes.iter_mut().find(|lane| lane.organization == tenant.organization);
        let Some(lane) = lane else { return };
        let Some(position) = lane.calls.iter().position(|call| call.id == id) else { return };
        lane.calls.remove(position);
        self.left(tenant.member, now);
        self.forget(tenant.member);
    }

    /// Counts one call less after it was removed from a lane.
    fn left(&mut self, member: Member, now: Instant) {
        let Some(user) = self.users.get_mut(&member) else { return };
        user.lanes.retain(|lane| !lane.calls.is_empty());
        user.queue.leave(1, now);
        let (is_overloaded, is_empty) = (user.queue.is_overloaded(now), user.queue.waiting() == 0);
        if user.in_queue_of_all > 0 {
            user.in_queue_of_all -= 1;
            self.queue.leave(1, now);
        }
        if is_overloaded {
            self.shed_alone(member, now);
        }
        if is_empty {
            self.turns.retain(|waiting| *waiting != member);
        }
    }

    /// Takes free permits for waiting calls, one call of each user in turn.
    pub(super) fn grant(&mut self) -> Vec<Granted> {
        let mut granted = Vec::new();
        let mut passed_by = 0;
        while self.free > 0 && passed_by < self.turns.len() {
            let Some(member) = self.turns.pop_front() else { break };
            self.turns.push_back(member);
            match self.next_call(member) {
                Some(call) => {
                    granted.push(call);
                    passed_by = 0;
                }
                None => passed_by += 1,
            }
        }
        granted
    }

    /// Takes the permits of a user's next call, if the user may have them.
    fn next_call(&mut self, member: Member) -> Option<Granted> {
        for _ in 0..self.users.get(&member)?.lanes.len() {
            let lanes = &mut self.users.get_mut(&member)?.lanes;
            lanes.rotate_left(1);
            let tenant = Tenant { member, organization: lanes.back()?.organization };
            let (now, calls) = (Instant::now(), &lanes.back()?.calls);
            let is_old = calls.front().is_some_and(|call| now.duration_since(call.since) > NEWEST_FIRST);
            let number = if is_old { calls.back() } else { calls.front() }?.number;
            if self.take(tenant, number) {
                let calls = &mut self.users.get_mut(&member)?.lanes.back_mut()?.calls;
                let call = if is_old { calls.pop_back() } else { calls.pop_front() };
                self.left(member, now);
                return Some((tenant, number, call?.permit));
            }
        }
        None
    }

    /// Returns what is used and waited for.
    pub(super) fn usage(&self) -> SemaphoreUsage {
        let Counts { admitted, queued, refused } = self.counts;
        let waiting = self.users.values().map(|user| user.queue.waiting()).sum();
        SemaphoreUsage { permits: self.permits, free: self.free, waiting, admitted, queued, refused }
    }

    pub(super) const fn max_per_user(&self) -> usize {
        self.max_per_user
    }

    /// Returns whether a call of the tenant would wait in an overloaded queue.
    pub(super) fn is_overloaded(&self, tenant: Tenant, now: Instant) -> bool {
        let own = self.users.get(&tenant.member).is_some_and(|user| user.queue.is_overloaded(now));
        own || self.queue.is_overloaded(now)
    }

    /// Returns the number of users in the map.
    #[cfg(test)]
    pub(super) fn users(&self) -> usize {
        self.users.len()
    }
}
