//! Checking a dump of pg_dump: it is restored into a database of its own.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use loggia_domain::port::Clock;
use loggia_domain::system::SystemClock;
use loggia_postgres::{PostgresOptions, ScratchDatabase};
use loggia_sqlite::backup::BackupFacts;
use url::Url;

use crate::commands::serve::stop::StopSignals;
use crate::database::Database;
use crate::output;
use crate::usage_errors::{Checked, Unusable, UsageErrors, checked, unusable};

/// The first bytes of a dump in the custom format.
const CUSTOM_FORMAT: &[u8] = b"PGDMP";

/// The option that names the server on which a dump is tried.
#[derive(Args, Clone, Debug)]
pub(crate) struct RawScratch {
    /// The server that a dump of pg_dump is restored on to check it: the URL of any database of it, with a login that may create databases
    #[arg(
        long,
        env = "LOGGIA_SCRATCH_DATABASE_URL",
        value_name = "URL",
        value_parser = checked(ScratchServer::parse),
        hide_env_values = true
    )]
    scratch_database_url: Option<Checked<ScratchServer>>,
}

impl RawScratch {
    /// Checks the option. The inner `None` means that it was not given.
    #[expect(
        clippy::option_option,
        reason = "the outer one says whether the option is valid, as for all arguments"
    )]
    pub(crate) fn check(self, usage_errors: &mut UsageErrors) -> Option<Option<Box<ScratchServer>>> {
        Some(usage_errors.take_given(self.scratch_database_url)?.map(Box::new))
    }
}

/// A server on which a database may be created. Its `Debug` shows no password.
#[derive(Clone, Debug)]
pub(crate) struct ScratchServer {
    options: Box<PostgresOptions>,
    variables: Variables,
}

/// The server's address and login as libpq's environment variables: other users can see a command line.
#[derive(Clone)]
struct Variables(Vec<(&'static str, String)>);

impl std::fmt::Debug for Variables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Variables")
    }
}

impl ScratchServer {
    /// Parses a URL.
    pub(crate) fn parse(text: &str) -> Result<Self, Unusable> {
        let Database::Postgres(options) = Database::parse(text)? else {
            return unusable("must be the postgres:// URL of a database");
        };
        let Ok(url) = Url::parse(text) else {
            return unusable("must be a URL such as postgres://host/database");
        };
        let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let mut variables = vec![
            ("PGHOST", options.host()),
            ("PGPORT", options.port().to_string()),
            ("PGUSER", options.login().to_owned()),
        ];
        variables.extend(url.password().map(|password| ("PGPASSWORD", plain(password))));
        for (name, variable) in [("sslmode", "PGSSLMODE"), ("sslrootcert", "PGSSLROOTCERT")] {
            let value = url.query_pairs().find(|(key, _)| key == name);
            variables.extend(value.map(|(_, value)| (variable, value.into_owned())));
        }
        Ok(Self { options, variables: Variables(variables) })
    }
}

/// Returns `true` if the file is a dump in pg_dump's custom format.
pub(crate) fn is_dump(file: &Path) -> anyhow::Result<bool> {
    let unreadable = || format!("{} cannot be read", file.display());
    let mut first = Vec::new();
    let begun = File::open(file).with_context(unreadable)?;
    begun.take(CUSTOM_FORMAT.len() as u64).read_to_end(&mut first).with_context(unreadable)?;
    Ok(first == CUSTOM_FORMAT)
}

/// Restores the dump into a database of its own on the server, checks what is there, and drops the database, also if a signal says to stop.
pub(crate) async fn check(file: &Path, server: Option<&ScratchServer>) -> anyhow::Result<BackupFacts> {
    let Some(server) = server else {
        bail!(
            "{} is a dump of Postgres: name a server to restore it on with --scratch-database-url or LOGGIA_SCRATCH_DATABASE_URL",
            file.display()
        );
    };
    let mut signals = StopSignals::listen()?;
    let bytes = std::fs::metadata(file).with_context(|| format!("{} cannot be read", file.display()))?.len();
    let time = SystemClock.now().micros();
    let scratch = ScratchDatabase::create(&server.options, &format!("loggia_check_{time}")).await;
    let scratch = scratch.context("the database to restore into cannot be created")?;
    let examined = async {
        restore(file, &server.variables, scratch.name()).await?;
        Ok::<_, anyhow::Error>(scratch.examine().await?)
    };
    let examined = tokio::select! {
        examined = examined => examined,
        // Its sessions end when the database is dropped.
        signal = signals.next() => Err(anyhow!("stopped by {signal}")),
    };
    let name = scratch.name().to_owned();
    if let Err(error) = scratch.drop_database().await {
        output::notice(format_args!("the database {name} could not be dropped: {error}"));
    }
    let schema = examined.with_context(|| format!("{} cannot be used", file.display()))?;
    Ok(BackupFacts { bytes, schema })
}

async fn restore(file: &Path, variables: &Variables, database: &str) -> anyhow::Result<()> {
    let mut command = Command::new("pg_restore");
    // Owners and grants name roles that this server need not have.
    command.args(["--exit-on-error", "--no-owner", "--no-privileges", "--dbname", database]).arg(file);
    command.envs(variables.0.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
    let ended = tokio::task::spawn_blocking(move || command.output()).await.context("pg_restore was lost")?;
    let ended = match ended {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("pg_restore is not on the PATH; it comes with Postgres's client programs")
        }
        ended => ended.context("pg_restore cannot be run")?,
    };
    if !ended.status.success() {
        bail!("pg_restore failed: {}", String::from_utf8_lossy(&ended.stderr).trim_end());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_given_to_programs_as_variables_and_not_shown() {
        let server = ScratchServer::parse("postgres://ada:ge%40heim@example.com:6432/l?sslmode=require");
        let server = server.expect("a server");
        let expected = [
            ("PGHOST", "example.com"),
            ("PGPORT", "6432"),
            ("PGUSER", "ada"),
            ("PGPASSWORD", "ge@heim"),
            ("PGSSLMODE", "require"),
        ];
        assert_eq!(server.variables.0, expected.map(|(name, value)| (name, value.to_owned())));
        assert!(!format!("{server:?}").contains("heim"));
        assert!(ScratchServer::parse("sqlite://loggia.db").is_err());
    }
}
