//! The published documents: the description of the API as OpenAPI, and pages made from it.

pub mod openapi;
pub(crate) mod pages;
mod try_files;
