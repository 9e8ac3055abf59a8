//! The domain's rules about text, as regular expressions that ECMA-262, Python and Rust read alike.

use schemars::{Schema, json_schema};

/// Whether line feed and tab are welcome.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    One,
    Many,
}

/// What is trimmed: Unicode's white space. `\s` is something else in each language.
const SPACE: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

/// What no text has: control characters but for those in `but`, overrides of direction, noncharacters.
///
/// The noncharacters beyond U+FFFF stand for themselves, since languages differ in how such are written.
fn forbidden(lines: Lines) -> String {
    let controls = match lines {
        Lines::One => r"\u0000-\u001f\u007f-\u009f",
        Lines::Many => r"\u0000-\u0008\u000b-\u001f\u007f-\u009f",
    };
    let beyond = (1..=16_u32).flat_map(|plane| [plane << 16 | 0xFFFE, plane << 16 | 0xFFFF]);
    let beyond: String = beyond.filter_map(char::from_u32).collect();
    format!(r"{controls}\u202d\u202e\ufdd0-\ufdef\ufffe\uffff{beyond}")
}

/// A pattern for trimmed text of at least `min` characters, with white space around it, which is taken away.
fn pattern(min: usize, lines: Lines) -> String {
    let inner = format!("[^{}]", forbidden(lines));
    let edge = format!("[^{}{SPACE}]", forbidden(lines));
    match min {
        0 => format!("^[{SPACE}]*({edge}({inner}*{edge})?)?[{SPACE}]*$"),
        1 => format!("^[{SPACE}]*{edge}({inner}*{edge})?[{SPACE}]*$"),
        _ => format!("^[{SPACE}]*{edge}{inner}{{{},}}{edge}[{SPACE}]*$", min - 2),
    }
}

/// A pattern for the address of something on the web: its host is what stands after the last `@` of the authority, and no port
/// alone.
pub(super) fn web_address() -> String {
    let sign = |but: &str| format!("[^{}{SPACE}\"<>{}{but}]", forbidden(Lines::One), r"\\");
    let (any, authority) = (sign(""), sign("/?#"));
    let (first, further) = (sign("/?#@:"), sign("/?#@"));
    format!("^[{SPACE}]*https?://({authority}*@)?{first}{further}*([/?#]{any}*)?[{SPACE}]*$")
}

/// Text of so many Unicode scalar values.
pub(super) fn text(min: usize, max: usize, lines: Lines, description: &str) -> Schema {
    let lines_too = if lines == Lines::Many { " but line feed and tab" } else { "" };
    let description = format!(
        "{description} Trimmed, then counted in Unicode scalar values; without control characters{lines_too}."
    );
    let mut schema = json_schema!({
        "type": "string",
        "maxLength": max,
        "pattern": pattern(min, lines),
        "description": description,
    });
    if min > 0 {
        schema.insert("minLength".to_owned(), min.into());
    }
    schema
}
