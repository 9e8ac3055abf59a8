use proptest::prelude::*;

use super::*;

const FORM: TextError = TextError::Form { expected: "an e-mail address such as ada@example.com" };
const DOMAIN: TextError = TextError::Form { expected: VALID_DOMAIN };

fn key(text: &str) -> String {
    EmailAddress::parse(text).expect(text).key()
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
}

#[test]
fn the_local_part_is_compared_in_lower_case_of_ascii_alone() {
    assert_eq!(key("ADA.Byron+X@example.com"), "ada.byron+x@example.com");
    // All that folding, normalization or a transliteration would join.
    let apart = [
        "fiona",
        "ﬁona",
        "straße",
        "strasse",
        "1",
        "①",
        "１",
        "äda",
        "Äda",
        "ada",
        "aeda",
        "ſam",
        "sam",
        "kim",
        "\u{212A}im",
        "å",
        "\u{212B}",
        "οδος",
        "οδοσ",
        "ΟΔΟΣ",
        "\u{131}da",
        "ida",
        "\u{130}da",
    ];
    let mut keys: Vec<_> = apart.iter().map(|local| key(&format!("{local}@example.com"))).collect();
    assert_eq!(keys[0], "fiona@example.com");
    assert!(apart.iter().zip(&keys).all(|(local, key)| *key == format!("{local}@example.com")));
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), apart.len());
    // The letters of ASCII lose their case also beside others.
    assert_eq!(key("ÄDA@example.com"), "Äda@example.com");
}

#[test]
fn domains_are_compared_by_idna() {
    for (domain, ascii) in [
        ("example.com", "example.com"),
        ("EXAMPLE.Com", "example.com"),
        ("localhost", "localhost"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("mail.bücher.example", "mail.xn--bcher-kva.example"),
        // Compatibility characters are mapped.
        ("ｅｘａｍｐｌｅ.com", "example.com"),
        ("\u{212A}im.example", "kim.example"),
        ("①.example", "1.example"),
        // Non-transitional: not `strasse.example`.
        ("straße.example", "xn--strae-oqa.example"),
        ("strasse.example", "strasse.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        // Hyphens in the third and fourth place.
        ("ab--cd.example", "ab--cd.example"),
        ("a-b.example", "a-b.example"),
        ("127.0.0.1", "127.0.0.1"),
    ] {
        assert_eq!(key(&format!("x@{domain}")), format!("x@{ascii}"), "{domain}");
    }
}

#[test]
fn a_domain_that_dns_cannot_have_is_refused() {
    let long = "b".repeat(64);
    for (domain, why) in [
        // Punycode for U+0080, and one that ends too early.
        ("xn--a.example", DOMAIN),
        ("xn--0.example", DOMAIN),
        // Mapped to `(1)`.
        ("⑴.example", DOMAIN),
        // A label that is read from right to left, with a Latin letter, and beside one that begins with a digit.
        ("\u{5D0}a.example", DOMAIN),
        ("\u{5D0}.1a.example", DOMAIN),
        (long.as_str(), DOMAIN),
        // Before that, the form of an address is judged.
        ("example.com.", FORM),
        (".example.com", FORM),
        ("example\u{3002}com", FORM),
        ("example\u{FF0E}com", FORM),
        ("exa_mple.com", FORM),
        ("-a.example", FORM),
        ("a-.example", FORM),
        ("[192.0.2.1]", FORM),
        ("[IPv6:2001:db8::1]", FORM),
        ("a b.example", FORM),
    ] {
        assert_eq!(EmailAddress::parse(&format!("x@{domain}")), Err(why), "{domain}");
    }
    assert!(EmailAddress::parse(&format!("x@{}.example", "b".repeat(63))).is_ok());
    // 62 and 72 bytes in ASCII.
    let wide = |pairs| EmailAddress::parse(&format!("x@{}.example", "\u{4E00}\u{9FA5}".repeat(pairs)));
    assert!(wide(25).is_ok());
    assert_eq!(wide(30), Err(DOMAIN), "labels are limited in ASCII");
}

#[test]
fn an_address_is_shown_as_it_was_given() {
    for given in ["ADA@Example.COM", "ﬁona@BÜCHER.example", "x@XN--BCHER-KVA.example", "Ä@ｅｘａｍｐｌｅ.com"]
    {
        assert_eq!(EmailAddress::parse(given).expect("an address").as_str(), given);
        assert_eq!(EmailAddress::parse(&format!(" {given}\n")).expect("an address").as_str(), given);
    }
}

#[test]
fn a_stored_address_whose_domain_is_refused_by_now_is_read_and_compared() {
    let stored = |text: &str| EmailAddress::from_stored(text.to_owned()).expect("an address once").key();
    for domain in ["xn--a.example", "⑴.example", "\u{5D0}a.example"] {
        assert!(EmailAddress::parse(&format!("x@{domain}")).is_err());
        assert_eq!(stored(&format!("X@{domain}")), format!("x@{domain}"));
    }
    assert_eq!(stored("X@XN--A.Example"), "x@xn--a.example");
    assert_eq!(stored("X@BÜCHER.example"), "x@xn--bcher-kva.example");
}

#[test]
fn an_address_is_limited_in_bytes_for_mail_counts_bytes() {
    let domain = |labels: usize| vec!["abcdefghi"; labels].join(".");
    let fits = format!("{}@{}", "a".repeat(64), domain(18));
    assert!(fits.len() <= EmailAddress::MAX && EmailAddress::parse(&fits).is_ok());
    let long = format!("{}@{}", "a".repeat(64), domain(20));
    assert_eq!(EmailAddress::parse(&long), Err(TextError::TooLong { max: 254 }));
    assert_eq!(EmailAddress::parse(&format!("{}@example.com", "a".repeat(65))), Err(FORM));
    // 200 characters of two bytes each.
    let wide = format!("ada@{}", "é".repeat(200));
    assert_eq!(EmailAddress::parse(&wide), Err(TextError::TooLong { max: 254 }));
}

proptest! {
    #[test]
    fn the_case_of_ascii_letters_never_distinguishes_addresses(
        local in "[a-zA-Z0-9éÉ]{1,20}",
        domain in "[a-zA-Zéß]{1,20}",
    ) {
        let key = |text: String| EmailAddress::parse(&text).map(|address| address.key());
        let address = format!("{local}@{domain}.example.com");
        prop_assert!(key(address.clone()).is_ok());
        prop_assert_eq!(key(address.to_ascii_uppercase()), key(address.clone()));
        prop_assert_eq!(key(address.to_ascii_lowercase()), key(address));
    }

    #[test]
    fn the_compared_form_is_an_address_with_the_same_key(
        local in "[\\p{L}\\p{N}]{1,12}",
        domain in "[\\p{L}\\p{N}.-]{1,24}",
    ) {
        if let Ok(address) = EmailAddress::parse(&format!("{local}@{domain}")) {
            prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
            let key = address.key();
            prop_assert_eq!(EmailAddress::parse(&key).map(|compared| compared.key()), Ok(key.clone()));
            let (own, host) = key.rsplit_once('@').expect("an @");
            prop_assert_eq!(own, local.to_ascii_lowercase());
            prop_assert!(host.is_ascii(), "{}", host);
        }
    }
}
