//! The export of an organization.

use std::collections::HashSet;
use std::io::{self, Write};

use loggia_domain::id::OrganizationId;
use loggia_domain::port::StoreError;
use loggia_sql::moving::{MEMBERS, ORGANIZATIONS, Row, RowReader, Table, USERS, Value};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::Progress;
use crate::archive::{PART_BYTES, PART_ROWS, Part, Writing, encode, tables, write};

/// The number of rows that are read at a time.
const PAGE: u32 = 1_000;

/// The number of parts that wait to be compressed.
const WAITING_PARTS: usize = 2;

/// The rows that an export has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The tables, each with the number of its rows.
    pub tables: Vec<(&'static str, u64)>,
}

/// The reason why an organization was not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is no such organization.
    #[error("there is no organization {0}")]
    NotFound(OrganizationId),
    /// The organization is being deleted.
    #[error("the organization {0} is being deleted")]
    Closed(OrganizationId),
    /// The store cannot be read.
    #[error("the store cannot be read")]
    Store(#[from] StoreError),
    /// The file cannot be written.
    #[error("the archive cannot be written")]
    File(#[source] io::Error),
}

/// Writes an archive of the organization whose rows `reader` reads. Returns `file` with all bytes written, and not yet flushed.
///
/// # Errors
/// Fails with an [`ExportError`]; what was written is then no archive.
pub async fn export<W: Write + Send + 'static>(
    reader: &mut dyn RowReader,
    organization: OrganizationId,
    file: W,
    report: &(dyn Fn(Progress) + Sync),
) -> Result<(Exported, W), ExportError> {
    let known = reader.rows(&ORGANIZATIONS, None, 1).await?;
    let known = known.first().ok_or(ExportError::NotFound(organization))?;
    if ORGANIZATIONS.index("closed_at").and_then(|i| known.get(i)) != Some(&Value::Null) {
        return Err(ExportError::Closed(organization));
    }
    let former = former_members(reader).await?;
    let (parts, received) = mpsc::channel(WAITING_PARTS);
    let writing = tokio::task::spawn_blocking(move || write(file, organization, received));
    let mut exported = Vec::new();
    let mut outcome = Ok(());
    for table in tables() {
        match export_table(reader, table, &former, &parts, report).await {
            Ok(rows) => exported.push((table.name, rows)),
            Err(error) => {
                outcome = Err(error);
                break;
            }
        }
    }
    drop(parts);
    let file = writing.await.map_err(io::Error::other).flatten();
    match (outcome, file) {
        (Ok(()), Ok(file)) => Ok((Exported { tables: exported }, file)),
        (Ok(()) | Err(None), Err(error)) => Err(ExportError::File(error)),
        (Err(Some(error)), _) => Err(error.into()),
        (Err(None), Ok(_)) => Err(ExportError::File(io::ErrorKind::BrokenPipe.into())),
    }
}

/// Returns the users who are members no longer. The organization knows the address of such an account no more.
async fn former_members(reader: &mut dyn RowReader) -> Result<HashSet<Uuid>, StoreError> {
    let mut former = HashSet::new();
    let columns = MEMBERS.index("user_id").zip(MEMBERS.index("active"));
    let mut after: Option<Row> = None;
    loop {
        let rows = reader.rows(&MEMBERS, after.as_ref(), PAGE).await?;
        for row in &rows {
            if let Some((Some(Value::Id(user)), Some(Value::Flag(false)))) =
                columns.map(|(user, active)| (row.get(user), row.get(active)))
            {
                former.insert(*user);
            }
        }
        match rows.into_iter().next_back() {
            Some(last) => after = Some(last),
            None => return Ok(former),
        }
    }
}

/// Sends the rows of a table. Fails with `None` if the archive cannot be written, and the writing thread reports the reason.
async fn export_table(
    reader: &mut dyn RowReader,
    table: &'static Table,
    former: &HashSet<Uuid>,
    parts: &Writing,
    report: &(dyn Fn(Progress) + Sync),
) -> Result<u64, Option<StoreError>> {
    let of = reader.count(table).await?;
    let mut part = Part { table, number: 1, rows: 0, lines: Vec::new() };
    let (mut after, mut done) = (None, 0);
    loop {
        report(Progress::Rows { step: "exporting", table: table.name, done, of });
        let mut rows = reader.rows(table, after.as_ref(), PAGE).await?;
        for row in &mut rows {
            if *table == USERS {
                forget_address(row, former);
            }
            let encoded = encode(table, row, &mut part.lines);
            encoded.map_err(|error| StoreError::Corrupt(format!("{}: {error}", table.name)))?;
            part.rows += 1;
            done += 1;
            if part.rows >= PART_ROWS || part.lines.len() >= PART_BYTES {
                let next = Part { table, number: part.number + 1, rows: 0, lines: Vec::new() };
                let full = std::mem::replace(&mut part, next);
                parts.send(full).await.map_err(|_| None)?;
            }
        }
        // The key of the last row has stayed as it was read.
        match rows.into_iter().next_back() {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    if part.rows > 0 {
        parts.send(part).await.map_err(|_| None)?;
    }
    Ok(done)
}

/// Empties the address of an account that is no longer a member.
fn forget_address(user: &mut Row, former: &HashSet<Uuid>) {
    let column = |name| USERS.index(name).unwrap_or_default();
    let is_account = user.get(column("home_scope")) == Some(&Value::Null);
    let is_former = matches!(user.get(column("id")), Some(Value::Id(id)) if former.contains(id));
    if is_account
        && is_former
        && let Some(email) = user.get_mut(column("email"))
    {
        *email = Value::Text(String::new());
    }
}
