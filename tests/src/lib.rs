//! Tests of the whole system: the built binary from outside, the dependencies between the crates, the schemas, the HTTP side and the use
//! cases on every store.
//!
//! The tests are in `tests/`, with one program for each kind and one module in it for each subject, since every further program is linked
//! separately. The library contains the code that several programs need.

#[expect(clippy::expect_used, reason = "called by tests, which may fail loudly")]
pub mod binary;
pub mod framing;
#[expect(clippy::expect_used, reason = "called by tests, which may fail loudly")]
pub mod postgres;
