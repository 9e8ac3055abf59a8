//! The domain's values. Each must accept exactly what its rule says; the rules are written here a second time, in another way.

use loggia_domain::id::{KeyId, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::key::Ability;
use loggia_domain::literal::UnknownLiteral;
use loggia_domain::page::{Direction, MemberOrder, ProjectOrder, SpaceOrder};
use loggia_domain::project::Visibility;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::space::{Priority, SpaceStatus};
use loggia_domain::task::{OutlineNumber, TaskStatus};
use loggia_domain::text::{
    AvatarUrl, EmailAddress, EmployeeNumber, KeyName, OrganizationName, PersonName, ProjectDescription,
    ProjectName, SearchText, SpaceDescription, SpaceName, TaskDescription, TaskName, TextError, Username,
    fold, search_form,
};
use loggia_domain::user::UserKind;

use crate::wire::sort_fields::SortField as _;

use super::{choice, there};

/// The maximum number of characters of a text that is made by repeating an input: longer than any limit.
const LONGEST: usize = 10_100;

/// Text that people write. The first byte chooses the type of the text and how often the rest is repeated.
pub fn text(data: &[u8]) {
    let (how, rest) = choice(data);
    let Ok(rest) = std::str::from_utf8(rest) else { return };
    let times = (1_usize << (how >> 4)).min(LONGEST / rest.chars().count().max(1)).max(1);
    let text = rest.repeat(times);
    macro_rules! one_of {
        ($($name:ident $kind:ident),+ $(,)?) => {{
            let kinds: &[fn(&str)] = &[$(|text| {
                let parsed = $name::parse(text).map(|value| value.as_str().to_owned());
                is_ruled_by($name::MIN, $name::MAX, $kind, text, &parsed);
                let stored = $name::from_stored(text.to_owned());
                assert!(parsed.is_err() || stored == $name::parse(text), "what is accepted can be read again");
                if let Ok(value) = $name::parse(text) {
                    assert_eq!($name::parse(value.as_str()), Ok(value.clone()));
                    let folded = value.folded();
                    assert_eq!(fold(&folded), folded, "folded text is folded");
                    let searched = value.searched();
                    assert_eq!(search_form(&searched), searched, "so is text in the form that is searched");
                    assert_eq!(search_form(&folded), searched, "in any case");
                }
            }),+];
            kinds[usize::from(how & 0xf) % kinds.len()](&text);
        }};
    }
    one_of!(
        OrganizationName NAME, SpaceName NAME, SpaceDescription LINES, ProjectName NAME,
        ProjectDescription LINES, TaskName NAME, TaskDescription LINES, PersonName NAME, Username NAME,
        EmployeeNumber NAME, KeyName NAME, SearchText LINE,
    );
}

/// The rule of a type of text.
#[derive(Clone, Copy)]
struct Rule {
    lines: bool,
    visible: bool,
}

const NAME: Rule = Rule { lines: false, visible: true };
const LINE: Rule = Rule { lines: false, visible: false };
const LINES: Rule = Rule { lines: true, visible: false };

/// Returns `true` if the character is invisible: white space, default-ignorable code points (Unicode 16.0), blanks.
fn is_hidden(c: char) -> bool {
    let code = u32::from(c);
    let alone = [0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x3164, 0xfeff, 0xffa0];
    let low = matches!(code, 0x180b..=0x180f | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfe00..=0xfe0f);
    let high = matches!(code, 0xfff0..=0xfff8 | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe_0000..=0xe_0fff);
    let blank = matches!(code, 0x2800 | 0xfff9..=0xfffb | 0x13441 | 0x13442 | 0x1d159);
    c.is_whitespace() || alone.contains(&code) || low || high || blank
}

/// Checks the contract's rules for text.
fn is_ruled_by(min: usize, max: usize, rule: Rule, text: &str, parsed: &Result<String, TextError>) {
    let trimmed = text.trim();
    let length = trimmed.chars().count();
    let welcome = |c: char| {
        let code = u32::from(c);
        let is_character = code % 0x1_0000 < 0xfffe && !(0xfdd0..0xfdf0).contains(&code);
        let is_control = code < 0x20 || (0x7f..0xa0).contains(&code);
        let is_line = rule.lines && (c == '\n' || c == '\t');
        let is_direction = (0x202a..0x202f).contains(&code) || (0x2066..0x206a).contains(&code);
        is_character && (is_line || !is_control) && !is_direction
    };
    let shows_nothing = rule.visible && trimmed.chars().all(is_hidden);
    match parsed {
        Ok(value) => {
            assert_eq!(value, trimmed, "to the byte");
            assert!((min..=max).contains(&length) && trimmed.chars().all(welcome));
            assert!(!shows_nothing, "a name shows something: {value:?}");
        }
        Err(TextError::Invisible) => assert!(shows_nothing && (min..=max).contains(&length)),
        Err(TextError::Character(c)) => assert!(!welcome(*c) && trimmed.contains(*c)),
        Err(TextError::TooLong { max: reported }) => assert!(*reported == max && length > max),
        Err(TextError::TooShort { min: reported }) => assert!(*reported == min && length < min),
        Err(TextError::Form { .. }) => unreachable!("such text has no form"),
    }
}

/// E-mail addresses and URLs of pictures.
pub fn addresses(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(email) = EmailAddress::parse(text) {
        let address = email.as_str();
        assert_eq!(address, text.trim());
        assert_eq!(EmailAddress::parse(address).as_ref(), Ok(&email));
        assert!(address.len() <= 254 && !address.contains(|c: char| c.is_whitespace() || c.is_control()));
        let (local, domain) = there(address.split_once('@'), "an address has an @");
        assert!(!local.is_empty() && local.len() <= 64 && !domain.is_empty() && !domain.contains('@'));
        let controls =
            |c: char| is_hidden(c) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(!address.contains(controls), "all of an address is seen: {address:?}");
        assert_eq!(EmailAddress::from_stored(address.to_owned()).as_ref(), Ok(&email));
        assert!(!address.contains("..") && !domain.contains(".-") && !domain.contains("-."));
        assert!(
            !local.contains([',', ';', ':', '<', '>', '(', ')', '[', ']', '"', '\\']),
            "one address, no list"
        );
        let shouted = EmailAddress::parse(&address.to_ascii_uppercase()).map(|shouted| shouted.key());
        assert_eq!(shouted, Ok(email.key()), "compared in any case of ASCII");
        // The form in which an address is compared may be longer than the address, if the domain is not ASCII.
        let key = email.key();
        if let Ok(compared) = EmailAddress::parse(&key) {
            assert_eq!(compared.key(), key, "and compared so once more");
        } else {
            assert!(key.len() > EmailAddress::MAX, "what is compared is an address: {key:?}");
        }
        let (own, host) = there(key.rsplit_once('@'), "a key has an @");
        assert_eq!(own, local.to_ascii_lowercase(), "nothing else of the local part is folded");
        assert!(host.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')), "{host:?}");
        assert!(
            host.len() <= 253 && host.split('.').all(|label| (1..=63).contains(&label.len())),
            "{host:?}"
        );
    }
    if let Ok(avatar) = AvatarUrl::parse(text) {
        let url = avatar.as_str();
        assert_eq!(url, text.trim());
        assert_eq!(AvatarUrl::parse(url).as_ref(), Ok(&avatar));
        assert_eq!(AvatarUrl::from_stored(url.to_owned()).as_ref(), Ok(&avatar));
        assert!(url.chars().count() <= 2_048);
        assert!(!url.contains(|c: char| c.is_whitespace() || c.is_control() || "\"<>\\".contains(c)));
        let rest = there(url.split_once("://"), "a URL has a scheme");
        assert!(rest.0 == "http" || rest.0 == "https");
        // RFC 3986 §3.2: neither the user information before an @ nor the port after a colon is the host.
        let authority = rest.1.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        assert!(!host.is_empty() && !host.starts_with(':'), "{url:?} has a host");
    }
}

/// Ids, and the words of enumerations: each has exactly one spelling.
pub fn identifiers(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let canonical = text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => lower_hex(byte),
        });
    macro_rules! ids {
        ($($name:ident),+) => {$({
            let id = $name::parse(text);
            assert_eq!(id.is_ok(), canonical);
            assert!(id.is_err() || id.is_ok_and(|id| id.to_string() == text));
        })+};
    }
    ids!(UserId, OrganizationId, SpaceId, ProjectId, TaskId, KeyId);
    macro_rules! words {
        ($($name:ident),+) => {$({
            let word = $name::parse(text).map($name::as_str);
            let is_known = $name::WORDS.contains(&text);
            assert_eq!(word, if is_known { Ok(text) } else { Err(UnknownLiteral { allowed: $name::WORDS }) });
        })+};
    }
    words!(
        Ability,
        Direction,
        MemberOrder,
        Priority,
        ProjectOrder,
        RosterRole,
        ScopeRole,
        SpaceOrder,
        SpaceStatus
    );
    words!(TaskStatus, UserKind, Visibility);
}

