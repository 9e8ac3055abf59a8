//! The schema: its version, its migrations, and the texts that only this program can recompute.

pub(crate) mod content;
pub(crate) mod folding;
pub(crate) mod migration;
