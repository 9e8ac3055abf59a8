//! Requests as bytes for the socket, prepared before the measurement.

/// A kind of request that is measured, with its variants.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The name in the results.
    pub(crate) name: &'static str,
    /// The requests to send, in turn and repeatedly.
    pub(crate) requests: Vec<Request>,
    pub(crate) writes: bool,
}

/// A request. With a tail, a number of [`DIGITS`] digits that was never sent before goes between head and tail, for a name or a key
/// that must be new each time.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) tail: Option<String>,
}

/// The number of digits. It is fixed, so that the length of the body is known.
pub(crate) const DIGITS: usize = 12;

/// The placeholder of the number in the texts of a request.
pub(crate) const NUMBER: &str = "{n}";

impl Request {
    /// Creates a request with this bearer key. `path`, `headers` (each with its line end) and `body` may contain [`NUMBER`] once in all.
    pub(crate) fn new(method: &str, path: &str, key: &str, headers: &str, body: Option<&str>) -> Self {
        let mut text = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n{headers}"
        );
        if let Some(body) = body {
            let number = if body.contains(NUMBER) { DIGITS - NUMBER.len() } else { 0 };
            text.push_str("Content-Type: application/json\r\n");
            text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len() + number));
        } else {
            text.push_str("\r\n");
        }
        match text.split_once(NUMBER) {
            Some((head, tail)) => Self { head: head.to_owned(), tail: Some(tail.to_owned()) },
            None => Self { head: text, tail: None },
        }
    }

    /// Returns the bytes to send, with this number.
    pub(crate) fn bytes(&self, number: u64) -> Vec<u8> {
        match &self.tail {
            Some(tail) => format!("{}{number:0width$}{tail}", self.head, width = DIGITS).into_bytes(),
            None => self.head.clone().into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_counts_the_number() {
        let request = Request::new("POST", "/x", "k", "", Some(r#"{"name":"N{n}"}"#));
        let text = String::from_utf8(request.bytes(7)).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, r#"{"name":"N000000000007"}"#);
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{head}");
    }

    #[test]
    fn a_header_can_have_the_number() {
        let request = Request::new("GET", "/x", "k", "Idempotency-Key: {n}\r\n", None);
        let text = String::from_utf8(request.bytes(7)).unwrap();
        assert!(text.contains("Idempotency-Key: 000000000007\r\n\r\n"), "{text}");
    }
}
