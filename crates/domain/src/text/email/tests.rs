use proptest::prelude::*;

use super::*;

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

proptest! {
    #[test]
    fn case_never_tells_addresses_apart(local in "[a-zA-Z0-9]{1,20}", domain in "[a-zA-Z]{1,20}") {
        let folded = |text: String| EmailAddress::parse(&text).map(|address| address.folded());
        let address = format!("{local}@{domain}.example.com");
        prop_assert!(folded(address.clone()).is_ok());
        prop_assert_eq!(folded(address.to_uppercase()), folded(address.clone()));
        prop_assert_eq!(folded(address.to_lowercase()), folded(address));
    }
}
