//! The API keys of an organization's members.

pub(crate) mod create;
pub(crate) mod docs;
pub(crate) mod list;
pub(crate) mod revoke;
