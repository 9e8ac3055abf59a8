//! The header `Idempotency-Key`: a structured-field string (RFC 8941 §3.3.3), or the same text bare, as most clients send it.

use actix_web::http::header::{HeaderMap, HeaderName};
use loggia_domain::once::{IdempotencyKey, MalformedIdempotencyKey};

use crate::problem::FieldErrorCode;
use crate::problem::validation::{ValidationErrors, ValueError};

/// The header's name, as it is usually written.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Parses the key. Returns `None` if there is none, or if it is malformed, which is a validation error.
pub(crate) fn key(headers: &HeaderMap, errors: &mut ValidationErrors) -> Option<IdempotencyKey> {
    let mut values = headers.get_all(HeaderName::from_static("idempotency-key"));
    let value = values.next()?;
    let read = match values.next() {
        Some(_) => Err(ValueError::new(FieldErrorCode::DUPLICATE_HEADER, "must not be repeated")),
        None => parse(value.as_bytes()),
    };
    read.map_err(|error| errors.header(IDEMPOTENCY_KEY, error)).ok()
}

fn parse(value: &[u8]) -> Result<IdempotencyKey, ValueError> {
    let value = value.trim_ascii();
    // A key has only ASCII characters, so the lossy conversion loses nothing of a valid one.
    let text = String::from_utf8_lossy(value);
    let text = match text.strip_prefix('"') {
        Some(rest) => unquoted(rest).ok_or_else(|| {
            ValueError::new(
                FieldErrorCode::INVALID_FORMAT,
                "must end with the double quote with which it begins",
            )
        })?,
        None => text.into_owned(),
    };
    Ok(IdempotencyKey::parse(&text)?)
}

/// Returns the text before the closing quote, with escapes resolved. Returns `None` unless the quote ends the value.
fn unquoted(rest: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = rest.chars();
    loop {
        match characters.next()? {
            '"' => return characters.as_str().is_empty().then_some(text),
            '\\' => text.push(characters.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            character => text.push(character),
        }
    }
}

impl From<MalformedIdempotencyKey> for ValueError {
    fn from(error: MalformedIdempotencyKey) -> Self {
        let code = match error {
            MalformedIdempotencyKey::Empty => FieldErrorCode::TOO_SHORT,
            MalformedIdempotencyKey::TooLong => FieldErrorCode::TOO_LONG,
            MalformedIdempotencyKey::NotVisibleAscii => FieldErrorCode::INVALID_CHARACTER,
        };
        Self::new(code, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn read(lines: &[&[u8]]) -> Result<Option<String>, &'static str> {
        let mut headers = HeaderMap::new();
        for line in lines {
            let value = HeaderValue::from_bytes(line).expect("a value");
            headers.append(HeaderName::from_static("idempotency-key"), value);
        }
        let mut errors = ValidationErrors::default();
        let key = key(&headers, &mut errors);
        match errors.accept(Some(())) {
            Ok(()) => Ok(key.map(|key| key.as_str().to_owned())),
            Err(problem) => {
                assert_eq!(problem.errors()[0].header, Some("Idempotency-Key"));
                assert!(key.is_none());
                Err(problem.errors()[0].code.as_str())
            }
        }
    }

    #[test]
    fn a_key_may_be_bare_or_quoted() {
        let longest = "k".repeat(255);
        for text in ["k", "8e03978e-40d5-43dd-bc93-6894a57f9324", "a,b;c=d", "it's\"quoted", &longest] {
            assert_eq!(read(&[text.as_bytes()]), Ok(Some(text.to_owned())));
            let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
            assert_eq!(read(&[quoted.as_bytes()]), Ok(Some(text.to_owned())), "the same key");
        }
        assert_eq!(read(&[b"  k\t"]), Ok(Some("k".to_owned())));
        assert_eq!(read(&[b"\"a\\\\b\""]), Ok(Some("a\\b".to_owned())));
        assert_eq!(read(&[]), Ok(None));
    }

    #[test]
    fn a_malformed_key_is_reported_with_its_code() {
        let longer = [b'k'; 256];
        let cases: [(&[u8], &str); 13] = [
            (b"", "TOO_SHORT"),
            (b"  ", "TOO_SHORT"),
            (b"\"\"", "TOO_SHORT"),
            (&longer, "TOO_LONG"),
            (b"a b", "INVALID_CHARACTER"),
            (b"\"a b\"", "INVALID_CHARACTER"),
            (b"a\tb", "INVALID_CHARACTER"),
            ("é".as_bytes(), "INVALID_CHARACTER"),
            (b"\xff", "INVALID_CHARACTER"),
            (b"\"", "INVALID_FORMAT"),
            (b"\"a", "INVALID_FORMAT"),
            (b"\"a\"b\"", "INVALID_FORMAT"),
            (b"\"a\\b\"", "INVALID_FORMAT"),
        ];
        for (value, code) in cases {
            assert_eq!(read(&[value]), Err(code), "{value:?}");
        }
        assert_eq!(read(&[b"a", b"a"]), Err("DUPLICATE_HEADER"));
    }
}
