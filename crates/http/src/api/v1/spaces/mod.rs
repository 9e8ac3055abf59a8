//! Spaces.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod docs;
mod fields;
pub(crate) mod get;
pub(crate) mod include;
pub(crate) mod list;
pub(crate) mod update;
pub(crate) mod view;
