//! Private projects are listed for those who see them, as [`ProjectStanding::sees`] defines.

use loggia_domain::page::{ProjectQuery, SpaceQuery};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{Includes, OwnTasksQuery};
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::Viewer;

use super::Fixture;
use super::walk::whole;
use crate::builders::{self, KATHERINE, viewer};
use crate::seed::{self, World};

/// A viewer, their role in the scope, and their role on the rosters.
type Eyes = (Viewer, ScopeRole, Option<RosterRole>);

/// Seeds a project of each visibility, each with a task for every viewer and a linked space.
async fn projects(fixture: &Fixture, world: &World) -> (Vec<Project>, Vec<Eyes>) {
    let ports = &fixture.ports;
    let katherine = seed::member(ports, world.organization.id, KATHERINE, ScopeRole::Member).await;
    let eyes = vec![
        (world.as_admin(), ScopeRole::Admin, None),
        (world.as_member(), ScopeRole::Member, Some(RosterRole::Member)),
        (world.as_viewer(), ScopeRole::Viewer, Some(RosterRole::Admin)),
        (viewer(katherine.user), ScopeRole::Member, None),
    ];
    let mut projects = Vec::new();
    for visibility in Visibility::ALL {
        let change = |project: &mut Project| project.visibility = *visibility;
        let project = seed::project(ports, world.scope, world.admin.user, "Lighthouse", change).await;
        for (index, (eyes, _, role)) in eyes.iter().enumerate() {
            if let Some(role) = role {
                seed::place(ports, &project, eyes.user, *role).await;
            }
            let place = (index + 1).to_string();
            seed::task(ports, &project, &place, |task| task.assignee = Some(eyes.user)).await;
        }
        let mut space = builders::space(ports, world.scope, world.admin.user, "Tides");
        space.project = Some(project.id);
        seed::spaces(ports, &[space]).await;
        projects.push(project);
    }
    (projects, eyes)
}

/// Look-ups return the viewer's standing towards a project, visible or not; lists, counts, relations and the viewer's own tasks contain
/// visible projects only.
pub async fn a_private_project_is_listed_for_those_who_see_it(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let (projects, everybody) = projects(fixture, &world).await;
    let views = fixture.views();
    for (eyes, scope_role, roster_role) in everybody {
        let standing = |visibility| ProjectStanding { scope_role, roster_role, visibility };
        let mut expected = vec![];
        for project in &projects {
            let (view, found) =
                views.project(&eyes, project.id).await.expect("a look-up").expect("a project");
            assert_eq!((&view.record, found), (project, standing(project.visibility)));
            let alone = views.project_standing(&eyes, project.id).await.expect("a look-up");
            assert_eq!(alone, Some(found));
            let mut work = fixture.begin().await;
            let locked = work.lock_project(&eyes, project.id).await.expect("a lock");
            assert_eq!(locked, Some((project.clone(), found)));
            let held = work.hold_project(&eyes, project.id).await.expect("a hold");
            assert_eq!(held, locked);
            if found.sees() {
                expected.push(project.id);
            }
        }
        assert_eq!(
            expected.len() < 2,
            eyes.user != world.admin.user && roster_role.is_none(),
            "who sees which"
        );

        let query = ProjectQuery::default();
        let list = views.projects(&eyes, world.scope, &query, &whole()).await.expect("a list");
        let mut listed: Vec<_> = list.iter().map(|view| view.record.id).collect();
        let count = views.count_projects(&eyes, world.scope, &query).await.expect("a count");
        assert_eq!(usize::try_from(count).expect("a count"), listed.len());
        listed.retain(|id| *id != world.project.id);
        assert_eq!(listed, expected, "in the list of {eyes:?}");

        let own = OwnTasksQuery { status: None, tasks_limit: builders::at_most(5) };
        let groups = views.my_tasks(&eyes, world.scope, &own, &whole()).await.expect("a list");
        assert_eq!(
            groups.iter().map(|group| group.project.id).collect::<Vec<_>>(),
            expected,
            "own tasks of {eyes:?}"
        );
        assert!(groups.iter().all(|group| group.total == 1 && group.tasks.len() == 1));
        let count = views.count_my_tasks(&eyes, world.scope, &own).await.expect("a count");
        assert_eq!(usize::try_from(count).expect("a count"), expected.len());

        let includes = Includes { project: true, ..Includes::default() };
        let spaces = views.spaces(&eyes, world.scope, &SpaceQuery::default(), includes, &whole()).await;
        let spaces = spaces.expect("a list");
        assert_eq!(spaces.len(), projects.len(), "the spaces themselves are there for all");
        for view in &spaces {
            let seen = view.space.project.filter(|id| expected.contains(id));
            assert_eq!(view.project.as_ref().map(|project| project.id), seen, "for {eyes:?}");
            let one = views.space(&eyes, view.space.id, includes).await.expect("a look-up");
            assert_eq!(one.map(|(view, _)| view).as_ref(), Some(view));
        }
    }
}
