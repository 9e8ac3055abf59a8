//! The write-ahead log as a file (<https://www.sqlite.org/fileformat2.html#walformat>): which stamps it brings.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// The length of the log's header, in bytes.
const HEADER: usize = 32;
/// The length of the header of a frame, in bytes. A page follows it.
const FRAME: usize = 24;
/// The first bytes of a log, but for the last bit, which gives the byte order of its checksums.
const MAGIC: u32 = 0x377f_0682;
/// The position of `user_version` in the first page.
const STAMP: usize = 60;

/// The committed part of a log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Log {
    /// Two numbers that each new log chooses, and that each of its frames repeats.
    pub(super) salts: [u8; 8],
    /// The stamps of the first page in its committed transactions, in order, without repetitions.
    pub(super) stamps: Vec<u32>,
}

impl Log {
    /// Reads a log. Returns `None` if there is none, or if it is empty or unreadable: SQLite then says what is wrong.
    ///
    /// The checksums are not compared. Frames of a transaction that was undone may count for that reason, and a log is rather accepted than
    /// refused for them: the stamp that such a transaction brought follows the same one as that of the transaction that took its place.
    pub(super) fn read(path: &Path) -> Option<Self> {
        Self::from_reader(&mut File::open(path).ok()?).ok()
    }

    fn from_reader(log: &mut (impl Read + Seek)) -> io::Result<Self> {
        let header: [u8; HEADER] = bytes(log)?;
        let page = i64::from(number(&header, 8));
        if number(&header, 0) & !1 != MAGIC || page < 512 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let salts = std::array::from_fn(|i| header[16 + i]);
        let (mut stamps, mut begun) = (Vec::new(), None);
        // A frame that cannot be read marks the end.
        while let Ok(frame) = bytes::<FRAME>(log) {
            if frame[8..16] != salts {
                break;
            }
            let mut left = page;
            if number(&frame, 0) == 1 {
                let Ok(start) = bytes::<{ STAMP + 4 }>(log) else { break };
                begun = Some(number(&start, STAMP));
                left -= (STAMP + 4) as i64;
            }
            // The last frame of a transaction gives the size of the file after it.
            if number(&frame, 4) != 0
                && let Some(stamp) = begun.take()
                && stamps.last() != Some(&stamp)
            {
                stamps.push(stamp);
            }
            log.seek(SeekFrom::Current(left))?;
        }
        Ok(Self { salts, stamps })
    }
}

fn bytes<const N: usize>(log: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    log.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Returns the number of four bytes at a position.
fn number(bytes: &[u8], position: usize) -> u32 {
    let mut four = [0; 4];
    four.copy_from_slice(&bytes[position..position + 4]);
    u32::from_be_bytes(four)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// Returns a log of pages of 512 bytes, with a frame for each page number, stamp and size after the transaction.
    fn log(frames: &[(u32, u32, u32)]) -> Vec<u8> {
        let salts = [1, 2, 3, 4, 5, 6, 7, 8];
        let mut log = [MAGIC | 1, 3_007_000, 512, 0].map(u32::to_be_bytes).concat();
        log.extend(salts);
        log.extend([0; 8]);
        for (page, stamp, size) in frames {
            log.extend([*page, *size].map(u32::to_be_bytes).concat());
            log.extend(salts);
            log.extend([0; 8]);
            let mut content = [0; 512];
            content[STAMP..STAMP + 4].copy_from_slice(&stamp.to_be_bytes());
            log.extend(content);
        }
        log
    }

    fn stamps(log: Vec<u8>) -> Vec<u32> {
        Log::from_reader(&mut Cursor::new(log)).expect("a log").stamps
    }

    #[test]
    fn the_stamps_of_committed_transactions_are_found_in_order() {
        assert!(stamps(log(&[])).is_empty());
        assert_eq!(stamps(log(&[(1, 7, 0), (5, 0, 9), (5, 0, 9), (1, 8, 9), (1, 8, 9)])), [7, 8]);
        assert_eq!(stamps(log(&[(1, 7, 9), (1, 8, 0), (2, 0, 0)])), [7], "the last one was not committed");
    }

    #[test]
    fn a_log_ends_where_it_was_cut_or_where_an_older_one_begins() {
        let whole = log(&[(1, 7, 9), (1, 8, 9)]);
        for missing in [1, 512, 520] {
            assert_eq!(stamps(whole[..whole.len() - missing].to_vec()).first(), Some(&7));
        }
        let mut older = whole.clone();
        older[HEADER + FRAME + 512 + 8] = 0xff;
        assert_eq!(stamps(older), [7]);
        for no_log in [&whole[..31], &[0; 64], &[]] {
            assert!(Log::from_reader(&mut Cursor::new(no_log)).is_err());
        }
    }
}
