//! The deletion of an organization, looked at row by row.

use std::collections::BTreeSet;

use loggia_testkit::doomed::Doomed;
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Sqlite};
use uuid::Uuid;

use crate::support::Temporary;

/// Returns every row of every table as text: the table's name and the values, ids in hex.
async fn rows(connection: &mut SqliteConnection) -> BTreeSet<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .fetch_all(&mut *connection)
    .await
    .expect("the tables");
    let mut rows = BTreeSet::new();
    for table in tables {
        let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?1)")
            .bind(&table)
            .fetch_all(&mut *connection)
            .await
            .expect("the columns");
        let values: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
        let query = format!("SELECT '{table} ' || {} FROM {table}", values.join(" || ' ' || "));
        let found: Vec<(String,)> = QueryBuilder::<Sqlite>::new(query)
            .build_query_as()
            .fetch_all(&mut *connection)
            .await
            .expect("rows");
        rows.extend(found.into_iter().map(|(row,)| row));
    }
    rows
}

/// Every table that can have rows of an organization has some, so that none is forgotten.
#[tokio::test]
async fn no_row_names_a_deleted_organization_and_no_other_row_is_changed() {
    let temporary = Temporary::new().await;
    let doomed = Doomed::seed(&temporary.ports).await;
    let mut connection = temporary.raw().await;
    let hex = |id: Uuid| format!("X'{}'", id.simple()).to_uppercase();
    let ids = [doomed.world.organization.id.as_uuid(), doomed.own[0].as_uuid(), doomed.own[1].as_uuid()];
    let gone = |row: &String| ids.iter().any(|id| row.contains(&hex(*id)));
    // The key of an account stays, with another default scope.
    let key = hex(doomed.key.id.as_uuid());
    let before = rows(&mut connection).await;
    let tables_of = |rows: &BTreeSet<String>| -> BTreeSet<String> {
        rows.iter().filter_map(|row| row.split(' ').next()).map(str::to_owned).collect()
    };
    let doomed_rows: BTreeSet<String> = before.iter().filter(|row| gone(row)).cloned().collect();
    let mut without: BTreeSet<String> = tables_of(&before);
    without.retain(|table| !tables_of(&doomed_rows).contains(table));
    assert_eq!(without, ["_sqlx_migrations", "instance"].map(str::to_owned).into());

    doomed.delete(&temporary.ports, 3).await;
    let after = rows(&mut connection).await;
    let left: Vec<&String> = after.iter().filter(|row| gone(row)).collect();
    assert_eq!(left, Vec::<&String>::new());
    let kept: BTreeSet<&String> = before.iter().filter(|row| !gone(row)).collect();
    let others: BTreeSet<&String> = after.iter().filter(|row| !row.contains(&key)).collect();
    assert_eq!(others, kept);
    assert_eq!(after.len(), kept.len() + 1, "the key is there once");
}
