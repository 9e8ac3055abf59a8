//! E-mail addresses: by which of them members are found.

use loggia_domain::page::MemberQuery;
use loggia_domain::port::{Inserted, MemberInserted};
use loggia_domain::role::ScopeRole;
use loggia_domain::text::SearchText;

use super::Fixture;
use super::walk::whole;
use crate::builders::{self, KATHERINE, email};
use crate::seed::{World, commit};

/// Members are searched by their address as it is shown, without regard to case and accents.
pub async fn members_are_searched_by_their_address_as_it_is_shown(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let mut user = builders::user(ports, KATHERINE);
    user.email = Some(email("Ärzte.Straße@BÜCHER.example"));
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
