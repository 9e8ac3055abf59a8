//! E-mail addresses: which two belong to one user, and by which text members are found.

use loggia_domain::page::MemberQuery;
use loggia_domain::port::{Inserted, MemberInserted, Ports};
use loggia_domain::role::ScopeRole;
use loggia_domain::text::SearchText;
use loggia_domain::user::User;

use super::Fixture;
use super::pagination::whole;
use crate::builders::{self, KATHERINE, email};
use crate::seed::{World, commit};

/// Addresses that a store might take for one, and that are different mailboxes, see
/// [`EmailAddress`](loggia_domain::text::EmailAddress).
const APART: [&str; 11] = [
    "fiona@example.com",
    "ﬁona@example.com",
    "strasse@example.com",
    "straße@example.com",
    "1@example.com",
    "①@example.com",
    "äda@example.com",
    "Äda@example.com",
    "kim@example.com",
    "\u{212A}im@example.com",
    "kim@xn--strae-oqa.example",
];

/// Pairs that are one mailbox.
const ALIKE: [(&str, &str); 6] = [
    ("fiona@example.com", "FIONA@Example.COM"),
    ("ﬁona@example.com", "ﬁONA@EXAMPLE.com"),
    ("äda@example.com", "äDA@example.com"),
    ("kim@xn--strae-oqa.example", "KIM@straße.example"),
    ("x@BÜCHER.example", "x@xn--bcher-kva.example"),
    ("y@ｅｘａｍｐｌｅ.com", "y@example.com"),
];

/// A user with that address.
fn user_with(ports: &Ports, address: &str) -> User {
    User { email: Some(email(address)), ..builders::user(ports, KATHERINE) }
}

/// The local part is compared in lower case of ASCII alone, the domain by IDNA, and nothing else is folded.
pub async fn addresses_are_equal_by_the_case_of_ascii_and_by_idna_only(fixture: &Fixture) {
    let ports = &fixture.ports;
    let mut work = fixture.begin().await;
    let mut made = Vec::new();
    for address in APART {
        let user = user_with(ports, address);
        assert_eq!(work.insert_user(&user).await.expect("a user"), Inserted::Yes, "{address}");
        made.push(user);
    }
    for (first, second) in ALIKE {
        let user = user_with(ports, first);
        if work.insert_user(&user).await.expect("an answer") == Inserted::Yes {
            made.push(user);
        } else {
            assert!(APART.contains(&first), "{first} is new");
        }
        let again = user_with(ports, second);
        assert_eq!(work.insert_user(&again).await.expect("an answer"), Inserted::KeyTaken, "{second}");
    }
    for (first, second) in ALIKE {
        let found = work.account_by_email(&email(second)).await.expect("a lookup");
        assert_eq!(found.and_then(|user| user.email), Some(email(first)), "{second}: as it was first given");
    }
    commit(work).await;
    for user in made {
        let address = user.email.clone().expect("a person's");
        let known = fixture.views().account_by_email(&address).await.expect("a lookup");
        assert_eq!(known, Some(user), "{address:?}");
    }
}

/// Members are searched by their address as it is shown, without regard to case and accents.
pub async fn members_are_searched_by_their_address_as_shown(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let user = user_with(ports, "Ärzte.Straße@BÜCHER.example");
    let mut work = fixture.begin().await;
    assert_eq!(work.insert_user(&user).await.expect("a user"), Inserted::Yes);
    let number = work.next_member_number(world.scope).await.expect("a number");
    let member = builders::member(ports, world.scope, &user, KATHERINE, number, ScopeRole::Member);
    assert_eq!(work.insert_member(&member).await.expect("a member"), MemberInserted::Yes);
    commit(work).await;
    for (text, is_found) in [
        ("ärzte.", true),
        ("ARZTE.STRASSE@bucher", true),
        ("bücher.EXAMPLE", true),
        ("johnson", true),
        ("xn--bcher", false),
        ("johnson ärzte", false),
        ("arzte_", false),
    ] {
        let query = MemberQuery { search: SearchText::parse(text).ok(), ..MemberQuery::default() };
        let found = fixture.views().members(&world.as_viewer(), world.scope, &query, &whole()).await;
        let found: Vec<_> = found.expect("a list").iter().map(|member| member.user).collect();
        let expected = if is_found { vec![user.id] } else { Vec::new() };
        assert_eq!(found, expected, "{text:?}");
    }
}
