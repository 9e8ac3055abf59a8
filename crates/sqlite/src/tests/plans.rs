//! Tests of SQLite's plan for each list: it uses an index that begins with the scope and has the list's order.

use loggia_domain::page::{
    AssigneeFilter, MemberOrder, MemberQuery, Position, ProjectOrder, ProjectQuery, SortValue, SpaceOrder,
    SpaceQuery, Start, TaskQuery, Window,
};
use loggia_domain::port::{Includes, OwnTasksQuery};
use loggia_domain::scope::{Reach, Viewer};
use loggia_domain::space::SpaceStatus;
use loggia_domain::text::SearchText;
use loggia_testkit::builders::at_most;

use super::{BOTH_WAYS, ada, after, before, fill, from_offset, project_id, scope, some_position, store};
use crate::read::{
    invitations_query, keys_query, member_keys_query, members_query, my_tasks_query, organizations_query,
    projects_query, roster_query, spaces_query, tasks_query,
};
use crate::sessions::readers::Readers;
use crate::statement::Statement;

async fn plan(readers: &Readers, query: Statement) -> Vec<String> {
    let reader = readers.take().await.expect("the reader");
    let mut explain = reader.prepare(&format!("EXPLAIN QUERY PLAN {}", query.text())).expect("a statement");
    let mut rows = explain.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().expect("a plan") {
        steps.push(row.get("detail").expect("a step"));
    }
    steps
}

/// Asserts that the table with this alias is searched through an index that begins with the scope, from the window's position if it has
/// one, and that no table is scanned and nothing is sorted.
async fn assert_seeks(readers: &Readers, alias: &str, window: &Window, query: Statement) {
    let steps = plan(readers, query).await;
    let search = format!("SEARCH {alias} USING ");
    let search = steps.iter().find(|step| step.starts_with(&search)).map_or("", String::as_str);
    assert!(search.contains("(scope_id=?"), "{alias} is searched in its scope: {steps:#?}");
    if !matches!(window.start, Start::Offset(_)) {
        assert!(search.contains(['<', '>']), "{alias} is searched from a position: {steps:#?}");
    }
    assert!(!steps.iter().any(|step| step.starts_with("SCAN")), "{steps:#?}");
    assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:#?}");
}

fn windows() -> [Window; 4] {
    [from_offset(0, 51), from_offset(9_000, 51), after(some_position(), 51), before(some_position(), 51)]
}

const ALL: Includes = Includes { project: true, organization: true, creator: true };

#[tokio::test]
async fn spaces_are_sought_in_every_order() {
    let (store, _folder) = store().await;
    let searched = SearchText::parse("harbour").ok();
    for order in SpaceOrder::ALL.iter().copied() {
        for direction in BOTH_WAYS {
            for window in windows() {
                let all = SpaceQuery { order, direction, ..SpaceQuery::default() };
                let some =
                    SpaceQuery { search: searched.clone(), status: Some(SpaceStatus::Draft), ..all.clone() };
                for query in [all, some] {
                    assert_seeks(
                        &store.readers,
                        "s",
                        &window,
                        spaces_query(&ada(), scope(), &query, ALL, &window),
                    )
                    .await;
                }
            }
        }
    }
}

#[tokio::test]
async fn projects_are_sought_in_every_order() {
    let (store, _folder) = store().await;
    for order in ProjectOrder::ALL.iter().copied() {
        for direction in BOTH_WAYS {
            for window in windows() {
                for search in [None, SearchText::parse("harbour").ok()] {
                    let query = ProjectQuery { search, order, direction };
                    let steps =
                        plan(&store.readers, projects_query(&ada(), scope(), &query, &window, 0)).await;
                    assert_kinds_are_sought(&steps, &window);
                }
            }
        }
    }
}

/// Asserts that the organization's projects and its private ones are each searched in the list's order, and the user's own private ones
/// by id. Only one page of each of the first two, and the user's own, are sorted.
fn assert_kinds_are_sought(steps: &[String], window: &Window) {
    let searches = |of: &str| steps.iter().filter(|step| step.contains(of)).count();
    let position = if matches!(window.start, Start::Offset(_)) { ")" } else { " AND (" };
    let kind = steps.iter().filter(|step| {
        step.starts_with("SEARCH p USING ")
            && step.contains(&format!("(scope_id=? AND visibility=?{position}"))
    });
    assert_eq!(kind.count(), 2, "{steps:#?}");
    assert_eq!(
        searches("SEARCH pm USING COVERING INDEX project_members_by_user (scope_id=? AND user_id=?)"),
        1,
        "{steps:#?}"
    );
    let scans = steps.iter().filter(|step| step.starts_with("SCAN"));
    let of_pages = scans.filter(|step| !step.starts_with("SCAN (subquery") && *step != "SCAN page");
    assert_eq!(of_pages.count(), 0, "{steps:#?}");
}

