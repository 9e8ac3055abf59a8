use proptest::prelude::*;

use super::*;

#[test]
fn text_is_trimmed_and_counted_in_scalar_values() {
    assert_eq!(SpaceName::parse("  Harbour \n").map(|name| name.as_str().to_owned()), Ok("Harbour".into()));
    assert!(SpaceName::parse(&"é".repeat(120)).is_ok());
    assert_eq!(SpaceName::parse(&"é".repeat(121)), Err(TextError::TooLong { max: 120 }));
    assert_eq!(SpaceName::parse(" \t "), Err(TextError::TooShort { min: 1 }));
    assert_eq!(ProjectName::parse("ab"), Err(TextError::TooShort { min: 3 }));
    assert!(SpaceDescription::parse("").is_ok());
}

#[test]
fn what_is_accepted_is_kept_to_the_byte() {
    let decomposed = "Cafe\u{301} \u{1F469}\u{200D}\u{1F680}";
    assert_eq!(SpaceName::parse(decomposed).map(|name| name.as_str().to_owned()), Ok(decomposed.into()));
}

#[test]
fn control_characters_overrides_and_noncharacters_are_refused() {
    for c in ['\0', '\u{1}', '\u{1b}', '\u{7f}', '\u{85}', '\u{202e}', '\u{fdd0}', '\u{fffe}', '\u{10ffff}'] {
        let text = format!("a{c}b");
        assert_eq!(SpaceName::parse(&text), Err(TextError::Character(c)), "{text:?}");
        assert_eq!(SpaceDescription::parse(&text), Err(TextError::Character(c)), "{text:?}");
    }
    assert_eq!(SpaceName::parse("a\nb"), Err(TextError::Character('\n')));
    assert!(SpaceDescription::parse("a\n\tb").is_ok());
    assert_eq!(SpaceDescription::parse("a\r\nb"), Err(TextError::Character('\r')));
}

#[test]
fn folding_joins_what_differs_in_case_or_form_only() {
    for (one, other) in
        [("STRASSE", "straße"), ("STRAẞE", "straße"), ("ΟΔΟΣ", "οδος"), ("Å", "a\u{30a}"), ("ﬁn", "FIN")]
    {
        assert_eq!(fold(one), fold(other), "{one} and {other}");
    }
    assert_ne!(fold("a"), fold("á"));
}

#[test]
fn what_is_searched_is_without_accents_and_what_is_compared_is_not() {
    for (one, other) in [
        ("Ärzte", "arzte"),
        ("A\u{308}RZTE", "ärzte"),
        ("ΟΔΌΣ", "οδος"),
        ("οδός", "οδοσ"),
        ("ᾼ", "αι"),
        ("\u{130}I", "ii"),
        ("\u{131}i\u{307}", "ii"),
        ("Straẞe", "strasse"),
        ("Łódź", "lodz"),
        ("Ørsted & Ærø", "orsted & aero"),
        ("Đặng Þór", "dang thor"),
        ("Ёлка", "елка"),
        ("ǼǾ", "aeo"),
    ] {
        assert_eq!(search_form(one), search_form(other), "{one} and {other}");
    }
    assert_eq!(search_form("Ärzte"), "arzte");
    for (one, other) in [("か", "が"), ("कि", "क"), ("שׁ", "ש"), ("a", "b")] {
        assert_ne!(search_form(one), search_form(other), "{one} and {other}");
    }
    for marks in ["\u{301}", "\u{301}\u{20dd}"] {
        assert_eq!(search_form(marks), fold(marks), "no text becomes none");
    }
    for (one, other) in [("Ärzte", "arzte"), ("Łódź", "Lodz"), ("\u{130}I", "ii")] {
        let [one, other] = [one, other].map(|name| Username::parse(name).expect("a username").folded());
        assert_ne!(one, other, "usernames that differ in an accent are two");
    }
}

