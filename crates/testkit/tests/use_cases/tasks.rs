use loggia_domain::id::{ProjectId, TaskId, UserId};
use loggia_domain::instant::StartAfterEnd;
use loggia_domain::page::{AssigneeFilter, TaskQuery};
use loggia_domain::port::{Inserted, OwnTasksQuery};
use loggia_domain::role::RosterRole;
use loggia_domain::scope::ScopeChoice;
use loggia_domain::service::TaskError as E;
use loggia_domain::task::{NewTask, OutlineNumber, OutlineTooGreat, Task, TaskPatch, TaskStatus};
use loggia_domain::text::TaskDescription;
use loggia_testkit::builders::at_most;
use loggia_testkit::builders::{outline, time};

use crate::support::{HIDDEN, House, NO_SCOPE, NOBODY, READ_ONLY, ROLE, first, only, reading, task_name};

fn dredge() -> NewTask {
    NewTask::named(task_name("Dredge"))
}

fn at(position: &str) -> NewTask {
    NewTask { outline: Some(outline(position)), ..dredge() }
}

fn assigned(user: UserId) -> NewTask {
    NewTask { assignee: Some(user), ..dredge() }
}

#[tokio::test]
async fn a_roster_member_creates_a_task_with_its_event() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    house.join(&project, &house.edsger, RosterRole::Member).await;
    // A viewer of the scope may write tasks if they are on the roster.
    let new = NewTask { assignee: Some(house.ada.user), ..dredge() };
    let made = house.loggia.acting_as(&house.edsger).create_task(project.id, new).await.expect("a task");
    let task = &made.task;
    assert_eq!((task.scope, task.project, task.created_by), (house.scope, project.id, house.edsger.user));
    assert_eq!((task.number.get(), task.outline.to_string(), task.revision), (1, "1".to_owned(), 1));
    assert_eq!((task.created_at, task.updated_at), (house.loggia.now(), house.loggia.now()));
    assert_eq!(made.assignee.as_ref().map(|member| member.user), Some(house.ada.user));
    assert_eq!((made.creator.user, made.project.id), (house.edsger.user, project.id));
    assert_eq!(house.loggia.acting_as(&house.grace).task(task.id).await.expect("the task"), made);
    house.call(task.id.as_uuid(), "Dredge");
    assert_eq!(
        house.news().await,
        ["Edsger created task Dredge: project - > Harbour, outline - > 1, name - > Dredge, \
          status - > todo, assignee - > Ada"]
    );
}

#[tokio::test]
async fn an_outline_position_is_given_or_follows_the_maximum() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    let make = |new| {
        let (loggia, ada, id) = (&house.loggia, &house.ada, project.id);
        async move { loggia.acting_as(ada).create_task(id, new).await.map(|made| made.task.outline.to_string()) }
    };
    assert_eq!(make(at("1.10")).await.expect("given"), "1.10");
    assert_eq!(make(dredge()).await.expect("the next"), "2");
    assert_eq!(make(at("1.2")).await.expect("given"), "1.2");
    refused!(make(at("1.10")).await, E::OutlineTaken);
    assert_eq!(make(dredge()).await.expect("the next"), "3", "what was refused took nothing");
    // The maximum that a client may choose leaves greater numbers for the server.
    refused!(make(at("100000000")).await, E::OutlineTooGreat(OutlineTooGreat));
    assert_eq!(make(at("99999999")).await.expect("given"), "99999999");
    assert_eq!(make(dredge()).await.expect("the next"), "100000000");
    assert_eq!(make(at("4")).await.expect("given"), "4");

    let page =
        house.loggia.acting_as(&house.edsger).list_tasks(project.id, &TaskQuery::default(), &first(9)).await;
    let page = page.expect("a page");
    let outlines: Vec<_> = page.items.iter().map(|view| view.task.outline.to_string()).collect();
    assert_eq!(outlines, ["1.2", "1.10", "2", "3", "4", "99999999", "100000000"], "number by number");
    assert_eq!(page.total, Some(7));
    // Another project has an outline of its own.
    let other = house.project("Basin").await;
    let made = house.loggia.acting_as(&house.ada).create_task(other.id, dredge()).await.expect("a task");
    assert_eq!((made.task.outline, made.task.number.get()), (outline("1"), 1));
}

