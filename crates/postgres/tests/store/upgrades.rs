//! Tests of the upgrade of a database whose text was folded by a program with an older search form.

use loggia_domain::page::{MemberQuery, ProjectQuery, SpaceQuery};
use loggia_domain::port::Views;
use loggia_domain::text::SearchText;
use loggia_postgres::{PostgresStore, migrate};
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};

use crate::support::{Temporary, options};

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

/// Leaves the database as a program with an older search form would, with 700 more spaces than the world has.
async fn go_back(temporary: &Temporary, world: &World) {
    seed::project(&temporary.ports, world.scope, world.admin.user, "Clinic", |_| ()).await;
    let spaces: Vec<_> =
        (0..700).map(|_| builders::space(&temporary.ports, world.scope, world.admin.user, "Ärzte")).collect();
    seed::spaces(&temporary.ports, &spaces).await;
    for sql in [
        "UPDATE instance SET folding = 0",
        "UPDATE spaces SET name_key = 'ärzte'",
        "UPDATE projects SET name = 'Ärzte', name_key = 'ärzte' WHERE name <> 'Harbour'",
        "UPDATE organizations SET name_key = 'stale'",
        "UPDATE members SET last_name = 'Ärzte', name_key = 'stale', search_key = 'stale' WHERE role = 'viewer'",
    ] {
        temporary.execute(sql).await.expect("a change");
    }
}

#[tokio::test]
async fn a_database_of_an_older_search_form_finds_names_without_their_accents() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    go_back(&temporary, &world).await;
    let again = PostgresStore::open(&options(&temporary.database)).await.expect("the same database");
    names_are_found(&again, &world).await;
    let left = temporary.execute("UPDATE organizations SET name_key = 'x' WHERE name_key = 'stale'").await;
    assert_eq!(left, Ok(0), "organizations are ordered by theirs");
}

/// Row-level security hides the rows from the owner of the tables too, who is no superuser.
#[tokio::test]
async fn the_table_owner_can_migrate_and_row_level_security_is_forced_again() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    go_back(&temporary, &world).await;
    for sql in [
        "DO $$ BEGIN CREATE ROLE upgrading_owner LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
        "GRANT loggia_service TO upgrading_owner",
        "GRANT ALL ON SCHEMA public TO upgrading_owner",
        "DO $$ DECLARE name text; BEGIN
             FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
                 EXECUTE format('ALTER TABLE %I OWNER TO upgrading_owner', name);
             END LOOP;
             FOR name IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace LOOP
                 EXECUTE format('ALTER FUNCTION %s OWNER TO upgrading_owner', name);
             END LOOP;
         END $$",
    ] {
        temporary.execute(sql).await.expect("a change");
    }
    let url = temporary.database.url().replace("//postgres@", "//upgrading_owner@");
    let again = PostgresStore::open(&url.parse().expect("a URL")).await.expect("the same database");
    names_are_found(&again, &world).await;
    let unforced = temporary
        .execute("UPDATE pg_class SET relname = relname WHERE relrowsecurity AND NOT relforcerowsecurity")
        .await;
    assert_eq!(unforced, Ok(0), "row-level security is forced as before");
}

/// A replica of an older program may still run while the first of the new ones migrates.
#[tokio::test]
async fn rows_written_by_an_older_version_are_found_after_the_next_migration() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let space = builders::space(&temporary.ports, world.scope, world.admin.user, "Ärzte");
    seed::spaces(&temporary.ports, &[space]).await;
    temporary.execute("UPDATE spaces SET name_key = 'ärzte'").await.expect("a change");
    let query = SpaceQuery { search: SearchText::parse("ärzte").ok(), ..SpaceQuery::default() };
    let found = async || temporary.store.count_spaces(&world.as_viewer(), world.scope, &query).await;
    assert_eq!(found().await.expect("a count"), 0);
    migrate(&options(&temporary.database)).await.expect("nothing else is to be done");
    assert_eq!(found().await.expect("a count"), 1);
}
