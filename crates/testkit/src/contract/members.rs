//! Members are listed, searched and read by the active members of their scope.

use loggia_domain::id::UserId;
use loggia_domain::page::{Direction, MemberOrder, MemberQuery, Position};
use loggia_domain::port::{Inserted, MemberInserted};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Scope, Viewer};
use loggia_domain::text::{PersonName, SearchText, Username};
use loggia_domain::user::Member;
use uuid::Uuid;

use super::Fixture;
use super::pagination::{check_pagination, sorted, whole};
use crate::builders::{self, ADA, ALAN, BARBARA, KATHERINE, email, viewer};
use crate::seed::{self, World, begin, commit};

/// First and last names, some of which are equal when folded, in no particular order.
const NAMES: [(&str, &str); 10] = [
    ("Zoe", "Li"),
    ("Ada", "Li Wei"),
    ("zoe", "LI"),
    ("Al", "\u{1F600}"),
    ("Al", "\u{E000}"),
    ("Anna", "Straße"),
    ("Bea", "STRASSE"),
    ("ANNA", "strasse"),
    ("Bo", "Ähre"),
    ("Bo", "10%"),
];

/// Inserts a person with this name. Ids descend with the index, while names and times have other orders.
async fn named(fixture: &Fixture, world: &World, index: usize, (first, last): (&str, &str)) -> Member {
    let ports = &fixture.ports;
    let step = i64::try_from(index).expect("an index");
    let mut user = builders::user(ports, ADA);
    user.id = UserId::from_uuid(Uuid::from_u128(u128::MAX - u128::try_from(index).expect("an index")));
    user.email = Some(email(&format!("Person.{index}@Example.com")));
    let mut work = begin(ports).await;
    assert_eq!(work.insert_user(&user).await.expect("a user"), Inserted::Yes);
    let number = work.next_member_number(world.scope).await.expect("a number");
    let role = ScopeRole::ALL[index % ScopeRole::ALL.len()];
    let mut member = builders::member(ports, world.scope, &user, ADA, number, role);
    member.profile.first_name = PersonName::parse(first).expect("a name");
    member.profile.last_name = PersonName::parse(last).expect("a name");
    member.profile.username = Username::parse(&format!("U_{index}")).ok();
    member.active = index % 4 != 3;
    member.created_at = member.created_at.plus_seconds(step * 5 % 4);
    assert_eq!(work.insert_member(&member).await.expect("a member"), MemberInserted::Yes);
    commit(work).await;
    member
}

/// Returns the world's members and one member for each name.
async fn everybody(fixture: &Fixture, world: &World) -> Vec<Member> {
    let mut members = vec![world.admin.clone(), world.member.clone(), world.viewer.clone()];
    for (index, name) in NAMES.iter().enumerate() {
        members.push(named(fixture, world, index, *name).await);
    }
    members
}

async fn found(fixture: &Fixture, viewer: &Viewer, scope: Scope, query: &MemberQuery) -> Vec<UserId> {
    let views = fixture.views();
    let found = views.members(viewer, scope, query, &whole()).await.expect("a list");
    let count = views.count_members(viewer, scope, query).await.expect("a count");
    assert_eq!(usize::try_from(count).expect("a count"), found.len(), "a count is the length of {query:?}");
    let mut users: Vec<UserId> = found.iter().map(|member| member.user).collect();
    users.sort();
    users
}

/// Members are listed in every order, in both directions.
pub async fn members_are_listed_once_each_in_every_order(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let members = everybody(fixture, &world).await;
    let elsewhere = seed::organization(&fixture.ports, "Quay Works").await;
    seed::member(&fixture.ports, elsewhere.id, ALAN, ScopeRole::Admin).await;
    for order in MemberOrder::ALL {
        for direction in Direction::ALL {
            let query = MemberQuery { order: *order, direction: *direction, ..MemberQuery::default() };
            let expected: Vec<Position> = members.iter().map(|member| order.position(member)).collect();
            let expected = sorted(expected, *direction);
            let (viewer, query, name) =
                (&world.as_viewer(), &query, format!("members by {order:?} {direction}"));
            check_pagination(&name, &expected, *direction, |window| async move {
                let found = fixture.views().members(viewer, world.scope, query, &window).await;
                found.expect("a list").iter().map(|member| order.position(member)).collect()
            })
            .await;
        }
    }
}

