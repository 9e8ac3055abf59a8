//! The API keys of an organization's members.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
