//! From bytes to values: everything in a request is checked here, and every validation error names its location.

pub(crate) mod batch;
pub(crate) mod bearer;
pub(crate) mod body;
mod depth;
pub(crate) mod json;
pub(crate) mod payload;
pub(crate) mod query;
