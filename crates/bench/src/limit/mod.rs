//! The limits of the stores themselves, with the service's statements.

pub(crate) mod pgbench;
pub(crate) mod sqlite;
