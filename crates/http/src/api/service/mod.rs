//! The endpoints that answer without a key.

pub(crate) mod docs;
