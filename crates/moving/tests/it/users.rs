//! The users of an archive, and those whom the instance has.

use loggia_domain::account::AccountPatch;
use loggia_domain::id::OrganizationId;
use loggia_domain::role::ScopeRole;
use loggia_domain::service::NewAccount;
use loggia_domain::text::PersonName;
use loggia_moving::{ImportError, Refusal};

use crate::world::{Home, email, fill_home, found, profile};

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_that_exists_is_refused() {
    let home = Home::new();
    let world = fill_home(&home).await;
    let archive = home.export(world.organization).await;
    let before = home.picture().await;
    let refused = home.import(&archive).await.unwrap_err();
    assert!(
        matches!(&refused, ImportError::Refused(Refusal::OrganizationExists(id)) if *id == world.organization),
        "{refused}"
    );
    assert_eq!(home.picture().await, before, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_organization_can_be_imported_with_its_remaining_accounts() {
    let home = Home::new();
    let world = fill_home(&home).await;
    let archive = home.export(world.organization).await;
    home.with(async |loggia| {
        delete(loggia, world.organization).await;
        let patch = AccountPatch { first_name: PersonName::parse("Augusta").ok(), ..AccountPatch::default() };
        loggia.operator().change_account(world.grace, patch).await.unwrap();
    })
    .await;
    let imported = home.import(&archive).await.unwrap();
    assert_eq!((imported.new_accounts, imported.known_accounts), (0, 3));
    home.with(async |loggia| {
        let caller = loggia_domain::key::Caller::unchecked(
            world.grace,
            loggia_domain::scope::Scope::Organization(world.organization),
        );
        let me = loggia.acting_as(&caller).member(world.organization, world.grace).await.unwrap();
        assert_eq!(me.profile.first_name.as_str(), "Augusta", "the account shows its own name everywhere");
    })
    .await;
}

async fn delete(loggia: &loggia_domain::service::Loggia, organization: OrganizationId) {
    use loggia_domain::port::DeletionStep;
    loggia.operator().close_organization(organization).await.unwrap();
    let mut step = DeletionStep::FIRST;
    loop {
        let rows = loggia_domain::service::DELETION_ROWS;
        let progress = loggia.operator().delete_organization_step(organization, step, rows).await.unwrap();
        match progress.next {
            Some(next) => step = next,
            None => break,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_another_account_has_is_refused() {
    let home = Home::new();
    let world = fill_home(&home).await;
    let archive = home.export(world.organization).await;
    let target = Home::empty().await;
    let other = target
        .with(async |loggia| {
            let organization = found(loggia, "Other Works", "barbara@example.com").await;
            let new = NewAccount { email: email("GRACE@example.com"), profile: profile("Grace", "Other") };
            let member = loggia.operator().add_account_member(organization, &new, ScopeRole::Member).await;
            member.unwrap().user
        })
        .await;
    let before = target.picture().await;
    let refused = target.import(&archive).await.unwrap_err();
    let expected = Refusal::AddressTaken {
        email: "grace@example.com".to_owned(),
        here: other.as_uuid(),
        archived: world.grace.as_uuid(),
    };
    assert!(matches!(&refused, ImportError::Refused(refusal) if *refusal == expected), "{refused}");
    assert_eq!(target.picture().await, before, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_another_user_has_is_refused() {
    let home = Home::new();
    let world = fill_home(&home).await;
    let archive = home.export(world.organization).await;
    let target = Home::empty().await;
    // Dennis, who is the organization's own, is an account here.
    let id = world.dennis.as_uuid();
    target.with(async |loggia| found(loggia, "Other Works", "barbara@example.com").await).await;
    let connection = rusqlite::Connection::open(target.path("loggia.db")).unwrap();
    connection
        .execute(
            "INSERT INTO users (id, home_scope, kind, email, email_key, created_at)
             VALUES (?1, NULL, 'person', 'd@example.com', 'd@example.com', 0)",
            [id.as_bytes()],
        )
        .unwrap();
    drop(connection);
    let before = target.picture().await;
    let refused = target.import(&archive).await.unwrap_err();
    assert!(
        matches!(&refused, ImportError::Refused(Refusal::AnotherUser { id: other, .. }) if *other == id),
        "{refused}"
    );
    assert_eq!(target.picture().await, before, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_id_is_taken_elsewhere_is_refused() {
    let home = Home::new();
    let world = fill_home(&home).await;
    let archive = home.export(world.organization).await;
    let target = Home::empty().await;
    let other =
        target.with(async |loggia| found(loggia, "Other Works", "barbara@example.com").await).await.as_uuid();
    let source = rusqlite::Connection::open(home.path("loggia.db")).unwrap();
    let project: Vec<u8> = source
        .query_row(
            "SELECT id FROM projects WHERE scope_id = ?1",
            [world.organization.as_uuid().as_bytes()],
            |row| row.get(0),
        )
        .unwrap();
    drop(source);
    let connection = rusqlite::Connection::open(target.path("loggia.db")).unwrap();
    connection
        .execute(
            "INSERT INTO projects (scope_id, id, number, name, name_key, visibility, created_by, created_at, updated_at, revision)
             SELECT scope_id, ?2, 1, 'Taken', 'taken', 'organization', user_id, 0, 0, 1 FROM members WHERE scope_id = ?1",
            (other.as_bytes(), project),
        )
        .unwrap();
    drop(connection);
    let before = target.picture().await;
    let refused = target.import(&archive).await.unwrap_err();
    assert!(matches!(&refused, ImportError::Rows { table: "projects", .. }), "{refused}");
    assert_eq!(target.picture().await, before, "nothing was written");
}
