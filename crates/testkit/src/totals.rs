//! Checks that the stored totals of lists are equal to the numbers of rows in the lists.

use loggia_domain::id::ProjectId;
use loggia_domain::page::{MemberQuery, Offset, ProjectQuery, SpaceQuery, Start, TaskQuery, Window};
use loggia_domain::port::{Includes, Ports, StoreError, Views};
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::RosterRole;
use loggia_domain::scope::{Scope, Viewer};

use crate::builders;
use crate::seed::{self, World};

/// The lists whose totals are stored, by their names in the table of totals.
pub const LISTS: [&str; 7] = [
    "members",
    "spaces",
    "organization_projects",
    "private_projects",
    "own_private_projects",
    "roster",
    "tasks",
];

/// More rows than any list has in these tests.
const ALL: u32 = 10_000;

/// Compares the stored total of every unfiltered list with the number of rows that reading the list finds: the lists of the scope as each
/// of the viewers sees them, and the lists of the projects. Returns a description of each wrong total.
///
/// # Errors
/// Fails with [`StoreError`] if a read fails.
pub async fn wrong_totals(
    views: &dyn Views,
    viewers: &[Viewer],
    scope: Scope,
    projects: &[ProjectId],
) -> Result<Vec<String>, StoreError> {
    let all = Window { start: Start::Offset(Offset::default()), rows: ALL };
    let mut wrong = Vec::new();
    let mut compare = |list: String, rows: usize, total: u64| {
        if usize::try_from(total) != Ok(rows) {
            wrong.push(format!("{list}: {total}, and {rows} are listed"));
        }
    };
    for viewer in viewers {
        let query = MemberQuery::default();
        let rows = views.members(viewer, scope, &query, &all).await?.len();
        compare(format!("members for {viewer:?}"), rows, views.count_members(viewer, scope, &query).await?);
        let query = SpaceQuery::default();
        let rows = views.spaces(viewer, scope, &query, Includes::default(), &all).await?.len();
        compare(format!("spaces for {viewer:?}"), rows, views.count_spaces(viewer, scope, &query).await?);
        let query = ProjectQuery::default();
        let rows = views.projects(viewer, scope, &query, &all).await?.len();
        compare(format!("projects for {viewer:?}"), rows, views.count_projects(viewer, scope, &query).await?);
        for project in projects {
            let rows = views.roster(viewer, *project, &all).await?.len();
            compare(format!("roster for {viewer:?}"), rows, views.count_roster(viewer, *project).await?);
            let query = TaskQuery::default();
            let rows = views.tasks(viewer, *project, &query, &all).await?.len();
            compare(
                format!("tasks for {viewer:?}"),
                rows,
                views.count_tasks(viewer, *project, &query).await?,
            );
        }
    }
    Ok(wrong)
}

/// Seeds a world in which each of [`LISTS`] has a row: beside the world's own project a private one with a task and a roster, and two
/// spaces.
pub async fn seeded(ports: &Ports) -> (World, [ProjectId; 2]) {
    let world = World::seed(ports).await;
    let hide = |project: &mut Project| project.visibility = Visibility::Private;
    let hidden = seed::project(ports, world.scope, world.admin.user, "Hidden", hide).await;
    seed::membership(ports, &hidden, world.member.user, RosterRole::Member).await;
    seed::task(ports, &hidden, "1", |_| ()).await;
    let space = || builders::space(ports, world.scope, world.admin.user, "Tides");
    seed::spaces(ports, &[space(), space()]).await;
    let projects = [world.project.id, hidden.id];
    (world, projects)
}

/// Returns the [`wrong_totals`] of a world that [`seeded`] has created, as its members see it.
///
/// # Errors
/// Fails with [`StoreError`] if a read fails.
pub async fn wrong(
    views: &dyn Views,
    world: &World,
    projects: &[ProjectId],
) -> Result<Vec<String>, StoreError> {
    let viewers = [world.as_admin(), world.as_member(), world.as_viewer()];
    wrong_totals(views, &viewers, world.scope, projects).await
}
