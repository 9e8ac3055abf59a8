//! Collects every statement that a read runs, from the session's own list of prepared statements. So none can be forgotten, and none is
//! written down a second time.

use std::collections::BTreeSet;

use loggia_domain::id::{KeyId, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::key::KeyHash;
use loggia_domain::page::{
    AssigneeFilter, MemberOrder, MemberQuery, Offset, Position, ProjectOrder, ProjectQuery, SortValue,
    SpaceOrder, SpaceQuery, Start, TaskQuery, Window,
};
use loggia_domain::port::{
    DeletionViews, Includes, InstanceViews, InvitationViews, KeyViews, OwnTasksQuery, ReadAhead,
    StoredResponseViews, Views,
};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Scope, Viewer};
use loggia_domain::space::{Priority, SpaceStatus};
use loggia_domain::task::{OutlineNumber, TaskStatus};
use loggia_domain::text::{EmailAddress, SearchText};
use loggia_testkit::builders::{at_most, claim};
use sqlx::{AssertSqlSafe, PgConnection, Row, raw_sql};

use crate::PostgresStore;

/// The arguments of the reads.
pub(super) struct Question {
    pub(super) viewer: Viewer,
    pub(super) organization: OrganizationId,
    pub(super) scope: Scope,
    pub(super) project: ProjectId,
    pub(super) space: SpaceId,
    pub(super) task: TaskId,
    pub(super) user: UserId,
    pub(super) email: EmailAddress,
    pub(super) key: (KeyId, KeyHash),
}

/// A statement that a session has prepared.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    /// The read that it is for.
    pub(super) label: String,
    pub(super) sql: String,
    /// The generic plan, in the form of `EXPLAIN (FORMAT JSON)`.
    pub(super) plan: serde_json::Value,
}

pub(super) const ALL: Includes = Includes { project: true, organization: true, creator: true };

/// Runs the reads, and records the statements that were prepared for each.
struct Recorder<'s, O> {
    store: &'s PostgresStore,
    known: BTreeSet<String>,
    found: Vec<Prepared>,
    after_each: O,
}

impl<O: AsyncFnMut(&str, &mut PgConnection)> Recorder<'_, O> {
    async fn note(&mut self, label: &str) {
        // The session is inspected as the read has left it, in its tenant context.
        let mut session = self.store.readers.pool.take().await.expect("the one session");
        (self.after_each)(label, session.connection().connection).await;
        for (name, sql, parameters) in prepared(session.connection().connection).await {
            if !self.known.insert(sql.clone()) {
                continue;
            }
            let plan = generic_plan(session.connection().connection, &name, parameters).await;
            self.found.push(Prepared { label: label.to_owned(), sql, plan });
        }
    }
}

/// Returns the names and texts of the session's prepared statements, and their numbers of parameters.
async fn prepared(session: &mut PgConnection) -> Vec<(String, String, usize)> {
    // The simple protocol itself prepares nothing.
    let rows = raw_sql(
        "SELECT name, statement, coalesce(cardinality(parameter_types), 0)::text FROM pg_prepared_statements
         ORDER BY prepare_time, length(name), name",
    )
    .fetch_all(session)
    .await
    .expect("the prepared statements");
    rows.iter()
        .map(|row| {
            let parameters: String = row.get(2);
            (row.get(0), row.get(1), parameters.parse().expect("a number"))
        })
        .collect()
}

async fn generic_plan(session: &mut PgConnection, name: &str, parameters: usize) -> serde_json::Value {
    raw_sql("SET plan_cache_mode = force_generic_plan").execute(&mut *session).await.expect("a setting");
    let values =
        if parameters == 0 { String::new() } else { format!("({})", vec!["NULL"; parameters].join(", ")) };
    let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE \"{name}\"{values}");
    let row = raw_sql(AssertSqlSafe(explain)).fetch_one(&mut *session).await.expect("a plan");
    raw_sql("RESET plan_cache_mode").execute(&mut *session).await.expect("a setting");
    plan_of(&row)
}

/// Parses the result of `EXPLAIN (FORMAT JSON)`.
pub(super) fn plan_of(row: &sqlx::postgres::PgRow) -> serde_json::Value {
    let text: &str = row.try_get_raw(0).expect("a plan").as_str().expect("a text");
    let plan: serde_json::Value = serde_json::from_str(text).expect("JSON");
    plan[0]["Plan"].clone()
}

