//! The header `Host`, which the parser demands but does not look into.

use actix_web::http::header::{HOST, HeaderMap};
use actix_web::http::uri::Authority;

use crate::problem::{FaultCode, FieldError, Problem};

/// Refuses a host that is none (RFC 9112 §3.2): whoever stands before us may have read another one out of it.
pub(crate) fn check(headers: &HeaderMap) -> Result<(), Problem> {
    let is_sound = |text: &str| text.is_empty() || !text.contains('@') && text.parse::<Authority>().is_ok();
    if headers.get_all(HOST).all(|value| value.to_str().is_ok_and(is_sound)) {
        return Ok(());
    }
    let detail = "must be a host's name or address, and a port if need be".to_owned();
    let fault = FieldError {
        pointer: None,
        parameter: None,
        header: Some("Host"),
        code: FaultCode::INVALID_HOST,
        detail,
    };
    Err(Problem::invalid(vec![fault]))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_maybe_a_port() {
        let is_sound = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(text));
            check(&headers).is_ok()
        };
        for text in ["loggia.example.com", "127.0.0.1:8080", "[::1]:8080", "localhost", "", "a_b.example.com"]
        {
            assert!(is_sound(text), "{text}");
        }
        for text in
            ["a.example.com b", "a.example.com/b", "ada@example.com", "a.example.com:80:81", "[::1", "a\\b"]
        {
            assert!(!is_sound(text), "{text}");
        }
        assert!(check(&HeaderMap::new()).is_ok());
    }
}
