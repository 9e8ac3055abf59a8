//! The two dialects, by version and resource. A file has one operation: its body, its view and its handler.

pub(crate) mod service;
pub(crate) mod v1;
pub(crate) mod v2;