#[tokio::test]
async fn members_are_sought_in_every_order() {
    let (store, _folder) = store().await;
    for order in MemberOrder::ALL.iter().copied() {
        for direction in BOTH_WAYS {
            for window in windows() {
                for search in [None, SearchText::parse("ada").ok()] {
                    let query = MemberQuery { search, order, direction, ..MemberQuery::default() };
                    let statement = members_query(&ada(), scope(), &query, &window);
                    assert_seeks(&store.readers, "m", &window, statement).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn rosters_and_tasks_are_sought_in_their_order() {
    let (store, _folder) = store().await;
    let filters = [
        TaskQuery::default(),
        TaskQuery { assignee: Some(AssigneeFilter::Nobody), ..TaskQuery::default() },
        TaskQuery { assignee: Some(AssigneeFilter::User(ada().user)), ..TaskQuery::default() },
    ];
    for window in windows() {
        assert_seeks(&store.readers, "r", &window, roster_query(&ada(), project_id(), &window)).await;
        for query in &filters {
            assert_seeks(&store.readers, "t", &window, tasks_query(&ada(), project_id(), query, &window))
                .await;
        }
    }
}

/// Asserts that the plan has this search, and that no table is scanned and nothing is sorted.
async fn assert_searches(readers: &Readers, search: &str, window: &Window, query: Statement) {
    let steps = plan(readers, query).await;
    let begin = match window.start {
        Start::Offset(_) => format!("{search})"),
        _ => format!("{search} AND "),
    };
    assert!(steps.iter().any(|step| step.starts_with(&begin)), "{begin}: {steps:#?}");
    assert!(!steps.iter().any(|step| step.starts_with("SCAN") || step.contains("TEMP B-TREE")), "{steps:#?}");
}

#[tokio::test]
async fn own_organizations_and_keys_are_sought_in_their_order() {
    let (store, _folder) = store().await;
    let organization = scope().organization().expect("an organization");
    let narrow = Viewer { reach: Reach::Only(organization), ..ada() };
    let id = || Position { value: SortValue::Id, id: project_id().as_uuid() };
    for window in [from_offset(0, 51), from_offset(9_000, 51), after(id(), 51), before(id(), 51)] {
        let query = organizations_query(&ada(), &window);
        assert_searches(
            &store.readers,
            "SEARCH me USING INDEX members_by_user (user_id=? AND active=?",
            &window,
            query,
        )
        .await;
    }
    for window in windows() {
        let by_user = "SEARCH k USING INDEX api_keys_by_user (user_id=?";
        assert_searches(&store.readers, by_user, &window, keys_query(&ada(), &window)).await;
        let by_organization = "SEARCH k USING INDEX api_keys_by_organization (confined_to=? AND user_id=?";
        assert_searches(&store.readers, by_organization, &window, keys_query(&narrow, &window)).await;
        let query = member_keys_query(&ada(), organization, ada().user, &window);
        assert_searches(&store.readers, by_organization, &window, query).await;
    }
}

#[tokio::test]
async fn invitations_are_sought_in_their_order() {
    let (store, _folder) = store().await;
    let organization = scope().organization().expect("an organization");
    let id = || Position { value: SortValue::Id, id: project_id().as_uuid() };
    for window in [from_offset(0, 51), from_offset(9_000, 51), after(id(), 51), before(id(), 51)] {
        assert_seeks(&store.readers, "i", &window, invitations_query(&ada(), organization, &window)).await;
    }
}

#[test]
fn a_page_of_projects_runs_in_place_while_few_are_sorted_for_it() {
    let runs_in_place = |sorted| {
        let query = projects_query(&ada(), scope(), &ProjectQuery::default(), &from_offset(0, 21), sorted);
        query.runs_in_place()
    };
    assert_eq!([0, 200, 201].map(runs_in_place), [true, true, false]);
}

#[tokio::test]
async fn own_tasks_are_sought_by_their_assignee() {
    let (store, _folder) = store().await;
    fill(&store, 10).await;
    let query = OwnTasksQuery { status: None, tasks_limit: at_most(5) };
    for window in windows() {
        let steps = plan(&store.readers, my_tasks_query(&ada(), scope(), &query, &window)).await;
        // Grouping by project sorts the viewer's own tasks; no others are read.
        let tasks =
            steps.iter().filter(|step| step.starts_with("SEARCH t ") || step.starts_with("SEARCH first "));
        let own =
            tasks.filter(|step| step.contains("tasks_by_assignee (scope_id=? AND assignee_id=?")).count();
        assert_eq!(own, 3, "to count, to pick and to show them: {steps:#?}");
        assert!(!steps.iter().any(|step| step.starts_with("SCAN") && step != "SCAN page"), "{steps:#?}");
    }
}
