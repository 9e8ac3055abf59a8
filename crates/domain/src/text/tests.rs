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
fn accepted_text_is_not_changed() {
    let decomposed = "Cafe\u{301} \u{1F469}\u{200D}\u{1F680}";
    assert_eq!(SpaceName::parse(decomposed).map(|name| name.as_str().to_owned()), Ok(decomposed.into()));
}

#[test]
fn control_characters_and_noncharacters_are_refused() {
    for c in ['\0', '\u{1}', '\u{1b}', '\u{7f}', '\u{85}', '\u{fdd0}', '\u{fffe}', '\u{10ffff}'] {
        let text = format!("a{c}b");
        assert_eq!(SpaceName::parse(&text), Err(TextError::Character(c)), "{text:?}");
        assert_eq!(SpaceDescription::parse(&text), Err(TextError::Character(c)), "{text:?}");
        assert_eq!(SpaceName::from_stored(text), Err(TextError::Character(c)), "no version accepted it");
    }
    assert_eq!(SpaceName::parse("a\nb"), Err(TextError::Character('\n')));
    assert!(SpaceDescription::parse("a\n\tb").is_ok());
    assert_eq!(SpaceDescription::parse("a\r\nb"), Err(TextError::Character('\r')));
}

#[test]
fn direction_controls_are_refused_in_every_text() {
    let controls = ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}');
    for c in controls {
        let text = format!("a{c}b");
        assert_eq!(SpaceName::parse(&text), Err(TextError::Character(c)), "{text:?}");
        assert_eq!(SpaceDescription::parse(&text), Err(TextError::Character(c)), "{text:?}");
        assert_eq!(SearchText::parse(&text), Err(TextError::Character(c)), "{text:?}");
        let address = format!("https://example.com/{c}");
        assert_eq!(AvatarUrl::parse(&address), Err(TextError::Character(c)), "{text:?}");
        assert_eq!(EmailAddress::parse(&format!("{c}a@example.com")), Err(TextError::Character(c)));
    }
    // The neighbours of both blocks, and the marks, which do not embed text.
    for c in ['\u{2029}', '\u{202f}', '\u{2065}', '\u{206a}', '\u{200e}', '\u{200f}', '\u{61c}'] {
        assert!(SpaceName::parse(&format!("a{c}b")).is_ok(), "{c:?}");
    }
}

#[test]
fn a_name_has_a_visible_character() {
    for c in INVISIBLE.into_iter().flatten().filter(|&c| !forbidden(c, Kind::Name)) {
        let alone = [c.to_string(), format!("{c} \u{a0}{c}"), c.to_string().repeat(40)];
        for text in alone {
            assert_eq!(SpaceName::parse(&text), Err(TextError::Invisible), "{text:?}");
            assert_eq!(Username::parse(&text), Err(TextError::Invisible), "{text:?}");
            assert!(SpaceDescription::parse(&text).is_ok() && SearchText::parse(&text).is_ok(), "{text:?}");
        }
        assert!(SpaceName::parse(&format!("{c}a{c}")).is_ok(), "{c:?} beside a letter");
    }
    let two = "\u{200b}\u{3164}";
    assert_eq!(ProjectName::parse(two), Err(TextError::TooShort { min: 3 }), "length is judged first");
    assert!(ProjectName::parse(&format!("{two}.")).is_ok());
}

#[test]
fn scripts_and_emoji_keep_the_invisible_characters_that_they_need() {
    for text in [
        "\u{0645}\u{06CC}\u{200C}\u{062E}\u{0648}\u{0627}\u{0647}\u{0645}",
        "\u{0D15}\u{0D4D}\u{200D}",
        "\u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}",
        "\u{2764}\u{FE0F}",
        "\u{845B}\u{E0100}",
        "\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
        "\u{0E01}\u{200B}\u{0E02}",
    ] {
        assert_eq!(SpaceName::parse(text).map(|name| name.as_str().to_owned()), Ok(text.to_owned()));
    }
}

#[test]
fn invisible_characters_are_in_order_and_apart() {
    for (one, next) in INVISIBLE.iter().zip(&INVISIBLE[1..]) {
        assert!(one.start() <= one.end() && one.end() < next.start(), "{one:?} {next:?}");
    }
    // Default_Ignorable_Code_Point has 4174 characters in Unicode 16.0; seven more are blank or invisible.
    assert_eq!(INVISIBLE.into_iter().flatten().count(), 4_174 + 7);
}

