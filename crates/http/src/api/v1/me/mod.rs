//! The current user.

pub(crate) mod docs;
pub(crate) mod get;
pub(crate) mod update;
