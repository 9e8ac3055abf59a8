//! Output for people and scripts: results on standard output, errors on standard error.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::mem;

use anyhow::Context;
use serde::Serialize;

/// Writes a result that must not be lost, such as a key that is shown once.
pub(crate) fn result(text: impl Display) -> anyhow::Result<()> {
    write_line(text).context("the result cannot be written to standard output")
}

/// Writes a result that can be asked for again. A reader may close the pipe early (`| head`).
pub(crate) fn listing(text: impl Display) -> anyhow::Result<()> {
    match write_line(text) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("the result cannot be written to standard output"),
    }
}

/// Writes the JSON document of a command with `--json`.
pub(crate) fn json(document: &impl Serialize) -> anyhow::Result<()> {
    result(in_json(document)?)
}

/// Writes a JSON document that is an object with one array, one value of the array after the other.
pub(crate) struct JsonList {
    /// The text before the next value.
    before: String,
}

impl JsonList {
    /// Begins a document whose array has that name.
    pub(crate) fn named(name: &str) -> Self {
        Self { before: format!("{{\"{name}\":[") }
    }

    /// Writes the next value of the array.
    pub(crate) fn push(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        let before = mem::replace(&mut self.before, ",".to_owned());
        let written = write!(io::stdout().lock(), "{before}{}", in_json(value)?);
        written.context("the result cannot be written to standard output")
    }

    /// Ends the document.
    pub(crate) fn end(self) -> anyhow::Result<()> {
        let before = if self.before == "," { "" } else { &self.before };
        result(format_args!("{before}]}}"))
    }
}

/// A list that is written page by page, so that any number of records takes the memory of one page: as JSON, or as a table with one head.
pub(crate) enum Listing<const N: usize> {
    /// A JSON document.
    Json(JsonList),
    /// A table.
    Table {
        /// The head.
        head: [&'static str; N],
        /// `true` after the head was written.
        has_begun: bool,
    },
}

impl<const N: usize> Listing<N> {
    /// Begins a list: a JSON document whose array has that name, or a table with that head.
    pub(crate) fn begin(as_json: bool, name: &str, head: [&'static str; N]) -> Self {
        if as_json { Self::Json(JsonList::named(name)) } else { Self::Table { head, has_begun: false } }
    }

    /// Writes the records of a page.
    pub(crate) fn add<T: Serialize>(
        &mut self,
        records: Vec<T>,
        into_row: impl Fn(T) -> [String; N],
    ) -> anyhow::Result<()> {
        match self {
            Self::Json(list) => records.iter().try_for_each(|record| list.push(record)),
            Self::Table { head, has_begun } => {
                let mut rows = vec![(*head).map(str::to_owned)];
                rows.extend(records.into_iter().map(into_row));
                let table = table(&rows);
                match table.split_once('\n') {
                    Some((_head, rest)) if mem::replace(has_begun, true) => listing(rest),
                    _ => listing(table),
                }
            }
        }
    }

    /// Ends the list.
    pub(crate) fn end(self) -> anyhow::Result<()> {
        match self {
            Self::Json(list) => list.end(),
            Self::Table { .. } => Ok(()),
        }
    }
}

fn in_json(value: &impl Serialize) -> anyhow::Result<String> {
    serde_json::to_string(value).context("the result cannot be serialized as JSON")
}

/// Writes an error and its causes in one line. Usage errors take a line each.
pub(crate) fn complain(error: &anyhow::Error) {
    notice(format_args!("error: {}", chain(error)));
}

/// Returns an error and its causes, without causes that the one before contains anyway.
pub(crate) fn chain(error: &anyhow::Error) -> String {
    let mut said: Vec<String> = Vec::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.last().is_none_or(|last| !last.contains(&cause)) {
            said.push(cause);
        }
    }
    said.join(": ")
}

/// Writes a message beside the result. A failure to write is ignored.
pub(crate) fn notice(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn write_line(text: impl Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

/// Returns a table in columns. The first row is its head.
pub(crate) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let widths: [usize; N] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_not_repeated() {
        let cause = anyhow::anyhow!("code 14").context("database: code 14").context("cannot open x.db");
        assert_eq!(chain(&cause), "cannot open x.db: database: code 14");
    }

    #[test]
    fn a_table_has_aligned_columns() {
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        assert_eq!(table(&[row("NAME", "X"), row("é", "10")]), "NAME  X\né     10");
    }
}