/// Returns the windows that a list can be read through, with their names.
pub(super) fn windows(value: &SortValue, rows: u32) -> Vec<(&'static str, Window)> {
    let position = || Position { value: value.clone(), id: uuid::Uuid::nil() };
    let offset = |offset| Start::Offset(Offset::new(offset).expect("an offset"));
    [
        ("from the start", offset(0)),
        ("from an offset", offset(3)),
        ("after a position", Start::After(position())),
        ("before a position", Start::Before(position())),
    ]
    .map(|(name, start)| (name, Window { start, rows }))
    .into()
}

/// Returns a position in each order of spaces, amid those of the large organization in `plans/data.rs`.
pub(super) fn space_value(order: SpaceOrder) -> SortValue {
    match order {
        SpaceOrder::CreatedAt => SortValue::Time(time(102_500)),
        SpaceOrder::UpdatedAt => SortValue::Time(time(14_600)),
        SpaceOrder::Name => SortValue::Text("space 3".into()),
        SpaceOrder::Priority | SpaceOrder::Strength => SortValue::Number(2),
    }
}

/// Returns a position in each order of projects.
pub(super) fn project_value(order: ProjectOrder) -> SortValue {
    match order {
        ProjectOrder::UpdatedAt => SortValue::Time(time(14_310)),
        ProjectOrder::Name => SortValue::Text("project 3".into()),
        ProjectOrder::Number => SortValue::Number(200),
    }
}

/// Returns a position in each order of members.
fn member_value(order: MemberOrder) -> SortValue {
    match order {
        MemberOrder::Name => SortValue::Text("person".into()),
        MemberOrder::CreatedAt => SortValue::Time(time(14_310)),
    }
}

/// Returns a position in the order of the outline.
pub(super) fn task_value() -> SortValue {
    SortValue::Outline(OutlineNumber::parse("6000").expect("an outline number"))
}

fn time(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).expect("a time")
}

