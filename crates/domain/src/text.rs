//! Text that users write: the accepted characters and lengths, and the forms in which text is compared.
//!
//! Text is trimmed, then counted in Unicode scalar values. These characters are refused:
//! - U+0000 and every other control character, except line feed and tab in descriptions;
//! - the direction controls U+202A–U+202E and U+2066–U+2069, which make a text read other than it is written (CVE-2021-42574);
//! - noncharacters (Unicode §23.7).
//!
//! A name must also have a visible character, see [`is_visible`]. Accepted text is stored unchanged, to the byte: normalisation is for
//! comparing and searching only, see [`fold`], [`search_form`] and [`EmailAddress::key`].
//!
//! A store may hold text that an earlier version accepted and this version refuses. `from_stored` of each type reads such text, so that a
//! stricter rule hides no record; `parse` checks everything that is written.

mod email;

use std::ops::RangeInclusive;

use crate::serialization::as_text;
use unicode_normalization::UnicodeNormalization;

pub use email::EmailAddress;

/// The reason why a text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The text has fewer characters than required, after trimming.
    #[error("must have at least {min} character(s)")]
    TooShort {
        /// The minimum number of Unicode scalar values.
        min: usize,
    },
    /// The text has more characters than allowed, after trimming.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The maximum number of Unicode scalar values.
        max: usize,
    },
    /// The text contains a character that is not allowed.
    #[error("must not contain the character U+{:04X}", u32::from(*.0))]
    Character(char),
    /// A name has no visible character, see [`is_visible`].
    #[error("must have a visible character")]
    Invisible,
    /// The text does not have the form of its kind, such as that of a URL.
    #[error("must be {expected}")]
    Form {
        /// A description of the expected form.
        expected: &'static str,
    },
}

/// The characters that are invisible by themselves, in ascending order, without white space.
///
/// These are the characters with the property Default_Ignorable_Code_Point of Unicode 16.0 (DerivedCoreProperties.txt), and those that the
/// standard calls blank or invisible and that have a property of their own: the interlinear annotation controls U+FFF9–U+FFFB, the blank
/// Braille pattern U+2800, the blank Egyptian hieroglyphs U+13441 and U+13442, and the null notehead U+1D159.
#[rustfmt::skip]
pub const INVISIBLE: [RangeInclusive<char>; 20] = [
    '\u{AD}'..='\u{AD}', '\u{34F}'..='\u{34F}', '\u{61C}'..='\u{61C}', '\u{115F}'..='\u{1160}', '\u{17B4}'..='\u{17B5}',
    '\u{180B}'..='\u{180F}', '\u{200B}'..='\u{200F}', '\u{202A}'..='\u{202E}', '\u{2060}'..='\u{206F}', '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}', '\u{FE00}'..='\u{FE0F}', '\u{FEFF}'..='\u{FEFF}', '\u{FFA0}'..='\u{FFA0}', '\u{FFF0}'..='\u{FFFB}',
    '\u{13441}'..='\u{13442}', '\u{1BCA0}'..='\u{1BCA3}', '\u{1D159}'..='\u{1D159}', '\u{1D173}'..='\u{1D17A}', '\u{E0000}'..='\u{E0FFF}',
];

/// Returns `true` if the character is visible by itself: neither white space nor one of [`INVISIBLE`].
pub fn is_visible(c: char) -> bool {
    !c.is_whitespace() && !INVISIBLE.iter().any(|range| range.contains(&c))
}

/// The purpose of a text, which determines the characters that it may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One line that people recognise a record by; at least one character must be visible.
    Name,
    /// One line.
    Line,
    /// A description; line feed and tab are allowed.
    Lines,
}

fn forbidden(c: char, kind: Kind) -> bool {
    let code = u32::from(c);
    match c {
        '\n' | '\t' => kind != Kind::Lines,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => true,
        _ => c.is_control() || (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE,
    }
}

/// Returns `true` for characters that [`forbidden`] refuses and an earlier version accepted.
fn once_accepted(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202C}' | '\u{2066}'..='\u{2069}')
}

/// The origin of a text: written now, or read from a store.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Age {
    New,
    Stored,
}

