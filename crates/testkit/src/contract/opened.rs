//! The read side that a store opens together with a key returns what the store itself returns.

use loggia_domain::key::{ApiKey, Caller};
use loggia_domain::port::{Includes, ReadAhead, Views};
use loggia_domain::project::Visibility;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Scope, ScopeChoice, Viewer};

use super::Fixture;
use super::pagination::whole;
use crate::builders::{self, GRACE, viewer};
use crate::seed::{self, World};

/// A read side that was opened with a key shows its user what the key gives access to, and shows other viewers what they may see, in any
/// order of reads.
pub async fn views_opened_with_a_key_agree_with_the_store(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let other = seed::organization(ports, "Quay Works").await;
    let founder = seed::member(ports, other.id, GRACE, ScopeRole::Admin).await.user;
    let wide = builders::key(ports, founder, Scope::Organization(other.id));
    let narrow = ApiKey { reach: Reach::Only(other.id), ..wide.clone() };
    let narrow = ApiKey { id: loggia_domain::id::KeyId::from_uuid(ports.ids.next()), ..narrow };
    let views = fixture.views();
    assert!(views.open_with_key(&ports.secrets.digest("made up"), None).await.expect("a look-up").is_none());
    for (key, secret) in [(wide, "wide"), (narrow, "narrow")] {
        let hash = seed::key(ports, &key, secret).await;
        let opened = views.open_with_key(&hash, None).await.expect("a look-up").expect("the key");
        assert_eq!(opened.key, key);
        let opened = opened.views.unwrap_or_else(|| ports.views.clone());
        let own = Caller::from(&key).viewer();
        /// Asserts that the opened read side and the store return equal results.
        macro_rules! alike {
            ($read:ident($($argument:expr),*)) => {
                let found = opened.$read($($argument),*).await.expect("an answer");
                assert_eq!(found, views.$read($($argument),*).await.expect("an answer"));
            };
        }
        // The key's own user reads first, then others, and then the own user again.
        for viewer in [own, world.as_admin(), viewer(world.member.user), own] {
            alike!(organizations(&viewer, &whole()));
            for scope in [world.scope, Scope::Organization(other.id), Scope::Personal(founder)] {
                alike!(role_in_scope(&viewer, scope));
                alike!(own_member(&viewer, scope));
            }
            alike!(project(&viewer, world.project.id));
            alike!(keys(&viewer, &whole()));
            alike!(user(viewer.user));
        }
        alike!(events(world.scope, None, 50));
        let secret = views.instance_secret().await;
        assert_eq!(opened.instance_secret().await.ok(), secret.ok());
    }
}

/// The first read together with a key returns what its user sees within the reach of the key; other viewers get what they may see.
pub async fn a_read_with_a_key_returns_what_its_user_sees(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let user = world.member.user;
    let closed = builders::key(ports, user, world.scope);
    let readmissions = seed::readmission(ports, &world.member).await;
    let wide = ApiKey { readmissions, ..builders::key(ports, user, world.scope) };
    let narrow = builders::key(ports, user, world.scope);
    let narrow = ApiKey { reach: Reach::Only(world.organization.id), readmissions, ..narrow };
    let own = builders::space(ports, Scope::Personal(user), user, "Own");
    let shared = builders::space(ports, world.scope, world.admin.user, "Shared");
    let other = builders::space(ports, Scope::Personal(world.admin.user), world.admin.user, "Other's");
    seed::spaces(ports, &[own.clone(), shared.clone(), other.clone()]).await;
    let secret = seed::project(ports, world.scope, world.admin.user, "Secret", |project| {
        project.visibility = Visibility::Private;
    })
    .await;
    let tasks = [&world.project, &secret].map(|project| seed::task(ports, project, "1", |_| ()));
    let [open, hidden] = tasks;
    let (open, hidden) = (open.await, hidden.await);
    let all = Includes { project: true, organization: true, creator: true };
    let foreign = seed::organization(ports, "Quay Works").await;
    let organizations = [world.organization.id, foreign.id].map(ScopeChoice::Organization);
    let choices = [ScopeChoice::Default, ScopeChoice::Personal].into_iter().chain(organizations);
    let mut firsts: Vec<_> = choices.map(ReadAhead::RoleInScope).collect();
    for project in [world.project.id, secret.id] {
        firsts.extend([ReadAhead::Project(project), ReadAhead::ProjectStanding(project)]);
    }
    firsts.extend([&open, &hidden].map(|task| ReadAhead::Task(task.id)));
    for space in [&own, &shared, &other] {
        firsts.extend([all, Includes::default()].map(|includes| ReadAhead::Space(space.id, includes)));
    }
    let views = fixture.views();
    for (key, secret) in [(wide, "wide"), (narrow, "narrow"), (closed, "closed")] {
        let hash = seed::key(ports, &key, secret).await;
        for first in &firsts {
            let opened = views.open_with_key(&hash, Some(*first)).await.expect("a look-up").expect("the key");
            assert_eq!(opened.key, key);
            let opened = opened.views.unwrap_or_else(|| ports.views.clone());
            let viewer = Caller::from(&key).viewer();
            for viewer in [world.as_admin(), viewer, viewer] {
                for asked in &firsts {
                    let (found, known) = (
                        seen(&*opened, &viewer, world.scope, *asked).await,
                        seen(views, &viewer, world.scope, *asked).await,
                    );
                    assert_eq!(found, known, "{first:?}, and then {asked:?} by {viewer:?}");
                }
            }
        }
    }
}

/// Returns the result of a viewer's first read, as text.
async fn seen(views: &dyn Views, viewer: &Viewer, default_scope: Scope, what: ReadAhead) -> String {
    match what {
        ReadAhead::RoleInScope(choice) => {
            let scope = match choice {
                ScopeChoice::Default => default_scope,
                ScopeChoice::Personal => Scope::Personal(viewer.user),
                ScopeChoice::Organization(id) => Scope::Organization(id),
            };
            format!("{:?}", views.role_in_scope(viewer, scope).await.expect("an answer"))
        }
        ReadAhead::Space(id, includes) => {
            format!("{:?}", views.space(viewer, id, includes).await.expect("an answer"))
        }
        ReadAhead::Project(id) => format!("{:?}", views.project(viewer, id).await.expect("an answer")),
        ReadAhead::ProjectStanding(id) => {
            format!("{:?}", views.project_standing(viewer, id).await.expect("an answer"))
        }
        ReadAhead::Task(id) => format!("{:?}", views.task(viewer, id).await.expect("an answer")),
    }
}
