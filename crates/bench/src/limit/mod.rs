//! What the stores themselves can do at most with the same statements.

pub(crate) mod pgbench;
pub(crate) mod sqlite;
