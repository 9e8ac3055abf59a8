//! The guide, to be read in this order: [users], [stores], [calls], [errors], [testing], the [glossary], and what a new
//! version may change, in [compatibility].
//!
//! The examples run on the store in memory of `loggia-testkit`; with another store only the first line differs.

#[doc = include_str!("../docs/users.md")]
pub mod users {}

#[doc = include_str!("../docs/stores.md")]
pub mod stores {}

#[doc = include_str!("../docs/calls.md")]
pub mod calls {}

#[doc = include_str!("../docs/errors.md")]
pub mod errors {}

#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

#[doc = include_str!("../docs/glossary.md")]
pub mod glossary {}

#[doc = include_str!("../docs/compatibility.md")]
pub mod compatibility {}
