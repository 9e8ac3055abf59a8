//! Erasing a user of an organization: the address, the profile and the changes of events go, everything else stays.

use loggia_domain::event::{Change, Event, SubjectKind, Value, Verb};
use loggia_domain::page::MemberQuery;
use loggia_domain::port::{Includes, Inserted, MemberInserted};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Scope;
use loggia_domain::text::SearchText;
use loggia_domain::user::{Member, User};

use super::Fixture;
use super::events;
use super::pagination::whole;
use crate::builders::{self, BARBARA, KATHERINE, Person};
use crate::seed::{self, World, begin, commit};

/// Inserts a user of the world's organization, and the membership.
async fn added(fixture: &Fixture, world: &World, user: &User, who: Person) -> Member {
    let mut work = begin(&fixture.ports).await;
    assert!(work.lock_any_organization(world.organization.id).await.expect("a lock").is_some());
    assert_eq!(work.insert_user(user).await.expect("an answer"), Inserted::Yes);
    let number = work.next_member_number(world.scope).await.expect("a number");
    let member = builders::member(&fixture.ports, world.scope, user, who, number, ScopeRole::Member);
    assert_eq!(work.insert_member(&member).await.expect("an answer"), MemberInserted::Yes);
    commit(work).await;
    member
}

/// Inserts a person who belongs to the world's organization, and the membership.
async fn own_person(fixture: &Fixture, world: &World, who: Person) -> Member {
    let user = builders::own_person(&fixture.ports, world.organization.id, who);
    added(fixture, world, &user, who).await
}

/// Erases a user as the use case does. Returns the membership as it is afterwards.
async fn erase(fixture: &Fixture, world: &World, member: &Member) -> Member {
    let (organization, now) = (world.organization.id, fixture.ports.clock.now());
    let mut erased = member.clone();
    erased.erase(2, now).expect("a user of the organization");
    let mut work = begin(&fixture.ports).await;
    assert!(work.lock_any_organization(organization).await.expect("a lock").is_some());
    assert_eq!(work.update_member(&erased).await.expect("an answer"), MemberInserted::Yes);
    work.erase_user(organization, member.user, now).await.expect("an erasure");
    work.forget_member_events(world.scope, member.user).await.expect("an erasure");
    commit(work).await;
    erased
}

/// The address of an erased person is found no more, and another person can have it. People and machines can be erased in any number.
pub async fn an_erased_user_has_no_address_and_others_can_have_it(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let home = world.organization.id;
    let elsewhere = seed::organization(ports, "Quay Works").await;
    let mut work = begin(ports).await;
    assert!(work.lock_any_organization(elsewhere.id).await.expect("a lock").is_some());
    let namesake = builders::own_person(ports, elsewhere.id, BARBARA);
    assert_eq!(work.insert_user(&namesake).await.expect("an answer"), Inserted::Yes);
    commit(work).await;
    let barbara = own_person(fixture, &world, BARBARA).await;
    let katherine = own_person(fixture, &world, KATHERINE).await;
    let machine = builders::machine(ports, home);
    let machine = added(fixture, &world, &machine, BARBARA).await;
    for member in [&barbara, &katherine, &machine] {
        erase(fixture, &world, member).await;
    }

    let views = fixture.views();
    let user = views.user(barbara.user).await.expect("a lookup").expect("the user stays");
    assert_eq!((user.home, user.email, user.created_at), (Some(home), None, barbara.created_at));
    let found = views.own_person_by_email(home, &BARBARA.email()).await.expect("a lookup");
    assert_eq!(found, None);
    let found = views.own_person_by_email(elsewhere.id, &BARBARA.email()).await.expect("a lookup");
    assert_eq!(found, Some(namesake), "people of other organizations are as they were");
    let again = own_person(fixture, &world, BARBARA).await;
    let found = views.own_person_by_email(home, &BARBARA.email()).await.expect("a lookup");
    assert_eq!(found.map(|user| user.id), Some(again.user));
}

/// An erased member is shown as such wherever members are read, and is not found by the name or the address.
pub async fn an_erased_user_is_shown_as_erased_wherever_members_are_read(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let barbara = own_person(fixture, &world, BARBARA).await;
    let katherine = own_person(fixture, &world, KATHERINE).await;
    let space = builders::space(ports, world.scope, barbara.user, "Tides");
    seed::spaces(ports, std::slice::from_ref(&space)).await;
    let erased = erase(fixture, &world, &barbara).await;

    let (views, reader) = (fixture.views(), world.as_viewer());
    let mut work = begin(ports).await;
    let both = work.members(world.scope, &[barbara.user, katherine.user]).await.expect("a lookup");
    assert!(both.contains(&erased) && both.contains(&katherine), "{both:?}");
    drop(work);
    let shown = views.member(&reader, world.scope, barbara.user).await.expect("a look-up");
    assert_eq!(shown.as_ref(), Some(&erased));
    let creator = Includes { creator: true, ..Includes::default() };
    let (shown, _) = views.space(&reader, space.id, creator).await.expect("a look-up").expect("the space");
    assert_eq!(shown.creator.as_deref(), Some(&erased), "what the user made has the erased author");
    for (text, expected) in
        [("barbara", vec![]), ("liskov", vec![]), ("deleted user", vec![&erased]), ("kath", vec![&katherine])]
    {
        let query = MemberQuery { search: SearchText::parse(text).ok(), ..MemberQuery::default() };
        let found = views.members(&reader, world.scope, &query, &whole()).await.expect("a list");
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{text}");
    }
}

/// The events of an erased member's membership lose their changes and keep everything else, their positions included. Other events about
/// the same id, and events of other members and in other scopes, are as they were.
pub async fn events_of_an_erased_member_stay_without_their_changes(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let barbara = own_person(fixture, &world, BARBARA).await;
    let personal = Scope::Personal(world.admin.user);
    let event = |scope, kind, subject, verb| {
        let change = Change { field: "first_name".into(), from: Value::Empty, to: "Barbara".into() };
        Event { changes: vec![change], ..builders::event(ports, scope, kind, subject, verb) }
    };
    let id = barbara.user.as_uuid();
    let theirs = [
        event(world.scope, SubjectKind::Member, id, Verb::Created),
        event(world.scope, SubjectKind::Member, id, Verb::Updated),
    ];
    let others = [
        event(world.scope, SubjectKind::Space, id, Verb::Created),
        event(world.scope, SubjectKind::Member, world.member.user.as_uuid(), Verb::Created),
    ];
    let elsewhere = [event(personal, SubjectKind::Member, id, Verb::Created)];
    seed::events(ports, &[&theirs[..1], &others[..], &theirs[1..], &elsewhere[..]].concat()).await;
    let mut expected = events::all_of(fixture, world.scope, 10, 4).await;
    assert_eq!(expected.len(), 4);
    for (_, event) in expected.iter_mut().filter(|(_, event)| theirs.contains(event)) {
        event.changes.clear();
    }

    erase(fixture, &world, &barbara).await;
    assert_eq!(events::all_of(fixture, world.scope, 10, 4).await, expected);
    let kept: Vec<Event> =
        events::all_of(fixture, personal, 10, 1).await.into_iter().map(|(_, event)| event).collect();
    assert_eq!(kept, elsewhere);
    // A later event is whole.
    let later = event(world.scope, SubjectKind::Member, id, Verb::Updated);
    seed::events(ports, std::slice::from_ref(&later)).await;
    assert_eq!(events::all_of(fixture, world.scope, 10, 5).await.pop().map(|(_, event)| event), Some(later));
}