#[test]
fn an_email_address_has_a_local_part_and_a_domain() {
    for good in ["ada@example.com", "a.b+c@mail.example.com", "ADA@Example.COM", "x@localhost"] {
        assert!(EmailAddress::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "ada",
        "@example.com",
        "ada@",
        "a b@example.com",
        ".a@example.com",
        "a@-x.com",
        "a@x..com",
        "a@b@",
    ] {
        assert!(EmailAddress::parse(bad).is_err(), "{bad}");
    }
    assert_eq!(
        EmailAddress::parse("ADA@Example.com").map(|e| e.folded()),
        EmailAddress::parse("ada@example.COM").map(|e| e.folded())
    );
}

#[test]
fn an_avatar_is_an_absolute_web_address() {
    for good in ["https://example.com/ada.png", "http://ada@example.com:8080/?a@b:c", "https://[::1]/"] {
        assert!(AvatarUrl::parse(good).is_ok(), "{good}");
    }
    for bad in ["ada.png", "javascript:alert(1)", "https://", "https://exa mple.com", "ftp://example.com/a"] {
        assert!(AvatarUrl::parse(bad).is_err(), "{bad}");
    }
    for no_host in ["https:///a", "https://@/a", "https://ada@", "https://:443/", "https://ada:pw@:443"] {
        assert!(AvatarUrl::parse(no_host).is_err(), "{no_host}");
    }
}

#[test]
fn the_limits_are_those_of_the_contract() {
    let limits = [
        (OrganizationName::MIN, OrganizationName::MAX),
        (SpaceName::MIN, SpaceName::MAX),
        (SpaceDescription::MIN, SpaceDescription::MAX),
        (ProjectName::MIN, ProjectName::MAX),
        (ProjectDescription::MIN, ProjectDescription::MAX),
        (TaskName::MIN, TaskName::MAX),
        (TaskDescription::MIN, TaskDescription::MAX),
    ];
    assert_eq!(limits, [(1, 120), (1, 120), (0, 10_000), (3, 50), (0, 3_000), (1, 200), (0, 3_000)]);
}

#[test]
fn an_address_is_limited_in_bytes_for_mail_counts_bytes() {
    let domain = |labels: usize| vec!["abcdefghi"; labels].join(".");
    let fits = format!("{}@{}", "a".repeat(64), domain(18));
    assert!(fits.len() <= EmailAddress::MAX && EmailAddress::parse(&fits).is_ok());
    let long = format!("{}@{}", "a".repeat(64), domain(20));
    assert_eq!(EmailAddress::parse(&long), Err(TextError::TooLong { max: 254 }));
    let form = TextError::Form { expected: "an e-mail address such as ada@example.com" };
    assert_eq!(EmailAddress::parse(&format!("{}@example.com", "a".repeat(65))), Err(form));
    // 200 characters of two bytes each.
    let wide = format!("ada@{}", "é".repeat(200));
    assert_eq!(EmailAddress::parse(&wide), Err(TextError::TooLong { max: 254 }));
}

/// Every scalar value there is, one at a time: folding twice is folding once, and case is folded away whichever way it
/// was changed.
#[test]
fn folding_is_final_and_forgets_case() {
    let wrong = ('\0'..=char::MAX).filter(|c| {
        let text = c.to_string();
        let folded = fold(&text);
        let variants = [folded.clone(), c.to_uppercase().collect(), c.to_lowercase().collect()];
        let searched = search_form(&text);
        variants.iter().any(|variant| *variant != text && fold(variant) != folded)
            || search_form(&searched) != searched
            || variants.iter().any(|variant| search_form(variant) != searched)
            || searched.is_empty()
    });
    assert_eq!(wrong.collect::<Vec<_>>(), []);
}

proptest! {
    #[test]
    fn the_searched_form_is_final_and_never_empty(text in "[\\PCa-zA-Z\u{300}-\u{36f}]{1,12}") {
        let once = search_form(&text);
        prop_assert!(!once.is_empty());
        prop_assert_eq!(search_form(&once), once.clone());
        prop_assert_eq!(search_form(&fold(&text)), once);
    }

    #[test]
    fn folding_text_once_is_enough(text: String) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn what_was_accepted_is_accepted_unchanged(text in "\\s{0,2}\\PC{0,130}\\s{0,2}") {
        if let Ok(name) = SpaceName::parse(&text) {
            prop_assert_eq!(name.as_str(), text.trim());
            prop_assert_eq!(SpaceName::parse(name.as_str()), Ok(name.clone()));
            let length = name.as_str().chars().count();
            prop_assert!((SpaceName::MIN..=SpaceName::MAX).contains(&length));
        }
    }

    #[test]
    fn text_that_is_given_away_is_the_same_text(text: String, near in "\\s{0,2}[ -~\n\t]{0,125}\\s{0,2}") {
        for text in [text, near] {
            prop_assert_eq!(SpaceName::try_from(text.clone()), SpaceName::parse(&text));
            prop_assert_eq!(SpaceDescription::try_from(text.clone()), SpaceDescription::parse(&text));
        }
    }

    #[test]
    fn ascii_is_judged_as_all_text_is(text in "[\\x00-\\x7f]{0,6}") {
        // With a character that is not ASCII behind it, each is looked at by itself.
        let other = SpaceName::parse(&format!("{text}ß")).err();
        let refused = matches!(other, Some(TextError::Character(_)));
        let text = format!("{text}z");
        prop_assert_eq!(matches!(SpaceName::parse(&text), Err(TextError::Character(_))), refused);
    }

    #[test]
    fn a_description_takes_what_a_name_takes(text: String) {
        if let Ok(name) = SpaceName::parse(&text) {
            let description = SpaceDescription::parse(&text).expect("a name is a description");
            prop_assert_eq!(description.as_str(), name.as_str());
        }
    }

    #[test]
    fn case_never_tells_addresses_apart(local in "[a-zA-Z0-9]{1,20}", domain in "[a-zA-Z]{1,20}") {
        let folded = |text: String| EmailAddress::parse(&text).map(|address| address.folded());
        let address = format!("{local}@{domain}.example.com");
        prop_assert!(folded(address.clone()).is_ok());
        prop_assert_eq!(folded(address.to_uppercase()), folded(address.clone()));
        prop_assert_eq!(folded(address.to_lowercase()), folded(address));
    }
}