/// Outline numbers, as text and as the sort keys of stores: two, with a slash between them.
pub fn outline(data: &[u8]) {
    if let Ok(number) = OutlineNumber::from_sort_key(data) {
        assert_eq!(number.to_sort_key(), data);
        assert_eq!(OutlineNumber::parse(&number.to_string()), Ok(number));
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (one, other) = text.split_once('/').unwrap_or((text, "1"));
    if let (Some(one), Some(other)) = (outline_number(one), outline_number(other)) {
        assert_eq!(one.0.cmp(&other.0), one.1.cmp(&other.1), "number by number");
        assert_eq!(one.0.to_sort_key().cmp(&other.0.to_sort_key()), one.1.cmp(&other.1), "as bytes too");
    }
}

/// Returns the number, and its parts as this function parses them.
fn outline_number(text: &str) -> Option<(OutlineNumber, Vec<u64>)> {
    let part = |part: &str| {
        let plain = (1..=9).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u64>().ok().filter(|_| plain && !part.starts_with('0'))
    };
    let parts: Option<Vec<u64>> = text.split('.').map(part).collect();
    let parts = parts.filter(|parts| parts.len() <= 8);
    let number = OutlineNumber::parse(text).ok();
    assert_eq!(number.is_some(), parts.is_some(), "{text:?}");
    let number = number?;
    assert_eq!(number.to_string(), text);
    assert_eq!(OutlineNumber::from_sort_key(&number.to_sort_key()).as_ref(), Ok(&number));
    let following = OutlineNumber::at_top(i64::from(number.top()) + 1);
    assert!(following.is_none_or(|following| following > number));
    Some((number, parts?))
}
