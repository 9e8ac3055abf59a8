//! Texts that stores are known to get wrong: in case-insensitive comparison, in order, in search, in length.

use loggia_domain::text::{
    AvatarUrl, EmailAddress, EmployeeNumber, KeyName, OrganizationName, PersonName, ProjectDescription,
    ProjectName, SearchText, SpaceDescription, SpaceName, TaskDescription, TaskName, TextError, Username,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::reference::nth;

/// The fragments of texts. Neighbours differ in case or normalization form only, or have different orders by UTF-16 and by code point, or
/// have a meaning in LIKE patterns, in quoted text or in a terminal.
#[rustfmt::skip]
const FRAGMENTS: &[&str] = &[
    "a", "b", "Z", "z", "ab", "AB", "a b", "a  b", "2", "10", "~", "!", "-",
    "straße", "STRASSE", "STRA\u{1E9E}E", "\u{17F}traſſe", "ss", "ß",
    "\u{130}stanbul", "i\u{307}stanbul", "Istanbul", "\u{131}stanbul", "istanbul",
    "ΟΔΟΣ", "οδος", "οδοσ", "Σ", "σ", "ς",
    "K", "\u{212A}", "k", "Ω", "\u{2126}", "Å", "\u{212B}", "A\u{30A}", "å",
    "é", "e\u{301}", "\u{301}", "ﬁn", "FIN", "ŉ", "ǅ", "ΐ", "ᾳ", "１", "Ａ",
    "\u{1F469}\u{200D}\u{1F680}", "\u{1F469}", "\u{200D}", "😀", "🇩🇪", "中", "אב", "\u{200F}x",
    "%", "_", "\\", "100%", "a_b", "\\%", "'", "\"", "'; --", "{}", "$1", "\u{FEFF}", "\u{200B}",
    "\u{E000}", "\u{F8FF}", "\u{FFFD}", "\u{FFFC}", "\u{10000}", "\u{10FFFD}", "\u{D7FF}",
    // Folding turns this character into eighteen.
    "\u{FDFA}",
];

fn fragment() -> BoxedStrategy<String> {
    select(FRAGMENTS).prop_map(str::to_owned).boxed()
}

/// Generates text of `min` to `max` scalar values before trimming.
fn text(min: usize, max: usize) -> BoxedStrategy<String> {
    let parts = prop_oneof![
        5 => fragment(),
        4 => vec(fragment(), 2..5).prop_map(|parts| parts.concat()),
        1 => vec(fragment(), 2..4).prop_map(|parts| parts.join(" ")),
        1 => fragment().prop_map(|part| format!(" {part}\u{3000} ")),
        1 => "\\PC{1,12}",
    ];
    let fit = move |part: String, length: usize| part.chars().cycle().take(length).collect::<String>();
    prop_oneof![
        12 => parts.clone().prop_map(move |part| {
            let length = part.chars().count().clamp(min, max);
            fit(part, length)
        }),
        1 => parts.prop_map(move |part| fit(part, max)),
    ]
    .boxed()
}

macro_rules! strategies {
    ($($name:ident: $text:ident;)+) => {$(
        /// Generates any accepted text.
        pub(crate) fn $name() -> BoxedStrategy<$text> {
            text($text::MIN, $text::MAX).prop_filter_map("refused", |text| $text::parse(&text).ok()).boxed()
        }
    )+};
}

strategies! {
    organization_name: OrganizationName;
    space_name: SpaceName;
    space_description: SpaceDescription;
    project_name: ProjectName;
    project_description: ProjectDescription;
    task_name: TaskName;
    task_description: TaskDescription;
    person_name: PersonName;
    key_name: KeyName;
}

/// A text to search names for.
#[derive(Clone, Debug)]
pub(crate) enum Needle {
    /// Any text.
    Text(SearchText),
    /// A part of the name of a record that exists or has existed, in upper case or unchanged.
    Part { name: u8, skip: u8, take: usize, upper: bool },
}

impl Needle {
    /// Returns the text; `names` are the known names.
    pub(crate) fn among<'a>(&self, names: impl Iterator<Item = &'a str>) -> Option<SearchText> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Part { name, skip, take, upper } => {
                let name = nth(names, *name)?;
                let skip = usize::from(*skip) % name.chars().count();
                let part: String = name.chars().skip(skip).take(*take).collect();
                SearchText::parse(&if *upper { part.to_uppercase() } else { part }).ok()
            }
        }
    }
}

