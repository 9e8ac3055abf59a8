//! Stores of every size: each is a copy of one store that grows.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::copies::Size;
use super::result::Backend;
use super::{fill_postgres, fill_sqlite};
use crate::result::Engine;
use crate::stage::fill;
use crate::{machine, say};

/// The arguments of `loggia demo` for every store: a part of 500 tasks, see [`Size::copies`], with spaces for 500 pages of twenty and
/// some more.
pub(super) const DEMO: [&str; 8] =
    ["--people", "50", "--projects", "25", "--tasks", "500", "--spaces", "10040"];
pub(super) const DEMO_SPACES: u64 = 10_040;

/// A store of one size.
pub(super) struct Store {
    pub(super) backend: Backend,
    pub(super) size: Size,
    pub(super) url: String,
    /// The key of the demo's admin, which is valid in every store.
    pub(super) key: String,
}

fn demo() -> Vec<String> {
    DEMO.map(str::to_owned).to_vec()
}

fn grown(backend: &Backend, size: Size, began: Instant) {
    let seconds = began.elapsed().as_secs_f64();
    say(&format!("{}: {} 000 tasks after {seconds:.0} s", backend.name(), size.thousands));
}

/// Creates the SQLite files.
pub(super) fn sqlite(loggia: &Path, folder: &Path, sizes: &[Size]) -> Result<Vec<Store>> {
    let began = Instant::now();
    let growing = folder.join("growing.db");
    let key = fill(loggia, &format!("sqlite://{}", growing.display()), &demo())?.api_key;
    let tables = fill_sqlite::read(&growing)?;
    let (mut stores, mut before) = (Vec::new(), None);
    for size in sizes {
        fill_sqlite::write(&growing, &tables, &size.copies(before))?;
        before = Some(*size);
        let file = folder.join(format!("growth-{}.db", size.thousands));
        std::fs::copy(&growing, &file).with_context(|| format!("{} cannot be written", file.display()))?;
        let url = format!("sqlite://{}", file.display());
        let backend = Backend::sqlite();
        grown(&backend, *size, began);
        stores.push(Store { backend, size: *size, url, key: key.clone() });
    }
    std::fs::remove_file(&growing)?;
    Ok(stores)
}

/// Creates the databases on a Postgres server.
pub(super) async fn postgres(loggia: &Path, server: &str, sizes: &[Size]) -> Result<Vec<Store>> {
    let began = Instant::now();
    let version = machine::postgres_version(server).await?;
    let growing = machine::new_database(server).await?;
    let key = fill(loggia, &growing, &demo())?.api_key;
    let tables = fill_postgres::read(&growing).await?;
    let (root, template) = growing.rsplit_once('/').context("the URL names a database")?;
    let (mut stores, mut before) = (Vec::new(), None);
    for size in sizes {
        fill_postgres::write(&growing, &tables, &size.copies(before)).await?;
        before = Some(*size);
        // The statistics and the visibility map are copied too.
        run(&growing, "VACUUM ANALYZE").await?;
        let name = format!("loggia_growth_{}", size.thousands);
        run(server, &format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")).await?;
        let url = format!("{root}/{name}");
        let backend = Backend { engine: Engine::Postgres, version: Some(version.clone()) };
        grown(&backend, *size, began);
        stores.push(Store { backend, size: *size, url, key: key.clone() });
    }
    run(server, &format!("DROP DATABASE {template}")).await?;
    run(server, "CHECKPOINT").await?;
    Ok(stores)
}

async fn run(url: &str, statement: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}
