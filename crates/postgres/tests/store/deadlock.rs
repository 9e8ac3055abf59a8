//! Tests of a deadlock: one of the two units of work fails as contended, and its use case is retried.

use std::sync::Arc;
use std::time::Duration;

use loggia_domain::port::StoreError;
use loggia_domain::service::Loggia;
use loggia_domain::user::MemberPatch;
use loggia_testkit::intercept::{self, Recorder};
use loggia_testkit::seed::{self, World};
use sqlx::PgConnection;

use crate::support::Temporary;

/// Waits until one of the store's sessions waits for a lock.
async fn until_a_lock_is_waited_for(outsider: &mut PgConnection) {
    loop {
        let waiting: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = 'loggia' AND wait_event_type = 'Lock')",
        )
        .fetch_one(&mut *outsider)
        .await
        .expect("a look at the sessions");
        if waiting {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Deactivation locks the organization before the rosters, in the specified order; the rival locks in the opposite order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_ends_one_transaction_and_the_use_case_succeeds() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let mut outsider = temporary.raw().await;
    let calls = Arc::new(Recorder::new());
    let loggia = Loggia::on_ports(intercept::store(temporary.ports.clone(), calls.clone())).build();

    let mut rival = seed::begin(&temporary.ports).await;
    let locked = rival.lock_project(&world.as_admin(), world.project.id).await.expect("a lock");
    assert!(locked.is_some(), "the project is the rival's");
    let (organization, grace) = (world.organization.id, world.member.user);
    let leaving = tokio::spawn(async move {
        let patch = MemberPatch { active: Some(false), ..MemberPatch::default() };
        loggia.operator().update_member(organization, grace, patch).await
    });
    until_a_lock_is_waited_for(&mut outsider).await;
    let rival_was_refused = match rival.lock_any_organization(organization).await {
        Ok(locked) => {
            assert!(locked.is_some(), "the organization is the rival's, too");
            seed::commit(rival).await;
            false
        }
        Err(error) => {
            assert!(matches!(error, StoreError::Contended(Some(_))), "{error:?}");
            drop(rival);
            true
        }
    };
    let member = leaving.await.expect("a task").expect("the use case went through");
    assert!(!member.active);
    // Usually the server ends the use case's transaction, since that began to wait first. If its retry locks the organization before the
    // rival has woken up, the two deadlock once more, and then the rival may be ended.
    let tries = calls.count("begin");
    assert!(rival_was_refused || tries > 1, "one of the two was ended, and the use case began {tries} times");
    let roster = temporary.execute("SELECT FROM project_members").await;
    assert_eq!(roster, Ok(1), "Grace is on no roster any more");
}
