//! The dialect `/v2`: projects, rosters and tasks.

pub(crate) mod people;
pub(crate) mod projects;
pub(crate) mod rosters;
pub(crate) mod tasks;

/// The first segment of every path.
const V2: &str = "v2";
