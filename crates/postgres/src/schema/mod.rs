//! The schema: its version, its migrations, and the texts that only this program can recompute.

pub(crate) mod folding;
pub(crate) mod lock;
pub(crate) mod migration;
pub(crate) mod restored;
pub(crate) mod version;
