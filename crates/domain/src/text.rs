//! Text that people write: what is accepted, and how it is compared.
//!
//! Text is trimmed, then counted in Unicode scalar values. Refused are U+0000 and every other control character (line
//! feed and tab are fine in descriptions), the direction controls U+202A–U+202E and U+2066–U+2069, which make a text read
//! other than it is written (CVE-2021-42574), and noncharacters (Unicode §23.7). A name must also have a visible character,
//! see [`is_visible`]. What is accepted is kept as it came, to the byte: normalisation is for comparing and
//! searching only, see [`fold`] and [`search_form`].
//!
//! A store may hold text that an earlier version accepted and this one refuses. `from_stored` of each type reads it, so that
//! a stricter rule hides no record; `parse` judges everything that is written anew.

use std::ops::RangeInclusive;

use unicode_normalization::UnicodeNormalization;

/// Why a text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Fewer characters than needed, after trimming.
    #[error("must have at least {min} character(s)")]
    TooShort {
        /// The least number of Unicode scalar values.
        min: usize,
    },
    /// More characters than allowed, after trimming.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The greatest number of Unicode scalar values.
        max: usize,
    },
    /// A character that no text may have.
    #[error("must not contain the character U+{:04X}", u32::from(*.0))]
    Character(char),
    /// A name of characters that show nothing, see [`is_visible`].
    #[error("must have a visible character")]
    Invisible,
    /// The text does not have the form that its kind asks for.
    #[error("must be {expected}")]
    Form {
        /// What it should have been.
        expected: &'static str,
    },
}

/// The characters that show nothing by themselves, in ascending order; white space, which shows nothing either, is not among them.
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

/// Returns `true` if the character shows something by itself: it is neither white space nor one of [`INVISIBLE`].
pub fn is_visible(c: char) -> bool {
    !c.is_whitespace() && !INVISIBLE.iter().any(|range| range.contains(&c))
}

/// What a text is for, and so which characters it may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One line that people recognise something by: it must have a visible character.
    Name,
    /// One line.
    Line,
    /// A description, in which line feed and tab are welcome.
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

/// The characters that [`forbidden`] has come to refuse after stores had accepted them.
fn once_accepted(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202C}' | '\u{2066}'..='\u{2069}')
}

/// Whether a text is written now, or was accepted once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Age {
    New,
    Stored,
}

/// Checks a text that has been trimmed.
fn check(text: &str, min: usize, max: usize, kind: Kind, age: Age) -> Result<(), TextError> {
    // Most text is ASCII, where a byte is a character and those that nobody may write are few.
    let plain =
        |&byte: &u8| matches!(byte, b' '..=b'~') || (kind == Kind::Lines && matches!(byte, b'\n' | b'\t'));
    let refused = |&c: &char| forbidden(c, kind) && (age == Age::New || !once_accepted(c));
    let is_plain = text.as_bytes().iter().all(plain);
    let length = if is_plain {
        text.len()
    } else if let Some(c) = text.chars().find(refused) {
        return Err(TextError::Character(c));
    } else {
        // Stop counting just past the limit: the length of a hostile text is nobody's business.
        text.chars().take(max + 1).count()
    };
    if length > max {
        return Err(TextError::TooLong { max });
    }
    if length < min {
        return Err(TextError::TooShort { min });
    }
    // All that is plain and has been trimmed is visible at its ends.
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

/// Reads what a store holds. It is copied only if it has to be trimmed.
fn from_stored(text: String, min: usize, max: usize, kind: Kind) -> Result<String, TextError> {
    let trimmed = text.trim();
    check(trimmed, min, max, kind, Age::Stored)?;
    Ok(if trimmed.len() == text.len() { text } else { trimmed.to_owned() })
}

/// The form in which text is compared without regard to case, such as usernames: NFKC with case folded away.
///
/// Engines differ in what `lower()` does, so stores keep this form in a column of its own. Folding goes through upper
/// case and back, which joins what lower case alone keeps apart (`ß` and `SS`, `ς` and `σ`), and through lower case
/// before that, for the capital `ẞ`, which is its own upper case.
pub fn fold(text: &str) -> String {
    let upper = text.nfkc().flat_map(char::to_lowercase).flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).nfkc().collect()
}

/// The version of [`search_form`]: raise it when a text gets another form. A store knows the version that its texts have, and makes
/// them anew when it is opened by a program with a greater one.
pub const SEARCH_FORM_VERSION: i64 = 1;

/// The form in which text is searched and ordered: as [`fold`], and without accents, so that `arzte` finds `Ärzte`.
///
/// Accents are the combining marks that belong to no script, of Latin, Greek and Cyrillic letters mostly. The marks of other scripts
/// stay, since they make other letters (か and が) or are vowels. A few Latin letters that Unicode does not take apart are
/// replaced too, as `ø` by `o`. A text of nothing but accents keeps them.
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
    // What is made of nothing would be found in everything.
    if form.is_empty() { fold(text) } else { form.nfkc().collect() }
}