#[test]
fn stored_text_of_an_earlier_version_is_read() {
    for text in ["a\u{202a}b\u{202c}", "\u{2066}a\u{2069}", "\u{3164}", "\u{200b}\u{200b}"] {
        assert!(SpaceName::parse(text).is_err(), "{text:?}");
        assert_eq!(SpaceName::from_stored(text.into()).map(|name| name.as_str().to_owned()), Ok(text.into()));
        let description = SpaceDescription::from_stored(text.into());
        assert_eq!(description.map(|text| text.as_str().to_owned()), Ok(text.into()));
    }
    let avatar = "https://example.com/\u{2066}";
    assert!(AvatarUrl::parse(avatar).is_err() && AvatarUrl::from_stored(avatar.into()).is_ok());
    let email = "\u{3164}@example.com";
    assert!(EmailAddress::parse(email).is_err() && EmailAddress::from_stored(email.into()).is_ok());
    for never in ["a\u{202d}b", "a\u{202e}b"] {
        let c = never.chars().nth(1).expect("the override");
        assert_eq!(SpaceName::from_stored(never.into()), Err(TextError::Character(c)));
    }
    assert_eq!(SpaceName::from_stored(" ".into()), Err(TextError::TooShort { min: 1 }));
    assert!(
        EmailAddress::from_stored("nobody".into()).is_err() && AvatarUrl::from_stored("x".into()).is_err()
    );
}

#[test]
fn folding_equates_texts_that_differ_in_case_or_form_only() {
    for (one, other) in
        [("STRASSE", "straße"), ("STRAẞE", "straße"), ("ΟΔΟΣ", "οδος"), ("Å", "a\u{30a}"), ("ﬁn", "FIN")]
    {
        assert_eq!(fold(one), fold(other), "{one} and {other}");
    }
    assert_ne!(fold("a"), fold("á"));
}

#[test]
fn search_forms_ignore_accents_and_compared_forms_do_not() {
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

/// Checks every scalar value by itself: folding is idempotent, and folding removes case in whichever direction it was changed.
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
    assert_eq!(wrong.collect::<String>(), "");
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
    fn folding_is_idempotent(text: String) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn accepted_text_is_accepted_again_unchanged(text in "\\s{0,2}\\PC{0,130}\\s{0,2}") {
        if let Ok(name) = SpaceName::parse(&text) {
            prop_assert_eq!(name.as_str(), text.trim());
            prop_assert_eq!(SpaceName::parse(name.as_str()), Ok(name.clone()));
            let length = name.as_str().chars().count();
            prop_assert!((SpaceName::MIN..=SpaceName::MAX).contains(&length));
        }
    }

    #[test]
    fn accepted_text_is_read_from_a_store_unchanged(text: String, near in "\\s{0,2}[ -~\n\t]{0,125}\\s{0,2}") {
        for text in [text, near] {
            let (name, description) = (SpaceName::parse(&text), SpaceDescription::parse(&text));
            prop_assert!(name.is_err() || SpaceName::from_stored(text.clone()) == name);
            prop_assert!(description.is_err() || SpaceDescription::from_stored(text.clone()) == description);
        }
    }

    /// The table was written by hand; the classes come from the property-test library, with Unicode 16.0.
    #[test]
    fn default_ignorable_code_points_are_invisible(
        hidden in "\\p{Default_Ignorable_Code_Point}",
        other in "\\P{Default_Ignorable_Code_Point}",
    ) {
        prop_assert!(!hidden.chars().any(is_visible), "{:?}", hidden);
        let blank = |c: char| matches!(u32::from(c), 0x2800 | 0xFFF9..=0xFFFB | 0x13441 | 0x13442 | 0x1D159);
        prop_assert!(other.chars().all(|c| is_visible(c) || c.is_whitespace() || blank(c)), "{:?}", other);
    }

    #[test]
    fn ascii_is_judged_as_all_text_is(text in "[\\x00-\\x7f]{0,6}") {
        // A character that is not ASCII behind the text forces the check of single characters.
        let other = SpaceName::parse(&format!("{text}ß")).err();
        let refused = matches!(other, Some(TextError::Character(_)));
        let text = format!("{text}z");
        prop_assert_eq!(matches!(SpaceName::parse(&text), Err(TextError::Character(_))), refused);
    }

    #[test]
    fn every_valid_name_is_a_valid_description(text: String) {
        if let Ok(name) = SpaceName::parse(&text) {
            let description = SpaceDescription::parse(&text).expect("a name is a description");
            prop_assert_eq!(description.as_str(), name.as_str());
        }
    }
}
