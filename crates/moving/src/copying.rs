//! The copy of a whole instance.

use std::collections::HashMap;
use std::fmt;

use futures_util::future::join;
use loggia_domain::port::StoreError;
use loggia_sql::moving::{
    API_KEYS, Beginning, Digest, Digester, InstanceWriter, Row, RowReader, TABLES, TOTALS, Table,
    TargetIsNotEmpty, Value,
};
use uuid::Uuid;

use crate::Progress;

/// The number of rows that are read and written at a time.
const PAGE: u32 = 1_000;

/// The outcome of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyReport {
    /// Whether the copy was new or continued.
    pub beginning: Beginning,
    /// The tables, each with the digest that its rows have in both stores.
    pub tables: Vec<(&'static str, Digest)>,
    /// The number of rows that were in the target already.
    pub found: u64,
}

/// A table whose rows differ after the copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The name of the table.
    pub table: &'static str,
    /// The digest of the source's rows.
    pub source: Digest,
    /// The digest of the target's rows.
    pub target: Digest,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, source, target } = self;
        if source.rows == target.rows {
            write!(f, "{table} has the same number of rows, and other values")
        } else {
            write!(f, "{table} has {} rows in the source and {} in the target", source.rows, target.rows)
        }
    }
}

/// The reason why a copy is not complete.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The target is not empty; nothing was written.
    #[error("the target cannot be copied into: {0}")]
    Target(#[from] TargetIsNotEmpty),
    /// The source cannot be read.
    #[error("the source cannot be read")]
    Read(#[source] StoreError),
    /// The target cannot be written. What was copied stays, and the next copy continues.
    #[error("the target cannot be written")]
    Write(#[source] StoreError),
    /// The stores differ after the copy. The target stays marked as unfinished.
    #[error(
        "the target differs from the source: {}. If the source was used between two runs of the copy, copy it into a new target",
        .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    Different(Vec<Difference>),
}

/// Copies all rows of the source into the target, compares the two, and makes the target a store that can be opened.
///
/// If an earlier copy of the same source was interrupted, the rows that it has written stay and are compared with the others. Nothing else
/// may use either store meanwhile.
///
/// # Errors
/// Fails with a [`CopyError`]. The target is then as it was, or marked as an unfinished copy.
pub async fn copy(
    source: &mut dyn RowReader,
    target: &mut dyn InstanceWriter,
    report: &(dyn Fn(Progress) + Sync),
) -> Result<CopyReport, CopyError> {
    let instance = source.instance().await.map_err(CopyError::Read)?;
    let beginning = target.begin(&instance.name()).await.map_err(CopyError::Write)??;
    let mut found = 0;
    if beginning == Beginning::Continued {
        for table in TABLES {
            found += target.count(table).await.map_err(CopyError::Write)?;
        }
        report(Progress::Continued { rows: found });
    }
    for table in TABLES {
        copy_table(source, target, table, report).await?;
    }
    let (mut tables, mut differences) = (Vec::new(), Vec::new());
    for table in TABLES.into_iter().chain([&TOTALS]) {
        let (from, to) = compare(source, target, table, report).await?;
        if from != to {
            differences.push(Difference { table: table.name, source: from, target: to });
        }
        tables.push((table.name, to));
    }
    if !differences.is_empty() {
        return Err(CopyError::Different(differences));
    }
    target.finish(&instance).await.map_err(CopyError::Write)?;
    Ok(CopyReport { beginning, tables, found })
}

/// Copies the rows that the target lacks.
async fn copy_table(
    source: &mut dyn RowReader,
    target: &mut dyn InstanceWriter,
    table: &'static Table,
    report: &(dyn Fn(Progress) + Sync),
) -> Result<(), CopyError> {
    let of = source.count(table).await.map_err(CopyError::Read)?;
    let mut done = target.count(table).await.map_err(CopyError::Write)?;
    // Rows are written in order, so the last one says where an interrupted copy stopped.
    let mut after = target.last(table).await.map_err(CopyError::Write)?;
    let mut rows = source.rows(table, after.as_ref(), PAGE).await.map_err(CopyError::Read)?;
    while let Some(last) = rows.last().cloned() {
        report(Progress::Rows { step: "copying", table: table.name, done, of });
        done += rows.len() as u64;
        after = Some(last);
        let (written, next) = join(target.write(table, rows), source.rows(table, after.as_ref(), PAGE)).await;
        written.map_err(CopyError::Write)?;
        rows = next.map_err(CopyError::Read)?;
    }
    if *table == API_KEYS {
        link_keys(source, target).await?;
    }
    Ok(())
}

/// Sets the parents of all API keys. Those of an interrupted copy are set again.
async fn link_keys(source: &mut dyn RowReader, target: &mut dyn InstanceWriter) -> Result<(), CopyError> {
    let columns = API_KEYS.index("id").zip(API_KEYS.index("parent_id"));
    let link = |row: &Row| match columns.map(|(id, parent)| (row.get(id), row.get(parent))) {
        Some((Some(Value::Id(id)), Some(Value::Id(parent)))) => Some((*id, *parent)),
        _ => None,
    };
    let mut after = None;
    loop {
        let rows = source.rows(&API_KEYS, after.as_ref(), PAGE).await.map_err(CopyError::Read)?;
        let links: HashMap<Uuid, Uuid> = rows.iter().filter_map(link).collect();
        if !links.is_empty() {
            let links: Vec<_> = links.into_iter().collect();
            target.link_keys(&links).await.map_err(CopyError::Write)?;
        }
        match rows.last() {
            Some(last) => after = Some(last.clone()),
            None => return Ok(()),
        }
    }
}

/// Returns the digests of a table's rows in both stores.
async fn compare(
    source: &mut dyn RowReader,
    target: &mut dyn InstanceWriter,
    table: &'static Table,
    report: &(dyn Fn(Progress) + Sync),
) -> Result<(Digest, Digest), CopyError> {
    // Totals are compared as they are read, and counting them would read them once more.
    let of = if *table == TOTALS { 0 } else { source.count(table).await.map_err(CopyError::Read)? };
    let (mut from, mut to) = (Side::default(), Side::default());
    while !(from.is_done && to.is_done) {
        report(Progress::Rows { step: "comparing", table: table.name, done: from.rows, of });
        let (read, written) = join(
            async {
                if from.is_done {
                    Ok(Vec::new())
                } else {
                    source.rows(table, from.after.as_ref(), PAGE).await
                }
            },
            async {
                if to.is_done { Ok(Vec::new()) } else { target.rows(table, to.after.as_ref(), PAGE).await }
            },
        )
        .await;
        from.add(read.map_err(CopyError::Read)?);
        to.add(written.map_err(CopyError::Write)?);
    }
    Ok((from.digester.finish(), to.digester.finish()))
}

/// Returns the digests of all tables of a store, totals of lists included.
///
/// # Errors
/// Fails with a [`StoreError`] if the store cannot be read.
pub async fn picture(rows: &mut dyn RowReader) -> Result<Vec<(&'static str, Digest)>, StoreError> {
    let mut digests = Vec::new();
    for table in TABLES.into_iter().chain([&TOTALS]) {
        let mut side = Side::default();
        while !side.is_done {
            side.add(rows.rows(table, side.after.as_ref(), PAGE).await?);
        }
        digests.push((table.name, side.digester.finish()));
    }
    Ok(digests)
}

/// The rows of one store that are being compared.
#[derive(Default)]
struct Side {
    digester: Digester,
    after: Option<Row>,
    rows: u64,
    is_done: bool,
}

impl Side {
    fn add(&mut self, rows: Vec<Row>) {
        rows.iter().for_each(|row| self.digester.add(row));
        self.rows += rows.len() as u64;
        self.is_done = rows.is_empty();
        self.after = rows.into_iter().next_back();
    }
}
