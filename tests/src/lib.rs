//! Tests that look at the whole: the built binary from outside, the arrows between the crates, the schemas, the HTTP side
//! and the use cases on every store.
//!
//! They are in `tests/`, a program for each kind: within one there is a module for each matter, since every further program
//! is linked anew. What more than one of them needs is here.

#[expect(clippy::expect_used, reason = "called by tests, which may fail loudly")]
pub mod binary;
pub mod framing;
#[expect(clippy::expect_used, reason = "called by tests, which may fail loudly")]
pub mod postgres;
