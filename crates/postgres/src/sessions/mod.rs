//! Sessions: connected, pooled, in transactions, within time, in the role of the service.

pub(crate) mod connection;
pub(crate) mod defects;
pub(crate) mod in_time;
pub(crate) mod open_error;
pub(crate) mod pool;
pub(crate) mod reuse;
pub(crate) mod role;
pub(crate) mod transaction;
