//! The way of a request from its route to its response.

pub(crate) mod access_log;
pub(crate) mod admission;
pub(crate) mod authenticate;
pub(crate) mod call;
pub(crate) mod context;
pub(crate) mod dispatch;
pub(crate) mod endpoint;
pub(crate) mod guest;
pub(crate) mod handler;
pub(crate) mod idempotency;
pub(crate) mod key_usage;
pub(crate) mod observation;
pub(crate) mod payload;
pub(crate) mod preconditions;
pub(crate) mod readiness;
pub(crate) mod request;
pub(crate) mod response_size;
pub(crate) mod router;
pub(crate) mod state;
pub(crate) mod usage;
