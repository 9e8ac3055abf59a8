//! The texts of a server's settings.

use loggia_http::{InvalidPublicUrl, PublicUrl};

use crate::usage_errors::{Unusable, unusable};

const MAX_SECONDS: u64 = 3_600;
const HIGHEST_RATE: u32 = 1_000_000;
const MOST_CONNECTIONS: usize = 1_000_000;
const HIGHEST_PER_USER: u32 = 1_000_000;

/// Parses a number of seconds.
pub(super) fn parse_seconds(text: &str, min: u64) -> Result<u64, Unusable> {
    match text.parse() {
        Ok(seconds) if (min..=MAX_SECONDS).contains(&seconds) => Ok(seconds),
        _ => unusable(format!("must be a whole number from {min} to {MAX_SECONDS}")),
    }
}

/// Parses a number of connections; `off` gives `usize::MAX`.
pub(super) fn parse_connections(text: &str) -> Result<usize, Unusable> {
    match text.parse() {
        _ if text == "off" => Ok(usize::MAX),
        Ok(number @ 1..=MOST_CONNECTIONS) => Ok(number),
        _ => unusable(format!("must be a whole number from 1 to {MOST_CONNECTIONS}, or off")),
    }
}

/// Parses a rate; `off` gives `None`.
pub(super) fn parse_rate(text: &str) -> Result<Option<u32>, Unusable> {
    match text.parse() {
        _ if text == "off" => Ok(None),
        Ok(number @ 1..=HIGHEST_RATE) => Ok(Some(number)),
        _ => unusable(format!("must be a whole number from 1 to {HIGHEST_RATE}, or off")),
    }
}

/// Parses a maximum number of records of a user.
pub(super) fn parse_per_user(text: &str) -> Result<u32, Unusable> {
    match text.parse() {
        Ok(number @ 1..=HIGHEST_PER_USER) => Ok(number),
        _ => unusable(format!("must be a whole number from 1 to {HIGHEST_PER_USER}")),
    }
}

/// Parses a URL; an empty text gives `None`.
pub(super) fn parse_public_url(text: &str) -> Result<Option<PublicUrl>, InvalidPublicUrl> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { PublicUrl::parse(text).map(Some) }
}

/// Parses yes or no.
pub(super) fn parse_whether(text: &str) -> Result<bool, Unusable> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => unusable("must be yes or no"),
    }
}
