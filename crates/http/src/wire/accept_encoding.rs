//! The content codings that a client accepts (RFC 9110 §12.5.3).

use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap};

/// Returns whether a response may be in the content coding `gzip`.
///
/// A client that sends no `Accept-Encoding` accepts any coding, and one that sends an empty one accepts none (RFC 9110 §12.5.3). Several
/// lines are one list. A malformed element accepts nothing.
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    if !headers.contains_key(ACCEPT_ENCODING) {
        return true;
    }
    let lines = headers.get_all(ACCEPT_ENCODING).map(|line| line.as_bytes());
    let elements = lines.flat_map(|line| line.split(|byte| *byte == b','));
    let codings: Vec<_> = elements.filter_map(read).collect();
    let accepts = |names: &[&[u8]]| {
        let is_named = |coding: &[u8]| names.iter().any(|name| coding.eq_ignore_ascii_case(name));
        let named = codings.iter().filter(|(coding, _)| is_named(coding));
        named.map(|(_, is_accepted)| *is_accepted).reduce(|one, other| one || other)
    };
    // The other name is an old one for the same coding (RFC 9110 §8.4.1.3).
    accepts(&[b"gzip", b"x-gzip"]).or_else(|| accepts(&[b"*"])).unwrap_or(false)
}

/// Reads a coding, and whether its weight is more than zero.
fn read(element: &[u8]) -> Option<(&[u8], bool)> {
    let element = element.trim_ascii();
    let Some(semicolon) = element.iter().position(|byte| *byte == b';') else { return Some((element, true)) };
    let weight = element[semicolon + 1..].trim_ascii_start();
    let weight = weight.strip_prefix(b"q=").or_else(|| weight.strip_prefix(b"Q="))?;
    Some((element[..semicolon].trim_ascii_end(), is_positive(weight)?))
}

/// Reads a weight, which is a number from 0 to 1 with at most three decimals (RFC 9110 §12.4.2).
fn is_positive(weight: &[u8]) -> Option<bool> {
    let (whole, decimals) = match weight {
        [whole] => (whole, &weight[1..]),
        [whole, b'.', decimals @ ..] if decimals.len() <= 3 => (whole, decimals),
        _ => return None,
    };
    let is_zero = decimals.iter().all(|digit| *digit == b'0');
    match *whole {
        b'0' if decimals.iter().all(u8::is_ascii_digit) => Some(!is_zero),
        b'1' if is_zero => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn accepts(lines: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_str(line).expect("a value"));
        }
        accepts_gzip(&headers)
    }

    #[test]
    fn gzip_is_accepted_by_name_by_a_wildcard_or_without_a_header() {
        assert!(accepts(&[]));
        for line in [
            "gzip",
            "GZip",
            "x-gzip",
            "gzip, deflate, br, zstd",
            "br;q=1.0, gzip;q=0.8, *;q=0.1",
            "identity,\tgzip ; q=0.001",
            "gzip;Q=1",
            "gzip;q=1.",
            "gzip;q=1.000",
            "*",
            "*;q=0.5, identity",
            ", gzip,,",
            "identity;q=0, gzip",
        ] {
            assert!(accepts(&[line]), "{line}");
        }
        assert!(accepts(&["identity", "gzip"]), "lines are one list");
    }

    #[test]
    fn gzip_is_not_accepted_if_it_is_excluded_or_left_out() {
        for line in [
            "",
            "identity",
            "deflate, br",
            "gzip;q=0",
            "gzip;q=0.000, br",
            "x-gzip;q=0",
            "*;q=0",
            "*, gzip;q=0",
            "gzip;q=0, *;q=1",
            "gzipped",
            "\"gzip\"",
        ] {
            assert!(!accepts(&[line]), "{line:?}");
        }
        assert!(!accepts(&["gzip;q=0", "*"]), "lines are one list");
    }

    #[test]
    fn a_malformed_element_accepts_nothing() {
        for weight in ["", "q", "q=", "q=2", "q=1.001", "q=0.0001", "q=-1", "q=.5", "q= 1", "q =1", "q=1;a"] {
            assert!(!accepts(&[&format!("gzip;{weight}")]), "{weight}");
            assert!(accepts(&[&format!("gzip;{weight}, *")]), "{weight}: as if it were not there");
        }
    }
}
