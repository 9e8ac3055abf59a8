//! The permissions of the current user.

pub(crate) mod get;
