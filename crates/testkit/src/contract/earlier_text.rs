//! Text that an earlier version accepted and the domain now refuses is still read, and stays while another field changes.

use loggia_domain::id::DisplayNumber;
use loggia_domain::port::{Includes, Inserted, MemberInserted};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Scope;
use loggia_domain::text::{
    AvatarUrl, EmailAddress, EmployeeNumber, KeyName, OrganizationName, PersonName, ProjectDescription,
    ProjectName, SpaceDescription, SpaceName, TaskDescription, TaskName, Username,
};
use loggia_domain::user::Profile;

use super::Fixture;
use crate::builders::{self, GRACE, viewer};
use crate::seed::{self, World, commit};

/// Three characters that are invisible, and a direction control with its end: names can have neither any more.
const EARLIER: [&str; 2] = ["\u{200B}\u{3164}\u{2800}", "a\u{2066}b\u{2069}"];

/// Tests every kind of text of every record that has one.
pub async fn text_that_an_earlier_version_accepted_is_read(fixture: &Fixture) {
    for text in EARLIER {
        assert!(ProjectName::parse(text).is_err(), "{text:?} is refused now");
    }
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let (admin, views) = (world.as_admin(), fixture.views());
    for text in EARLIER.map(str::to_owned) {
        let mut space = builders::space(ports, world.scope, world.admin.user, "Quay");
        space.name = SpaceName::from_stored(text.clone()).expect("a name once");
        space.description = SpaceDescription::from_stored(text.clone()).ok();
        seed::spaces(ports, std::slice::from_ref(&space)).await;
        let found = views.space(&admin, space.id, Includes::default()).await.expect("a look-up");
        assert_eq!(found.map(|(view, _)| view.space).as_ref(), Some(&space));
        space.revision += 1;
        let mut work = fixture.begin().await;
        assert!(work.lock_space(&admin, space.id).await.expect("a lock").is_some());
        work.update_space(&space).await.expect("an update of something else");
        commit(work).await;

        let project = seed::project(ports, world.scope, world.admin.user, "Harbour", |project| {
            project.name = ProjectName::from_stored(text.clone()).expect("a name once");
            project.description = ProjectDescription::from_stored(text.clone()).ok();
        });
        let project = project.await;
        let task = seed::task(ports, &project, "1", |task| {
            task.name = TaskName::from_stored(text.clone()).expect("a name once");
            task.description = TaskDescription::from_stored(text.clone()).ok();
        });
        let task = task.await;
        let found = views.task(&admin, task.id).await.expect("a look-up").expect("the task is there");
        assert_eq!((&found.0.task, &found.0.project.name), (&task, &project.name));
        let found =
            views.project(&admin, project.id).await.expect("a look-up").expect("the project is there");
        assert_eq!(found.0.record, project);

        let mut organization = builders::organization(ports, "Harbour Works");
        organization.name = OrganizationName::from_stored(text.clone()).expect("a name once");
        let mut user = builders::user(ports, GRACE);
        user.email = EmailAddress::from_stored(format!("\u{115F}{}@example.com", organization.id)).ok();
        assert!(user.email.is_some(), "an address once");
        let scope = Scope::Organization(organization.id);
        let first = DisplayNumber::new(1);
        let mut member = builders::member(ports, scope, &user, GRACE, first, ScopeRole::Admin);
        member.profile = Profile {
            first_name: PersonName::from_stored(text.clone()).expect("a name once"),
            last_name: PersonName::from_stored(text.clone()).expect("a name once"),
            username: Username::from_stored(text.clone()).ok(),
            employee_number: EmployeeNumber::from_stored(text.clone()).ok(),
            avatar: AvatarUrl::from_stored(format!("https://example.com/\u{2067}{}", user.id)).ok(),
        };
        let mut work = fixture.begin().await;
        work.insert_organization(&organization).await.expect("an organization");
        assert_eq!(work.insert_user(&user).await.expect("an answer"), Inserted::Yes);
        assert_eq!(work.insert_member(&member).await.expect("an answer"), MemberInserted::Yes);
        commit(work).await;
        let own = views.own_member(&viewer(user.id), scope).await.expect("a look-up");
        assert_eq!(own, Some(member));
        let found = views.organization(&viewer(user.id), organization.id).await.expect("a look-up");
        assert_eq!(found.map(|(organization, _)| organization), Some(organization));
        assert_eq!(views.user(user.id).await.expect("a look-up"), Some(user));
    }
}

/// Tests the names of API keys.
pub async fn a_keys_name_that_an_earlier_version_accepted_is_read(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    for text in EARLIER.map(str::to_owned) {
        let mut key = builders::key(ports, world.admin.user, world.scope);
        key.name = KeyName::from_stored(text.clone()).expect("a name once");
        let hash = seed::key(ports, &key, &text).await;
        assert_eq!(fixture.views().key_by_hash(&hash).await.expect("a look-up"), Some(key));
    }
}
