//! What the service is deployed with. There may be no container engine where this runs, so its files are read as one would read
//! them, the steps that make the image are run as plain commands, and so are those that set a database up.

mod compose;
mod dockerfile;
mod image;
mod laptop;
mod production;

use std::collections::BTreeSet;
use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::harness::{Home, root, text};

/// One of the files at the root of the workspace.
fn file(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The settings that a command of the program takes from the environment, as its help lists them.
fn settings_of(command: &str) -> BTreeSet<String> {
    let output = Home::new().run(&[command, "--help"]);
    assert!(output.status.success(), "there is a command {command}");
    let help = text(&output.stdout);
    let named = help.split("[env: ").skip(1).filter_map(|rest| rest.split(['=', ']']).next());
    named.map(str::to_owned).collect()
}

/// The first value that a statement gives as text, or the SQLSTATE with which it was refused.
fn scalar(url: &str, statement: &str) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let state = |error: sqlx::Error| match error.as_database_error().and_then(|error| error.code()) {
            Some(state) => state.into_owned(),
            None => error.to_string(),
        };
        let mut connection = PgConnection::connect(url).await.map_err(state)?;
        // The simple protocol: several statements at once, and every value as text.
        let rows = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).fetch_all(&mut connection).await;
        let rows = rows.map_err(state)?;
        let first = rows.last().map(|row| sqlx::Row::get_unchecked::<String, _>(row, 0));
        connection.close().await.map_err(state)?;
        Ok(first.unwrap_or_default())
    })
}