/// Generates mostly texts that some name contains.
pub(crate) fn needle() -> BoxedStrategy<Needle> {
    let text = prop_oneof![8 => fragment(), 1 => text(SearchText::MIN, SearchText::MAX)];
    let part = (any::<u8>(), any::<u8>(), 1usize..8, any::<bool>());
    prop_oneof![
        1 => text.prop_filter_map("refused", |text| SearchText::parse(&text).ok()).prop_map(Needle::Text),
        2 => part.prop_map(|(name, skip, take, upper)| Needle::Part { name, skip, take, upper }),
    ]
    .boxed()
}

/// Generates one of a few usernames that differ in case and form, so that some are already taken.
pub(crate) fn username() -> BoxedStrategy<Username> {
    let few = select(vec!["ada", "ADA", "straße", "STRASSE", "\u{212A}im", "kim", "é", "e\u{301}", "%"]);
    few.prop_map(|text| Username::parse(text).expect("a username")).boxed()
}

/// Generates one of a few employee numbers that differ in case and form, so that some are already taken.
pub(crate) fn employee_number() -> BoxedStrategy<EmployeeNumber> {
    let few = select(vec!["k-1", "K-1", "\u{212A}-1", "１", "1", "\u{10000}"]);
    few.prop_map(|text| EmployeeNumber::parse(text).expect("an employee number")).boxed()
}

/// Generates the URL of a picture.
pub(crate) fn avatar() -> BoxedStrategy<AvatarUrl> {
    let few = select(vec!["https://example.com/a%20b_c?d='e'&f=\u{1F600}", "http://example.com/\u{E000}"]);
    let longest = format!("https://example.com/{}", "é".repeat(AvatarUrl::MAX - 20));
    let text = prop_oneof![4 => few.prop_map(str::to_owned), 1 => Just(longest)];
    text.prop_map(|text| AvatarUrl::parse(&text).expect("an address of a picture")).boxed()
}

/// The local parts of email addresses. Two of them are the same address; the others only look alike.
pub(crate) const MAILBOXES: &[&str] = &[
    "ada",
    "ADA",
    "grace",
    "edsger",
    "barbara",
    "alan",
    "straße",
    "STRASSE",
    "\u{212A}im",
    "kim",
    "οδος",
    "ΟΔΟΣ",
    "a_b",
    "a%b",
    "o'hara",
    "é",
    "É",
    "\u{10330}",
];

/// Returns the address of a mailbox in this case, so that cases can share a store.
pub(crate) fn email(mailbox: &str, case: u64) -> EmailAddress {
    EmailAddress::parse(&format!("{mailbox}.{case}@example.com")).expect("an address")
}

proptest! {
    #![proptest_config(super::agreement::config(64))]

    /// NUL ends a text in one database, is rejected by another and stored by the third. The domain therefore accepts no text with NUL.
    #[test]
    fn no_text_with_nul_is_accepted(base in text(3, 40), index: prop::sample::Index) {
        let base: Vec<char> = base.trim().chars().collect();
        let (before, after) = base.split_at(index.index(base.len() + 1));
        let text: String = before.iter().chain(&['\0']).chain(after).collect();
        let refused = Some(TextError::Character('\0'));
        prop_assert_eq!(OrganizationName::parse(&text).err(), refused);
        prop_assert_eq!(SpaceName::parse(&text).err(), refused);
        prop_assert_eq!(SpaceDescription::parse(&text).err(), refused);
        prop_assert_eq!(ProjectName::parse(&text).err(), refused);
        prop_assert_eq!(ProjectDescription::parse(&text).err(), refused);
        prop_assert_eq!(TaskName::parse(&text).err(), refused);
        prop_assert_eq!(TaskDescription::parse(&text).err(), refused);
        prop_assert_eq!(PersonName::parse(&text).err(), refused);
        prop_assert_eq!(Username::parse(&text).err(), refused);
        prop_assert_eq!(EmployeeNumber::parse(&text).err(), refused);
        prop_assert_eq!(KeyName::parse(&text).err(), refused);
        prop_assert_eq!(SearchText::parse(&text).err(), refused);
        prop_assert_eq!(AvatarUrl::parse(&format!("https://example.com/{text}")).err(), refused);
        prop_assert_eq!(EmailAddress::parse(&format!("a{text}@example.com")).err(), refused);
    }
}
