//! Tests of members whose names were folded by a program with an older search form.

use loggia_domain::page::{MemberQuery, Offset, Start, Window};
use loggia_domain::port::Views;
use loggia_domain::text::SearchText;
use loggia_postgres::PostgresStore;
use loggia_testkit::seed::World;

use crate::support::{Temporary, options};

#[tokio::test]
async fn members_with_an_older_search_form_are_found_and_ordered_after_opening() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let scope = world.organization.id;
    // More members than one batch of the folding, in an older search form.
    for sql in [
        "UPDATE instance SET folding = 0".to_owned(),
        "UPDATE members SET name_key = '', search_key = ''".to_owned(),
        "INSERT INTO users (id, kind, email, email_key, created_at)
         SELECT lpad(i::text, 32, '0')::uuid, 'person', i || '@example.com', i || '@example.com', i
         FROM generate_series(1, 2100) i"
            .to_owned(),
        format!(
            "INSERT INTO members (scope_id, user_id, number, role, active, first_name, last_name, name_key, search_key, username,
                 username_key, created_at, updated_at, revision)
             SELECT '{scope}', id, 100 + created_at, 'viewer', true, 'Zoë', 'STRASSE ' || created_at, '', '', 'Z' || created_at,
                 'z' || created_at, 1, 1, 1 FROM users WHERE created_at <= 2100"
        ),
    ] {
        temporary.execute(sql).await.expect("rows");
    }
    let again = PostgresStore::open(&options(&temporary.database)).await.expect("the same database");
    let window = Window { start: Start::Offset(Offset::default()), rows: 4 };
    let listed = again.members(&world.as_viewer(), world.scope, &MemberQuery::default(), &window).await;
    let listed: Vec<_> = listed.expect("a list").iter().map(|it| it.profile.last_name.to_string()).collect();
    assert_eq!(listed, ["Byron", "Dijkstra", "Hopper", "STRASSE 1"]);
    for (text, count) in [("zoë straße", 2100), ("z600", 1), ("ADA", 1)] {
        let query = MemberQuery { search: SearchText::parse(text).ok(), ..MemberQuery::default() };
        let found = again.count_members(&world.as_viewer(), world.scope, &query).await.expect("a count");
        assert_eq!(found, count, "{text}");
    }
}
