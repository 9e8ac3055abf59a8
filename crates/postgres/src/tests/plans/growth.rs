//! Tests that a call touches as many rows and pages on a large store as on a small one, whatever the planner expects.

use loggia_domain::id::{OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::key::KeyHash;
use loggia_domain::page::{
    MemberQuery, Offset, ProjectQuery, SortValue, SpaceQuery, Start, TaskQuery, Window,
};
use loggia_domain::port::{Includes, KeyViews as _, ReadAhead, Store as _, Views as _};
use loggia_domain::scope::{Scope, ScopeChoice, Viewer};
use loggia_testkit::builders::viewer;
use loggia_testpg::TestDatabase;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::super::statements::{ALL, task_value, windows};
use super::super::{COUNT_LISTS, database, open, options, run, superuser};
use crate::PostgresStore;

/// The size of a store.
#[derive(Clone, Copy)]
struct Size {
    /// The number of members of the organization, of its invitations, and of tasks.
    members: u32,
    /// The number of other organizations that the caller is a member of, of as many that the caller has left, and of the caller's keys of
    /// either reach.
    memberships: u32,
}

const SMALL: Size = Size { members: 100, memberships: 30 };
const LARGE: Size = Size { members: 20_000, memberships: 5_000 };

const ORGANIZATION: u8 = 1;
const USER: u8 = 2;
const PROJECT: u8 = 3;
const SPACE: u8 = 4;
const TASK: u8 = 5;
const KEY: u8 = 6;
const OTHER: u8 = 7;
const LEFT: u8 = 8;
const OWN_KEY: u8 = 9;
const NARROW_KEY: u8 = 10;
const INVITATION: u8 = 11;

/// Returns the id of the nth record of a kind as an SQL expression. The order of the ids is not that of the numbers, as ids of a store in
/// use have no order that matters for a read.
fn sql_id(kind: u8, n: &str) -> String {
    format!("md5('{kind}/' || ({n})::text)::uuid")
}

async fn id(outsider: &mut PgConnection, kind: u8, n: u32) -> Uuid {
    let statement = format!("SELECT {}", sql_id(kind, &n.to_string()));
    sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(outsider).await.expect("an id")
}

/// Inserts an organization of this size without the store. Its first member has the most rows of every kind.
async fn fill(outsider: &mut PgConnection, size: Size) {
    let Size { members, memberships } = size;
    let (organization, first) = (sql_id(ORGANIZATION, "1"), sql_id(USER, "1"));
    let [user, other, left] = [USER, OTHER, LEFT].map(|kind| sql_id(kind, "i"));
    let member = |scope: &str, user: &str, rows: u32, active: bool| {
        format!(
            "INSERT INTO members (scope_id, user_id, number, role, active, first_name, last_name, name_key, search_key, created_at,
                 updated_at, revision)
             SELECT {scope}, {user}, i, CASE i WHEN 1 THEN 'admin' ELSE 'member' END, {active}, 'First', 'Last', 'name ' || i, '',
                 i, i, 1 FROM generate_series(1, {rows}) AS i"
        )
    };
    for statement in [
        // Reads by autovacuum are counted too, and so many new rows make it run at some later time.
        "DO $$ DECLARE t regclass; BEGIN
             FOR t IN SELECT relid FROM pg_stat_user_tables LOOP
                 EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', t);
             END LOOP;
         END $$"
            .to_owned(),
        // Foreign keys are triggers, which take long.
        "SET session_replication_role = replica".to_owned(),
        format!(
            "INSERT INTO users (id, kind, email, email_key, created_at)
             SELECT {user}, 'person', 'u' || i || '@example.com', 'u' || i || '@example.com', i FROM generate_series(1, {members}) AS i"
        ),
        format!(
            "INSERT INTO scopes (id, kind) SELECT {user}, 'personal' FROM generate_series(1, {members}) AS i
             UNION ALL SELECT {organization}, 'organization'
             UNION ALL SELECT {other}, 'organization' FROM generate_series(1, {memberships}) AS i
             UNION ALL SELECT {left}, 'organization' FROM generate_series(1, {memberships}) AS i"
        ),
        "INSERT INTO organizations (id, name, name_key, created_at, updated_at, revision)
             SELECT id, 'Works', 'works', 1, 1, 1 FROM scopes WHERE kind = 'organization'"
            .to_owned(),
        member(&organization, &user, members, true),
        member(&user, &user, members, true),
        member(&other, &first, memberships, true),
        member(&left, &first, memberships, false),
        // All but the last 25 projects are private, and hidden from members who are no admins. All members are on the roster of the first
        // one.
        format!(
            "INSERT INTO projects (scope_id, id, number, name, name_key, visibility, created_by, created_at, updated_at, revision)
             SELECT {organization}, {}, i, 'Project', 'project',
                 CASE WHEN i <= greatest(30, {members} / 10) - 25 THEN 'private' ELSE 'organization' END, {first}, i, i, 1
             FROM generate_series(1, greatest(30, {members} / 10)) AS i",
            sql_id(PROJECT, "i")
        ),
        format!(
            "INSERT INTO project_members (scope_id, project_id, user_id, id, number, role, created_at)
             SELECT {organization}, {}, {user}, {user}, i, 'member', i FROM generate_series(1, {members}) AS i",
            sql_id(PROJECT, "1")
        ),
        format!(
            "INSERT INTO spaces (scope_id, id, name, name_key, project_id, status, priority, strength, created_by, created_at,
                 updated_at, revision)
             SELECT {organization}, {}, 'Space', 'space', {}, 'Draft', 0, 0, {user}, i, i, 1
             FROM generate_series(1, {members}) AS i",
            sql_id(SPACE, "i"),
            sql_id(PROJECT, "1 + i % 10"),
        ),
        // Half of the tasks are the first member's, in many projects; the others are in one project.
        format!(
            "INSERT INTO tasks (scope_id, id, project_id, number, outline, name, status, assignee_id, created_by, created_at,
                 updated_at, revision)
             SELECT {organization}, {}, CASE i % 2 WHEN 0 THEN {} ELSE {} END, i, int4send(i), 'Task', 'todo',
                 CASE i % 2 WHEN 0 THEN {user} ELSE {first} END, {user}, i, i, 1 FROM generate_series(1, {members}) AS i",
            sql_id(TASK, "i"),
            sql_id(PROJECT, "1"),
            sql_id(PROJECT, &format!("2 + i % ({members} / 10 - 2)")),
        ),
        format!(
            "INSERT INTO api_keys (id, hash, prefix, user_id, name, default_scope_id, ability, issued, readmissions, created_at,
                 ends_unless_used)
             SELECT {}, sha256(i::text::bytea), '', {user}, 'laptop', {organization}, 'write', false, 0, i, false
             FROM generate_series(1, {members}) AS i",
            sql_id(KEY, "i")
        ),
        // The caller's own keys: those that reach everything lie between those that do not, and those for one organization between those
        // for others.
        format!(
            "INSERT INTO api_keys (id, hash, prefix, user_id, name, default_scope_id, ability, issued, readmissions, created_at,
                 ends_unless_used)
             SELECT {}, sha256(('own ' || i)::bytea), '', {first}, 'laptop', {first}, 'write', false, 0, i, false
             FROM generate_series(1, {memberships}) AS i",
            sql_id(OWN_KEY, "i")
        ),
        format!(
            "INSERT INTO api_keys (id, hash, prefix, user_id, name, default_scope_id, confined_to, ability, issued, readmissions,
                 created_at, ends_unless_used)
             SELECT {}, sha256(('narrow ' || i)::bytea), '', {first}, 'laptop', place, place, 'write', false, 0, i, false
             FROM (SELECT i, CASE WHEN i * 25 % {memberships} < 25 THEN {organization} ELSE {other} END AS place
                   FROM generate_series(1, {memberships}) AS i) AS places",
            sql_id(NARROW_KEY, "i")
        ),
        format!(
            "INSERT INTO invitations (scope_id, id, email, email_key, role, token_hash, invited_by, created_at, expires_at)
             SELECT {organization}, {}, 'g' || i || '@example.com', 'g' || i || '@example.com', 'member', sha256(i::text::bytea),
                 {first}, i, i + 1 FROM generate_series(1, {members}) AS i",
            sql_id(INVITATION, "i")
        ),
        format!(
            "INSERT INTO invitation_projects (scope_id, invitation_id, project_id, role)
             SELECT {organization}, {}, {}, 'member' FROM generate_series(1, {members}) AS i CROSS JOIN generate_series(1, 2) AS j",
            sql_id(INVITATION, "i"),
            sql_id(PROJECT, "1 + (i + j) % 10")
        ),
        COUNT_LISTS.to_owned(),
        "SET session_replication_role = origin".to_owned(),
        "VACUUM ANALYZE".to_owned(),
        // Otherwise the server adds these reads to its statistics up to a second later, among those of a call.
        "SELECT pg_stat_force_next_flush()".to_owned(),
    ] {
        run(outsider, statement).await;
    }
}