/// Members are filtered by role and by access, separately and together.
pub async fn members_are_filtered_by_all_requested_criteria(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let members = everybody(fixture, &world).await;
    let roles = ScopeRole::ALL.iter().copied().map(Some).chain([None]);
    for (role, active) in roles.flat_map(|role| [None, Some(true), Some(false)].map(|active| (role, active)))
    {
        for search in [None, SearchText::parse("strasse").ok()] {
            let query = MemberQuery { role, active, search: search.clone(), ..MemberQuery::default() };
            let fits = |member: &&Member| {
                role.is_none_or(|role| member.role == role)
                    && active.is_none_or(|active| member.active == active)
                    && search
                        .as_ref()
                        .is_none_or(|search| member.profile.last_name.searched() == search.searched())
            };
            let mut expected: Vec<UserId> = members.iter().filter(fits).map(|member| member.user).collect();
            expected.sort();
            assert_eq!(found(fixture, &world.as_member(), world.scope, &query).await, expected, "{query:?}");
        }
    }
}

/// Members are searched by first, last and full names, usernames and addresses, without regard to case and form, and literally.
pub async fn members_are_searched_in_any_case_and_literally(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let members = everybody(fixture, &world).await;
    let machine = builders::machine(&fixture.ports, world.organization.id);
    let mut work = fixture.begin().await;
    assert_eq!(work.insert_user(&machine).await.expect("a machine"), Inserted::Yes);
    let number = work.next_member_number(world.scope).await.expect("a number");
    let membership =
        builders::member(&fixture.ports, world.scope, &machine, KATHERINE, number, ScopeRole::Member);
    assert_eq!(work.insert_member(&membership).await.expect("a member"), MemberInserted::Yes);
    commit(work).await;
    let of = |indexes: &[usize]| {
        let mut users: Vec<UserId> = indexes.iter().map(|index| members[index + 3].user).collect();
        users.sort();
        users
    };
    for (search, indexes) in [
        ("STRASSE", &[5, 6, 7][..]),
        ("anna straẞe", &[5, 7]),
        ("anna s", &[5, 7]),
        ("strasse anna", &[]),
        ("A\u{308}HRE", &[8]),
        ("10%", &[9]),
        ("%", &[9]),
        ("u_1", &[1]),
        ("U_", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("li u_0", &[]),
        ("person.4@EXAMPLE", &[4]),
        ("person_4", &[]),
        ("\u{1F600}", &[3]),
        ("\\", &[]),
        // A machine has no address, however a store represents that.
        ("machine", &[]),
        ("machine:", &[]),
    ] {
        let query = MemberQuery { search: SearchText::parse(search).ok(), ..MemberQuery::default() };
        assert_eq!(found(fixture, &world.as_viewer(), world.scope, &query).await, of(indexes), "{search:?}");
    }
    let katherine = MemberQuery { search: SearchText::parse("katherine j").ok(), ..MemberQuery::default() };
    assert_eq!(found(fixture, &world.as_viewer(), world.scope, &katherine).await, [machine.id]);
}

/// A renamed member is found by the new name, at its position in the order, and not by the old name.
pub async fn a_member_is_found_and_ordered_by_their_current_name(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let mut renamed = world.member.clone();
    renamed.profile.last_name = PersonName::parse("Aardvark").expect("a name");
    renamed.profile.username = Username::parse("amazing").ok();
    let mut work = fixture.begin().await;
    assert!(work.lock_any_organization(world.organization.id).await.expect("a lock").is_some());
    assert_eq!(work.update_member(&renamed).await.expect("an answer"), MemberInserted::Yes);
    commit(work).await;
    let search = |text| MemberQuery { search: SearchText::parse(text).ok(), ..MemberQuery::default() };
    let viewer = &world.as_viewer();
    for (text, expected) in
        [("hopper", vec![]), ("aardvark", vec![renamed.user]), ("AMAZING", vec![renamed.user])]
    {
        assert_eq!(found(fixture, viewer, world.scope, &search(text)).await, expected, "{text}");
    }
    let all = fixture.views().members(viewer, world.scope, &MemberQuery::default(), &whole()).await;
    let all = all.expect("a list");
    assert_eq!(all, [renamed, world.admin.clone(), world.viewer.clone()], "by name, and whole");
}

/// Machines are stored with every field: as a member by itself, in the list of members, and as a user; a machine has no personal scope.
pub async fn machines_are_stored_unchanged(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let [first, second] = [(); 2].map(|()| builders::machine(ports, world.organization.id));
    let mut work = fixture.begin().await;
    let mut memberships = Vec::new();
    for machine in [&first, &second] {
        assert_eq!(work.insert_user(machine).await.expect("a machine"), Inserted::Yes, "none is another's");
        let number = work.next_member_number(world.scope).await.expect("a number");
        let membership = builders::member(ports, world.scope, machine, KATHERINE, number, ScopeRole::Member);
        assert_eq!(work.insert_member(&membership).await.expect("a member"), MemberInserted::Yes);
        memberships.push(membership);
    }
    commit(work).await;
    let views = fixture.views();
    for (machine, membership) in [&first, &second].into_iter().zip(&memberships) {
        assert_eq!(views.user(machine.id).await.expect("a look-up").as_ref(), Some(machine));
        let seen = views.member(&world.as_viewer(), world.scope, machine.id).await.expect("a look-up");
        assert_eq!(seen.as_ref(), Some(membership));
        let viewer = viewer(machine.id);
        assert_eq!(
            views.own_member(&viewer, world.scope).await.expect("a look-up").as_ref(),
            Some(membership)
        );
        let own = Scope::Personal(machine.id);
        assert_eq!(views.own_member(&viewer, own).await.expect("a look-up"), None);
        assert_eq!(views.role_in_scope(&viewer, own).await.expect("a look-up"), None);
    }
    let by_creation = MemberQuery { order: MemberOrder::CreatedAt, ..MemberQuery::default() };
    let listed = views.members(&world.as_admin(), world.scope, &by_creation, &whole()).await.expect("a list");
    assert!(memberships.iter().all(|membership| listed.contains(membership)), "{listed:?}");
    let mut work = fixture.begin().await;
    let loaded = work.members(world.scope, &[first.id]).await.expect("a look-up");
    assert_eq!(loaded, memberships[..1]);
}

/// Members of another scope are not listed, counted or found. A stranger, a deactivated member and a key for another organization find no
/// member.
pub async fn members_are_visible_to_active_members_of_their_scope_only(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let other = seed::organization(ports, "Quay Works").await;
    let alan = seed::member(ports, other.id, ALAN, ScopeRole::Admin).await;
    // Ada is a member of both organizations.
    let ada = seed::member(ports, other.id, ADA, ScopeRole::Viewer).await;
    let barbara = seed::member(ports, world.organization.id, BARBARA, ScopeRole::Admin).await;
    let mut work = fixture.begin().await;
    assert!(work.lock_any_organization(world.organization.id).await.expect("a lock").is_some());
    let left = Member { active: false, ..barbara.clone() };
    assert_eq!(work.update_member(&left).await.expect("an answer"), MemberInserted::Yes);
    commit(work).await;
    let views = fixture.views();
    let all = MemberQuery::default();
    let sees = |viewer: Viewer, scope| async move {
        let listed = found(fixture, &viewer, scope, &MemberQuery::default()).await.len();
        let ada_there = views.member(&viewer, scope, ada.user).await.expect("a look-up").is_some();
        (listed, ada_there)
    };
    let quay = Scope::Organization(other.id);
    assert_eq!(sees(world.as_viewer(), world.scope).await, (4, true), "also who has left is seen");
    assert_eq!(sees(viewer(ada.user), quay).await, (2, true));
    let seen = views.members(&viewer(ada.user), quay, &all, &whole()).await.expect("a list");
    assert_eq!(seen, [ada.clone(), alan.clone()], "as that scope knows them");
    assert_eq!(views.member(&viewer(ada.user), world.scope, alan.user).await.expect("a look-up"), None);
    let narrow = Viewer { reach: Reach::Only(other.id), ..viewer(ada.user) };
    for (viewer, scope) in [
        (viewer(alan.user), world.scope),
        (viewer(barbara.user), world.scope),
        (narrow, world.scope),
        (viewer(alan.user), Scope::Personal(ada.user)),
        (narrow, Scope::Personal(ada.user)),
    ] {
        assert_eq!(sees(viewer, scope).await, (0, false), "{viewer:?} in {scope:?}");
    }
    assert_eq!(sees(viewer(ada.user), Scope::Personal(ada.user)).await, (1, true));
}
