//! `loggia doctor`: checks the store, the machine and the settings, and says what to do about each finding.

mod contradictions;
mod machine;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use loggia_domain::port::Clock;
use loggia_domain::system::SystemClock;
use loggia_sqlite::{Examination, Finding, Severity, SqliteOptions};
use serde::Serialize;

use crate::commands::backup;
use crate::commands::backup::dump::{RawScratch, ScratchServer};
use crate::database::Database;
use crate::output;
use crate::settings::{RawListen, Settings};
use crate::usage_errors::UsageErrors;
use crate::wiring::Location;

const BACK_UP_AGAIN: &str = "if the file and the server to check it on are the right ones, make another backup: `loggia backup` says how";

/// The arguments of `loggia doctor`.
#[derive(Args, Clone, Debug)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) listen: RawListen,
    /// Also check a backup: a file of `loggia backup`, or one of pg_dump with --format=custom
    ///
    /// A dump is restored as `loggia backup --check` does it, on the server of --scratch-database-url.
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
    #[command(flatten)]
    scratch: RawScratch,
    /// Print {"store","checks","findings"} instead of text
    #[arg(long)]
    json: bool,
}

/// An examination with valid settings.
#[derive(Debug)]
pub(crate) struct DoctorJob {
    listen: SocketAddr,
    dump: Option<PathBuf>,
    scratch: Option<Box<ScratchServer>>,
    json: bool,
}

impl DoctorArgs {
    /// Checks the arguments.
    pub(crate) fn check(self, usage_errors: &mut UsageErrors) -> Option<DoctorJob> {
        let (listen, scratch) = (usage_errors.take(self.listen.listen), self.scratch.check(usage_errors));
        Some(DoctorJob { listen: listen?, dump: self.dump, scratch: scratch?, json: self.json })
    }
}

impl DoctorJob {
    /// Makes all checks and prints the findings. Fails if one of them is an error.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let location = Location::from_database(&settings.database)?;
        let mut examination = Examination::default();
        contradictions::find(settings, self.listen, &mut examination);
        machine::open_files(&settings.database, &mut examination);
        if let Some(file) = &settings.database_url_file {
            machine::secret_file(file, &mut examination);
        }
        match (&settings.database, &location) {
            (Database::Sqlite(_), Location::File(path)) => file(path, &mut examination).await,
            (Database::Postgres(options), _) => {
                examination.append(loggia_postgres::examine(options, || SystemClock.now()).await);
            }
            (Database::Sqlite(_), Location::Server(_)) => {}
        }
        if let Some(file) = &self.dump {
            examination.begin("backup");
            if let Err(error) = backup::check(file, self.scratch.as_deref()).await {
                examination.error(format!("{error:#}"), BACK_UP_AGAIN);
            }
        }
        self.print(&location, &examination)
    }

    fn print(&self, location: &Location, examination: &Examination) -> anyhow::Result<()> {
        let findings = examination.findings();
        if self.json {
            let findings: Vec<_> = findings.iter().map(FindingAnswer::from).collect();
            output::json(&DoctorAnswer {
                store: location.to_string(),
                checks: examination.checks(),
                findings,
            })?;
        } else {
            let checks = examination.checks().join(", ");
            output::listing(format_args!("Examined {location}: {checks}."))?;
            for Finding { check, severity, problem, advice } in findings {
                output::listing(format_args!("\n{severity} ({check}): {problem}\n  What to do: {advice}"))?;
            }
            if findings.is_empty() {
                output::listing("Nothing was found.")?;
            }
        }
        match findings.iter().filter(|finding| finding.severity == Severity::Error).count() {
            0 => Ok(()),
            1 => bail!("1 of the findings is an error"),
            errors => bail!("{errors} of the findings are errors"),
        }
    }
}

#[derive(Serialize)]
struct DoctorAnswer<'a> {
    store: String,
    checks: &'a [&'static str],
    findings: Vec<FindingAnswer<'a>>,
}

#[derive(Serialize)]
struct FindingAnswer<'a> {
    check: &'a str,
    severity: &'a str,
    problem: &'a str,
    advice: &'a str,
}

impl<'a> From<&'a Finding> for FindingAnswer<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            check: finding.check,
            severity: finding.severity.as_str(),
            problem: &finding.problem,
            advice: &finding.advice,
        }
    }
}

/// Examines a store in a file: the machine's side first, which may be the reason why the file cannot be read.
async fn file(path: &Path, examination: &mut Examination) {
    if !path.exists() {
        examination.begin("store");
        examination.error(
            format!("there is no store at {}", path.display()),
            "name its file with --database-url; `loggia serve` and `loggia bootstrap` create one",
        );
        return;
    }
    machine::permissions(path, examination);
    machine::disk(folder_of(path), examination);
    examination.append(loggia_sqlite::examine(&SqliteOptions::new(path), SystemClock.now()).await);
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().map_or_else(|| PathBuf::from("."), Path::to_owned)
}
