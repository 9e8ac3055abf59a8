//! The projects dialect: snake_case under `/v2`, bare objects, lists in an envelope.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod envelope;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod members_add;
pub(crate) mod members_leave;
pub(crate) mod members_list;
pub(crate) mod members_remove;
pub(crate) mod members_update;
pub(crate) mod people;
pub(crate) mod tasks_create;
pub(crate) mod tasks_delete;
pub(crate) mod tasks_get;
pub(crate) mod tasks_list;
pub(crate) mod tasks_mine;
pub(crate) mod tasks_update;
pub(crate) mod update;
pub(crate) mod view;
pub(crate) mod view_task;