#[tokio::test]
async fn an_assignee_is_on_the_roster() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    house.join(&project, &house.grace, RosterRole::Member).await;
    let task = house.task(&project, "Survey", |_| ()).await;
    let stranger = UserId::from_uuid(NOBODY);
    for (user, known) in [(stranger, false), (house.alan.user, false), (house.edsger.user, true)] {
        let made = house.loggia.acting_as(&house.ada).create_task(project.id, assigned(user)).await;
        let patch = TaskPatch { assignee: Some(Some(user)), ..TaskPatch::default() };
        let patched = house.loggia.acting_as(&house.ada).update_task(task.id, patch).await;
        for outcome in [made, patched] {
            if known {
                refused!(outcome, E::AssigneeNotOnRoster);
            } else {
                refused!(outcome, E::UserNotFound);
            }
        }
    }
    assert_eq!(house.news().await, [""; 0]);
    let made = house.loggia.acting_as(&house.ada).create_task(project.id, assigned(house.grace.user)).await;
    assert_eq!(made.expect("a task").task.assignee, Some(house.grace.user));
}

/// Tests each refusal on every use case that writes a task.
#[tokio::test]
async fn only_the_roster_writes_tasks() {
    let house = House::open().await;
    let (open, vault) = (house.project("Harbour").await, house.private_project("Vault").await);
    let (shown, hidden) =
        (house.task(&open, "Survey", |_| ()).await, house.task(&vault, "Lock", |_| ()).await);
    let (no_project, no_task) = (ProjectId::from_uuid(NOBODY), TaskId::from_uuid(NOBODY));
    for (caller, project, task, refusal) in [
        (house.ada, no_project, no_task, HIDDEN),
        (house.alan, open.id, shown.id, HIDDEN),
        (house.grace, vault.id, hidden.id, HIDDEN),
        (reading(&house.grace), vault.id, hidden.id, HIDDEN),
        (only(&house.ada, house.elsewhere), open.id, shown.id, HIDDEN),
        (house.grace, open.id, shown.id, ROLE),
        (house.edsger, open.id, shown.id, ROLE),
        // An admin of the scope who is not on the roster is refused as well.
        (house.barbara, open.id, shown.id, ROLE),
        (house.barbara, vault.id, hidden.id, ROLE),
        (reading(&house.ada), open.id, shown.id, READ_ONLY),
    ] {
        // The assignee does not exist, which is not revealed to a caller who may not write.
        let stranger = Some(UserId::from_uuid(NOBODY));
        let new = NewTask { assignee: stranger, ..at("1") };
        let patch = TaskPatch { assignee: Some(stranger), ..TaskPatch::default() };
        for outcome in [
            house.loggia.acting_as(&caller).create_task(project, new).await.map(|_| ()),
            house.loggia.acting_as(&caller).update_task(task, patch).await.map(|_| ()),
            house.loggia.acting_as(&caller).delete_task(task).await.map(|_| ()),
        ] {
            assert!(matches!(&outcome, Err(E::Denied(denied)) if *denied == refusal), "{outcome:?}");
        }
    }
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn exactly_the_callers_who_see_a_project_read_its_tasks() {
    let house = House::open().await;
    let (open, vault) = (house.project("Harbour").await, house.private_project("Vault").await);
    let (shown, hidden) =
        (house.task(&open, "Survey", |_| ()).await, house.task(&vault, "Lock", |_| ()).await);
    let read = |caller, project, task| {
        let loggia = &house.loggia;
        async move {
            let list = loggia.acting_as(&caller).list_tasks(project, &TaskQuery::default(), &first(9)).await;
            [loggia.acting_as(&caller).task(task).await.map(|_| 1), list.map(|page| page.items.len())]
        }
    };
    for (caller, project, task) in [
        (house.edsger, open.id, shown.id),
        (reading(&house.grace), open.id, shown.id),
        (house.barbara, vault.id, hidden.id),
    ] {
        for outcome in read(caller, project, task).await {
            assert_eq!(outcome.expect("one task"), 1);
        }
    }
    for (caller, project, task) in [
        (house.grace, vault.id, hidden.id),
        (house.alan, open.id, shown.id),
        (house.ada, ProjectId::from_uuid(NOBODY), TaskId::from_uuid(NOBODY)),
    ] {
        for outcome in read(caller, project, task).await {
            refused!(outcome, E::Denied(HIDDEN));
        }
    }
}

#[tokio::test]
async fn a_change_is_written_once_with_an_event_for_its_fields() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    house.join(&project, &house.grace, RosterRole::Member).await;
    let before = house.task(&project, "Dredge", |_| ()).await;
    let patch = TaskPatch {
        outline: Some(outline("2.1")),
        name: Some(task_name("Deepen")),
        description: Some(TaskDescription::parse("Six metres").ok()),
        status: Some(TaskStatus::InProgress),
        start: Some(Some(time("2026-02-01"))),
        end: Some(Some(time("2026-02-02"))),
        assignee: Some(Some(house.grace.user)),
    };
    let changed =
        house.loggia.acting_as(&house.grace).update_task(before.id, patch.clone()).await.expect("a change");
    assert_eq!((changed.task.revision, changed.task.updated_at), (2, house.loggia.now()));
    assert_eq!(changed.assignee.as_ref().map(|member| member.user), Some(house.grace.user));
    assert_eq!((changed.creator.user, changed.project.id), (house.ada.user, project.id));
    assert_eq!(house.loggia.acting_as(&house.ada).task(before.id).await.expect("the task"), changed);
    assert_eq!(
        house.news().await,
        ["Grace updated task Dredge: outline 1 > 2.1, name Dredge > Deepen, description - > Six metres, \
          status todo > in_progress, start_date - > 2026-02-01T00:00:00.000Z, \
          end_date - > 2026-02-02T00:00:00.000Z, assignee - > Grace"]
    );
    house.wait();
    for nothing_new in [patch, TaskPatch::default()] {
        let same = house
            .loggia
            .acting_as(&house.grace)
            .update_task(before.id, nothing_new)
            .await
            .expect("no change");
        assert_eq!(same, changed);
        assert_eq!(house.loggia.acting_as(&house.ada).task(before.id).await.expect("the task"), changed);
    }
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn a_refused_change_leaves_the_task_as_it_was() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    let other = house.task(&project, "Survey", |_| ()).await;
    let before = house.task(&project, "Dredge", |_| ()).await;
    let done = TaskPatch { status: Some(TaskStatus::Done), ..TaskPatch::default() };
    let clash = TaskPatch { outline: Some(other.outline.clone()), ..done.clone() };
    refused!(house.loggia.acting_as(&house.ada).update_task(before.id, clash).await, E::OutlineTaken);
    let start = TaskPatch { start: Some(Some(time("2026-02-02"))), ..TaskPatch::default() };
    let begun =
        house.loggia.acting_as(&house.ada).update_task(before.id, start).await.expect("a change").task;
    house.forget_news().await;
    let backwards = TaskPatch { end: Some(Some(time("2026-02-01"))), ..done };
    let refused = house.loggia.acting_as(&house.ada).update_task(before.id, backwards).await;
    refused!(refused, E::Dates(StartAfterEnd));
    assert_eq!(house.task_now(before.id).await, begun);
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn finished_tasks_keep_an_assignee_who_left_the_roster() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    house.join(&project, &house.grace, RosterRole::Member).await;
    let grace = house.grace.user;
    let done = house
        .task(&project, "Dredge", |new| (new.status, new.assignee) = (TaskStatus::Done, Some(grace)))
        .await;
    house.loggia.acting_as(&house.ada).remove_from_roster(project.id, grace).await.expect("a removal");
    // Sending the present assignee again does not require that they are on the roster.
    let same =
        TaskPatch { assignee: Some(Some(grace)), name: Some(task_name("Dredged")), ..TaskPatch::default() };
    let renamed = house.loggia.acting_as(&house.ada).update_task(done.id, same).await.expect("a change");
    assert_eq!(renamed.assignee.map(|member| member.user), Some(grace));
    // Reopening the task would assign it to a person who is not on the roster.
    let reopened = TaskPatch { status: Some(TaskStatus::Todo), ..TaskPatch::default() };
    refused!(
        house.loggia.acting_as(&house.ada).update_task(done.id, reopened.clone()).await,
        E::AssigneeNotOnRoster
    );
    let taken_over = TaskPatch { assignee: Some(Some(house.ada.user)), ..reopened };
    let taken_over =
        house.loggia.acting_as(&house.ada).update_task(done.id, taken_over).await.expect("a change");
    assert_eq!(taken_over.assignee.map(|member| member.user), Some(house.ada.user));
    let cleared = TaskPatch { assignee: Some(None), ..TaskPatch::default() };
    let cleared = house.loggia.acting_as(&house.ada).update_task(done.id, cleared).await.expect("a change");
    assert_eq!((cleared.task.assignee, cleared.assignee), (None, None));
    let anew = TaskPatch { assignee: Some(Some(grace)), ..TaskPatch::default() };
    refused!(house.loggia.acting_as(&house.ada).update_task(done.id, anew).await, E::AssigneeNotOnRoster);
}

