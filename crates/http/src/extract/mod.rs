//! From bytes to values. Nothing unchecked gets past this room, and every fault is told with its place.

pub(crate) mod bearer;
pub(crate) mod body;
mod depth;
pub(crate) mod json;
pub(crate) mod payload;
pub(crate) mod query;
