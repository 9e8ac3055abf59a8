//! The deployment of the service. The machine of a test may have no container engine, so the engine's files are parsed here, the steps that
//! make the image are run as plain commands, and so are those that set up a database.

mod compose;
mod dockerfile;
mod image;
mod laptop;
mod production;

use std::collections::BTreeSet;
use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::harness::{Home, root, text};

/// Returns the text of a file at the root of the workspace.
fn file(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the settings that a command of the program takes from the environment, as its help lists them.
fn settings_of(command: &str) -> BTreeSet<String> {
    let output = Home::new().run(&[command, "--help"]);
    assert!(output.status.success(), "there is a command {command}");
    let help = text(&output.stdout);
    let named = help.split("[env: ").skip(1).filter_map(|rest| rest.split(['=', ']']).next());
    named.map(str::to_owned).collect()
}

/// Returns the first value of a statement as text, or the SQLSTATE with which it failed.
fn scalar(url: &str, statement: &str) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let state = |error: sqlx::Error| match error.as_database_error().and_then(|error| error.code()) {
            Some(state) => state.into_owned(),
            None => error.to_string(),
        };
        let mut connection = PgConnection::connect(url).await.map_err(state)?;
        // The simple query protocol runs several statements at once, and returns every value as text.
        let rows = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).fetch_all(&mut connection).await;
        let rows = rows.map_err(state)?;
        let first = rows.last().map(|row| sqlx::Row::get_unchecked::<String, _>(row, 0));
        connection.close().await.map_err(state)?;
        Ok(first.unwrap_or_default())
    })
}
