//! `cargo xtask pg`: runs a Postgres for development.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, ExitStatus};

use anyhow::{Context, Result};
use loggia_testpg::URL_VARIABLE;
use tokio::signal::unix::{SignalKind, signal};

use crate::postgres::Postgres;

/// Starts a temporary server and runs the command with it, or keeps it until the input ends.
pub(crate) fn run(command: &[OsString]) -> Result<ExitCode> {
    let postgres = Postgres::start()?;
    match command.split_first() {
        Some((program, arguments)) => run_with(&postgres, program, arguments),
        None => keep(&postgres),
    }
}

/// Keeps the server. Ctrl-C ends this process, and the server's watchdog then stops the server.
fn keep(postgres: &Postgres) -> Result<ExitCode> {
    let mut out = io::stdout();
    writeln!(out, "export {URL_VARIABLE}={}", postgres.url())?;
    out.flush()?;
    hint("it runs until Ctrl-C or the end of the input; what is in it then goes");
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(ExitCode::SUCCESS)
}

fn run_with(postgres: &Postgres, program: &OsString, arguments: &[OsString]) -> Result<ExitCode> {
    // The terminal sends Ctrl-C to this process too, but it is meant for the command, which may continue (as psql does).
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _entered = runtime.enter();
    let _interrupts = signal(SignalKind::interrupt()).context("Ctrl-C cannot be left to the command")?;
    let status = Command::new(program).args(arguments).env(URL_VARIABLE, postgres.url()).status();
    let status = status.with_context(|| format!("{} could not be started", program.display()))?;
    Ok(ExitCode::from(exit_code(status)))
}

/// Returns the exit code as a shell does: for a command that was killed by a signal, 128 plus the signal's number.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

#[expect(clippy::print_stderr, reason = "the standard output is for the shell to read")]
fn hint(text: &str) {
    eprintln!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_gets_the_url_and_its_status_is_passed_on() {
        let script =
            r#"case "$TEST_DATABASE_URL" in postgres://postgres@127.0.0.1:*/postgres) exit 7;; esac; exit 1"#;
        let command = ["sh", "-c", script].map(OsString::from);
        assert_eq!(run(&command).unwrap(), ExitCode::from(7));
        assert!(run(&["no-such-program-anywhere".into()]).is_err());
    }

    #[test]
    fn the_status_of_a_killed_command_is_a_shells() {
        assert_eq!(exit_code(ExitStatus::from_raw(9)), 137);
        assert_eq!(exit_code(ExitStatus::from_raw(3 << 8)), 3);
    }
}
