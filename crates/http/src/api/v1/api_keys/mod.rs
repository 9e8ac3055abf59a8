//! The API keys of the current user.

pub(crate) mod create;
pub(crate) mod docs;
pub(crate) mod list;
pub(crate) mod revoke;
pub(crate) mod rotate;
pub(crate) mod view;