/// The store, and the arguments of the calls.
struct Scene {
    store: PostgresStore,
    outsider: PgConnection,
    database: TestDatabase,
    viewer: Viewer,
    /// A member who is no admin.
    member: Viewer,
    key: KeyHash,
    scope: Scope,
    project: ProjectId,
    space: SpaceId,
    task: TaskId,
}

/// The rows and pages that a call has touched in the store's tables.
#[derive(Clone, Copy, Debug, Default)]
struct Touched {
    rows: i64,
    pages: i64,
}

impl Scene {
    async fn new(size: Size) -> Self {
        let database = database().await;
        let mut outsider = superuser(&database).await;
        fill(&mut outsider, size).await;
        let key: Vec<u8> =
            sqlx::query_scalar("SELECT sha256('1')").fetch_one(&mut outsider).await.expect("a digest");
        let organization = OrganizationId::from_uuid(id(&mut outsider, ORGANIZATION, 1).await);
        Self {
            store: open(&options(&database)).await,
            viewer: viewer(UserId::from_uuid(id(&mut outsider, USER, 1).await)),
            member: viewer(UserId::from_uuid(id(&mut outsider, USER, 2).await)),
            key: KeyHash::from_bytes(key.try_into().expect("32 bytes")),
            scope: Scope::Organization(organization),
            project: ProjectId::from_uuid(id(&mut outsider, PROJECT, 1).await),
            space: SpaceId::from_uuid(id(&mut outsider, SPACE, 1).await),
            task: TaskId::from_uuid(id(&mut outsider, TASK, 2).await),
            outsider,
            database,
        }
    }

