//! Tests that need the store's internals: the open connections, the statements' plans, and their cost.

mod connections;
mod cost;
mod cost_own;
mod examine;
mod groups;
mod long_reads;
mod plans;

use loggia_domain::id::{OrganizationId, ProjectId, UserId};
use loggia_domain::page::{Direction, Offset, Position, SortValue, Start, Window};
use loggia_domain::scope::{Scope, Viewer};
use loggia_testkit::builders::viewer;
use tempfile::TempDir;
use uuid::Uuid;

use crate::{SqliteOptions, SqliteStore};

pub(crate) const ORGANIZATION: Uuid = Uuid::from_u128(0xa);
pub(crate) const ADA: Uuid = Uuid::from_u128(0xb);
pub(crate) const PROJECT: Uuid = Uuid::from_u128(1);

pub(crate) const BOTH_WAYS: [Direction; 2] = [Direction::Ascending, Direction::Descending];

/// Opens a store with a single reading connection, so that a setting made on it applies to the next view.
pub(crate) async fn store() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let options = SqliteOptions::new(folder.path().join("loggia.db")).readers(1);
    (SqliteStore::open_with(&options).await.expect("a store"), folder)
}

pub(crate) fn scope() -> Scope {
    Scope::Organization(OrganizationId::from_uuid(ORGANIZATION))
}

pub(crate) fn project_id() -> ProjectId {
    ProjectId::from_uuid(PROJECT)
}

pub(crate) fn ada() -> Viewer {
    viewer(UserId::from_uuid(ADA))
}

pub(crate) fn from_offset(offset: u32, rows: u32) -> Window {
    Window { start: Start::Offset(Offset::new(offset).expect("an offset")), rows }
}

pub(crate) fn after(position: Position, rows: u32) -> Window {
    Window { start: Start::After(position), rows }
}

pub(crate) fn before(position: Position, rows: u32) -> Window {
    Window { start: Start::Before(position), rows }
}

pub(crate) fn some_position() -> Position {
    Position { value: SortValue::Number(1), id: Uuid::nil() }
}

/// Inserts one organization, its one member, and `rows` spaces, projects, and tasks of the first project.
pub(crate) async fn fill(store: &SqliteStore, rows: u32) {
    let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})");
    let (scope, ada, project) = (blob(ORGANIZATION), blob(ADA), blob(PROJECT));
    let statements = [
        "UPDATE instance SET has_organizations = 1".to_owned(),
        format!("INSERT INTO scopes (id, kind) VALUES ({scope}, 'organization'), ({ada}, 'personal')"),
        format!(
            "INSERT INTO users (id, kind, email, email_key, created_at)
             VALUES ({ada}, 'person', 'ada@example.com', 'ada@example.com', 1)"
        ),
        format!(
            "INSERT INTO organizations (id, name, name_key, created_at, updated_at, revision)
             VALUES ({scope}, 'Harbour Works', 'harbour works', 1, 1, 1)"
        ),
        format!(
            "INSERT INTO members (scope_id, user_id, number, role, active, first_name, last_name, name_key, search_key, created_at,
                 updated_at, revision)
             VALUES ({scope}, {ada}, 1, 'admin', 1, 'Ada', 'Byron', '', '', 1, 1, 1)"
        ),
        format!(
            "{numbers} INSERT INTO projects (scope_id, id, number, name, name_key, visibility, created_by, created_at,
                 updated_at, revision)
             SELECT {scope}, unhex(printf('%032x', i)), i, 'Project ' || i, 'project ' || i, 'organization', {ada}, i,
                 i / 7, 1 FROM n"
        ),
        format!(
            "{numbers} INSERT INTO spaces (scope_id, id, name, name_key, project_id, status, priority, strength,
                 created_by, created_at, updated_at, revision)
             SELECT {scope}, unhex(printf('%032x', i)), 'Space ' || i, 'space ' || i, {project}, 'Draft', i % 5, i % 11,
                 {ada}, i, i / 7, 1 FROM n"
        ),
        format!(
            "{numbers} INSERT INTO tasks (scope_id, id, project_id, number, outline, name, status, assignee_id,
                 created_by, created_at, updated_at, revision)
             SELECT {scope}, unhex(printf('%032x', i)), {project}, i, unhex(printf('%08x', i)), 'Task ' || i, 'todo',
                 {ada}, {ada}, i, i, 1 FROM n"
        ),
    ];
    let script = format!("BEGIN IMMEDIATE; {}; COMMIT", statements.join("; "));
    store.writer.with(|connection| connection.execute_batch(&script)).await.expect("rows");
}

fn blob(id: Uuid) -> String {
    format!("x'{}'", id.simple())
}