/// Whether it is a combining mark of the blocks that serve all scripts. The iota below a Greek letter (U+0345) is a letter: its upper case
/// stands beside.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{344}' | '\u{346}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// What people write for a lower-case letter whose accent is part of it.
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
            /// The least number of Unicode scalar values after trimming.
            pub const MIN: usize = $min;
            /// The greatest number of Unicode scalar values after trimming.
            pub const MAX: usize = $max;

            /// Trims and checks the text.
            ///
            /// # Errors
            /// [`TextError`], naming the limit or the character that is in the way.
            pub fn parse(text: &str) -> Result<Self, TextError> {
                parse(text, $min, $max, Kind::$kind).map(Self)
            }

            /// Reads what a store holds: text that this version or an earlier one accepted.
            ///
            /// # Errors
            /// [`TextError`] if no version has ever accepted it.
            pub fn from_stored(text: String) -> Result<Self, TextError> {
                from_stored(text, $min, $max, Kind::$kind).map(Self)
            }

            /// The text, as it was accepted.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text as it is compared without regard to case, see [`fold`].
            pub fn folded(&self) -> String {
                fold(&self.0)
            }

            /// The text as it is searched and ordered, see [`search_form`].
            pub fn searched(&self) -> String {
                search_form(&self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

texts! {
    /// The name of an organization: 1 to 120 characters.
    OrganizationName = 1..=120, Name;
    /// The name of a space: 1 to 120 characters.
    SpaceName = 1..=120, Name;
    /// What a space is about: Markdown of at most 10 000 characters.
    SpaceDescription = 0..=10_000, Lines;
    /// The name of a project: 3 to 50 characters.
    ProjectName = 3..=50, Name;
    /// What a project is about: at most 3000 characters.
    ProjectDescription = 0..=3_000, Lines;
    /// The name of a task: 1 to 200 characters.
    TaskName = 1..=200, Name;
    /// What a task is about: at most 3000 characters.
    TaskDescription = 0..=3_000, Lines;
    /// A first or a last name: 1 to 80 characters.
    PersonName = 1..=80, Name;
    /// A short name, unique in an organization where it is given: 1 to 40 characters.
    Username = 1..=40, Name;
    /// What an organization calls one of its people in its own books; unique in it where given: 1 to 40 characters.
    EmployeeNumber = 1..=40, Name;
    /// What an API key is for: 1 to 80 characters.
    KeyName = 1..=80, Name;
    /// What is looked for in names: 1 to 120 characters, taken literally.
    SearchText = 1..=120, Line;
}

/// The address of a picture: `https` or `http`, at most 2048 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AvatarUrl(String);

impl AvatarUrl {
    /// The greatest number of characters.
    pub const MAX: usize = 2_048;

    /// Checks the address's form; nothing is fetched.
    ///
    /// # Errors
    /// [`TextError::Form`] for another scheme, no host, or white space; else as for any text.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        Self::formed(parse(text, 1, Self::MAX, Kind::Line)?)
    }

    /// Reads what a store holds: an address that this version or an earlier one accepted.
    ///
    /// # Errors
    /// [`TextError`] if no version has ever accepted it.
    pub fn from_stored(text: String) -> Result<Self, TextError> {
        Self::formed(from_stored(text, 1, Self::MAX, Kind::Line)?)
    }

    fn formed(text: String) -> Result<Self, TextError> {
        let form = TextError::Form { expected: "an absolute http or https URL" };
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(form)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // What stands before an @ is a user, what stands after a colon a port: neither is a host (RFC 3986 §3.2).
        let host = authority.rsplit('@').next().unwrap_or_default();
        if host.is_empty()
            || host.starts_with(':')
            || text.chars().any(|c| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '\\'))
        {
            return Err(form);
        }
        Ok(Self(text))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address, kept as it was written and compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The greatest number of bytes that mail can carry (RFC 5321 §4.5.3.1.3, less the angle brackets).
    pub const MAX: usize = 254;

    /// Checks the form `local@domain`. Whether mail arrives there is another question.
    ///
    /// # Errors
    /// [`TextError`] where it is too long or has no such form.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        Self::formed(parse(text, 3, Self::MAX, Kind::Line)?, is_visible)
    }

    /// Reads what a store holds: an address that this version or an earlier one accepted.
    ///
    /// # Errors
    /// [`TextError`] if no version has ever accepted it.
    pub fn from_stored(text: String) -> Result<Self, TextError> {
        // Earlier versions took letters that show nothing, such as the Hangul fillers.
        Self::formed(from_stored(text, 3, Self::MAX, Kind::Line)?, |_| true)
    }

    fn formed(text: String, is_welcome: fn(char) -> bool) -> Result<Self, TextError> {
        let form = TextError::Form { expected: "an e-mail address such as ada@example.com" };
        let is_letter = |c: char| c.is_alphanumeric() && is_welcome(c);
        let (local, domain) = text.rsplit_once('@').ok_or(form)?;
        let label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| is_letter(c) || c == '-')
        };
        let local_is_fine = (1..=64).contains(&local.len())
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(|c| is_letter(c) || ".!#$%&'*+/=?^_`{|}~-".contains(c));
        if text.len() > Self::MAX {
            return Err(TextError::TooLong { max: Self::MAX });
        }
        if !local_is_fine || !domain.split('.').all(label) {
            return Err(form);
        }
        Ok(Self(text))
    }

    /// An address that is nobody's and never will be: the domain `invalid` is kept free (RFC 2606 §2).
    pub(crate) fn of_nobody(id: uuid::Uuid) -> Self {
        Self(format!("{id}@invalid"))
    }

    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as it is compared.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

#[cfg(test)]
mod tests;
