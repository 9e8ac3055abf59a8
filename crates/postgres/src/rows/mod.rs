//! The checked queries, and parts of composed ones, that reading and writing have in common.

pub(crate) mod keys;
pub(crate) mod people;