/// Checks a text that is trimmed already.
fn check(text: &str, min: usize, max: usize, kind: Kind, age: Age) -> Result<(), TextError> {
    // Most text is ASCII, where a byte is a character and few characters are forbidden.
    let plain =
        |&byte: &u8| matches!(byte, b' '..=b'~') || (kind == Kind::Lines && matches!(byte, b'\n' | b'\t'));
    let refused = |&c: &char| forbidden(c, kind) && (age == Age::New || !once_accepted(c));
    let is_plain = text.as_bytes().iter().all(plain);
    let length = if is_plain {
        text.len()
    } else if let Some(c) = text.chars().find(refused) {
        return Err(TextError::Character(c));
    } else {
        // Stop counting just past the limit, so that the work is bounded for text of any length.
        text.chars().take(max + 1).count()
    };
    if length > max {
        return Err(TextError::TooLong { max });
    }
    if length < min {
        return Err(TextError::TooShort { min });
    }
    // Trimmed text of printable ASCII characters is visible at its ends.
    if kind == Kind::Name && age == Age::New && !is_plain && !text.chars().any(is_visible) {
        return Err(TextError::Invisible);
    }
    Ok(())
}

pub(crate) fn parse(text: &str, min: usize, max: usize, kind: Kind) -> Result<String, TextError> {
    let text = text.trim();
    check(text, min, max, kind, Age::New)?;
    Ok(text.to_owned())
}

/// Checks a stored text. The text is copied only if it has to be trimmed.
fn from_stored(text: String, min: usize, max: usize, kind: Kind) -> Result<String, TextError> {
    let trimmed = text.trim();
    check(trimmed, min, max, kind, Age::Stored)?;
    Ok(if trimmed.len() == text.len() { text } else { trimmed.to_owned() })
}

/// Returns the form in which usernames and employee numbers are compared: NFKC (UAX #15) with case folded.
///
/// Database engines differ in what `lower()` does, so stores hold this form in a column of its own. Folding goes through upper case and
/// back, which joins letters that lower case alone keeps apart (`ß` and `SS`, `ς` and `σ`), and through lower case before that, for the
/// capital `ẞ`, which is its own upper case.
pub fn fold(text: &str) -> String {
    let upper = text.nfkc().flat_map(char::to_lowercase).flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).nfkc().collect()
}

/// The version of the stored search forms: [`search_form`], and the keys that [`crate::user`] makes of it. Increment it when the form of
/// any text changes, also because a dependency follows a newer version of Unicode: a store records the version of its texts, and recomputes
/// them when it is opened by a program with a greater version.
pub const SEARCH_FORM_VERSION: i64 = 1;

/// Returns the form in which text is searched and ordered: that of [`fold`] without accents, so that `arzte` finds `Ärzte`.
///
/// Accents are the combining marks that belong to no script, of Latin, Greek and Cyrillic letters mostly. The marks of other scripts
/// stay, since they make other letters (か and が) or are vowels. A few Latin letters that have no decomposition in Unicode are replaced as
/// well, such as `ø` by `o`. A text that consists of accents alone keeps them.
pub fn search_form(text: &str) -> String {
    let plain = text.nfkd().filter(|c| !is_accent(*c));
    let upper = plain.flat_map(char::to_lowercase).flat_map(char::to_uppercase);
    let lower = upper.flat_map(char::to_lowercase).nfkd().filter(|c| !is_accent(*c));
    let mut form = String::with_capacity(text.len());
    for c in lower {
        match base_letters(c) {
            Some(letters) => form.push_str(letters),
            None => form.push(c),
        }
    }
    // An empty form would be found in every text.
    if form.is_empty() { fold(text) } else { form.nfkc().collect() }
}