/// Returns filters of spaces: none, some, and all.
pub(super) fn space_filters(project: ProjectId) -> [(&'static str, SpaceQuery); 3] {
    let all = SpaceQuery::default();
    let some = SpaceQuery {
        status: Some(SpaceStatus::Draft),
        search: SearchText::parse("a").ok(),
        ..SpaceQuery::default()
    };
    let few = SpaceQuery { project: Some(project), priority: Some(Priority::None), ..some.clone() };
    [("", all), ("filtered ", some), ("one project's ", few)]
}

/// Runs every read of `Views` on a store with a single reading session. `after_each` gets the label of each read, and the session as the
/// read has left it.
pub(super) async fn every_read(
    store: &PostgresStore,
    question: &Question,
    after_each: impl AsyncFnMut(&str, &mut PgConnection),
) -> Vec<Prepared> {
    let mut recorder = Recorder { store, known: BTreeSet::new(), found: Vec::new(), after_each };
    let Question { viewer, organization, scope, project, space, task, user, email, key: (key, hash) } =
        question;
    /// Runs a read, whatever it finds, and records its statements.
    macro_rules! ask {
        ($label:expr, $read:expr) => {{
            $read.await.expect("a result");
            recorder.note(&$label).await;
        }};
    }
    ask!("check_ready", store.check_ready());
    ask!("instance_secret", store.instance_secret());
    ask!("has_organizations", store.has_organizations());
    ask!("all_organizations", store.all_organizations(Some(*organization), 21));
    ask!("count_organization_extent", store.organization_extent(*organization));
    ask!("key_by_hash", store.key_by_hash(hash));
    ask!("open_with_key", store.open_with_key(hash, None));
    let first = ReadAhead::Space(*space, ALL);
    ask!("open_with_key, and a space", store.open_with_key(hash, Some(first)));
    ask!("open_with_key, and a project", store.open_with_key(hash, Some(ReadAhead::Project(*project))));
    let first = ReadAhead::ProjectStanding(*project);
    ask!("open_with_key, and a standing", store.open_with_key(hash, Some(first)));
    ask!("open_with_key, and a task", store.open_with_key(hash, Some(ReadAhead::Task(*task))));
    ask!("account_by_email", store.account_by_email(email));
    ask!("own_person_by_email", store.own_person_by_email(*organization, email));
    ask!("user", store.user(*user));
    ask!("key", store.key(*user, *key));
    let narrow = Viewer { reach: Reach::Only(*organization), ..*viewer };
    for (name, window) in windows(&SortValue::Time(Timestamp::from_micros(2).expect("a time")), 21) {
        ask!(format!("keys {name}"), store.keys(viewer, &window));
        ask!(format!("keys of one organization {name}"), store.keys(&narrow, &window));
        ask!(format!("member_keys {name}"), store.member_keys(viewer, *organization, *user, &window));
    }
    for (name, window) in windows(&SortValue::Id, 21) {
        ask!(format!("organizations {name}"), store.organizations(viewer, &window));
        ask!(format!("invitations {name}"), store.invitations(viewer, *organization, &window));
    }
    ask!("organization", store.organization(viewer, *organization));
    ask!("role_in_scope", store.role_in_scope(viewer, *scope));
    let claim = claim("POST /v1/spaces", "once");
    ask!("is_claimed", store.is_claimed(viewer, &claim, Timestamp::from_micros(2).expect("a time")));
    ask!("own_member", store.own_member(viewer, *scope));
    ask!("member", store.member(viewer, *scope, *user));
    let (role, active) = (Some(ScopeRole::Member), Some(true));
    let some = MemberQuery { role, active, search: SearchText::parse("a").ok(), ..MemberQuery::default() };
    for (filter, query) in [("", MemberQuery::default()), ("filtered ", some)] {
        for order in MemberOrder::ALL.iter().copied() {
            let query = MemberQuery { order, ..query.clone() };
            for (name, window) in windows(&member_value(order), 21) {
                let label = format!("{filter}members by {order:?} {name}");
                ask!(label, store.members(viewer, *scope, &query, &window));
            }
        }
        ask!(format!("count_members {filter}"), store.count_members(viewer, *scope, &query));
    }
    for (name, includes) in [("space", Includes::default()), ("space with all its relations", ALL)] {
        ask!(name, store.space(viewer, *space, includes));
    }
    for order in SpaceOrder::ALL.iter().copied() {
        for (filter, query) in space_filters(*project) {
            let query = SpaceQuery { order, ..query };
            for (name, window) in windows(&space_value(order), 21) {
                let label = format!("{filter}spaces by {order:?} {name}");
                ask!(label, store.spaces(viewer, *scope, &query, ALL, &window));
            }
        }
    }
    for (filter, query) in space_filters(*project) {
        ask!(format!("count_spaces {filter}"), store.count_spaces(viewer, *scope, &query));
    }
    ask!("project", store.project(viewer, *project));
    ask!("project_standing", store.project_standing(viewer, *project));
    for order in ProjectOrder::ALL.iter().copied() {
        for (filter, search) in [("", None), ("filtered ", SearchText::parse("a").ok())] {
            let query = ProjectQuery { search, order, ..ProjectQuery::default() };
            for (name, window) in windows(&project_value(order), 21) {
                let label = format!("{filter}projects by {order:?} {name}");
                ask!(label, store.projects(viewer, *scope, &query, &window));
            }
            ask!(format!("count_projects {filter}"), store.count_projects(viewer, *scope, &query));
        }
    }
    for (name, window) in windows(&SortValue::Number(2), 21) {
        ask!(format!("roster {name}"), store.roster(viewer, *project, &window));
    }
    ask!("count_roster", store.count_roster(viewer, *project));
    ask!("task", store.task(viewer, *task));
    let (status, nobody) = (Some(TaskStatus::Todo), Some(AssigneeFilter::Nobody));
    let somebody = Some(AssigneeFilter::User(*user));
    for (filter, query) in [
        ("", TaskQuery::default()),
        ("filtered ", TaskQuery { status, assignee: somebody }),
        ("nobody's ", TaskQuery { status, assignee: nobody }),
    ] {
        for (name, window) in windows(&task_value(), 21) {
            ask!(format!("{filter}tasks {name}"), store.tasks(viewer, *project, &query, &window));
        }
        ask!(format!("count_tasks {filter}"), store.count_tasks(viewer, *project, &query));
    }
    for (filter, status) in [("", None), ("filtered ", status)] {
        let query = OwnTasksQuery { status, tasks_limit: at_most(5) };
        for (name, window) in windows(&SortValue::Number(2), 11) {
            ask!(format!("{filter}my_tasks {name}"), store.my_tasks(viewer, *scope, &query, &window));
        }
        ask!(format!("count_my_tasks {filter}"), store.count_my_tasks(viewer, *scope, &query));
    }
    ask!("events", store.events(*scope, None, 50));
    recorder.found
}
