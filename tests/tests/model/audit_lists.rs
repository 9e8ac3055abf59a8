//! Every list: read as one page for every caller, and paged by cursors in every order for one caller.

use std::fmt::Debug;

use loggia_domain::key::Caller;
use loggia_domain::page::{
    Direction, MemberOrder, MemberQuery, Offset, Page, PageRequest, PageSize, Position, ProjectOrder,
    ProjectQuery, SpaceOrder, SpaceQuery, Start, TaskQuery, key_position, membership_position,
    numbered_position, organization_position, task_position,
};
use loggia_domain::port::{Includes, OwnTasksQuery};
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::service::PermissionTarget;
use loggia_domain::text::SearchText;
use loggia_testkit::builders::at_most;

use crate::answer::{Answer, Refusal, outcome};
use crate::book::Book;
use crate::race::{Contestant, Race};

const EVERYTHING: Includes = Includes { project: true, organization: true, creator: true };
const HERE: ScopeChoice = ScopeChoice::Default;

fn request(start: Start, rows: u32) -> PageRequest {
    PageRequest { start, size: PageSize::new(rows).expect("a page size"), count: false }
}

fn beginning(rows: u32) -> PageRequest {
    PageRequest { count: true, ..request(Start::Offset(Offset::default()), rows) }
}

/// Compares the lists of a caller's default scope, each read as one page.
pub(crate) async fn glance(race: &Race, caller: &Caller) -> Result<(), String> {
    let asked = |list: &str| format!("the {list} of {caller:?}");
    let page = beginning(PageSize::MAX);
    let organizations = async |store: &Contestant| {
        outcome(store.loggia.acting_as(caller).list_organizations(&page).await, Answer::Organizations)
    };
    race.agree(|| asked("organizations"), organizations).await?.ok();
    let spaces = async |store: &Contestant| {
        let query = SpaceQuery::default();
        outcome(
            store.loggia.acting_as(caller).list_spaces(HERE, &query, EVERYTHING, &page).await,
            Answer::Spaces,
        )
    };
    race.agree(|| asked("spaces"), spaces).await?.ok();
    let projects = async |store: &Contestant| {
        let query = ProjectQuery::default();
        outcome(store.loggia.acting_as(caller).list_projects(HERE, &query, &page).await, Answer::Projects)
    };
    race.agree(|| asked("projects"), projects).await?.ok();
    let here = async |store: &Contestant| {
        outcome(
            store.loggia.acting_as(caller).permissions(PermissionTarget::Scope(HERE)).await,
            Answer::Permissions,
        )
    };
    race.agree(|| asked("permissions"), here).await?.ok();
    let own = async |store: &Contestant| {
        let query = OwnTasksQuery { status: None, tasks_limit: at_most(2) };
        outcome(store.loggia.acting_as(caller).list_own_tasks(HERE, &query, &page).await, Answer::OwnTasks)
    };
    race.agree(|| asked("own tasks"), own).await?.ok();
    Ok(())
}

/// Walks every list of a scope as the first caller with access to the scope.
pub(crate) async fn page_through_scope(
    race: &Race,
    book: &Book,
    scope: Scope,
    size: u32,
) -> Result<(), String> {
    let model = &race.contestants.first().expect("at least one store").loggia;
    let mut walker = None;
    for caller in book.callers.iter().filter(|caller| caller.default_scope == scope) {
        let page = beginning(1);
        let query = SpaceQuery::default();
        if model.acting_as(caller).list_spaces(HERE, &query, Includes::default(), &page).await.is_ok() {
            walker = Some(caller);
            break;
        }
    }
    let Some(caller) = walker else { return Ok(()) };
    // Empty lists were compared by `glance`; most personal scopes have only empty lists.
    let has_spaces = book.spaces.iter().any(|space| space.scope == scope);
    let has_members = matches!(scope, Scope::Organization(_));
    let has_projects = book.projects.iter().any(|project| project.scope == scope);
    for direction in Direction::ALL.iter().copied() {
        for order in SpaceOrder::ALL.iter().copied().filter(|_| has_spaces) {
            let query = SpaceQuery { order, direction, ..SpaceQuery::default() };
            page_through_spaces(race, caller, &query, size).await?;
        }
        for order in MemberOrder::ALL.iter().copied().filter(|_| has_members) {
            page_through_members(
                race,
                caller,
                scope,
                &MemberQuery { order, direction, ..MemberQuery::default() },
                size,
            )
            .await?;
        }
        for order in ProjectOrder::ALL.iter().copied().filter(|_| has_projects) {
            page_through_projects(race, caller, &ProjectQuery { search: None, order, direction }, size)
                .await?;
        }
    }
    search_names(race, book, caller).await?;
    let page_through_own = async |store: &Contestant| {
        let query = OwnTasksQuery { status: None, tasks_limit: at_most(size) };
        let fetch =
            async |page| Ok(store.loggia.acting_as(caller).list_own_tasks(HERE, &query, &page).await?);
        page_through(fetch, |own| numbered_position(own.project.number, own.project.id.as_uuid()), size).await
    };
    race.agree(|| format!("own tasks of {caller:?} by {size}"), page_through_own).await?.ok();
    let page_through_organizations = async |store: &Contestant| {
        let fetch = async |page| Ok(store.loggia.acting_as(caller).list_organizations(&page).await?);
        page_through(fetch, |(organization, _)| organization_position(organization.id), size).await
    };
    race.agree(|| format!("organizations of {caller:?} by {size}"), page_through_organizations).await?.ok();
    let page_through_keys = async |store: &Contestant| {
        let fetch = async |page| Ok(store.loggia.acting_as(caller).own_keys(&page).await?);
        page_through(fetch, key_position, size).await
    };
    race.agree(|| format!("own keys of {caller:?} by {size}"), page_through_keys).await?.ok();
    for project in book.projects.iter().filter(|project| project.scope == scope) {
        let roster = async |store: &Contestant| {
            let fetch =
                async |page| Ok(store.loggia.acting_as(caller).list_roster(project.id, &page).await?);
            page_through(fetch, |view| membership_position(&view.membership), size).await
        };
        race.agree(|| format!("the roster of {} by {size}, {caller:?}", project.id), roster).await?.ok();
        let tasks = async |store: &Contestant| {
            let query = TaskQuery::default();
            let fetch =
                async |page| Ok(store.loggia.acting_as(caller).list_tasks(project.id, &query, &page).await?);
            page_through(fetch, |task| task_position(&task.task), size).await
        };
        race.agree(|| format!("the tasks of {} by {size}, {caller:?}", project.id), tasks).await?.ok();
    }
    Ok(())
}