/// Returns `true` for a combining mark of the blocks that serve all scripts. The iota below a Greek letter (U+0345) is excluded, since it
/// is a letter: its upper case stands beside the other letter.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{344}' | '\u{346}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Returns the base letters for a lower-case letter that has no canonical decomposition into letter and accent.
fn base_letters(c: char) -> Option<&'static str> {
    Some(match c {
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ł' => "l",
        'ŧ' => "t",
        'þ' => "th",
        _ => return None,
    })
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $min:literal ..= $max:literal, $kind:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// The minimum number of Unicode scalar values after trimming.
            pub const MIN: usize = $min;
            /// The maximum number of Unicode scalar values after trimming.
            pub const MAX: usize = $max;

            /// Trims and checks the text.
            ///
            /// # Errors
            /// Fails with [`TextError`], which names the limit or the character that was refused.
            pub fn parse(text: &str) -> Result<Self, TextError> {
                parse(text, $min, $max, Kind::$kind).map(Self)
            }

            /// Reads a stored text, which this version or an earlier one accepted.
            ///
            /// # Errors
            /// Fails with [`TextError`] if no version has ever accepted the text.
            pub fn from_stored(text: String) -> Result<Self, TextError> {
                from_stored(text, $min, $max, Kind::$kind).map(Self)
            }

            /// Returns the text, unchanged since it was accepted.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Returns the form that is compared without regard to case, see [`fold`].
            pub fn folded(&self) -> String {
                fold(&self.0)
            }

            /// Returns the form that is searched and ordered, see [`search_form`].
            pub fn searched(&self) -> String {
                search_form(&self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        as_text!($name, as_str);
    )+};
}

texts! {
    /// The name of an organization: 1 to 120 characters.
    OrganizationName = 1..=120, Name;
    /// The name of a space: 1 to 120 characters.
    SpaceName = 1..=120, Name;
    /// The description of a space: Markdown of at most 10 000 characters.
    SpaceDescription = 0..=10_000, Lines;
    /// The name of a project: 3 to 50 characters.
    ProjectName = 3..=50, Name;
    /// The description of a project: at most 3000 characters.
    ProjectDescription = 0..=3_000, Lines;
    /// The name of a task: 1 to 200 characters.
    TaskName = 1..=200, Name;
    /// The description of a task: at most 3000 characters.
    TaskDescription = 0..=3_000, Lines;
    /// A first or a last name: 1 to 80 characters.
    PersonName = 1..=80, Name;
    /// A short name of 1 to 40 characters. No two members of an organization have equal usernames.
    Username = 1..=40, Name;
    /// The number or name of a member in the organization's own records: 1 to 40 characters. No two members of an organization have equal
    /// ones.
    EmployeeNumber = 1..=40, Name;
    /// A label that says what an API key is for: 1 to 80 characters.
    KeyName = 1..=80, Name;
    /// A text to search names for: 1 to 120 characters, taken literally.
    SearchText = 1..=120, Line;
}

impl PersonName {
    /// Returns the first and the last name of an erased user.
    pub(crate) fn erased() -> [Self; 2] {
        ["Deleted", "user"].map(|name| Self(name.to_owned()))
    }
}

/// The URL of a picture: `https` or `http`, at most 2048 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AvatarUrl(String);

impl AvatarUrl {
    /// The maximum number of characters.
    pub const MAX: usize = 2_048;

    /// Checks the form of the URL. The URL is not fetched.
    ///
    /// # Errors
    /// Fails with [`TextError::Form`] for another scheme, an empty host, white space or one of `"`, `<`, `>` and `\`; otherwise as for
    /// any text.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        Self::formed(parse(text, 1, Self::MAX, Kind::Line)?)
    }

    /// Reads a stored URL, which this version or an earlier one accepted.
    ///
    /// # Errors
    /// Fails with [`TextError`] if no version has ever accepted the URL.
    pub fn from_stored(text: String) -> Result<Self, TextError> {
        Self::formed(from_stored(text, 1, Self::MAX, Kind::Line)?)
    }

    fn formed(text: String) -> Result<Self, TextError> {
        let form = TextError::Form { expected: "an absolute http or https URL" };
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(form)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // The part before an @ is the user information, the part after a colon the port: neither is the host (RFC 3986 §3.2).
        let host = authority.rsplit('@').next().unwrap_or_default();
        if host.is_empty()
            || host.starts_with(':')
            || text.chars().any(|c| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '\\'))
        {
            return Err(form);
        }
        Ok(Self(text))
    }

    /// Returns the URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

as_text!(AvatarUrl, as_str);

#[cfg(test)]
mod tests;