#[tokio::test]
async fn a_number_is_assigned_once_even_after_moves_and_deletions() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    let delete =
        async |task: Task| house.loggia.acting_as(&house.ada).delete_task(task.id).await.expect("a deletion");
    let next = async || house.task(&project, "Dredge", |_| ()).await;
    let (first, second) = (next().await, next().await);
    delete(second).await;
    let third = next().await;
    assert_eq!((third.outline.to_string(), third.number.get()), ("3".to_owned(), 3), "2 was another task");
    // A number that a client chose counts as one that the server assigned, at whatever depth.
    delete(house.task(&project, "Fill", |new| new.outline = Some(outline("7.2"))).await).await;
    assert_eq!(next().await.outline, outline("8"));
    // The number to which a task was moved counts as well, and so does the one that it had before.
    let moved = |to: &str| TaskPatch { outline: Some(outline(to)), ..TaskPatch::default() };
    house.loggia.acting_as(&house.ada).update_task(third.id, moved("12.1")).await.expect("a change");
    house.loggia.acting_as(&house.ada).update_task(third.id, moved("1.1")).await.expect("a change");
    assert_eq!(next().await.outline, outline("13"));
    delete(first).await;
    // A chosen number may have been another task's before; only the numbers that the server assigns are new.
    assert_eq!(
        house.task(&project, "Fill", |new| new.outline = Some(outline("1"))).await.outline,
        outline("1")
    );
    assert_eq!(next().await.outline, outline("14"));
}

