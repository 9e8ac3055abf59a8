//! A project's members.

pub(crate) mod add;
pub(crate) mod docs;
pub(crate) mod leave;
pub(crate) mod list;
pub(crate) mod remove;
pub(crate) mod update;