    /// Returns the rows and pages that the store's sessions have touched so far.
    async fn so_far(&mut self) -> Touched {
        for pool in [&self.store.readers.pool, &self.store.writers.pool] {
            let mut session = pool.take().await.expect("the one session");
            run(session.connection().connection, "SELECT pg_stat_force_next_flush()").await;
            session.mark_idle();
        }
        let (rows, pages): (i64, i64) = sqlx::query_as(
            "SELECT sum(coalesce(t.seq_tup_read, 0) + coalesce(t.idx_tup_fetch, 0))::bigint,
                 sum(coalesce(io.heap_blks_read + io.heap_blks_hit, 0) + coalesce(io.idx_blks_read + io.idx_blks_hit, 0))::bigint
             FROM pg_stat_user_tables t JOIN pg_statio_user_tables io USING (relid)",
        )
        .fetch_one(&mut self.outsider)
        .await
        .expect("what was touched");
        Touched { rows, pages }
    }

    /// Makes one of the most common calls, as a host does: by a key, and then the reads or writes.
    async fn call(&self, name: &str) {
        let window = Window { start: Start::Offset(Offset::new(0).expect("an offset")), rows: 21 };
        let Self { viewer, scope, project, space, task, .. } = *self;
        let viewer = &viewer;
        let first = match name {
            "a space" => ReadAhead::Space(space, ALL),
            "a project" => ReadAhead::Project(project),
            "a task" | "a task is changed" => ReadAhead::Task(task),
            "a roster" | "tasks" | "tasks after a position" | "a count of tasks" | "a count of a roster" => {
                ReadAhead::ProjectStanding(project)
            }
            _ => ReadAhead::RoleInScope(ScopeChoice::Default),
        };
        let opened =
            self.store.open_with_key(&self.key, Some(first)).await.expect("a lookup").expect("the key");
        let views = opened.views.expect("the views of one call");
        let total = |total: u64| usize::try_from(total).expect("a few");
        let count = match name {
            "a space" => views.space(viewer, space, ALL).await.map(|found| found.iter().len()),
            "a project" => views.project(viewer, project).await.map(|found| found.iter().len()),
            "a task" => views.task(viewer, task).await.map(|found| found.iter().len()),
            "spaces" => views
                .spaces(viewer, scope, &SpaceQuery::default(), Includes::default(), &window)
                .await
                .map(|list| list.len()),
            "spaces with all their relations" => {
                views.spaces(viewer, scope, &SpaceQuery::default(), ALL, &window).await.map(|list| list.len())
            }
            "projects" => {
                views.projects(viewer, scope, &ProjectQuery::default(), &window).await.map(|list| list.len())
            }
            "projects of a member" => {
                let query = ProjectQuery::default();
                drop(views);
                self.store.projects(&self.member, scope, &query, &window).await.map(|list| list.len())
            }
            "a count of projects of a member" => {
                drop(views);
                self.store.count_projects(&self.member, scope, &ProjectQuery::default()).await.map(total)
            }
            "members" => {
                views.members(viewer, scope, &MemberQuery::default(), &window).await.map(|list| list.len())
            }
            "a member" => views.member(viewer, scope, self.member.user).await.map(|found| found.iter().len()),
            "a user" => views.user(viewer.user).await.map(|found| found.iter().len()),
            "a roster" => views.roster(viewer, project, &window).await.map(|list| list.len()),
            "tasks" => {
                views.tasks(viewer, project, &TaskQuery::default(), &window).await.map(|list| list.len())
            }
            "tasks after a position" => {
                let (_, window) = windows(&task_after(), 21).remove(2);
                views.tasks(viewer, project, &TaskQuery::default(), &window).await.map(|list| list.len())
            }
            "an organization" => views
                .organization(viewer, scope.organization().expect("one"))
                .await
                .map(|found| found.iter().len()),
            "organizations" => views.organizations(viewer, &window).await.map(|list| list.len()),
            "keys" => views.keys(viewer, &window).await.map(|list| list.len()),
            "a member's keys" => {
                let organization = scope.organization().expect("one");
                views.member_keys(viewer, organization, viewer.user, &window).await.map(|list| list.len())
            }
            "invitations" => {
                let organization = scope.organization().expect("one");
                views.invitations(viewer, organization, &window).await.map(|list| list.len())
            }
            "a count of spaces" => views.count_spaces(viewer, scope, &SpaceQuery::default()).await.map(total),
            "a count of projects" => {
                views.count_projects(viewer, scope, &ProjectQuery::default()).await.map(total)
            }
            "a count of members" => {
                views.count_members(viewer, scope, &MemberQuery::default()).await.map(total)
            }
            "a count of a roster" => views.count_roster(viewer, project).await.map(total),
            "a count of tasks" => views.count_tasks(viewer, project, &TaskQuery::default()).await.map(total),
            "a role" => views.role_in_scope(viewer, scope).await.map(|found| found.iter().len()),
            "a space is locked" => {
                drop(views);
                let mut work = self.store.begin().await.expect("a unit of work");
                let found = work.lock_space(viewer, space).await;
                found.map(|found| found.iter().len())
            }
            "a task is locked" => {
                drop(views);
                let mut work = self.store.begin().await.expect("a unit of work");
                let project = work.project_of_task(viewer, task).await.expect("a look").expect("a project");
                work.hold_project(viewer, project).await.expect("a look").expect("a project");
                let found = work.lock_task(viewer, task).await;
                found.map(|found| found.iter().len())
            }
            other => unreachable!("{other}"),
        };
        assert!(count.expect("a result") > 0, "{name} finds something");
    }