#[tokio::test]
async fn a_task_cannot_move_to_a_server_assigned_number_but_may_keep_its_own() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    house.task(&project, "Fill", |new| new.outline = Some(outline("99999999"))).await;
    let task = house.task(&project, "Dredge", |_| ()).await;
    assert_eq!(task.outline, outline("100000000"));
    let patch = |to: &str| TaskPatch {
        outline: Some(outline(to)),
        name: Some(task_name("Deepen")),
        ..TaskPatch::default()
    };
    for too_great in ["100000001", "100000000.1", "999999999"] {
        let refused = house.loggia.acting_as(&house.ada).update_task(task.id, patch(too_great)).await;
        refused!(refused, E::OutlineTooGreat(OutlineTooGreat));
    }
    assert_eq!(house.task_now(task.id).await, task);
    let renamed =
        house.loggia.acting_as(&house.ada).update_task(task.id, patch("100000000")).await.expect("a change");
    assert_eq!(renamed.task.name, task_name("Deepen"));
}

/// Simulates an upgrade, beside an earlier version of the program that does not count numbers.
#[tokio::test]
async fn an_unexpectedly_taken_number_is_skipped_and_the_last_one_is_assigned() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    let there = house.task(&project, "Survey", |new| new.outline = Some(outline("1"))).await;
    let mut work = house.ports.store.begin().await.expect("a unit of work");
    let last = OutlineNumber::MAX_PART - 2;
    work.raise_top_number(house.scope, project.id, last).await.expect("a higher number");
    assert!(work.lock_task(&house.ada.viewer(), there.id).await.expect("a lock").is_some());
    let taken = Task { outline: outline("999999998"), ..there };
    assert_eq!(work.update_task(&taken).await.expect("a change"), Inserted::Yes);
    work.commit().await.expect("a commit");
    assert_eq!(house.task(&project, "Dredge", |_| ()).await.outline, outline("999999999"));
    refused!(house.loggia.acting_as(&house.ada).create_task(project.id, dredge()).await, E::OutlineExhausted);
    assert!(
        house.loggia.acting_as(&house.ada).create_task(project.id, at("1")).await.is_ok(),
        "one may be chosen"
    );
}

