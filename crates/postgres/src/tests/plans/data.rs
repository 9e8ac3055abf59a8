//! A large instance with fixed contents: one organization with many rows of every kind, and many small ones beside it.

use loggia_domain::id::{KeyId, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::key::KeyHash;
use loggia_domain::scope::Scope;
use loggia_testkit::builders::{ADA, viewer};
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::statements::Question;
use super::super::{COUNT_LISTS, run};

/// The number of organizations; the first one is the large one.
const ORGANIZATIONS: u32 = 600;
const USERS: u32 = 3_000;

/// Returns the id of the nth record of a kind.
fn id(kind: u8, n: u32) -> Uuid {
    Uuid::from_u128(u128::from(kind) << 96 | u128::from(n))
}

/// Returns the id of the nth record of a kind as an SQL expression.
fn sql_id(kind: u8, n: &str) -> String {
    format!("('{kind:08x}-0000-0000-0000-' || lpad(to_hex({n}), 12, '0'))::uuid")
}

const ORGANIZATION: u8 = 1;
const USER: u8 = 2;
const PROJECT: u8 = 3;
const MEMBERSHIP: u8 = 4;
const SPACE: u8 = 5;
const TASK: u8 = 6;
const EVENT: u8 = 7;
const KEY: u8 = 8;
const INVITATION: u8 = 9;

/// The number of rows of a table for the first organization, and for each of the others.
struct Share {
    first: u32,
    others: u32,
}

impl Share {
    /// Returns a subquery with rows `(o, i, n)`: the organization, the index within it, and a number that is unique within the kind.
    fn rows(&self) -> String {
        let Self { first, others } = self;
        format!(
            "(SELECT o, i, (o * 100000 + i) AS n FROM generate_series(1, {ORGANIZATIONS}) AS o
              CROSS JOIN LATERAL generate_series(1, CASE o WHEN 1 THEN {first} ELSE {others} END) AS i) AS r"
        )
    }
}

const MEMBERS: Share = Share { first: 300, others: 6 };
const PROJECTS: Share = Share { first: 400, others: 20 };
const MEMBERSHIPS: Share = Share { first: 6 * 400, others: 6 * 3 };
const SPACES: Share = Share { first: 5_000, others: 12 };
const TASKS: Share = Share { first: 12_000, others: 12 };
const EVENTS: Share = Share { first: 5_000, others: 12 };
const INVITATIONS: Share = Share { first: 2_000, others: 6 };

