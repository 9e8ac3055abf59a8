//! The history of a file, by which a write-ahead log of another one is recognised.
//!
//! SQLite applies the log `loggia.db-wal` to whatever file is named `loggia.db`: it has nothing that says which two belong together. If an
//! older copy is put in the place of a file whose log has stayed, the result is a mixture of both, without an error.
//!
//! So the store keeps a *stamp* in `user_version`, a field of the file's first page that SQLite leaves to its users. The first transaction
//! of each log changes the stamp. Its upper half is random, its lower half is the upper half of the stamp before it. A log therefore tells
//! which stamp its file had when the log began, and which ones it has brought since: the file must have one of those.
//!
//! - **A store that is intact is never refused**, wherever its process was killed. The log and the stamp in it are committed together; a
//!   checkpoint copies committed pages only, and the log begins anew only after all of its pages are in the file. Whatever part of them was
//!   copied, the file has the stamp from before the log or one of the log's own.
//! - **A log without a stamp is accepted.** It was begun by a program before this one, by another tool, or by this program beside another
//!   process whose checkpoint it did not see; the next transaction stamps it.
//! - **Two stamps that fit by chance** are as likely as 1 in 65 536.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::error::OpenError;
use crate::sessions::file::beside;
use crate::sessions::log::Log;

/// The number of times that a file and its log are read again because another process has begun a new log meanwhile.
const TRIES: usize = 100;

/// Changes the stamp of the file, in the open transaction.
pub(crate) fn stamp(connection: &Connection) -> Result<(), rusqlite::Error> {
    let previous = stamp_of(connection)?;
    let chance = connection.query_row("SELECT random()", (), |row| row.get(0))?;
    set(connection, next(previous, chance))
}

/// Gives a copy a stamp that no log knows, so that no log of the original is taken for one of the copy.
pub(crate) fn separate(copy: &Connection) -> Result<(), rusqlite::Error> {
    let chance: i64 = copy.query_row("SELECT random()", (), |row| row.get(0))?;
    let [a, b, c, d, ..] = chance.to_be_bytes();
    set(copy, next(u32::from_be_bytes([a, b, c, d]), chance))
}

fn set(connection: &Connection, stamp: u32) -> Result<(), rusqlite::Error> {
    connection.pragma_update(None, "user_version", stamp.cast_signed())
}

fn stamp_of(connection: &Connection) -> Result<u32, rusqlite::Error> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).map(i32::cast_unsigned)
}

/// Returns the stamp that follows `previous`; it differs from `previous` and is not 0, which stands for a file without a stamp.
pub(crate) fn next(previous: u32, chance: i64) -> u32 {
    let before = previous >> 16;
    let [.., high, low] = chance.to_be_bytes();
    let mut half = u16::from_be_bytes([high, low]);
    while half == 0 || u32::from(half) == before {
        half = half.wrapping_add(1);
    }
    u32::from(half) << 16 | before
}

/// Returns `true` if a log that brings these stamps, in this order, may belong to a file with this stamp.
fn belongs(stamp: u32, stamps: &[u32]) -> bool {
    stamps.first().is_none_or(|first| stamp >> 16 == first & 0xffff || stamps.contains(&stamp))
}

/// Fails with [`OpenError::ForeignLog`] if the write-ahead log beside the file belongs to another history. Nothing is changed.
///
/// Other processes may use the store meanwhile.
pub(crate) fn check(path: &Path) -> Result<(), OpenError> {
    let log_path = beside(path, "-wal");
    for _ in 0..TRIES {
        let Some(before) = Log::read(&log_path) else { return Ok(()) };
        let Some(stamp) = stamp_without_log(path) else { return Ok(()) };
        let Some(after) = Log::read(&log_path) else { return Ok(()) };
        if belongs(stamp, &after.stamps) {
            return Ok(());
        }
        // The same log was there while the stamp was read, so the two do not belong together.
        if before.salts == after.salts {
            return Err(OpenError::ForeignLog { file: path.to_owned(), log: log_path });
        }
    }
    Ok(())
}

/// Returns the stamp in the file itself, whatever its log says: 0 if there is no file, or `None` if it cannot be read.
fn stamp_without_log(path: &Path) -> Option<u32> {
    if !path.exists() {
        return Some(0);
    }
    let file = open_alone(path).ok()?;
    // A checkpoint that was cut short may have left a file with fewer pages than its first page says.
    file.execute_batch("PRAGMA writable_schema = ON").ok()?;
    stamp_of(&file).ok()
}

/// Opens a file for reading without its log, without locks, and without making files beside it.
///
/// The file is opened by SQLite and not by this program itself: closing a handle of our own would release the locks that this process has
/// on the file.
pub(crate) fn open_alone(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri(path).as_os_str(), flags)
}

/// Returns the URI of a file that SQLite then takes for one that nobody changes.
fn uri(path: &Path) -> PathBuf {
    let mut name = String::from("file:");
    for character in path.to_string_lossy().chars() {
        match character {
            '%' | '?' | '#' => name.push_str(&format!("%{:02X}", u32::from(character))),
            other => name.push(other),
        }
    }
    name.push_str("?immutable=1");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_contains_the_previous_one_and_always_differs_from_it() {
        assert_eq!(next(0, 7), 0x0007_0000);
        assert_eq!(next(0x0007_0000, 9), 0x0009_0007);
        assert_eq!(next(0x0007_0000, 7), 0x0008_0007, "never twice the same");
        assert_eq!(next(0xffff_0000, 0xffff), 0x0001_ffff, "never 0");
    }

    #[test]
    fn a_file_has_the_stamp_from_before_its_log_or_one_of_the_log() {
        let first = next(0, 1);
        let second = next(first, 2);
        let third = next(second, 3);
        assert!(belongs(first, &[second, third]), "nothing was copied yet");
        assert!(belongs(second, &[second, third]) && belongs(third, &[second, third]));
        assert!(belongs(first, &[]), "a log without a stamp");
        assert!(belongs(first, &[first, second]), "the stamp came after the first transaction");
        assert!(!belongs(first, &[third]), "an older copy");
        assert!(!belongs(third, &[second]), "an older log");
        assert!(!belongs(0, &[second]), "an empty file");
    }

    #[test]
    fn a_path_with_special_characters_can_be_opened_without_its_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a %3f?mode=memory#b.db");
        let made = Connection::open_with_flags(
            &path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        );
        made.expect("a file").execute_batch("PRAGMA user_version = 77").expect("a stamp");
        assert_eq!(stamp_without_log(&path), Some(77));
    }
}
