//! Private projects are listed for those who see them, as [`ProjectStanding::sees`] defines.

use loggia_domain::page::{ProjectQuery, SpaceQuery};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{Includes, OwnTasksQuery};
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::Viewer;

use super::Fixture;
use super::pagination::whole;
use crate::builders::{self, KATHERINE, viewer};
use crate::seed::{self, World};

/// A viewer, their role in the scope, and their role on the rosters.
type ViewerRoles = (Viewer, ScopeRole, Option<RosterRole>);

/// Seeds a project of each visibility, each with a task for every viewer and a linked space.
async fn projects(fixture: &Fixture, world: &World) -> (Vec<Project>, Vec<ViewerRoles>) {
    let ports = &fixture.ports;
    let katherine = seed::member(ports, world.organization.id, KATHERINE, ScopeRole::Member).await;
    let viewers = vec![
        (world.as_admin(), ScopeRole::Admin, None),
        (world.as_member(), ScopeRole::Member, Some(RosterRole::Member)),
        (world.as_viewer(), ScopeRole::Viewer, Some(RosterRole::Admin)),
        (viewer(katherine.user), ScopeRole::Member, None),
    ];
    let mut projects = Vec::new();
    for visibility in Visibility::ALL {
        let change = |project: &mut Project| project.visibility = *visibility;
        let project = seed::project(ports, world.scope, world.admin.user, "Lighthouse", change).await;
        for (index, (viewer, _, role)) in viewers.iter().enumerate() {
            if let Some(role) = role {
                seed::membership(ports, &project, viewer.user, *role).await;
            }
            let position = (index + 1).to_string();
            seed::task(ports, &project, &position, |task| task.assignee = Some(viewer.user)).await;
        }
        let mut space = builders::space(ports, world.scope, world.admin.user, "Tides");
        space.project = Some(project.id);
        seed::spaces(ports, &[space]).await;
        projects.push(project);
    }
    (projects, viewers)
}

/// Look-ups return the viewer's standing towards a project, visible or not; lists, counts, relations and the viewer's own tasks contain
/// visible projects only.
pub async fn a_private_project_is_listed_for_viewers_who_may_see_it(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let (projects, everybody) = projects(fixture, &world).await;
    let views = fixture.views();
    for (viewer, scope_role, roster_role) in everybody {
        let standing = |visibility| ProjectStanding { scope_role, roster_role, visibility };
        let mut expected = vec![];
        for project in &projects {
            let (view, found) =
                views.project(&viewer, project.id).await.expect("a look-up").expect("a project");
            assert_eq!((&view.record, found), (project, standing(project.visibility)));
            let alone = views.project_standing(&viewer, project.id).await.expect("a look-up");
            assert_eq!(alone, Some(found));
            let mut work = fixture.begin().await;
            let locked = work.lock_project(&viewer, project.id).await.expect("a lock");
            assert_eq!(locked, Some((project.clone(), found)));
            let held = work.hold_project(&viewer, project.id).await.expect("a hold");
            assert_eq!(held, locked);
            if found.sees() {
                expected.push(project.id);
            }
        }
        assert_eq!(
            expected.len() < 2,
            viewer.user != world.admin.user && roster_role.is_none(),
            "who sees which"
        );

        let query = ProjectQuery::default();
        let list = views.projects(&viewer, world.scope, &query, &whole()).await.expect("a list");
        let mut listed: Vec<_> = list.iter().map(|view| view.record.id).collect();
        let count = views.count_projects(&viewer, world.scope, &query).await.expect("a count");
        assert_eq!(usize::try_from(count).expect("a count"), listed.len());
        listed.retain(|id| *id != world.project.id);
        assert_eq!(listed, expected, "in the list of {viewer:?}");

        let own = OwnTasksQuery { status: None, tasks_limit: builders::at_most(5) };
        let groups = views.my_tasks(&viewer, world.scope, &own, &whole()).await.expect("a list");
        assert_eq!(
            groups.iter().map(|group| group.project.id).collect::<Vec<_>>(),
            expected,
            "own tasks of {viewer:?}"
        );
        assert!(groups.iter().all(|group| group.total == 1 && group.tasks.len() == 1));
        let count = views.count_my_tasks(&viewer, world.scope, &own).await.expect("a count");
        assert_eq!(usize::try_from(count).expect("a count"), expected.len());

        let includes = Includes { project: true, ..Includes::default() };
        let spaces = views.spaces(&viewer, world.scope, &SpaceQuery::default(), includes, &whole()).await;
        let spaces = spaces.expect("a list");
        assert_eq!(spaces.len(), projects.len(), "the spaces themselves are there for all");
        for view in &spaces {
            let seen = view.space.project.filter(|id| expected.contains(id));
            assert_eq!(view.project.as_ref().map(|project| project.id), seen, "for {viewer:?}");
            let one = views.space(&viewer, view.space.id, includes).await.expect("a look-up");
            assert_eq!(one.map(|(view, _)| view).as_ref(), Some(view));
        }
    }
}
