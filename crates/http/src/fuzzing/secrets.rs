//! Texts that authenticate themselves: cursors and API keys.

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use loggia_domain::id::UserId;
use loggia_domain::instant::Timestamp;
use loggia_domain::key::{KeyPrefix, KeySecret};
use loggia_domain::page::{Position, SortValue, Start};
use loggia_domain::task::OutlineNumber;
use uuid::Uuid;

use super::{choice, padded, there};
use crate::wire::bearer;
use crate::wire::cursor::{Cursor, CursorKey, Cursors, Seen};

const LIST: &str = "spaces";
const READER: UserId = UserId::from_uuid(Uuid::nil());

/// Cursors: a text that was not sealed here never opens, a sealed one opens in its own list only, and no character can be changed.
pub fn cursor(data: &[u8]) {
    let key = CursorKey::new([7; 32]);
    let key = key.for_reader(READER);
    let (how, rest) = choice(data);
    match how % 3 {
        0 => {
            if let Ok(text) = std::str::from_utf8(rest) {
                assert!(key.open(LIST, text).is_err(), "nobody guesses a tag");
                let _ = CursorKey::check_form(text);
            }
        }
        1 => {
            // An attacker who knew the secret: the content behind the MAC must be checked, too.
            let text = there(key.sign(LIST, rest.to_vec()), "anything can be signed");
            if let Ok(opened) = key.open(LIST, &text) {
                assert!(CursorKey::check_form(&text).is_ok(), "a cursor has a cursor's form");
                sealed(&key, &opened);
            }
        }
        _ => {
            let text = sealed(&key, &made_of(rest));
            let [index, other, ..] = padded::<8>(rest);
            let mut changed = text.clone().into_bytes();
            let index = usize::from(index) % changed.len();
            changed[index] = b"ABCDEFGHabcdefgh01234567-_=+/%. "[usize::from(other) % 32];
            if let Ok(changed) = String::from_utf8(changed) {
                assert_eq!(key.open(LIST, &changed).is_ok(), changed == text, "one text for one cursor");
            }
        }
    }
}

/// Seals a cursor, and checks that it opens in its own list and nowhere else.
fn sealed(key: &Cursors<'_>, cursor: &Cursor) -> String {
    let text = there(key.seal(LIST, cursor), "a position can be sealed");
    assert_eq!(key.open(LIST, &text).as_ref(), Ok(cursor));
    for other in ["projects", "places"] {
        assert!(key.open(other, &text).is_err(), "it is of one list, and not of {other}");
    }
    assert!(CursorKey::new([8; 32]).for_reader(READER).open(LIST, &text).is_err(), "it is of one instance");
    let other = UserId::from_uuid(Uuid::max());
    assert!(CursorKey::new([7; 32]).for_reader(other).open(LIST, &text).is_err(), "it is one user's");
    text
}

fn made_of(data: &[u8]) -> Cursor {
    let number = i64::from_be_bytes(padded(data));
    let text = String::from_utf8_lossy(data).into_owned();
    let value = match number.rem_euclid(4) {
        0 => SortValue::Number(number),
        1 => Timestamp::from_micros(number).map_or(SortValue::Number(number), SortValue::Time),
        2 => OutlineNumber::parse(&text).map_or(SortValue::Number(number), SortValue::Outline),
        _ => SortValue::Text(text),
    };
    let position = Position { value, id: Uuid::from_bytes(padded(data)) };
    let seen = Seen { rank: number.unsigned_abs(), total: u64::MAX, per_page: 100 };
    match number.rem_euclid(5) {
        0 => Cursor { start: Start::Before(position), seen: None },
        _ => Cursor { start: Start::After(position), seen: Some(seen) },
    }
}

/// API keys: any 32 bytes make one, one wrong character invalidates it, and a header gives the key that it contains or 401.
pub fn api_key(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        if let Ok(key) = KeySecret::parse(text) {
            is_key(&key, text);
        }
        if let Ok(prefix) = KeyPrefix::parse(text) {
            assert_eq!((prefix.as_str(), text.len()), (text, 12));
        }
    }
    match bearer_of(data) {
        Some(Ok(key)) => assert!(String::from_utf8_lossy(data).contains(key.expose())),
        Some(Err(status)) => assert_eq!(status, 401),
        None => {}
    }

    let key = KeySecret::from_entropy(padded(data));
    is_key(&key, key.expose());
    let header = format!("bEARER  {} ", key.expose());
    assert_eq!(bearer_of(header.as_bytes()), Some(Ok(key.clone())));

    let [index, other] = padded(data.get(32..).unwrap_or_default());
    let mut typo = key.expose().as_bytes().to_vec();
    let index = usize::from(index) % typo.len();
    typo[index] = other & 0x7f;
    let typo = String::from_utf8_lossy(&typo);
    assert_eq!(KeySecret::parse(&typo).is_ok(), typo == key.expose(), "a typo is found without a look-up");
}

fn is_key(key: &KeySecret, text: &str) {
    assert_eq!(KeySecret::parse(text).as_ref(), Ok(key));
    assert_eq!(key.expose(), text);
    assert_eq!(text.len(), "lga_".len() + 43 + 6);
    assert!(
        text.strip_prefix("lga_").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    );
    assert_eq!(KeyPrefix::parse(key.prefix().as_str()), Ok(key.prefix()));
    assert!(text.starts_with(key.prefix().as_str()));
    assert!(!format!("{key:?}").contains(&text[4..]), "it reaches no log");
}

/// Returns the key in such a header, or the status of its refusal. Returns `None` if no header can have that value.
fn bearer_of(value: &[u8]) -> Option<Result<KeySecret, u16>> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_bytes(value).ok()?);
    Some(bearer::key(&headers).map_err(|problem| problem.code().status().as_u16()))
}
