//! The boundaries of requests in the bytes of a connection (RFC 9112 §6).
//!
//! actix parses the requests and does not report whether it holds the beginning of another one. [`Framing`] follows the same bytes to find
//! out, and only the timeout of a head depends on it. Bytes that actix refuses end the connection.

/// The number of bytes of a line that are inspected. Every line that matters here is shorter.
pub const LINE_BYTES: usize = 64;

/// Tracks the requests of one connection.
#[derive(Debug, Default)]
pub struct Framing {
    state: State,
    /// The beginning of the line that has not ended.
    line: Vec<u8>,
    /// The body that the head announces.
    body: Body,
    heads: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Every request that has begun has arrived whole.
    #[default]
    Between,
    /// In the empty lines that may precede a request line (RFC 9112 §2.2).
    BeforeHead,
    Head,
    /// In a body (or, in `Chunk`, in a chunk and the line end behind it), of which that many bytes are missing.
    Body(u64),
    Chunk(u64),
    ChunkSize,
    Trailers(Trailers),
}

/// The position in the trailers, which end with an empty line. As in the parser, a line feed alone does not end a line there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trailers {
    Start,
    /// After a carriage return at the start of a line.
    StartCr,
    Line,
    /// After a carriage return at the end of a line.
    LineCr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Sized(u64),
    Chunked,
}

impl Default for Body {
    fn default() -> Self {
        Self::Sized(0)
    }
}

impl Framing {
    /// Returns `true` if the bytes so far end where a request ends.
    pub fn is_between(&self) -> bool {
        self.state == State::Between
    }

    /// Returns the number of heads that have arrived whole.
    pub fn heads(&self) -> usize {
        self.heads
    }

    /// Processes the next bytes.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match self.state {
                State::Body(missing) => {
                    let (missing, rest) = skip(missing, bytes);
                    self.state = if missing == 0 { State::Between } else { State::Body(missing) };
                    rest
                }
                State::Chunk(missing) => {
                    let (missing, rest) = skip(missing, bytes);
                    self.state = if missing == 0 { State::ChunkSize } else { State::Chunk(missing) };
                    rest
                }
                State::Trailers(trailers) => {
                    let Some((byte, rest)) = bytes.split_first() else { return };
                    self.state = match (trailers, byte) {
                        (Trailers::StartCr, b'\n') => State::Between,
                        (Trailers::LineCr, b'\n') => State::Trailers(Trailers::Start),
                        (Trailers::Start, b'\r') => State::Trailers(Trailers::StartCr),
                        (Trailers::Line, b'\r') => State::Trailers(Trailers::LineCr),
                        _ => State::Trailers(Trailers::Line),
                    };
                    rest
                }
                _ => self.feed_line(bytes),
            };
        }
    }

    /// Processes the bytes to the end of their line, and returns those after it.
    fn feed_line<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.state == State::Between {
            (self.state, self.body) = (State::BeforeHead, Body::default());
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (part, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        let room = LINE_BYTES.saturating_sub(self.line.len());
        self.line.extend_from_slice(part.get(..room).unwrap_or(part));
        // The line end itself belongs to no line.
        let Some((_, rest)) = rest.split_first() else { return rest };
        let mut line = std::mem::take(&mut self.line);
        self.end_line(line.strip_suffix(b"\r").unwrap_or(&line));
        line.clear();
        self.line = line;
        rest
    }

    fn end_line(&mut self, line: &[u8]) {
        self.state = match self.state {
            State::BeforeHead if line.is_empty() => State::BeforeHead,
            State::Head if line.is_empty() => {
                self.heads = self.heads.wrapping_add(1);
                match self.body {
                    Body::Sized(0) => State::Between,
                    Body::Sized(length) => State::Body(length),
                    Body::Chunked => State::ChunkSize,
                }
            }
            State::Head => {
                self.body = body(line).unwrap_or(self.body);
                State::Head
            }
            State::ChunkSize => match chunk_size(line) {
                0 => State::Trailers(Trailers::Start),
                size => State::Chunk(size.saturating_add(2)),
            },
            State::BeforeHead | State::Between | State::Body(_) | State::Chunk(_) | State::Trailers(_) => {
                State::Head
            }
        };
    }
}

/// Skips up to `missing` bytes. Returns the number that are still missing, and the bytes after them.
fn skip(missing: u64, bytes: &[u8]) -> (u64, &[u8]) {
    let here = usize::try_from(missing).map_or(bytes.len(), |missing| missing.min(bytes.len()));
    let (_, rest) = bytes.split_at(here);
    (missing.saturating_sub(u64::try_from(here).unwrap_or(u64::MAX)), rest)
}

/// Returns the body that a header line announces, or `None` if the line announces none.
fn body(line: &[u8]) -> Option<Body> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at(colon);
    if name.eq_ignore_ascii_case(b"transfer-encoding") {
        return Some(Body::Chunked);
    }
    if !name.eq_ignore_ascii_case(b"content-length") {
        return None;
    }
    let value = std::str::from_utf8(value.get(1..)?).ok()?;
    value.trim().parse().ok().map(Body::Sized)
}

/// Parses the size at the beginning of a line, before any chunk extensions. A line without a size ends the body; the parser then closes the
/// connection.
fn chunk_size(line: &[u8]) -> u64 {
    let digits = line.iter().map_while(|byte| char::from(*byte).to_digit(16));
    digits.fold(0, |size: u64, digit| size.saturating_mul(16).saturating_add(u64::from(digit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: [&str; 8] = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-LENGTH: 5 \r\n\r\n\r\n\r\n\r",
        "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nA;x=\"y\"\r\n0123456\r\n\r\r\n1\r\n\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Quay: side\r\nX-Pier: 1\r\n\r\n",
        "GET /0123456789012345678901234567890123456789012345678901234567890123456789 HTTP/1.1\r\nA: b\r\n\r\n",
    ];

    #[test]
    fn a_connection_is_between_requests_exactly_where_one_ends() {
        for whole in WHOLE {
            for cut in 1..whole.len() {
                // Feeds the request in two parts, and byte by byte.
                let (mut halved, mut single) = (Framing::default(), Framing::default());
                halved.feed(&whole.as_bytes()[..cut]);
                whole.as_bytes()[..cut].chunks(1).for_each(|byte| single.feed(byte));
                assert!(!halved.is_between() && !single.is_between(), "{:?}", &whole[..cut]);
                halved.feed(&whole.as_bytes()[cut..]);
                assert!(halved.is_between() && halved.heads() == 1, "{whole:?} after {cut}");
            }
        }
    }

    #[test]
    fn consecutive_requests_are_each_counted() {
        let mut framing = Framing::default();
        for (first, second) in WHOLE.iter().flat_map(|first| WHOLE.map(|second| (first, second))) {
            let heads = framing.heads();
            framing.feed(format!("{first}{second}").as_bytes());
            assert!(framing.is_between() && framing.heads() == heads + 2, "{first:?} {second:?}");
            framing.feed(b"G");
            assert!(!framing.is_between());
            framing.feed(b"ET / HTTP/1.1\r\n\r\n");
            assert!(framing.is_between());
        }
    }
}
