//! Everything that parses what clients send, as functions from bytes. Each must never panic, must accept exactly what its rules say, and
//! must parse what it has printed to the same value.
//!
//! The functions are in this crate to reach its private items. The programs that run them are in `fuzz/`, and the inputs that reach the
//! most code in `fuzz/corpus`; `replay` runs those inputs, and many similar ones, among this crate's tests. The feature `fuzzing` is for
//! `fuzz/` alone.

mod connections;
mod dates;
mod headers;
mod json;
mod merge_patch;
mod queries;
#[cfg(test)]
mod replay;
mod secrets;
mod values;

pub use connections::{framing, links};
pub use dates::dates;
pub use headers::{accept_encoding, etags, idempotency_key};
pub use json::json;
pub use merge_patch::merge_patch;
pub use queries::query;
pub use secrets::{api_key, cursor};
pub use values::{addresses, identifiers, outline, text};

/// A function that is run with any bytes.
pub type Target = fn(&[u8]);

/// Every target with its name, which its program and its corpus share.
pub const TARGETS: &[(&str, Target)] = &[
    ("accept_encoding", accept_encoding),
    ("addresses", addresses),
    ("api_key", api_key),
    ("cursor", cursor),
    ("dates", dates),
    ("etags", etags),
    ("framing", framing),
    ("idempotency_key", idempotency_key),
    ("identifiers", identifiers),
    ("json", json),
    ("links", links),
    ("merge_patch", merge_patch),
    ("outline", outline),
    ("query", query),
    ("text", text),
];

/// Splits off the first byte, by which a target chooses what to do with the rest.
fn choice(data: &[u8]) -> (u8, &[u8]) {
    data.split_first().map_or((0, data), |(first, rest)| (*first, rest))
}

/// Returns the first `N` bytes, padded with zeros.
fn padded<const N: usize>(data: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.iter_mut().zip(data).for_each(|(byte, given)| *byte = *given);
    bytes
}

/// Returns the value, which the promise says is present.
fn there<T>(value: Option<T>, promise: &str) -> T {
    value.unwrap_or_else(|| unreachable!("broken promise: {promise}"))
}
