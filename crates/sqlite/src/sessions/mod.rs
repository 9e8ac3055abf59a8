//! Files and the connections to them: opened, read on, written on.

pub(crate) mod connection;
pub(crate) mod file;
pub(crate) mod group;
pub(crate) mod readers;
pub(crate) mod writer;
