//! The text of a response, in pieces: it is never copied to grow, and the part that the client has taken is freed before the rest is sent.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;

use crate::limits::SMALL_ANSWER_BYTES;

/// Text that is written piece by piece; small text is one piece.
#[derive(Debug, Default)]
pub(crate) struct Text {
    full: Vec<Vec<u8>>,
    last: Vec<u8>,
}

/// The maximum length of a piece in bytes: small text is one piece.
const PIECE: usize = SMALL_ANSWER_BYTES;
/// The initial capacity in bytes: enough for most records, since a buffer that grows is copied.
const FIRST: usize = 1024;

impl Text {
    /// Creates an empty text with room for a record.
    pub(crate) fn new() -> Self {
        Self { full: Vec::new(), last: Vec::with_capacity(FIRST) }
    }

    /// Returns the length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.full.iter().map(Vec::len).sum::<usize>() + self.last.len()
    }

    /// Returns all of the text, copied together if it is several pieces.
    pub(crate) fn bytes(&self) -> Cow<'_, [u8]> {
        if self.full.is_empty() {
            return Cow::Borrowed(&self.last);
        }
        Cow::Owned([self.full.concat().as_slice(), &self.last].concat())
    }

    /// Returns small text as one piece, or else the whole text as a body that is sent in parts.
    pub(crate) fn into_small(self) -> Result<Vec<u8>, Parts> {
        if self.full.is_empty() {
            return Ok(self.last);
        }
        let pieces = self.full.into_iter().chain([self.last]).map(Bytes::from);
        Err(Parts(pieces.collect()))
    }
}

impl From<Vec<u8>> for Text {
    fn from(whole: Vec<u8>) -> Self {
        let mut text = Self::default();
        if whole.len() <= PIECE {
            text.last = whole;
        } else {
            text.full.push(whole);
        }
        text
    }
}

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.last.len() == PIECE {
            self.full.push(std::mem::replace(&mut self.last, Vec::with_capacity(PIECE)));
        }
        let length = bytes.len().min(PIECE - self.last.len());
        self.last.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A large body that is sent in parts: actix copies each part, and takes the next one once the client has taken it.
#[derive(Debug)]
pub(crate) struct Parts(VecDeque<Bytes>);

/// The maximum length of a part in bytes.
const PART: usize = 16 * 1024;

impl From<Bytes> for Parts {
    fn from(bytes: Bytes) -> Self {
        Self([bytes].into())
    }
}

impl MessageBody for Parts {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        let length: usize = self.0.iter().map(Bytes::len).sum();
        BodySize::Sized(u64::try_from(length).unwrap_or(u64::MAX))
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        while let Some(piece) = self.0.front_mut() {
            let length = piece.len().min(PART);
            if length > 0 {
                // A part shares the memory of its piece until actix has copied it.
                return Poll::Ready(Some(Ok(piece.split_to(length))));
            }
            self.0.pop_front();
        }
        Poll::Ready(None)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::io::Write as _;
    use std::pin::pin;

    use super::*;

    /// Returns `length` bytes whose values depend on their positions.
    fn sample(length: usize) -> Vec<u8> {
        (0..length).map(|index| u8::try_from(index % 251).expect("a byte")).collect()
    }

    #[tokio::test]
    async fn text_of_any_length_is_read_back_to_the_byte() {
        for length in [0, 1, FIRST, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 5 * PIECE + 7] {
            for step in [1, 7_919, PIECE, usize::MAX] {
                let sample = sample(length);
                let mut text = Text::new();
                for bytes in sample.chunks(step) {
                    text.write_all(bytes).expect("memory");
                }
                assert_eq!((text.len(), text.bytes().as_ref()), (length, sample.as_slice()), "{length}");
                let parts = match text.into_small() {
                    Ok(small) => {
                        assert_eq!((small.len() <= PIECE, small), (true, sample));
                        continue;
                    }
                    Err(parts) => parts,
                };
                assert!(length > PIECE, "{length}");
                assert_eq!(parts.size(), BodySize::Sized(u64::try_from(length).expect("a length")));
                let (mut sent, mut parts) = (Vec::new(), pin!(parts));
                while let Some(part) = poll_fn(|context| parts.as_mut().poll_next(context)).await {
                    let part = part.expect("a part");
                    assert!(part.len() <= PART);
                    sent.extend_from_slice(&part);
                }
                assert_eq!(sent, sample, "{length}");
            }
        }
    }

    #[test]
    fn pieces_are_filled_and_take_little_more_memory_than_their_text() {
        let mut text = Text::new();
        for _ in 0..100 {
            text.write_all(&sample(7_919)).expect("memory");
        }
        assert!(text.full.iter().all(|piece| piece.len() == PIECE));
        // Only the first piece grows, and may be twice as large then.
        let memory = text.full.iter().map(Vec::capacity).sum::<usize>() + text.last.capacity();
        assert!(memory <= text.len() + 2 * PIECE, "{memory} for {}", text.len());
    }
}
