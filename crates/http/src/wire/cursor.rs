//! Cursors: positions in a list, as text that clients send back.
//!
//! A cursor is authenticated with HMAC-SHA-256 (RFC 2104) over its content *and* the list it belongs to: its endpoint, scope, filters and
//! order, and the user who reads it, since it carries how many rows that user saw. Used with anything else, a cursor is invalid. A cursor
//! carries no authority: each page checks anew who may see the list.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use loggia_domain::id::UserId;
use loggia_domain::instant::Timestamp;
use loggia_domain::page::{Position, SortValue, Start};
use loggia_domain::task::OutlineNumber;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::problem::FieldErrorCode;
use crate::problem::validation::ValueError;

/// The secret that authenticates cursors.
#[derive(Clone)]
pub(crate) struct CursorKey([u8; 32]);

/// The cursors of one user.
#[derive(Clone, Copy)]
pub(crate) struct Cursors<'k> {
    key: &'k CursorKey,
    reader: UserId,
}

/// A position in a list, and the counts that a later page needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) start: Start,
    /// The counts of the first page, for lists in pages.
    pub(crate) seen: Option<Seen>,
}

/// The part of an envelope that later pages repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// The number of rows before this page.
    pub(crate) rank: u64,
    /// The number of rows that the list had.
    pub(crate) total: u64,
    /// The number of rows of a page.
    pub(crate) per_page: u32,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    backward: bool,
    value: WireValue,
    id: String,
    seen: Option<Seen>,
}

#[derive(Serialize, Deserialize)]
enum WireValue {
    #[serde(rename = "n")]
    Number(i64),
    #[serde(rename = "t")]
    Time(i64),
    #[serde(rename = "s")]
    Text(String),
    #[serde(rename = "o")]
    Outline(String),
    #[serde(rename = "i")]
    Id,
}

/// The first byte of a cursor. A different layout needs a different version.
const VERSION: u8 = 1;
/// The maximum length of a cursor of a list in pages, in bytes. The cursor's position may hold the sort form of a project's name, which may
/// be several times as long as the name.
pub(crate) const MAX_LENGTH: usize = 4 * 1024;
/// The length of the MAC in bytes: half of a SHA-256 makes guessing infeasible.
const TAG_LENGTH: usize = 16;

impl CursorKey {
    pub(crate) fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// Returns the cursors of a user, whichever key the user calls with: a key decides which lists there are, not what is in them.
    pub(crate) const fn for_reader(&self, reader: UserId) -> Cursors<'_> {
        Cursors { key: self, reader }
    }

    /// Checks that a text has the form of a cursor, for use when the list that it must belong to is unknown.
    pub(crate) fn check_form(text: &str) -> Result<(), ValueError> {
        let wire = || decode(unpack(&URL_SAFE_NO_PAD.decode(text).ok()?)?.0);
        wire().map(|_| ()).ok_or_else(|| ValueError::new(FieldErrorCode::INVALID_CURSOR, "is not a cursor"))
    }
}

impl Cursors<'_> {
    fn mac(&self, list: &str, content: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key.0).ok()?;
        mac.update(self.reader.as_uuid().as_bytes());
        mac.update(&u64::try_from(list.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(list.as_bytes());
        mac.update(content);
        Some(mac)
    }

    /// Encodes a position in that list. Returns `None` if the position is an offset, for which no cursor is needed.
    pub(crate) fn seal(&self, list: &str, cursor: &Cursor) -> Option<String> {
        let (backward, position) = match &cursor.start {
            Start::Offset(_) => return None,
            Start::After(position) => (false, position),
            Start::Before(position) => (true, position),
        };
        let value = match &position.value {
            SortValue::Number(number) => WireValue::Number(*number),
            SortValue::Time(time) => WireValue::Time(time.micros()),
            SortValue::Text(text) => WireValue::Text(text.clone()),
            SortValue::Outline(outline) => WireValue::Outline(outline.to_string()),
            SortValue::Id => WireValue::Id,
        };
        let mut content = vec![VERSION];
        content.extend(
            serde_json::to_vec(&Wire { backward, value, id: position.id.to_string(), seen: cursor.seen })
                .ok()?,
        );
        self.sign(list, content)
    }

    /// Appends the MAC to the content and encodes both as text.
    pub(crate) fn sign(&self, list: &str, mut content: Vec<u8>) -> Option<String> {
        let tag = self.mac(list, &content)?.finalize().into_bytes();
        content.extend_from_slice(&tag[..TAG_LENGTH]);
        Some(URL_SAFE_NO_PAD.encode(content))
    }

    /// Decodes a position in that list.
    pub(crate) fn open(&self, list: &str, text: &str) -> Result<Cursor, ValueError> {
        self.read(list, text).ok_or_else(|| {
            ValueError::new(
                FieldErrorCode::INVALID_CURSOR,
                "is not a cursor of this list with these filters and this order, issued to you",
            )
        })
    }

    fn read(&self, list: &str, text: &str) -> Option<Cursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (content, tag) = unpack(&bytes)?;
        self.mac(list, content)?.verify_truncated_left(tag).ok()?;
        let wire = decode(content)?;
        let value = match wire.value {
            WireValue::Number(number) => SortValue::Number(number),
            WireValue::Time(micros) => SortValue::Time(Timestamp::from_micros(micros).ok()?),
            WireValue::Text(text) => SortValue::Text(text),
            WireValue::Outline(text) => SortValue::Outline(OutlineNumber::parse(&text).ok()?),
            WireValue::Id => SortValue::Id,
        };
        let position = Position { value, id: Uuid::try_parse(&wire.id).ok()? };
        let start = if wire.backward { Start::Before(position) } else { Start::After(position) };
        Some(Cursor { start, seen: wire.seen })
    }
}

