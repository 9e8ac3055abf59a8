//! Texts: their lengths, the characters that they may have, and addresses that are equal.

use loggia_domain::text::{
    AvatarUrl, EmailAddress, EmployeeNumber, KeyName, OrganizationName, PersonName, ProjectDescription,
    ProjectName, SearchText, SpaceDescription, SpaceName, TaskDescription, TaskName, TextError, Username,
};

use crate::cases::Cases;

/// A parser of a text, as a function from text to text.
type Parser = fn(&str) -> Result<String, TextError>;

macro_rules! parser {
    ($name:ident) => {
        (stringify!($name), (|text| $name::parse(text).map(|parsed| parsed.as_str().to_owned())) as Parser)
    };
}

/// Every bounded text, with its limits as the contract states them.
fn bounded() -> Vec<((&'static str, Parser), usize, usize)> {
    vec![
        (parser!(OrganizationName), 1, 120),
        (parser!(SpaceName), 1, 120),
        (parser!(SpaceDescription), 0, 10_000),
        (parser!(ProjectName), 3, 50),
        (parser!(ProjectDescription), 0, 3_000),
        (parser!(TaskName), 1, 200),
        (parser!(TaskDescription), 0, 3_000),
        (parser!(PersonName), 1, 80),
        (parser!(Username), 1, 40),
        (parser!(EmployeeNumber), 1, 40),
        (parser!(KeyName), 1, 80),
        (parser!(SearchText), 1, 120),
    ]
}

pub(crate) fn lengths() -> Cases {
    let mut cases = Cases::default();
    for ((kind, parse), min, max) in bounded() {
        // One byte, two bytes and four bytes: lengths are counted in characters.
        for letter in ["a", "é", "𝒜"] {
            for length in [min, min + 1, max - 1, max] {
                let text = letter.repeat(length);
                cases.add(format!("{kind} of {length} {letter}"), parse(&text), Ok(text));
            }
            let long = letter.repeat(max + 1);
            cases.add(
                format!("{kind} of one {letter} too many"),
                parse(&long),
                Err(TextError::TooLong { max }),
            );
        }
        if min > 0 {
            let short = "a".repeat(min - 1);
            cases.add(format!("{kind} that is too short"), parse(&short), Err(TextError::TooShort { min }));
            let blank = format!("{short} \u{a0}\n");
            cases.add(
                format!("{kind} that is too short without its white space"),
                parse(&blank),
                Err(TextError::TooShort { min }),
            );
        }
        cases.add(format!("{kind} that is trimmed"), parse("  abc\t"), Ok("abc".to_owned()));
    }
    cases
}

pub(crate) fn characters() -> Cases {
    let mut cases = Cases::default();
    for ((kind, parse), ..) in bounded() {
        for forbidden in [
            '\0',
            '\u{1}',
            '\r',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{202a}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{fdd0}',
            '\u{ffff}',
            '\u{10ffff}',
        ] {
            let text = format!("abc{forbidden}def");
            cases.add(
                format!("{kind} with U+{:04X}", u32::from(forbidden)),
                parse(&text),
                Err(TextError::Character(forbidden)),
            );
        }
        for accepted in ['é', '漢', '🚀', '\u{301}', '\u{200d}', '\u{200f}', '<', '"', '\'', '\\'] {
            let text = format!("abc{accepted}def");
            cases.add(
                format!("{kind} that accepts U+{:04X}", u32::from(accepted)),
                parse(&text),
                Ok(text.clone()),
            );
        }
        let is_description = kind.ends_with("Description");
        for inner in ['\n', '\t'] {
            let text = format!("abc{inner}def");
            let expected = if is_description { Ok(text.clone()) } else { Err(TextError::Character(inner)) };
            cases.add(format!("{kind} with {inner:?} inside"), parse(&text), expected);
        }
        let invisible = "\u{200b}\u{200b}\u{200b}";
        let is_name = !is_description && kind != "SearchText";
        let expected = if is_name { Err(TextError::Invisible) } else { Ok(invisible.to_owned()) };
        cases.add(format!("{kind} of invisible characters"), parse(invisible), expected);
    }
    cases
}

pub(crate) fn addresses() -> Cases {
    let mut cases = Cases::default();
    for (one, other, equal) in [
        ("ada@example.com", "ADA@EXAMPLE.COM", true),
        ("ada@example.com", "ada@Example.com", true),
        ("ada@example.com", "grace@example.com", false),
        ("ada@example.com", "ada@example.org", false),
        ("ada@bücher.example", "ada@BÜCHER.example", true),
        ("ada@bücher.example", "ada@xn--bcher-kva.example", true),
        ("straße@example.com", "strasse@example.com", false),
        ("ä@example.com", "Ä@example.com", false),
        ("ada+list@example.com", "ada@example.com", false),
        ("a.da@example.com", "ada@example.com", false),
    ] {
        let key = |text| EmailAddress::parse(text).expect("an address").key();
        cases.add(format!("{one} and {other} are one mailbox"), key(one) == key(other), equal);
    }
    for text in [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@@example.com",
        "ada @example.com",
        ".ada@example.com",
        "ada.@example.com",
        "a..da@example.com",
        "ada@-example.com",
        "ada@example-.com",
        "ada@example..com",
        "ada@.example.com",
        "ada@example.com.",
        "ada@exa_mple.com",
        "ada@[192.0.2.1]",
        "\"ada\"@example.com",
    ] {
        cases.add(format!("the address {text:?}"), EmailAddress::parse(text).is_ok(), false);
    }
    for (text, expected) in [
        ("https://example.com/ada.png", true),
        ("http://example.com", true),
        ("https://example.com:8080/?a=b#c", true),
        ("https://ada@example.com/", true),
        ("ftp://example.com/", false),
        ("//example.com/", false),
        ("example.com", false),
        ("https://", false),
        ("https:///ada.png", false),
        ("https://:80/", false),
        ("https://example.com/a b", false),
        ("https://example.com/<", false),
        ("javascript:alert(1)", false),
    ] {
        cases.add(format!("the picture {text:?}"), AvatarUrl::parse(text).is_ok(), expected);
    }
    cases
}

#[test]
fn texts_are_as_long_as_their_kind_allows() {
    lengths().assert();
}

#[test]
fn texts_have_no_characters_that_mislead() {
    characters().assert();
}

#[test]
fn two_spellings_of_one_mailbox_are_equal() {
    addresses().assert();
}