#[tokio::test]
async fn deleting_a_task_writes_its_event_and_frees_its_position() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    let task = house.task(&project, "Dredge", |_| ()).await;
    let gone = house.loggia.acting_as(&house.ada).delete_task(task.id).await.expect("a deletion");
    assert_eq!(gone, task, "what it was");
    assert_eq!(
        house.news().await,
        ["Ada deleted task Dredge: project Harbour > -, outline 1 > -, name Dredge > -, status todo > -"]
    );
    refused!(house.loggia.acting_as(&house.ada).task(task.id).await, E::Denied(HIDDEN));
    refused!(house.loggia.acting_as(&house.ada).delete_task(task.id).await, E::Denied(HIDDEN));
    let next =
        house.loggia.acting_as(&house.ada).create_task(project.id, at("1")).await.expect("a task").task;
    assert_eq!((next.outline, next.number.get()), (outline("1"), 2));
}

#[tokio::test]
async fn lists_are_narrowed_by_status_and_assignee() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    let ada = house.ada.user;
    house.task(&project, "Survey", |new| (new.status, new.assignee) = (TaskStatus::Done, Some(ada))).await;
    house.task(&project, "Dredge", |new| new.assignee = Some(ada)).await;
    house.task(&project, "Fill", |_| ()).await;
    let count = |query| {
        let (loggia, edsger, id) = (&house.loggia, &house.edsger, project.id);
        async move { loggia.acting_as(edsger).list_tasks(id, &query, &first(9)).await.expect("a page").total }
    };
    let (status, assignee) = (Some(TaskStatus::Todo), Some(AssigneeFilter::User(ada)));
    assert_eq!(count(TaskQuery { status, assignee: None }).await, Some(2));
    assert_eq!(count(TaskQuery { status: None, assignee }).await, Some(2));
    assert_eq!(count(TaskQuery { status, assignee }).await, Some(1));
    let nobody = Some(AssigneeFilter::Nobody);
    assert_eq!(count(TaskQuery { status: None, assignee: nobody }).await, Some(1));
}

#[tokio::test]
async fn own_tasks_are_listed_by_project_with_the_first_of_each() {
    let house = House::open().await;
    let (harbour, basin) = (house.project("Harbour").await, house.project("Basin").await);
    house.project("Empty").await;
    let ada = house.ada.user;
    for name in ["Survey", "Dredge", "Fill"] {
        house.task(&harbour, name, |new| new.assignee = Some(ada)).await;
    }
    house.task(&basin, "Pump", |new| (new.status, new.assignee) = (TaskStatus::Done, Some(ada))).await;
    let own = |caller, choice, status| {
        let loggia = &house.loggia;
        let query = OwnTasksQuery { status, tasks_limit: at_most(2) };
        async move { loggia.acting_as(&caller).list_own_tasks(choice, &query, &first(9)).await }
    };
    let page = own(reading(&house.ada), ScopeChoice::Default, None).await.expect("a page");
    let groups: Vec<_> =
        page.items.iter().map(|group| (group.project.id, group.total, group.tasks.len())).collect();
    assert_eq!((groups, page.total), (vec![(harbour.id, 3, 2), (basin.id, 1, 1)], Some(2)));
    let open = own(house.ada, ScopeChoice::Default, Some(TaskStatus::Todo)).await.expect("a page");
    assert_eq!(open.items.iter().map(|group| group.project.id).collect::<Vec<_>>(), [harbour.id]);
    let none = own(house.grace, ScopeChoice::Default, None).await.expect("a page");
    assert_eq!((none.items.len(), none.total), (0, Some(0)));
    assert_eq!(own(house.ada, ScopeChoice::Personal, None).await.expect("a page").items.len(), 0);
    let here = ScopeChoice::Organization(house.organization);
    refused!(own(house.alan, here, None).await, E::Denied(NO_SCOPE));
}