/// Returns the page size that a cursor claims, which is authenticated only when the cursor is opened.
pub(crate) fn claimed_page_size(text: &str) -> Option<u32> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(decode(unpack(&bytes)?.0)?.seen?.per_page)
}

/// Splits bytes into content and MAC.
fn unpack(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(bytes.len().checked_sub(TAG_LENGTH)?)
}

fn decode(content: &[u8]) -> Option<Wire> {
    let (version, content) = content.split_first()?;
    (*version == VERSION).then(|| serde_json::from_slice(content).ok())?
}

#[cfg(test)]
mod tests {
    use loggia_domain::text::ProjectName;

    use super::*;

    fn cursor(value: SortValue) -> Cursor {
        let seen = Some(Seen { rank: 40, total: 90, per_page: 20 });
        Cursor { start: Start::After(Position { value, id: Uuid::from_u128(7) }), seen }
    }

    #[test]
    fn a_cursor_reads_back_in_its_own_list_only() {
        let (key, other) = (CursorKey::new([7; 32]), CursorKey::new([8; 32]));
        let [reader, somebody] = [1, 2].map(|id| UserId::from_uuid(Uuid::from_u128(id)));
        let cursors = key.for_reader(reader);
        let outline = OutlineNumber::parse("1.10").expect("an outline number");
        let time = Timestamp::from_micros(1_234_567).expect("a time");
        for value in [
            SortValue::Number(-3),
            SortValue::Time(time),
            SortValue::Text("é\u{1F680}".into()),
            SortValue::Outline(outline),
            SortValue::Id,
        ] {
            let cursor = cursor(value);
            let text = cursors.seal("spaces", &cursor).expect("a cursor");
            assert_eq!(cursors.open("spaces", &text), Ok(cursor));
            assert!(cursors.open("projects", &text).is_err());
            assert!(key.for_reader(somebody).open("spaces", &text).is_err());
            assert!(other.for_reader(reader).open("spaces", &text).is_err());
        }
    }

    #[test]
    fn no_cursor_of_a_list_in_pages_is_longer_than_documented() {
        // No character grows more when it is decomposed, as in the sort form of names.
        let name = ProjectName::parse(&"\u{FDFA}".repeat(ProjectName::MAX)).expect("a name");
        let seen = Some(Seen { rank: u64::MAX, total: u64::MAX, per_page: u32::MAX });
        let position = Position { value: SortValue::Text(name.searched()), id: Uuid::max() };
        let key = CursorKey::new([7; 32]);
        let cursors = key.for_reader(UserId::from_uuid(Uuid::from_u128(1)));
        let text = cursors.seal("projects", &Cursor { start: Start::Before(position), seen });
        let length = text.expect("a cursor").len();
        assert!((MAX_LENGTH / 2..=MAX_LENGTH).contains(&length), "{length}");
    }

    #[test]
    fn no_bit_of_a_cursor_can_be_changed() {
        let key = CursorKey::new([7; 32]);
        let key = key.for_reader(UserId::from_uuid(Uuid::from_u128(1)));
        let text = key.seal("spaces", &cursor(SortValue::Number(3))).expect("a cursor");
        let bytes = URL_SAFE_NO_PAD.decode(&text).expect("base64");
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            assert!(key.open("spaces", &URL_SAFE_NO_PAD.encode(changed)).is_err(), "byte {index}");
        }
        for text in ["", "x", "AQ", "=", "é", &"A".repeat(10_000)] {
            assert!(key.open("spaces", text).is_err(), "{text}");
        }
    }
}
