//! Archives that are whole.

use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::GzDecoder;
use loggia_domain::key::Caller;
use loggia_domain::page::{MemberQuery, PageRequest};
use loggia_domain::project::NewProject;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::service::NewMember;
use loggia_domain::task::NewTask;
use loggia_domain::text::{ProjectName, TaskName};

use crate::world::{Home, email, fill_home, profile};

fn text(archive: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(archive).read_to_string(&mut text).unwrap();
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_is_imported_is_exported_again_byte_for_byte() {
    let home = Home::new();
    let world = fill_home(&home).await;
    let archive = home.export(world.organization).await;
    assert_eq!(home.export(world.organization).await, archive, "two exports of the same data");
    let target = Home::empty().await;
    let imported = target.import(&archive).await.unwrap();
    assert_eq!((imported.new_accounts, imported.known_accounts), (3, 0));
    assert_eq!(target.export(world.organization).await, archive);

    // The organization is not the only one.
    let shared = Home::empty().await;
    shared.with(async |loggia| crate::world::found(loggia, "Other Works", "barbara@example.com").await).await;
    shared.import(&archive).await.unwrap();
    assert_eq!(shared.export(world.organization).await, archive);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_contains_no_secret_and_no_address_of_a_former_member() {
    let home = Home::new();
    let world = fill_home(&home).await;
    let text = text(&home.export(world.organization).await);
    for part in
        ["users/000001.jsonl", "tasks/000001.jsonl", "events/000001.jsonl", "invitations/000001.jsonl"]
    {
        assert!(text.contains(part), "{part}");
    }
    for name in
        ["api_keys/", "stored_responses/", "token_hash", "\"hash\"", "\"secret\"", "organizations_made"]
    {
        assert!(!text.contains(name), "{name}");
    }
    for address in ["edsger@example.com", "gone@example.com", "alan@example.com"] {
        assert!(!text.contains(address), "{address}");
    }
    assert!(text.contains(&world.edsger.to_string()) && text.contains("grace@example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_organization_works_as_before() {
    let home = Home::new();
    let world = fill_home(&home).await;
    let archive = home.export(world.organization).await;
    let target = Home::empty().await;
    target.import(&archive).await.unwrap();
    let scope = Scope::Organization(world.organization);
    let next = async |loggia: &loggia_domain::service::Loggia| {
        let admin = Caller::unchecked(world.ada, scope);
        let new = NewProject::named(ProjectName::parse("After the move").unwrap());
        let project = loggia.acting_as(&admin).create_project(ScopeChoice::Default, new).await.unwrap();
        let new = NewTask::named(TaskName::parse("First").unwrap());
        let task = loggia.acting_as(&admin).create_task(project.record.id, new).await.unwrap();
        let new = NewMember::person(email("new@example.com"), profile("New", "Person"), ScopeRole::Viewer);
        let member = loggia.operator().add_member(world.organization, new).await.unwrap();
        let query = MemberQuery {
            search: loggia_domain::text::SearchText::parse("hopper").ok(),
            ..MemberQuery::default()
        };
        let found =
            loggia.acting_as(&admin).list_members(world.organization, &query, &PageRequest::FIRST).await;
        let found: BTreeSet<_> = found.unwrap().items.into_iter().map(|it| it.user).collect();
        (project.record.number, task.task.number, member.number, found)
    };
    let (here, there) = (home.with(next).await, target.with(next).await);
    assert_eq!(here, there, "numbers go on, and searches find");
    assert_eq!(here.3, BTreeSet::from([world.grace]), "without the accent");
    target
        .with(async |loggia| {
            for (user, may) in [(world.grace, true), (world.edsger, false)] {
                let caller = Caller::unchecked(user, scope);
                let seen = loggia.acting_as(&caller).organization(world.organization).await;
                assert_eq!(seen.is_ok(), may, "a former member has no access");
            }
            assert!(
                loggia.operator().has_organizations().await.unwrap(),
                "the first start makes no other one"
            );
        })
        .await;
}
