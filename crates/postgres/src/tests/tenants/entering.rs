//! Tests that entering the scope of a record takes as much work if another organization has the record as if nobody has it.

use std::collections::BTreeMap;

use loggia_domain::id::{ProjectId, SpaceId, TaskId};
use loggia_domain::scope::Viewer;
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::{options, run};
use super::town::Town;
use crate::tenancy::context::{Record, Target, TenantContext};

/// Returns how many times each table was searched by an index while the viewer entered the scope of the record.
async fn searches(service: &mut PgConnection, viewer: &Viewer, record: Record) -> BTreeMap<String, i64> {
    run(service, "BEGIN").await;
    let before = counters(service).await;
    let context = TenantContext::viewer(viewer, Target::In(record));
    context.enter(&mut *service, true).await.expect("a context");
    let after = counters(service).await;
    run(service, "ROLLBACK").await;
    let searches = after.into_iter().map(|(table, count)| {
        let earlier = before.get(&table).copied().unwrap_or_default();
        (table, count - earlier)
    });
    searches.filter(|(_, count)| *count > 0).collect()
}

/// Returns the searches by an index of each table since the session last reported them, which may be before the transaction began.
async fn counters(service: &mut PgConnection) -> BTreeMap<String, i64> {
    let counters: Vec<(String, i64)> =
        sqlx::query_as("SELECT relname::text, coalesce(idx_scan, 0) FROM pg_stat_xact_user_tables")
            .fetch_all(service)
            .await
            .expect("the counters");
    counters.into_iter().collect()
}

#[tokio::test]
async fn a_foreign_record_takes_as_many_searches_as_an_unknown_id() {
    let town = Town::found().await;
    let mut service = options(&town.database).connect_as_service().await.expect("a session");
    let harbour = town.question();
    let unknown = Uuid::from_u128(1);
    let records = [
        ("projects", Record::Project(harbour.project), Record::Project(ProjectId::from_uuid(unknown))),
        ("spaces", Record::Space(harbour.space), Record::Space(SpaceId::from_uuid(unknown))),
        ("tasks", Record::Task(harbour.task), Record::Task(TaskId::from_uuid(unknown))),
    ];
    for (name, viewer) in [("no member", town.stranger().0), ("confined elsewhere", town.ada_confined())] {
        for (table, foreign, unknown) in records {
            let foreign = searches(&mut service, &viewer, foreign).await;
            let unknown = searches(&mut service, &viewer, unknown).await;
            assert_eq!(foreign, unknown, "{table}: {name}");
            assert_eq!(unknown, [("members".to_owned(), 1), (table.to_owned(), 1)].into(), "{table}: {name}");
        }
    }
}
