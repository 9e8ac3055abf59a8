//! Ambiguous requests, whose end two parsers could see in different places, and other malformed ones (promise B28). A test checks that none
//! of them reaches a handler, and a measurement sends them to a running server.

/// The rest of a request that creates a space, beside `Host` and the key: headers and body. `{body}` is a body of 20 bytes.
const CASES: &[(&str, &str)] = &[
    (
        "a length and chunks",
        "Content-Length: 20\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n{body}\r\n0\r\n\r\n",
    ),
    (
        "chunks and a length",
        "Transfer-Encoding: chunked\r\nContent-Length: 20\r\n\r\n14\r\n{body}\r\n0\r\n\r\n",
    ),
    ("two lengths", "Content-Length: 20\r\nContent-Length: 5\r\n\r\n{body}"),
    ("two lengths that agree", "Content-Length: 20\r\nContent-Length: 20\r\n\r\n{body}"),
    ("a list of lengths", "Content-Length: 20, 20\r\n\r\n{body}"),
    ("a length with a plus", "Content-Length: +20\r\n\r\n{body}"),
    ("a negative length", "Content-Length: -20\r\n\r\n{body}"),
    ("a length in hexadecimal", "Content-Length: 0x14\r\n\r\n{body}"),
    ("a length with a fraction", "Content-Length: 20.0\r\n\r\n{body}"),
    ("a length that no number holds", "Content-Length: 99999999999999999999999\r\n\r\n{body}"),
    ("no length at all after the name", "Content-Length: \r\n\r\n{body}"),
    ("a folded line", "X-Folded: quay\r\n side\r\nContent-Length: 20\r\n\r\n{body}"),
    ("a folded length", "Content-Length:\r\n 20\r\n\r\n{body}"),
    ("a space before the colon", "Content-Length : 20\r\n\r\n{body}"),
    ("a tab before the colon", "Content-Length\t: 20\r\n\r\n{body}"),
    ("a line without a colon", "Content-Length 20\r\n\r\n{body}"),
    ("a header without a name", ": quay\r\nContent-Length: 20\r\n\r\n{body}"),
    ("a NUL in a value", "X-Quay: a\0b\r\nContent-Length: 20\r\n\r\n{body}"),
    ("a NUL in a name", "X-Qu\0ay: a\r\nContent-Length: 20\r\n\r\n{body}"),
    ("a carriage return in a value", "X-Quay: a\rb\r\nContent-Length: 20\r\n\r\n{body}"),
    ("a coding before chunks", "Transfer-Encoding: gzip, chunked\r\n\r\n14\r\n{body}\r\n0\r\n\r\n"),
    ("chunks before a coding", "Transfer-Encoding: chunked, gzip\r\n\r\n14\r\n{body}\r\n0\r\n\r\n"),
    (
        "chunks twice",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n{body}\r\n0\r\n\r\n",
    ),
    ("an unknown coding", "Transfer-Encoding: quay\r\n\r\n14\r\n{body}\r\n0\r\n\r\n"),
    ("a coding that is nearly the one", "Transfer-Encoding: xchunked\r\n\r\n14\r\n{body}\r\n0\r\n\r\n"),
    ("a coding behind a vertical tab", "Transfer-Encoding: \x0bchunked\r\n\r\n14\r\n{body}\r\n0\r\n\r\n"),
    (
        "a chunk that is too large for a number",
        "Transfer-Encoding: chunked\r\n\r\n10000000000000014\r\n{body}\r\n0\r\n\r\n",
    ),
    ("a chunk of a negative size", "Transfer-Encoding: chunked\r\n\r\n-14\r\n{body}\r\n0\r\n\r\n"),
    ("a chunk whose size begins with 0x", "Transfer-Encoding: chunked\r\n\r\n0x14\r\n{body}\r\n0\r\n\r\n"),
    ("a chunk without a size", "Transfer-Encoding: chunked\r\n\r\n\r\n{body}\r\n0\r\n\r\n"),
    ("a chunk that is longer than its size", "Transfer-Encoding: chunked\r\n\r\n4\r\n{body}\r\n0\r\n\r\n"),
    (
        "a chunk's line that ends with a carriage return",
        "Transfer-Encoding: chunked\r\n\r\n14\rX{body}\r\n0\r\n\r\n",
    ),
];

