//! The demo on a real file.

use loggia_domain::key::Caller;
use loggia_domain::page::{MemberQuery, Offset, PageRequest, PageSize, ProjectQuery, SpaceQuery, Start};
use loggia_domain::port::{Includes, Store, Views};
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::text::{EmailAddress, OrganizationName};

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

async fn make(open: &OpenStore) -> Filled {
    let plan = Plan::new(1, SMALL).expect("a plan");
    let store = Arc::new(BatchingStore::new(open.store()));
    let name = OrganizationName::parse("Harbour Works").expect("a name");
    let (alone, together) = (open.loggia(), Loggia::new(open.ports(store.clone())));
    let ways = Ways { alone: &alone, together: &together };
    let filled = fill(ways, name, &plan).await.expect("a full organization");
    store.finish().await.expect("a last commit");
    filled
}

fn counting() -> PageRequest {
    let start = Start::Offset(Offset::new(0).expect("an offset"));
    PageRequest { start, size: PageSize::new(100).expect("a size"), count: true }
}

#[tokio::test]
async fn a_second_run_makes_another_organization_with_people_of_its_own_and_the_same_account_as_admin() {
    let store = store().await;
    let made = [make(&store.open).await.first, make(&store.open).await.first];
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
    let (first, second) = (make(&store.open).await.first, make(&store.open).await.first);
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
        let query = loggia_domain::page::TaskQuery::default();
        let page = loggia
            .acting_as(&caller)
            .list_tasks(project.record.id, &query, &counting())
            .await
            .expect("tasks");
        tasks += page.total.unwrap_or(0);
    }
    assert_eq!(tasks, 700);
}

#[tokio::test]
async fn a_batch_is_seen_once_it_is_finished() {
    let store = store().await;
    let batching = BatchingStore::new(store.open.store());
    insert_user(&batching, "ada@example.com").await;
    let views = store.open.views();
    assert!(user(&*views, "ada@example.com").await.is_none(), "not yet committed");
    batching.finish().await.expect("a commit");
    assert!(user(&*views, "ada@example.com").await.is_some());
}

#[tokio::test]
async fn a_unit_of_work_that_is_dropped_undoes_its_batch_and_ends_the_store() {
    let store = store().await;
    let batching = BatchingStore::new(store.open.store());
    insert_user(&batching, "ada@example.com").await;
    drop(batching.begin().await.expect("a unit of work"));
    assert!(batching.begin().await.is_err());
    assert!(batching.finish().await.is_err());
    assert!(user(&*store.open.views(), "ada@example.com").await.is_none());
}

async fn insert_user(store: &BatchingStore, email: &str) {
    let user = loggia_domain::user::User::account(
        loggia_domain::id::UserId::from_uuid(uuid::Uuid::from_u128(1)),
        EmailAddress::parse(email).expect("an address"),
        projects::today().expect("a day"),
    );
    let mut unit = store.begin().await.expect("a unit of work");
    assert_eq!(unit.insert_user(&user).await.expect("an answer"), loggia_domain::port::Inserted::Yes);
    unit.commit().await.expect("the end of a turn");
}

async fn user(views: &dyn Views, email: &str) -> Option<loggia_domain::user::User> {
    views.account_by_email(&EmailAddress::parse(email).expect("an address")).await.expect("an answer")
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
    let mut mistakes = Mistakes::default();
    let job = args.check(&mut mistakes);
    let error = mistakes.settle(job).expect_err("four mistakes").to_string();
    for name in ["--people", "--tasks", "--spaces", "--seed"] {
        assert!(error.contains(name), "{name} in {error}");
    }
    assert!(!error.contains("--organization-name"), "{error}");
}
