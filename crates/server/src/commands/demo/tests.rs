//! The demo on a real file.

use loggia_domain::key::Caller;
use loggia_domain::page::{
    MemberQuery, Offset, PageRequest, PageSize, ProjectQuery, SpaceQuery, Start, TaskQuery,
};
use loggia_domain::port::Includes;
use loggia_domain::scope::{Scope, ScopeChoice};

use super::*;
use crate::database::Database;

const SMALL: Figures = Figures { people: 6, projects: 12, tasks: 700, spaces: 9 };

struct Opened {
    open: OpenStore,
    _directory: tempfile::TempDir,
}

async fn store() -> Opened {
    let directory = tempfile::tempdir().expect("a directory");
    let database = Database::Sqlite(directory.path().join("demo.db"));
    let open = OpenStore::prepare(&database).await.expect("a store");
    Opened { open, _directory: directory }
}

async fn make(open: &OpenStore) -> Bootstrapped {
    let plan = Plan::new(1, SMALL).expect("a plan");
    let name = OrganizationName::parse("Harbour Works").expect("a name");
    create(open, name, &plan).await.expect("a full organization")
}

fn counting() -> PageRequest {
    let start = Start::Offset(Offset::new(0).expect("an offset"));
    PageRequest { start, size: PageSize::new(100).expect("a size"), count: true }
}

#[tokio::test]
async fn a_second_run_makes_another_organization_with_own_people_and_the_same_admin() {
    let store = store().await;
    let made = [make(&store.open).await, make(&store.open).await];
    let loggia = store.open.loggia();
    let mut own = Vec::new();
    for first in &made {
        let organization = first.organization.id;
        let caller = Caller::unchecked(first.member.user, Scope::Organization(organization));
        let members = loggia
            .acting_as(&caller)
            .list_members(organization, &MemberQuery::default(), &counting())
            .await
            .expect("members")
            .items;
        assert_eq!(members.len(), SMALL.people);
        for member in members {
            let home = (member.user != first.member.user).then_some(organization);
            assert_eq!(member.home, home, "{}", member.profile.full_name());
            own.extend(home.map(|_| member.user));
        }
    }
    assert_eq!(made[0].member.user, made[1].member.user);
    own.sort_unstable();
    own.dedup();
    assert_eq!(own.len(), 2 * (SMALL.people - 1), "nobody is in both");
}

#[tokio::test]
async fn the_figures_are_met_in_each_of_two_runs() {
    let store = store().await;
    let (first, second) = (make(&store.open).await, make(&store.open).await);
    assert_ne!(first.organization.id, second.organization.id);

    let loggia = store.open.loggia();
    let caller = Caller::unchecked(second.member.user, Scope::Organization(second.organization.id));
    let query = ProjectQuery::default();
    let projects = loggia
        .acting_as(&caller)
        .list_projects(ScopeChoice::Default, &query, &counting())
        .await
        .expect("projects");
    assert_eq!(projects.total, Some(12));
    let query = SpaceQuery::default();
    let spaces = loggia
        .acting_as(&caller)
        .list_spaces(ScopeChoice::Default, &query, Includes::default(), &counting())
        .await
        .expect("spaces");
    assert_eq!(spaces.total, Some(9));
    let mut tasks = 0;
    for project in projects.items {
        let query = TaskQuery::default();
        let page = loggia
            .acting_as(&caller)
            .list_tasks(project.record.id, &query, &counting())
            .await
            .expect("tasks");
        tasks += page.total.unwrap_or(0);
    }
    assert_eq!(tasks, 700);
}

/// Returns the members, the projects and the tasks of the first project, in the order of their numbers.
async fn numbered(open: &OpenStore, made: &Bootstrapped) -> Vec<String> {
    let (loggia, organization) = (open.loggia(), made.organization.id);
    let caller = Caller::unchecked(made.member.user, Scope::Organization(organization));
    let page = counting();
    let members = loggia.acting_as(&caller).list_members(organization, &MemberQuery::default(), &page).await;
    let projects =
        loggia.acting_as(&caller).list_projects(ScopeChoice::Default, &ProjectQuery::default(), &page).await;
    let (members, projects) = (members.expect("members").items, projects.expect("projects").items);
    let first = projects.iter().map(|project| &project.record).min_by_key(|project| project.number);
    let tasks = loggia
        .acting_as(&caller)
        .list_tasks(first.expect("a project").id, &TaskQuery::default(), &page)
        .await;
    let mut lines: Vec<_> = members.iter().map(|it| (0, it.number, it.profile.full_name())).collect();
    lines.extend(projects.iter().map(|it| (1, it.record.number, it.record.name.as_str().to_owned())));
    lines.extend(
        tasks.expect("tasks").items.iter().map(|it| (2, it.task.number, it.task.name.as_str().to_owned())),
    );
    lines.sort();
    lines.into_iter().map(|(_, number, name)| format!("{number:?} {name}")).collect()
}

#[tokio::test]
async fn two_runs_give_their_records_the_same_numbers() {
    let store = store().await;
    let (first, second) = (make(&store.open).await, make(&store.open).await);
    assert_eq!(numbered(&store.open, &first).await, numbered(&store.open, &second).await);
}

#[test]
fn tasks_need_a_project() {
    let args = DemoArgs {
        organization_name: "X".into(),
        people: "0".into(),
        projects: "0".into(),
        tasks: "1".into(),
        spaces: "-1".into(),
        seed: "x".into(),
        json: false,
    };
    let mut usage_errors = UsageErrors::default();
    let job = args.check(&mut usage_errors);
    let error = usage_errors.settle(job).expect_err("four usage_errors").to_string();
    for name in ["--people", "--tasks", "--spaces", "--seed"] {
        assert!(error.contains(name), "{name} in {error}");
    }
    assert!(!error.contains("--organization-name"), "{error}");
}
