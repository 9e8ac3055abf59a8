//! The domain's rules about text, as regular expressions with the same meaning in ECMA-262 (with the flag `u`, as JSON Schema asks for, or
//! without it, as some linters read them), Python and Rust.

use std::fmt::Write as _;

use loggia_domain::text::INVISIBLE;
use schemars::{Schema, json_schema};

/// The kind of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A line with a visible character.
    Name,
    /// A line.
    Line,
    /// Text that may have line feeds and tabs.
    Lines,
}

/// The characters that are trimmed: Unicode's white space. `\s` has another meaning in each language.
const SPACE: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

/// The white space that a line may have.
const LINE_SPACE: &str = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

/// Returns the characters that no text may have: control characters (line feed and tab are allowed in [`Kind::Lines`]), direction controls
/// and noncharacters.
///
/// The noncharacters beyond U+FFFF are not escaped, since the escapes differ between languages.
fn forbidden(kind: Kind) -> String {
    let controls = match kind {
        Kind::Name | Kind::Line => r"\u0000-\u001f\u007f-\u009f",
        Kind::Lines => r"\u0000-\u0008\u000b-\u001f\u007f-\u009f",
    };
    let beyond = (1..=16_u32).flat_map(|plane| [plane << 16 | 0xFFFE, plane << 16 | 0xFFFF]);
    let beyond: String = beyond.filter_map(char::from_u32).collect();
    format!(r"{controls}\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff{beyond}")
}

/// Returns the characters that text may have and that are invisible, except white space. Characters beyond U+FFFF are left out: a class
/// with such a range is not a valid regular expression without the flag `u`. So a name of such characters alone matches the pattern and is
/// refused all the same.
fn invisible() -> String {
    let mut class = String::new();
    for range in INVISIBLE.iter().filter(|range| u32::from(*range.end()) <= 0xFFFF) {
        let (first, last) = (range.start(), range.end());
        match first {
            // The direction controls among these are forbidden.
            '\u{202a}' => {}
            '\u{2060}' => class.push_str(r"\u2060-\u2065\u206a-\u206f"),
            _ if first == last => push(&mut class, *first),
            _ => {
                push(&mut class, *first);
                class.push('-');
                push(&mut class, *last);
            }
        }
    }
    class
}

/// Adds a character up to U+FFFF to a class.
fn push(class: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _ = write!(class, "\\u{:04x}", u32::from(c));
}

/// Returns a pattern for text of at least `min` characters, not counting the white space around it, which is trimmed.
fn pattern(min: usize, kind: Kind) -> String {
    let inner = format!("[^{}]", forbidden(kind));
    let edge = format!("[^{}{SPACE}]", forbidden(kind));
    let text = match (kind, min) {
        (Kind::Name, _) => name(min, &inner, &edge),
        (_, 0) => format!("({edge}({inner}*{edge})?)?"),
        (_, 1) => format!("{edge}({inner}*{edge})?"),
        (..) => format!("{edge}{inner}{{{},}}{edge}", min - 2),
    };
    format!("^[{SPACE}]*{text}[{SPACE}]*$")
}

/// Returns a pattern for text of at least `min` characters (1 or more), of which one is visible: any number of invisible characters, the
/// first visible one, then as many more as are needed. The pattern uses no look-ahead, which not every language has.
fn name(min: usize, inner: &str, edge: &str) -> String {
    let invisible = invisible();
    let visible = format!("[^{}{SPACE}{invisible}]", forbidden(Kind::Name));
    let more = |least: usize| match least {
        0 => format!("({inner}*{edge})?"),
        _ => format!("{inner}{{{},}}{edge}", least - 1),
    };
    let before = |times: String| format!("[{invisible}][{invisible}{LINE_SPACE}]{times}");
    let mut ways = vec![format!("{visible}{}", more(min - 1))];
    ways.extend(
        (1..min - 1).map(|count| {
            format!("{}{visible}{}", before(format!("{{{}}}", count - 1)), more(min - 1 - count))
        }),
    );
    let enough = before(format!("{{{},}}", min.saturating_sub(2)));
    ways.push(format!("{enough}{visible}{}", more(0)));
    format!("({})", ways.join("|"))
}

/// Returns a pattern for a web address. The host follows the last `@` of the authority and is not just a port.
pub(super) fn web_address() -> String {
    let sign = |but: &str| format!("[^{}{SPACE}\"<>{}{but}]", forbidden(Kind::Line), r"\\");
    let (any, authority) = (sign(""), sign("/?#"));
    let (first, further) = (sign("/?#@:"), sign("/?#@"));
    format!("^[{SPACE}]*https?://({authority}*@)?{first}{further}*([/?#]{any}*)?[{SPACE}]*$")
}

/// Returns the schema of text of `min` to `max` Unicode scalar values, as a request must send it.
pub(super) fn text(min: usize, max: usize, kind: Kind, description: &str) -> Schema {
    let lines_too = if kind == Kind::Lines { " (except line feed and tab)" } else { "" };
    let visible = if kind == Kind::Name { ", with a visible character" } else { "" };
    let description = format!(
        "{description} Trimmed, then counted in Unicode scalar values; without control characters{lines_too} and direction controls (U+202A–U+202E, U+2066–U+2069){visible}."
    );
    let mut schema = shown(min, max, &description);
    schema.insert("pattern".to_owned(), pattern(min, kind).into());
    schema
}

/// Returns the schema of text in a response. The schema has no pattern: an earlier version may have accepted characters that are refused
/// now.
pub(super) fn shown(min: usize, max: usize, description: &str) -> Schema {
    let mut schema = json_schema!({"type": "string", "maxLength": max, "description": description});
    if min > 0 {
        schema.insert("minLength".to_owned(), min.into());
    }
    schema
}
