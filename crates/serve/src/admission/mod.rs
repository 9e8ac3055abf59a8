//! Admission: permits, time and rates, shared fairly between tenants.

mod buckets;
mod deadline;
mod fair_semaphore;
mod queue;
mod rate_limits;
mod tenant;

pub use buckets::{Buckets, Level};
pub use deadline::Deadline;
pub use fair_semaphore::{FairSemaphore, Permit, SemaphoreUsage};
pub use rate_limits::{Exceeded, Rate, RateLimits};
pub use tenant::{KnownSecrets, Member, Tenant};
