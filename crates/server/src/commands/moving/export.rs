//! `loggia export`: writes one organization as an archive.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;
use loggia_domain::id::OrganizationId;
use loggia_moving::{ExportError, Exported, VERSION, export};
use serde::Serialize;

use super::{bar, show};
use crate::commands::no_such_organization;
use crate::output;
use crate::settings::Settings;
use crate::usage_errors::UsageErrors;
use crate::wiring::{Location, moving};

/// The arguments of `loggia export`.
#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    /// The organization's id, as `loggia organizations list` prints it
    #[arg(long, value_name = "ID")]
    organization: String,
    /// The archive to write; a file that exists is never overwritten
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print the counts as JSON instead of text
    #[arg(long)]
    json: bool,
}

/// An export with valid arguments.
#[derive(Debug)]
pub(crate) struct ExportJob {
    organization: OrganizationId,
    file: PathBuf,
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExportAnswer {
    organization_id: String,
    file: String,
    format_version: u64,
    bytes: u64,
    rows: BTreeMap<&'static str, u64>,
    seconds: f64,
}

impl ExportArgs {
    /// Checks the arguments.
    pub(crate) fn check(self, usage_errors: &mut UsageErrors) -> Option<ExportJob> {
        let organization = usage_errors.check("--organization", OrganizationId::parse(&self.organization))?;
        Some(ExportJob { organization, file: self.file, json: self.json })
    }
}

impl ExportJob {
    /// Writes the archive.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let began = Instant::now();
        if self.file.symlink_metadata().is_ok() {
            bail!("{} exists already; an archive overwrites no file", self.file.display());
        }
        let location = Location::from_database(&settings.database)?;
        let mut rows = moving::organization(&settings.database, self.organization).await?;
        let unfinished = Unfinished::beside(&self.file)?;
        let file = BufWriter::new(unfinished.create()?);
        let bar = bar();
        let written = export(&mut *rows, self.organization, file, &|progress| show(&bar, progress)).await;
        bar.finish_and_clear();
        let (exported, file) = match written {
            Err(ExportError::NotFound(id)) => return Err(no_such_organization(id, &location)),
            written => written?,
        };
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error);
        let bytes = unfinished.finish(file.context("the archive cannot be written")?, &self.file)?;
        self.report(&exported, bytes, began.elapsed().as_secs_f64())
    }

    fn report(&self, exported: &Exported, bytes: u64, seconds: f64) -> anyhow::Result<()> {
        if self.json {
            return output::json(&ExportAnswer {
                organization_id: self.organization.to_string(),
                file: self.file.display().to_string(),
                format_version: VERSION,
                bytes,
                rows: exported.tables.iter().copied().collect(),
                seconds: (seconds * 1_000.0).round() / 1_000.0,
            });
        }
        let counts: Vec<_> = exported.tables.iter().map(|(table, rows)| format!("{rows} {table}")).collect();
        output::result(format_args!(
            "{} was written in {seconds:.1} seconds: {}.\nIt contains no API key and no invitation's token.",
            self.file.display(),
            counts.join(", "),
        ))
    }
}

/// The file under its temporary name, which is removed unless the export is finished.
struct Unfinished(PathBuf);

impl Unfinished {
    /// Names a file in the same directory, so that it can be renamed.
    fn beside(file: &Path) -> anyhow::Result<Self> {
        let Some(name) = file.file_name() else { bail!("{} names no file", file.display()) };
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.unfinished", std::process::id()));
        Ok(Self(file.with_file_name(hidden)))
    }

    fn create(&self) -> anyhow::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        // An archive contains names and addresses.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.0).with_context(|| format!("{} cannot be created", self.0.display()))
    }

    /// Makes the file permanent under its own name, and returns its length.
    fn finish(self, written: File, file: &Path) -> anyhow::Result<u64> {
        let cannot = || format!("{} cannot be written", file.display());
        written.sync_all().with_context(cannot)?;
        let bytes = written.metadata().with_context(cannot)?.len();
        // A hard link fails if the name was taken meanwhile, and some file systems have none.
        match std::fs::hard_link(&self.0, file) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(error).with_context(cannot);
            }
            Err(_) => std::fs::rename(&self.0, file).with_context(cannot)?,
            Ok(()) => {}
        }
        // The name has reached the disk with its directory. Not every system can open one.
        let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty());
        if let Ok(directory) = File::open(directory.unwrap_or(Path::new("."))) {
            let _ = directory.sync_all();
        }
        Ok(bytes)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