    async fn touched_by(&mut self, name: &str) -> Touched {
        // Preparing the statements for the first call reads the tables too.
        self.call(name).await;
        let before = self.so_far().await;
        self.call(name).await;
        let after = self.so_far().await;
        Touched { rows: after.rows - before.rows, pages: after.pages - before.pages }
    }
}

/// Returns a position near the beginning of any project's tasks.
fn task_after() -> SortValue {
    let SortValue::Outline(_) = task_value() else { unreachable!("tasks are ordered by outline") };
    SortValue::Outline(loggia_domain::task::OutlineNumber::parse("10").expect("a number"))
}

const CALLS: [&str; 27] = [
    "a space",
    "a project",
    "a task",
    "spaces",
    "spaces with all their relations",
    "projects",
    "members",
    "a member",
    "a user",
    "a roster",
    "tasks",
    "tasks after a position",
    "a count of spaces",
    "a count of projects",
    "projects of a member",
    "a count of projects of a member",
    "a count of members",
    "a count of a roster",
    "a count of tasks",
    "an organization",
    "organizations",
    "keys",
    "a member's keys",
    "invitations",
    "a role",
    "a space is locked",
    "a task is locked",
];

#[tokio::test]
async fn no_call_touches_more_rows_or_pages_on_a_large_store_than_on_a_small_one() {
    let (mut small, mut large) = (Scene::new(SMALL).await, Scene::new(LARGE).await);
    let mut found = String::new();
    let mut table = String::new();
    for name in CALLS {
        let (few, many) = (small.touched_by(name).await, large.touched_by(name).await);
        table += &format!("{name:<32} {few:?} {many:?}\n");
        // A row takes one page of its table, and one on each of the three levels of an index. For each of the 21 rows of a page there may
        // be one index-only lookup, which counts as no row.
        if many.rows > few.rows + 2 || many.pages > (many.rows + 21) * 4 + 8 {
            found +=
                &format!("{name}: {few:?} of {} members, {many:?} of {}\n", SMALL.members, LARGE.members);
        }
    }
    assert!(found.is_empty(), "{found}\n{table}");
    drop((small.database, large.database));
}
