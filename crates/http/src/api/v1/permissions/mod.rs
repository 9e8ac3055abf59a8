//! The permissions of the current user.

pub(crate) mod docs;
pub(crate) mod get;
