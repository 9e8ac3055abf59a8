//! An organization's members.

pub(crate) mod add;
pub(crate) mod deactivate;
pub(crate) mod docs;
pub(crate) mod erase;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;
pub(crate) mod view;
