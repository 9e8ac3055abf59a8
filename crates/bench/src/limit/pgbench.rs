//! Postgres's own load generator, with prepared statements over the same kind of socket as the service.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::bare::statements::postgres as statements;

/// The program, its scripts and the values of their variables.
pub(crate) struct PgBench {
    program: PathBuf,
    url: String,
    folder: TempDir,
    values: Vec<String>,
    spaces: usize,
}

/// The statement that a script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Statement {
    /// The select of one row by its primary key.
    PrimaryKey,
    /// The service's own statement for a space.
    Space,
    /// The service's own statement for a page of spaces.
    Spaces,
    /// The service's own statements for a roster and its count.
    Roster,
    /// The insert of one row into a table like that of the spaces, with all its indexes.
    Insert,
}

/// The table that [`Statement::Insert`] fills.
pub(crate) const INSERTS: &str = "CREATE TABLE bench_inserts (LIKE spaces INCLUDING ALL)";

/// The number of scripts, of which pgbench picks one for each transaction; each has another space.
const SPACES: usize = 16;

impl PgBench {
    pub(crate) fn new(
        program: &Path,
        url: &str,
        user: &str,
        scope: &str,
        project: &str,
        spaces: &[String],
    ) -> Result<Self> {
        let spaces: Vec<&String> = spaces.iter().take(SPACES).collect();
        let mut values = vec![
            format!("user={user}"),
            format!("scope={scope}"),
            format!("project={project}"),
            "rows=21".into(),
        ];
        values.extend(spaces.iter().enumerate().map(|(at, id)| format!("space{at}={id}")));
        let (program, url) = (program.to_owned(), url.to_owned());
        let bench = Self { program, url, folder: tempfile::tempdir()?, values, spaces: spaces.len() };
        bench.write()?;
        Ok(bench)
    }

    fn write(&self) -> Result<()> {
        let write = |name: &str, script: String| {
            let file = self.folder.path().join(name);
            std::fs::write(&file, script + ";\n")
                .with_context(|| format!("{} cannot be written", file.display()))
        };
        for at in 0..self.spaces {
            let id = format!(":space{at}");
            write(
                &format!("key{at}"),
                format!("SELECT * FROM spaces WHERE scope_id = :scope AND id = {id}"),
            )?;
            write(&format!("space{at}"), with_names(statements::SPACE, &[":user", &id]))?;
        }
        write("spaces", with_names(statements::SPACES, &[":scope", ":user", ":rows"]))?;
        write("roster", with_names(statements::ROSTER, &[":user", ":project", ":rows"]))?;
        let insert = "INSERT INTO bench_inserts (scope_id, id, name, name_key, description, project_id, status, \
            priority, strength, created_by, created_at, updated_at, revision) VALUES (:scope, gen_random_uuid(), \
            'Space', 'space', NULL, NULL, 'Active', 3, 0, :user, 1769846400000000, 1769846400000000, 1)";
        write("insert", insert.to_owned())
    }

    fn files(&self, statement: Statement) -> Vec<PathBuf> {
        let each =
            |name: &str| (0..self.spaces).map(|at| self.folder.path().join(format!("{name}{at}"))).collect();
        match statement {
            Statement::PrimaryKey => each("key"),
            Statement::Space => each("space"),
            Statement::Spaces => vec![self.folder.path().join("spaces")],
            Statement::Roster => vec![self.folder.path().join("roster")],
            Statement::Insert => vec![self.folder.path().join("insert")],
        }
    }

    /// Runs the statement and returns the transactions per second.
    pub(crate) fn run(&self, statement: Statement, clients: u32, seconds: u32) -> Result<f64> {
        let mut command = Command::new(&self.program);
        command.args(["--no-vacuum", "--protocol=prepared", "--jobs=1"]);
        command.args([format!("--client={clients}"), format!("--time={seconds}")]);
        command.args(self.values.iter().map(|value| format!("--define={value}")));
        for file in self.files(statement) {
            command.arg("--file").arg(file);
        }
        let output = command.arg(&self.url).output().context("pgbench could not be started")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "pgbench ended with {}: {errors}", output.status);
        rate(&String::from_utf8_lossy(&output.stdout))
            .with_context(|| format!("pgbench reported no rate: {errors}"))
    }
}

fn rate(output: &str) -> Option<f64> {
    let line = output.lines().find_map(|line| line.strip_prefix("tps = "))?;
    line.split(' ').next()?.parse().ok()
}

/// Replaces the numbered parameters of a statement by names.
fn with_names(statement: &str, names: &[&str]) -> String {
    let numbered = names.iter().enumerate();
    numbered.fold(statement.to_owned(), |text, (at, name)| text.replace(&format!("${}", at + 1), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_without_the_time_to_connect() {
        let output =
            "number of failed transactions: 0 (0.000%)\ntps = 1234.5 (without initial connection time)\n";
        assert_eq!(rate(output), Some(1234.5));
        assert_eq!(rate("tps"), None);
    }

    #[test]
    fn parameters_get_names() {
        assert_eq!(with_names("a = $1 AND b = $2 AND c = $1", &[":x", ":y"]), "a = :x AND b = :y AND c = :x");
    }
}
