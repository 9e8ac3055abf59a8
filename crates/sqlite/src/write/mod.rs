//! The unit of work, and its statements in one file for each aggregate.

pub(crate) mod accounts;
pub(crate) mod deletion;
pub(crate) mod events;
pub(crate) mod instance;
pub(crate) mod invitations;
pub(crate) mod keys;
pub(crate) mod members;
pub(crate) mod organizations;
pub(crate) mod projects;
pub(crate) mod rosters;
pub(crate) mod spaces;
pub(crate) mod stored_responses;
pub(crate) mod tasks;
pub(crate) mod unit_of_work;
