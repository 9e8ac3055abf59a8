//! The cost of every endpoint in SQL statements, and on Postgres in round trips: a table that reviewers read as a diff. The costs do not
//! depend on the speed or the load of the machine.
//!
//! `cargo xtask counts --update` writes the table anew.

mod measured;
mod trips;

use std::fmt::Display;

use actix_web::rt::System;

use self::measured::{Cost, Measured};
use crate::capture;
use crate::harness::Store;
use crate::harness::client::Client;
use crate::permissions::{COLUMNS, Row, rows};
use crate::world::Who;

/// A call to measure: an endpoint in one of the forms of the table of permissions, with a caller who may call it.
struct Call {
    row: Row,
    /// The caller, or `None` for an endpoint that needs no key.
    who: Option<Who>,
}

/// Returns a call for each row of the table of permissions except those of the private project, which have the same cost. So no endpoint
/// can be missing.
fn calls() -> Vec<Call> {
    let succeeds = |row: &Row| {
        // The callers in the last columns may do most.
        let mut columns = COLUMNS.iter().zip(&row.statuses).rev();
        let (who, _) = columns.find(|(_, status)| (200..300).contains(*status)).expect("an allowed caller");
        *who
    };
    let rows = rows().into_iter().filter(|row| !row.private);
    rows.map(|row| Call { who: succeeds(&row), row }).collect()
}

impl Call {
    fn name(&self) -> String {
        let query = self.row.query.map_or_else(String::new, |query| format!("?{query}"));
        format!("{} {}{query}", self.row.method, self.row.path)
    }

    fn writes(&self) -> bool {
        self.row.method != "GET"
    }

    async fn cost(&self, measured: &Measured) -> Cost {
        let call = async |client: Client| {
            let response = self.row.request(&measured.world, &client).await;
            assert!((200..300).contains(&response.status), "{}: {response}", self.name());
        };
        measured.cost(self.who, call).await
    }
}

/// Returns the costs of all calls on one kind of store. Each write has a world of its own.
async fn costs(store: Store, calls: &[Call]) -> Vec<Cost> {
    let mut measured = Measured::on(store).await;
    let mut costs = Vec::with_capacity(calls.len());
    for call in calls {
        costs.push(call.cost(&measured).await);
        if call.writes() {
            measured = Measured::on(store).await;
        }
    }
    costs
}

fn line(call: &str, sqlite: impl Display, postgres: impl Display, trips: impl Display) -> String {
    format!("{call:<72}{sqlite:>8}{postgres:>10}{trips:>7}\n")
}

#[test]
fn every_endpoint_costs_these_statements_and_round_trips() {
    capture::listen();
    let calls = calls();
    let (sqlite, postgres) = System::new()
        .block_on(async { (costs(Store::Sqlite, &calls).await, costs(Store::Postgres, &calls).await) });
    // The statements on either store, then the round trips on Postgres.
    let mut table = line("", "SQLite", "Postgres", "trips");
    for ((call, sqlite), postgres) in calls.iter().zip(sqlite).zip(postgres) {
        table.push_str(&line(&call.name(), sqlite.statements, postgres.statements, postgres.trips));
    }
    insta::assert_snapshot!(table);
}