/// Searches for the name of every record that exists or has existed, in upper case.
async fn search_names(race: &Race, book: &Book, caller: &Caller) -> Result<(), String> {
    let page = beginning(PageSize::MAX);
    let upper = |name: &str| SearchText::parse(&name.to_uppercase()).ok();
    for space in book.spaces.iter().filter(|space| space.scope == caller.default_scope) {
        let Some(search) = upper(space.name.as_str()) else { continue };
        let query = SpaceQuery { search: Some(search), ..SpaceQuery::default() };
        let found = async |store: &Contestant| {
            outcome(
                store.loggia.acting_as(caller).list_spaces(HERE, &query, EVERYTHING, &page).await,
                Answer::Spaces,
            )
        };
        race.agree(|| format!("{query:?} of {caller:?}"), found).await?.ok();
    }
    for project in book.projects.iter().filter(|project| project.scope == caller.default_scope) {
        let Some(search) = upper(project.name.as_str()) else { continue };
        let query = ProjectQuery { search: Some(search), ..ProjectQuery::default() };
        let found = async |store: &Contestant| {
            outcome(store.loggia.acting_as(caller).list_projects(HERE, &query, &page).await, Answer::Projects)
        };
        race.agree(|| format!("{query:?} of {caller:?}"), found).await?.ok();
    }
    Ok(())
}

async fn page_through_spaces(
    race: &Race,
    caller: &Caller,
    query: &SpaceQuery,
    size: u32,
) -> Result<(), String> {
    let pages = async |store: &Contestant| {
        let fetch = async |page| {
            Ok(store.loggia.acting_as(caller).list_spaces(HERE, query, EVERYTHING, &page).await?)
        };
        page_through(fetch, |view| query.order.position(&view.space), size).await
    };
    race.agree(|| format!("spaces by {size}, {query:?}, {caller:?}"), pages).await.map(drop)
}

/// Walks the members of an organization and reads each member's keys that are confined to the organization.
async fn page_through_members(
    race: &Race,
    caller: &Caller,
    scope: Scope,
    query: &MemberQuery,
    size: u32,
) -> Result<(), String> {
    let Scope::Organization(organization) = scope else { return Ok(()) };
    let pages = async |store: &Contestant| {
        let fetch =
            async |page| Ok(store.loggia.acting_as(caller).list_members(organization, query, &page).await?);
        page_through(fetch, |member| query.order.position(member), size).await
    };
    let pages = race.agree(|| format!("members by {size}, {query:?}, {caller:?}"), pages).await?;
    for member in pages.iter().flatten().flat_map(|page| &page.items) {
        let keys = async |store: &Contestant| {
            outcome(
                store
                    .loggia
                    .acting_as(caller)
                    .member_keys(organization, member.user, &PageRequest::FIRST)
                    .await,
                Answer::Keys,
            )
        };
        race.agree(|| format!("keys of {} in {organization}, {caller:?}", member.user), keys).await?.ok();
    }
    Ok(())
}

async fn page_through_projects(
    race: &Race,
    caller: &Caller,
    query: &ProjectQuery,
    size: u32,
) -> Result<(), String> {
    let pages = async |store: &Contestant| {
        let fetch = async |page| Ok(store.loggia.acting_as(caller).list_projects(HERE, query, &page).await?);
        page_through(fetch, |view| query.order.position(&view.record), size).await
    };
    race.agree(|| format!("projects by {size}, {query:?}, {caller:?}"), pages).await.map(drop)
}

/// Reads a list page by page from its beginning to its end, and back again.
async fn page_through<T: Debug>(
    fetch: impl AsyncFn(PageRequest) -> Result<Page<T>, Refusal>,
    position: impl Fn(&T) -> Position,
    size: u32,
) -> Result<Vec<Page<T>>, Refusal> {
    // A list whose page leads back to itself must not stall the test.
    const MOST_PAGES: usize = 500;
    let mut pages = vec![fetch(beginning(size)).await?];
    while let Some(last) = pages.last().filter(|page| page.after).and_then(|page| page.items.last()) {
        let next = request(Start::After(position(last)), size);
        pages.push(fetch(next).await?);
        if pages.len() > MOST_PAGES {
            break;
        }
    }
    let mut there = pages.last().and_then(|page| page.items.first()).map(&position);
    while let Some(before) = there.take().filter(|_| pages.len() <= 2 * MOST_PAGES) {
        let page = fetch(request(Start::Before(before), size)).await?;
        there = page.items.first().filter(|_| page.before).map(&position);
        pages.push(page);
    }
    Ok(pages)
}