/// Invalid request lines and `Host` headers. The rest of the request is valid.
const HEADS: &[(&str, &str)] = &[
    ("no host", "POST /api/v1/spaces HTTP/1.1\r\n"),
    ("two hosts", "POST /api/v1/spaces HTTP/1.1\r\nHost: a.example.com\r\nHost: b.example.com\r\n"),
    (
        "two hosts that agree",
        "POST /api/v1/spaces HTTP/1.1\r\nHost: a.example.com\r\nHost: a.example.com\r\n",
    ),
    ("an unknown version", "POST /api/v1/spaces HTTP/1.7\r\nHost: a.example.com\r\n"),
    ("no version", "POST /api/v1/spaces\r\nHost: a.example.com\r\n"),
    ("a version of two digits", "POST /api/v1/spaces HTTP/1.10\r\nHost: a.example.com\r\n"),
    ("two spaces in the line", "POST  /api/v1/spaces HTTP/1.1\r\nHost: a.example.com\r\n"),
    ("a space in the path", "POST /api/v1/spaces /quay HTTP/1.1\r\nHost: a.example.com\r\n"),
    ("a NUL in the path", "POST /api/v1/spaces\0 HTTP/1.1\r\nHost: a.example.com\r\n"),
    ("a method with a colon", "PO:ST /api/v1/spaces HTTP/1.1\r\nHost: a.example.com\r\n"),
    ("a line before the line", "quay\r\nPOST /api/v1/spaces HTTP/1.1\r\nHost: a.example.com\r\n"),
];

/// Invalid hosts, in requests whose end is unambiguous. So a request that is pipelined behind one may get a response, too.
const HOSTS: &[(&str, &str)] = &[
    ("a host with a space", "a.example.com b"),
    ("a host with a name before it", "ada@example.com"),
    ("a host with a path", "a.example.com/b"),
];

/// The body of all these requests, if they have one.
pub const BODY: &str = r#"{"name":"smuggled"} "#;

/// Returns the ambiguous requests with their descriptions.
pub fn of_two_readings(key: &str) -> Vec<(&'static str, String)> {
    let common = common(key);
    let head = "POST /api/v1/spaces HTTP/1.1\r\nHost: loggia.example.com\r\n";
    let bodies =
        CASES.iter().map(|(case, rest)| (*case, format!("{head}{common}{}", rest.replace("{body}", BODY))));
    let heads =
        HEADS.iter().map(|(case, head)| (*case, format!("{head}{common}Content-Length: 20\r\n\r\n{BODY}")));
    // Chunks were introduced with HTTP/1.1. An HTTP/1.0 request with them has no body.
    let old = "POST /api/v1/spaces HTTP/1.0\r\nHost: loggia.example.com\r\n";
    let chunked = format!("Transfer-Encoding: chunked\r\n\r\n14\r\n{BODY}\r\n0\r\n\r\n");
    let old = [("chunks in HTTP/1.0", format!("{old}{common}{chunked}"))];
    bodies.chain(heads).chain(old).collect()
}

/// Returns the requests that are valid except for their host.
pub fn of_no_host(key: &str) -> Vec<(&'static str, String)> {
    let common = common(key);
    let request = |host: &str| {
        format!("POST /api/v1/spaces HTTP/1.1\r\nHost: {host}\r\n{common}Content-Length: 20\r\n\r\n{BODY}")
    };
    HOSTS.iter().map(|(case, host)| (*case, request(host))).collect()
}

fn common(key: &str) -> String {
    format!("Authorization: Bearer {key}\r\nContent-Type: application/json\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_as_long_as_the_requests_say() {
        assert_eq!(BODY.len(), 20);
    }
}
