//! Tests of the upgrade of a database from before migration 0011, without counters of outline numbers and with another folding.

use loggia_domain::id::ProjectId;
use loggia_domain::page::{MemberQuery, ProjectQuery, SpaceQuery};
use loggia_domain::port::{Ports, Views};
use loggia_domain::text::SearchText;
use loggia_postgres::{PostgresStore, migrate};
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};

use crate::support::{Temporary, options, ports};
use crate::totals::WITHOUT_TOTALS;

/// Projects by name: the outline numbers of their tasks, how many of the last ones are deleted, and the next number that the project
/// gives.
const PROJECTS: [(&str, &[&str], usize, i64); 7] = [
    ("Empty", &[], 0, 1),
    ("Flat", &["1", "2", "3"], 2, 4),
    ("Emptied", &["1", "2"], 2, 3),
    ("Deep", &["1", "1.1", "4.7", "1.2"], 0, 5),
    ("Great", &["16909060", "999999999", "7"], 0, 16_909_061),
    ("Greatest", &["99999999.1"], 0, 100_000_000),
    ("Beyond", &["100000000"], 0, 2),
];

/// Creates those projects as an earlier program would have left them.
async fn projects_from_before(temporary: &Temporary, world: &World) -> Vec<ProjectId> {
    let mut projects = Vec::new();
    for (name, numbers, deleted, _) in PROJECTS {
        let project = seed::project(&temporary.ports, world.scope, world.admin.user, name, |_| ()).await;
        let mut tasks = Vec::new();
        for number in numbers {
            tasks.push(seed::task(&temporary.ports, &project, number, |_| ()).await);
        }
        let mut work = seed::begin(&temporary.ports).await;
        for task in tasks.iter().rev().take(deleted) {
            assert!(work.lock_task(&world.as_admin(), task.id).await.expect("a lock").is_some());
            work.delete_task(world.scope, task.id).await.expect("a deletion");
        }
        seed::commit(work).await;
        projects.push(project.id);
    }
    projects
}

/// Asserts that each project gives the expected next number, after all that were given before.
async fn numbers_go_on(ports: &Ports, world: &World, projects: &[ProjectId]) {
    let mut work = seed::begin(ports).await;
    for (project, (name, _, _, next)) in projects.iter().zip(PROJECTS) {
        assert!(work.lock_project(&world.as_admin(), *project).await.expect("a lock").is_some());
        assert_eq!(work.next_top_number(world.scope, *project).await.expect("a number"), next, "{name}");
    }
}

/// Asserts that accented names of spaces, projects and members are found by a search without the accents.
async fn names_are_found(views: &dyn Views, world: &World) {
    let (eyes, search) = (world.as_viewer(), SearchText::parse("ARZTE").ok());
    let spaces = SpaceQuery { search: search.clone(), ..SpaceQuery::default() };
    assert_eq!(views.count_spaces(&eyes, world.scope, &spaces).await.expect("a count"), 700);
    let projects = ProjectQuery { search: search.clone(), ..ProjectQuery::default() };
    assert_eq!(views.count_projects(&eyes, world.scope, &projects).await.expect("a count"), 7);
    let members = MemberQuery { search, ..MemberQuery::default() };
    assert_eq!(views.count_members(&eyes, world.scope, &members).await.expect("a count"), 1);
}

/// Reverts migration 0016.
pub(crate) const WITHOUT_BOUNDED_LISTS: [&str; 2] =
    ["DROP INDEX api_keys_by_organization", "DELETE FROM _sqlx_migrations WHERE version >= 16"];

/// Reverts migration 0014.
const WITHOUT_READMISSIONS: [&str; 6] = [
    "ALTER TABLE users DROP COLUMN readmissions",
    "ALTER TABLE members DROP COLUMN readmissions",
    "ALTER TABLE api_keys DROP COLUMN readmissions",
    "DROP FUNCTION loggia_enter(bytea, uuid, uuid, bigint, uuid[], text, uuid, boolean)",
    "DROP FUNCTION loggia_keep_organizations() CASCADE",
    "DELETE FROM _sqlx_migrations WHERE version >= 14",
];

/// Reverts the database to a schema before 0011, with 700 more spaces than the world has.
async fn go_back(temporary: &Temporary, world: &World) {
    let spaces: Vec<_> =
        (0..700).map(|_| builders::space(&temporary.ports, world.scope, world.admin.user, "Ärzte")).collect();
    seed::spaces(&temporary.ports, &spaces).await;
    for sql in WITHOUT_BOUNDED_LISTS.into_iter().chain(WITHOUT_TOTALS).chain(WITHOUT_READMISSIONS) {
        temporary.execute(sql).await.expect("a change");
    }
    for sql in [
        "ALTER TABLE projects DROP COLUMN next_top_number",
        "ALTER TABLE instance DROP COLUMN folding, ADD COLUMN names_folded boolean NOT NULL DEFAULT true",
        "DROP POLICY counted ON users",
        "DROP POLICY descended ON api_keys",
        "ALTER TABLE users DROP COLUMN organizations_made",
        "ALTER TABLE api_keys DROP COLUMN parent_id, DROP COLUMN issued, DROP COLUMN ends_unless_used",
        "DELETE FROM _sqlx_migrations WHERE version >= 11",
        "UPDATE spaces SET name_key = 'ärzte'",
        "UPDATE projects SET name = 'Ärzte', name_key = 'ärzte' WHERE name <> 'Harbour'",
        "UPDATE organizations SET name_key = 'stale'",
        "UPDATE members SET last_name = 'Ärzte', name_key = 'stale', search_key = 'stale' WHERE role = 'viewer'",
    ] {
        temporary.execute(sql).await.expect("a change");
    }
}

#[tokio::test]
async fn a_database_from_before_gives_no_number_again_and_finds_names_without_their_accents() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let projects = projects_from_before(&temporary, &world).await;
    go_back(&temporary, &world).await;
    let again = PostgresStore::open(&options(&temporary.database)).await.expect("the same database");
    numbers_go_on(&ports(&again), &world, &projects).await;
    names_are_found(&again, &world).await;
    let left = temporary.execute("UPDATE organizations SET name_key = 'x' WHERE name_key = 'stale'").await;
    assert_eq!(left, Ok(0), "organizations are ordered by theirs");
}

/// Row-level security hides the rows from the owner of the tables too, who is no superuser.
#[tokio::test]
async fn the_owner_of_the_tables_upgrades_too_and_is_kept_out_again() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let projects = projects_from_before(&temporary, &world).await;
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
    numbers_go_on(&ports(&again), &world, &projects).await;
    names_are_found(&again, &world).await;
    let unforced = temporary
        .execute("UPDATE pg_class SET relname = relname WHERE relrowsecurity AND NOT relforcerowsecurity")
        .await;
    assert_eq!(unforced, Ok(0), "row-level security is forced as before");
}

/// A replica of an older program may still run while the first of the new ones migrates.
#[tokio::test]
async fn what_an_older_program_wrote_since_is_found_after_the_next_migration() {
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
