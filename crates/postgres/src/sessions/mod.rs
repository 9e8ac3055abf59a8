//! Sessions of the server: how they are opened, pooled and checked, their transactions, and the timeout of a response.

pub(crate) mod connection;
pub(crate) mod defects;
pub(crate) mod in_time;
pub(crate) mod open_error;
pub(crate) mod pool;
pub(crate) mod reuse;
pub(crate) mod role;
pub(crate) mod transaction;
