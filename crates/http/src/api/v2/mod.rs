//! The projects dialect: snake_case under `/v2`, bare objects, lists in an envelope.

pub(crate) mod envelope;
pub(crate) mod people;
pub(crate) mod projects;
pub(crate) mod rosters;
pub(crate) mod tasks;
