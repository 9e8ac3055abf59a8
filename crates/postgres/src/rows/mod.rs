//! Queries, and parts of composed ones, that units of work and the read side share.

pub(crate) mod keys;
pub(crate) mod people;
