//! Tests of files of earlier programs: with text of an older search form, and from before the first release.

use loggia_domain::page::{MemberQuery, ProjectQuery, SpaceQuery};
use loggia_domain::port::Views;
use loggia_domain::text::SearchText;
use loggia_sqlite::{OpenError, SqliteStore};
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};

use crate::support::Temporary;

/// Asserts that accented names of spaces, projects and members are found by a search without the accents.
async fn names_are_found(views: &dyn Views, world: &World) {
    let (viewer, search) = (world.as_viewer(), SearchText::parse("ARZTE").ok());
    let spaces = SpaceQuery { search: search.clone(), ..SpaceQuery::default() };
    assert_eq!(views.count_spaces(&viewer, world.scope, &spaces).await.expect("a count"), 700);
    let projects = ProjectQuery { search: search.clone(), ..ProjectQuery::default() };
    assert_eq!(views.count_projects(&viewer, world.scope, &projects).await.expect("a count"), 1);
    // Edsger by his new name, and by his address.
    for search in [search, SearchText::parse("EDSGER@example").ok()] {
        let members = MemberQuery { search, ..MemberQuery::default() };
        assert_eq!(views.count_members(&viewer, world.scope, &members).await.expect("a count"), 1);
    }
}

#[tokio::test]
async fn a_file_of_an_older_search_form_finds_names_without_their_accents() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    seed::project(&temporary.ports, world.scope, world.admin.user, "Clinic", |_| ()).await;
    // More spaces than one batch of the folding.
    let spaces: Vec<_> =
        (0..700).map(|_| builders::space(&temporary.ports, world.scope, world.admin.user, "Ärzte")).collect();
    seed::spaces(&temporary.ports, &spaces).await;
    temporary.store.close().await;
    for sql in [
        "UPDATE instance SET folding = 0",
        "UPDATE spaces SET name_key = 'ärzte'",
        "UPDATE projects SET name = 'Ärzte', name_key = 'ärzte' WHERE name <> 'Harbour'",
        "UPDATE organizations SET name_key = 'stale'",
        "UPDATE members SET last_name = 'Ärzte', name_key = 'stale', search_key = 'stale' WHERE role = 'viewer'",
    ] {
        temporary.execute(sql).await.expect("a change");
    }
    let again = SqliteStore::open(temporary.path()).await.expect("the same file");
    names_are_found(&again, &world).await;
    let left = temporary.execute("UPDATE organizations SET name_key = 'x' WHERE name_key = 'stale'").await;
    assert_eq!(left, Ok(0), "organizations are ordered by theirs");
}

/// The migrations before the first release had the numbers of today's: the last number identifies nothing.
#[tokio::test]
async fn a_file_from_before_the_first_release_is_refused_and_left_as_it_is() {
    let temporary = Temporary::new().await;
    let known = temporary.store.schema_version().await.expect("a version").known;
    temporary.store.close().await;
    for last in [16, known] {
        temporary.execute("DELETE FROM _sqlx_migrations").await.expect("a change");
        let applied = format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {last})
             SELECT i, 'before', 1, zeroblob(48), 0 FROM n"
        );
        temporary.execute(applied).await.expect("a change");
        let before = std::fs::read(temporary.path()).expect("the file");
        for refused in [
            SqliteStore::open(temporary.path()).await,
            SqliteStore::open_existing(&temporary.options()).await,
        ] {
            assert!(matches!(refused, Err(OpenError::Unreleased)), "{last}: {refused:?}");
            assert!(before == std::fs::read(temporary.path()).expect("the file"), "not a byte was changed");
        }
    }
}
