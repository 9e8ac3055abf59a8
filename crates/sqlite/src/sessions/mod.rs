//! The file and the connections to it: those that read, and the one that writes.

pub(crate) mod checkpoint;
pub(crate) mod connection;
pub(crate) mod file;
pub(crate) mod group;
pub(crate) mod history;
mod log;
pub(crate) mod readers;
pub(crate) mod writer;
