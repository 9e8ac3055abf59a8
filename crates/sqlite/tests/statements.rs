//! Tests how many statements a page takes. The store logs each statement as an event, and this test counts those events. It is a program
//! of its own, since a subscriber is global to its program.

#![expect(clippy::expect_used, reason = "tests may fail loudly, and so may what they have in common")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use loggia_domain::page::{MemberQuery, Offset, ProjectQuery, SpaceQuery, Start, TaskQuery, Window};
use loggia_domain::port::{Includes, Inserted, MemberInserted, OwnTasksQuery, Views};
use loggia_domain::role::ScopeRole;
use loggia_domain::user::User;
use loggia_sqlite::{SqliteOptions, SqliteStore};
use loggia_testkit::seed::{self, World};
use loggia_testkit::{builders, ports};
use tracing::{Event, Instrument, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// Counts the events with the target `sqlx::query` by the span in which they happened.
#[derive(Clone, Default)]
struct Counter(Arc<Mutex<HashMap<u64, usize>>>);

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Counter {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query"
            && let Some(span) = context.event_span(event)
        {
            *self.0.lock().expect("a lock").entry(span.id().into_u64()).or_default() += 1;
        }
    }
}

/// Returns the number of statements that `what` took, on a store with a single reader, and its result.
async fn count<T>(counter: &Counter, views: &dyn Views, what: impl Future<Output = T>) -> (usize, T) {
    let span = tracing::info_span!("counted");
    let id = span.id().expect("a span that the subscriber knows").into_u64();
    // The clone keeps the span's id from being reused.
    let result = what.instrument(span.clone()).await;
    // The one reader runs this statement only after it has logged all earlier ones.
    views.has_organizations().await.expect("a look");
    (counter.0.lock().expect("a lock").get(&id).copied().unwrap_or(0), result)
}

#[tokio::test]
async fn a_page_of_100_costs_as_many_statements_as_a_page_of_1() {
    let counter = Counter::default();
    tracing::subscriber::set_global_default(Registry::default().with(counter.clone()))
        .expect("the only subscriber");
    let folder = tempfile::tempdir().expect("a folder");
    let options = SqliteOptions::new(folder.path().join("loggia.db")).readers(1);
    let store = Arc::new(SqliteStore::open_with(&options).await.expect("a store"));
    let ports = ports(store.clone(), store);
    let world = World::seed(&ports).await;
    let spaces: Vec<_> = (0..100)
        .map(|i| {
            let mut space = builders::space(&ports, world.scope, world.admin.user, &format!("Space {i}"));
            space.project = Some(world.project.id);
            space
        })
        .collect();
    seed::spaces(&ports, &spaces).await;
    for i in 1..=100 {
        let user = builders::user(&ports, builders::ADA);
        let user = User { email: Some(builders::email(&format!("worker{i}@example.com"))), ..user };
        let mut work = seed::begin(&ports).await;
        assert_eq!(work.insert_user(&user).await.expect("a user"), Inserted::Yes);
        let number = work.next_member_number(world.scope).await.expect("a number");
        let role = ScopeRole::Viewer;
        let member = builders::member(&ports, world.scope, &user, builders::ADA, number, role);
        assert_eq!(work.insert_member(&member).await.expect("a member"), MemberInserted::Yes);
        seed::commit(work).await;
        seed::task(&ports, &world.project, &i.to_string(), |task| task.assignee = Some(world.admin.user))
            .await;
        seed::project(&ports, world.scope, world.admin.user, &format!("Project {i}"), |_| ()).await;
    }

    let (viewer, views) = (world.as_admin(), ports.views.as_ref());
    let all = Includes { project: true, organization: true, creator: true };
    for rows in [1, 100] {
        let window = Window { start: Start::Offset(Offset::default()), rows };
        let length = usize::try_from(rows).expect("small");
        let (statements, page) =
            count(&counter, views, views.spaces(&viewer, world.scope, &SpaceQuery::default(), all, &window))
                .await;
        let page = page.expect("a page");
        assert!(
            page.iter().all(|it| it.project.is_some() && it.organization.is_some() && it.creator.is_some())
        );
        assert_eq!((page.len(), statements), (length, 1), "spaces with all their relations");

        let query = ProjectQuery::default();
        let (statements, page) =
            count(&counter, views, views.projects(&viewer, world.scope, &query, &window)).await;
        // A second statement finds out how many projects are sorted.
        assert_eq!((page.expect("a page").len(), statements), (length, 2), "projects");

        let query = MemberQuery::default();
        let (statements, page) =
            count(&counter, views, views.members(&viewer, world.scope, &query, &window)).await;
        assert_eq!((page.expect("a page").len(), statements), (length, 1), "members");

        let query = TaskQuery::default();
        let (statements, page) =
            count(&counter, views, views.tasks(&viewer, world.project.id, &query, &window)).await;
        assert_eq!((page.expect("a page").len(), statements), (length, 1), "tasks");

        let query = OwnTasksQuery { status: None, tasks_limit: builders::at_most(rows) };
        let (statements, groups) =
            count(&counter, views, views.my_tasks(&viewer, world.scope, &query, &window)).await;
        let groups = groups.expect("groups");
        assert_eq!((groups[0].tasks.len(), groups[0].total, statements), (length, 100, 1), "own tasks");
    }
}
