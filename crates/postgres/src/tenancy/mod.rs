//! Row-level security: the tenant context of a session, and the sessions that read in one.

pub(crate) mod context;
pub(crate) mod key_lookup;
pub(crate) mod readers;
