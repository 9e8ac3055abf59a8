//! Tests of the plans on the data of `loggia demo`, made by the built binary: one large organization among many small ones.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use loggia_domain::id::{KeyId, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::key::KeyHash;
use loggia_domain::scope::Scope;
use loggia_domain::text::EmailAddress;
use loggia_testkit::builders::viewer;
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::statements::{Question, every_read};
use super::super::{database, open, options, run, superuser};
use super::node::Node;
use super::{Little, first_columns, problems};

/// The sizes of the large organization, and of each of the others.
const LARGE: [&str; 8] = ["--people", "500", "--projects", "120", "--tasks", "600", "--spaces", "250"];
const SMALL: [&str; 8] = ["--people", "8", "--projects", "12", "--tasks", "50", "--spaces", "30"];
const SMALL_ONES: usize = 20;

/// The tables that are small even on such an instance, and the maximum number of their pages. They may be scanned: looking up each row of
/// a page by an index would take longer. The data of `data.rs` allow no such exception.
const SMALL_TABLES: [&str; 10] = [
    "_sqlx_migrations",
    "api_keys",
    "instance",
    "invitation_projects",
    "invitations",
    "stored_responses",
    "organizations",
    "projects",
    "scopes",
    "users",
];
const FEW_PAGES: i64 = 20;

/// The number of rows that may be sorted: those of one small organization, where reading them in order would save nothing.
const FEW_ROWS: u64 = 50;

/// Runs the binary, which fills an organization.
fn demo(database_url: &str, figures: &[&str]) {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--package", "loggia", "--", "demo", "--json"]).args(figures);
    command.env("LOGGIA_DATABASE_URL", database_url).stdin(Stdio::null()).stdout(Stdio::null());
    // Cargo's variables about this test's package would count as a changed environment for build scripts, and rebuild much.
    for (name, _) in variables() {
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    assert!(command.status().expect("cargo").success(), "the demo is made");
}

#[expect(clippy::disallowed_methods, reason = "they are read to be taken away")]
fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars()
}

/// Returns the arguments of the reads: the admin and records of the organization with the most members.
async fn question(outsider: &mut PgConnection) -> Question {
    let found: (Uuid, Uuid, String, Uuid, Uuid, Uuid, Uuid) = sqlx::query_as(
        "WITH large AS (SELECT scope_id FROM members GROUP BY scope_id ORDER BY count(*) DESC LIMIT 1)
         SELECT large.scope_id, u.id, u.email, k.id, t.project_id, t.id, s.id
         FROM large
             JOIN api_keys k ON k.default_scope_id = large.scope_id
             JOIN users u ON u.id = k.user_id
             JOIN LATERAL (SELECT * FROM tasks WHERE scope_id = large.scope_id ORDER BY id LIMIT 1) AS t ON true
             JOIN LATERAL (SELECT * FROM spaces WHERE scope_id = large.scope_id ORDER BY id LIMIT 1) AS s ON true",
    )
    .fetch_one(outsider)
    .await
    .expect("a full organization");
    let (organization, user, email, key, project, task, space) = found;
    let (organization, user) = (OrganizationId::from_uuid(organization), UserId::from_uuid(user));
    Question {
        viewer: viewer(user),
        organization,
        scope: Scope::Organization(organization),
        project: ProjectId::from_uuid(project),
        space: SpaceId::from_uuid(space),
        task: TaskId::from_uuid(task),
        user,
        email: EmailAddress::parse(&email).expect("an address"),
        key: (KeyId::from_uuid(key), KeyHash::from_bytes([0; 32])),
    }
}

/// Returns how many of the tables that should be small are.
async fn small_tables(outsider: &mut PgConnection) -> usize {
    let pages: Vec<i32> =
        sqlx::query_scalar("SELECT relpages FROM pg_class WHERE relkind = 'r' AND relname = ANY ($1)")
            .bind(SMALL_TABLES)
            .fetch_all(outsider)
            .await
            .expect("the tables");
    pages.into_iter().filter(|pages| i64::from(*pages) <= FEW_PAGES).count()
}

#[tokio::test]
async fn every_read_uses_an_index_on_the_demo_data() {
    let database = database().await;
    demo(database.url(), &LARGE);
    for _ in 0..SMALL_ONES {
        demo(database.url(), &SMALL);
    }
    let mut outsider = superuser(&database).await;
    // The tables are rewritten, so that the plans do not depend on what was vacuumed meanwhile.
    run(&mut outsider, "VACUUM FULL").await;
    run(&mut outsider, "VACUUM ANALYZE").await;
    assert_eq!(small_tables(&mut outsider).await, SMALL_TABLES.len());
    let first_columns = first_columns(&mut outsider).await;
    let question = question(&mut outsider).await;
    let store = open(&options(&database)).await;

    let little = Little { tables: &SMALL_TABLES, sorted: FEW_ROWS };
    let mut found = String::new();
    for read in every_read(&store, &question, async |_, _| ()).await {
        let plan = Node::read(&read.plan);
        if plan.reads_the_catalogue() {
            assert_eq!(read.label, "check_ready", "the first session is opened, and its role checked");
            continue;
        }
        for problem in problems(&read.label, &plan, &first_columns, little) {
            writeln!(found, "{}: {problem}\n{plan}", read.label).expect("text");
        }
    }
    assert!(found.is_empty(), "{found}");
}
