//! Row-level security: what a session may see, and the ways to say so.

pub(crate) mod context;
pub(crate) mod key_lookup;
pub(crate) mod readers;
