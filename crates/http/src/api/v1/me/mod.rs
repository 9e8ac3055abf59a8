//! The current user.

pub(crate) mod get;
pub(crate) mod update;
