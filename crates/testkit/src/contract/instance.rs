//! The instance as a whole.

use super::Fixture;
use super::walk::whole;
use crate::builders::{self, ADA};
use crate::seed::{self, commit};

/// A store reports whether it has an organization.
pub async fn the_first_organization_is_noticed(fixture: &Fixture) {
    let ports = &fixture.ports;
    let views = fixture.views();
    views.check_ready().await.expect("a store that can be used");
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

/// The secret of the instance exists from the start and never changes.
pub async fn the_instance_keeps_its_secret(fixture: &Fixture) {
    let secret = fixture.views().instance_secret().await.expect("a secret");
    assert_ne!(secret, [0; 32]);
    seed::organization(&fixture.ports, "First").await;
    assert_eq!(fixture.views().instance_secret().await.expect("a secret"), secret);
}

/// Look-ups in an empty store find nothing and do not fail.
pub async fn an_empty_store_answers_every_look_up(fixture: &Fixture) {
    let ports = &fixture.ports;
    let nobody = builders::user(ports, ADA);
    let eyes = builders::viewer(nobody.id);
    let views = fixture.views();
    assert_eq!(views.user(nobody.id).await.expect("a look-up"), None);
    assert_eq!(views.account_by_email(&ADA.email()).await.expect("a lookup"), None);
    assert_eq!(views.organizations(&eyes, &whole()).await.expect("a list"), []);
    assert_eq!(views.keys(&eyes, &whole()).await.expect("a list"), []);
    let organization = builders::organization(ports, "Nowhere");
    let mut work = fixture.begin().await;
    assert_eq!(work.account_by_email(&ADA.email()).await.expect("a lookup"), None);
    assert_eq!(work.lock_any_organization(organization.id).await.expect("a lock"), None);
    assert_eq!(work.lock_organization(&eyes, organization.id).await.expect("a lock"), None);
}
