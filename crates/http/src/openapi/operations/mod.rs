//! The descriptions of the endpoints, by their subjects.

pub(crate) mod invitations;
pub(crate) mod keys;
pub(crate) mod members;
pub(crate) mod organizations;
pub(crate) mod projects;
pub(crate) mod rosters;
pub(crate) mod service;
pub(crate) mod spaces;
pub(crate) mod tasks;