/// Inserts all rows, without triggers and the foreign keys' checks, which would take long.
pub(super) async fn fill(outsider: &mut PgConnection) {
    let scope = sql_id(ORGANIZATION, "r.o");
    // The members of the first organization are the first users. The others have users of all numbers, and Ada in the first few.
    let nth_member = |i: &str| {
        format!(
            "CASE WHEN r.o = 1 THEN {i} WHEN {i} = 1 AND r.o < 6 THEN 1 ELSE 1 + (r.o * 7 + {i} * 31) % {USERS} END"
        )
    };
    let member = |i: &str| sql_id(USER, &nth_member(i));
    let creator = |share: &Share| {
        member(&format!(
            "(1 + r.i % CASE r.o WHEN 1 THEN {} ELSE {} END)",
            MEMBERS.first,
            share.others.min(MEMBERS.others)
        ))
    };
    let project = |projects: &str| sql_id(PROJECT, &format!("(r.o * 100000 + {projects})"));
    let some_project =
        project(&format!("(1 + r.i % CASE r.o WHEN 1 THEN {} ELSE {} END)", PROJECTS.first, PROJECTS.others));
    // A third of the first organization's tasks is in the first project.
    let tasks_project = project(&format!(
        "CASE WHEN r.i % 3 = 0 THEN 1 ELSE 1 + r.i % CASE r.o WHEN 1 THEN {} ELSE {} END END",
        PROJECTS.first, PROJECTS.others
    ));
    // Each invitation has three projects.
    let invited_project = project(&format!(
        "(1 + (r.i + j) % CASE r.o WHEN 1 THEN {} ELSE {} END)",
        PROJECTS.first, PROJECTS.others
    ));
    let user = sql_id(USER, "i");
    for statement in [
        "SET session_replication_role = replica".to_owned(),
        format!(
            "INSERT INTO users (id, kind, email, email_key, created_at)
             SELECT {user}, 'person', CASE i WHEN 1 THEN 'ada' ELSE 'user' || i END || '@example.com',
                 CASE i WHEN 1 THEN 'ada' ELSE 'user' || i END || '@example.com', i FROM generate_series(1, {USERS}) AS i"
        ),
        "INSERT INTO scopes (id, kind) SELECT id, 'personal' FROM users".to_owned(),
        format!(
            "INSERT INTO members (scope_id, user_id, number, role, active, first_name, last_name, name_key, search_key, created_at,
                 updated_at, revision)
             SELECT {user}, {user}, 1, 'admin', true, 'First', 'Last', '', '', i, i, 1 FROM generate_series(1, {USERS}) AS i"
        ),
        format!("INSERT INTO scopes (id, kind) SELECT {}, 'organization' FROM generate_series(1, {ORGANIZATIONS}) AS o", sql_id(ORGANIZATION, "o")),
        format!(
            "INSERT INTO organizations (id, name, name_key, created_at, updated_at, revision)
             SELECT {}, 'Works ' || o, 'works ' || o, o, o, 1 FROM generate_series(1, {ORGANIZATIONS}) AS o",
            sql_id(ORGANIZATION, "o")
        ),
        format!(
            "INSERT INTO members (scope_id, user_id, number, role, active, first_name, last_name, name_key, search_key, created_at,
                 updated_at, revision)
             SELECT {scope}, {}, r.i, CASE r.i WHEN 1 THEN 'admin' ELSE 'member' END, r.i % 50 <> 49, 'First', 'Last', '', '',
                 r.n, r.n, 1
             FROM {}",
            member("r.i"),
            MEMBERS.rows()
        ),
        format!(
            "INSERT INTO projects (scope_id, id, number, name, name_key, visibility, created_by, created_at, updated_at, revision)
             SELECT {scope}, {}, r.i, 'Project ' || r.i, 'project ' || r.i,
                 CASE r.i % 5 WHEN 4 THEN 'private' ELSE 'organization' END, {}, r.n, r.n / 7, 1 FROM {}",
            sql_id(PROJECT, "r.n"),
            creator(&PROJECTS),
            PROJECTS.rows()
        ),
        format!(
            "INSERT INTO project_members (scope_id, project_id, user_id, id, number, role, created_at)
             SELECT {scope}, {}, {}, {}, r.i, 'member', r.n
             FROM {}",
            project("(1 + (r.i - 1) / 6)"),
            member("(1 + (r.i - 1) % 6)"),
            sql_id(MEMBERSHIP, "r.n"),
            MEMBERSHIPS.rows()
        ),
        format!(
            "INSERT INTO spaces (scope_id, id, name, name_key, project_id, status, priority, strength, created_by, created_at,
                 updated_at, revision)
             SELECT {scope}, {}, 'Space ' || r.i, 'space ' || r.i, CASE r.i % 3 WHEN 0 THEN {some_project} END,
                 CASE r.i % 4 WHEN 3 THEN 'Active' ELSE 'Draft' END, r.i % 5, r.i % 11, {}, r.n, r.n / 7, 1 FROM {}",
            sql_id(SPACE, "r.n"),
            creator(&SPACES),
            SPACES.rows()
        ),
        format!(
            "INSERT INTO tasks (scope_id, id, project_id, number, outline, name, status, assignee_id, created_by, created_at,
                 updated_at, revision)
             SELECT {scope}, {}, {tasks_project}, r.i, decode(lpad(to_hex(r.i), 8, '0'), 'hex'), 'Task ' || r.i,
                 CASE r.i % 4 WHEN 3 THEN 'done' ELSE 'todo' END, CASE r.i % 5 WHEN 4 THEN NULL ELSE {} END, {}, r.n, r.n, 1
             FROM {}",
            sql_id(TASK, "r.n"),
            creator(&TASKS),
            creator(&TASKS),
            TASKS.rows()
        ),
        format!(
            "INSERT INTO events (transaction, scope_id, id, actor, at, subject_kind, subject_id, verb, changes)
             SELECT r.i, {scope}, {}, 'operator', r.n, 'space', {}, 'updated', '[]' FROM {}",
            sql_id(EVENT, "r.n"),
            sql_id(SPACE, "r.n"),
            EVENTS.rows()
        ),
        format!(
            "INSERT INTO api_keys (id, hash, prefix, user_id, name, default_scope_id, ability, issued, readmissions, created_at,
                 ends_unless_used)
             SELECT {}, sha256(i::text::bytea), '', {user}, 'laptop', {user}, 'write', false, 0, i, false
             FROM generate_series(1, {USERS}) AS i",
            sql_id(KEY, "i")
        ),
        format!(
            "INSERT INTO stored_responses (user_id, reach, operation, key, fingerprint, made_at, expires_at)
             SELECT {user}, '00000000-0000-0000-0000-000000000000', 'POST /api/v1/spaces', 'quay', sha256(''), i, i + 1
             FROM generate_series(1, {USERS}) AS i"
        ),
        format!(
            "INSERT INTO invitations (scope_id, id, email, email_key, role, token_hash, invited_by, created_at, expires_at)
             SELECT {scope}, {}, 'guest' || r.i || '@example.com', 'guest' || r.i || '@example.com', 'member',
                 sha256(r.n::text::bytea), {}, r.n, r.n + 1 FROM {}",
            sql_id(INVITATION, "r.n"),
            creator(&INVITATIONS),
            INVITATIONS.rows()
        ),
        format!(
            "INSERT INTO invitation_projects (scope_id, invitation_id, project_id, role)
             SELECT {scope}, {}, {invited_project}, 'member' FROM {} CROSS JOIN generate_series(1, 3) AS j",
            sql_id(INVITATION, "r.n"),
            INVITATIONS.rows()
        ),
        COUNT_LISTS.to_owned(),
        "SET session_replication_role = origin".to_owned(),
        "VACUUM ANALYZE".to_owned(),
    ] {
        run(outsider, statement).await;
    }
}

/// Returns the arguments of Ada's reads of the large organization.
pub(super) fn question() -> Question {
    let (organization, user) =
        (OrganizationId::from_uuid(id(ORGANIZATION, 1)), UserId::from_uuid(id(USER, 1)));
    Question {
        viewer: viewer(user),
        organization,
        scope: Scope::Organization(organization),
        project: ProjectId::from_uuid(id(PROJECT, 100_001)),
        space: SpaceId::from_uuid(id(SPACE, 100_001)),
        task: TaskId::from_uuid(id(TASK, 100_001)),
        user,
        email: ADA.email(),
        key: (KeyId::from_uuid(id(KEY, 1)), KeyHash::from_bytes([0; 32])),
    }
}
