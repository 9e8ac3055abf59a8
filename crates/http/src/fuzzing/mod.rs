//! Everything that reads what clients send, each as one function from bytes with promises for all of them: it never panics, takes
//! exactly what its rules say, and what it took prints back and reads the same.
//!
//! Here are the functions, so that they can reach what is this crate's alone. The programs around them are in `fuzz/`, the
//! inputs that reach the most code in `fuzz/corpus`; `replay` runs those, and many others that are like them, among this crate's
//! tests. The feature `fuzzing` is for `fuzz/` and for nothing else.

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
pub use headers::{etags, idempotency_key};
pub use json::json;
pub use merge_patch::merge_patch;
pub use queries::query;
pub use secrets::{api_key, cursor};
pub use values::{addresses, identifiers, outline, text};

/// What is tried with any bytes.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its program and of its corpus.
pub const TARGETS: &[(&str, Target)] = &[
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

/// The first byte, by which a target chooses what to do with the rest.
fn choice(data: &[u8]) -> (u8, &[u8]) {
    data.split_first().map_or((0, data), |(first, rest)| (*first, rest))
}

/// As many bytes as are wanted; where the data ends, zeros.
fn padded<const N: usize>(data: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.iter_mut().zip(data).for_each(|(byte, given)| *byte = *given);
    bytes
}

/// What a promise says is there.
fn there<T>(value: Option<T>, promise: &str) -> T {
    value.unwrap_or_else(|| unreachable!("broken promise: {promise}"))
}
