//! The instance as a whole.

use super::Fixture;
use super::contention::{concurrently, insist, linger};
use super::pagination::whole;
use crate::builders::{self, ADA};
use crate::seed::{self, commit};

/// A store reports whether it has an organization.
pub async fn a_store_reports_whether_it_has_an_organization(fixture: &Fixture) {
    let ports = &fixture.ports;
    let views = fixture.views();
    assert!(!views.has_organizations().await.expect("an answer"));
    seed::person(ports, ADA).await;
    assert!(!views.has_organizations().await.expect("an answer"), "a personal scope is no organization");
    let mut work = fixture.begin().await;
    assert!(!work.lock_instance().await.expect("an answer"));
    work.insert_organization(&builders::organization(ports, "First")).await.expect("an organization");
    assert!(!views.has_organizations().await.expect("an answer"), "not committed yet");
    commit(work).await;
    assert!(views.has_organizations().await.expect("an answer"));
    let mut work = fixture.begin().await;
    assert!(work.lock_instance().await.expect("an answer"));
}

/// Two stores that are made apart have different secrets, so that no cursor of one instance is accepted by another.
pub async fn two_instances_have_different_secrets(fixture: &Fixture, other: &Fixture) {
    let secret = fixture.views().instance_secret().await.expect("a secret");
    assert_ne!(other.views().instance_secret().await.expect("a secret"), secret);
}

/// The secret of the instance exists from the start and never changes.
pub async fn the_instance_keeps_its_secret(fixture: &Fixture) {
    let secret = fixture.views().instance_secret().await.expect("a secret");
    assert_ne!(secret, [0; 32]);
    seed::organization(&fixture.ports, "First").await;
    assert_eq!(fixture.views().instance_secret().await.expect("a secret"), secret);
}

/// Look-ups in an empty store find nothing and do not fail.
pub async fn every_look_up_in_an_empty_store_finds_nothing(fixture: &Fixture) {
    let ports = &fixture.ports;
    let nobody = builders::user(ports, ADA);
    let viewer = builders::viewer(nobody.id);
    let views = fixture.views();
    views.check_ready().await.expect("a store that can be used");
    assert_eq!(views.user(nobody.id).await.expect("a look-up"), None);
    assert_eq!(views.account_by_email(&ADA.email()).await.expect("a lookup"), None);
    assert_eq!(views.organizations(&viewer, &whole()).await.expect("a list"), []);
    let organization = builders::organization(ports, "Nowhere");
    let mut work = fixture.begin().await;
    assert_eq!(work.account_by_email(&ADA.email()).await.expect("a lookup"), None);
    assert_eq!(work.lock_any_organization(organization.id).await.expect("a lock"), None);
    assert_eq!(work.lock_organization(&viewer, organization.id).await.expect("a lock"), None);
}

/// Of several concurrent first starts of an instance, one creates the first organization.
pub async fn of_concurrent_first_starts_one_creates_the_organization(fixture: &Fixture) {
    let outcomes = concurrently(4, || {
        let ports = fixture.ports.clone();
        async move {
            insist(|| async {
                let mut work = ports.store.begin().await?;
                if work.lock_instance().await? {
                    return Ok(false);
                }
                linger().await;
                work.insert_organization(&builders::organization(&ports, "First")).await?;
                work.commit().await.map(|()| true)
            })
            .await
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|made| **made).count(), 1, "exactly one start makes it");
    assert!(fixture.views().has_organizations().await.expect("an answer"));
}
