//! Runs external tools with a time limit, and captures their output.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Runs a tool until it ends or the limit is reached. Its output goes to a file, and the end of it is shown if the tool fails.
pub(crate) fn run(command: Command, limit: Duration, said: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(end(command, limit, said));
    if ended.is_err() {
        show(&fs::read(said).unwrap_or_default());
    }
    ended
}

async fn end(command: Command, limit: Duration, said: &Path) -> Result<()> {
    let program = command.get_program().display().to_string();
    let file = File::create(said).with_context(|| format!("{} cannot be written", said.display()))?;
    let mut command = tokio::process::Command::from(command);
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).kill_on_drop(true);
    let mut child = command.spawn().with_context(|| format!("{program} could not be started"))?;
    #[expect(clippy::disallowed_methods, reason = "a tool that is cancelled has nothing of ours to lose")]
    let status = tokio::time::timeout(limit, child.wait()).await;
    match status {
        Ok(status) if status.as_ref().is_ok_and(|status| status.success()) => Ok(()),
        Ok(status) => bail!("{program} ended with {}", status?),
        Err(_) => {
            child.kill().await?;
            bail!("{program} was ended after {} seconds", limit.as_secs())
        }
    }
}

/// Returns the end of the output, which most likely names the cause.
fn tail(said: &[u8]) -> &[u8] {
    const MUCH: usize = 64 * 1024;
    said.get(said.len().saturating_sub(MUCH)..).unwrap_or(said)
}

#[expect(clippy::print_stderr, reason = "what a tool has found is for whoever started it")]
fn show(said: &[u8]) {
    eprintln!("\n{}", String::from_utf8_lossy(tail(said)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_tool_that_fails_or_hangs_is_reported() {
        let scratch = tempfile::tempdir().unwrap();
        let said = scratch.path().join("said");
        run(shell("echo fine; echo too >&2"), LONG, &said).unwrap();
        assert_eq!(fs::read_to_string(&said).unwrap(), "fine\ntoo\n");
        let error = run(shell("exit 3"), LONG, &said).unwrap_err().to_string();
        assert_eq!(error, "sh ended with exit status: 3");
        let error = run(shell("exec sleep 600"), Duration::from_millis(50), &said).unwrap_err().to_string();
        assert_eq!(error, "sh was ended after 0 seconds");
        assert!(run(Command::new("no-such-program-anywhere"), LONG, &said).is_err());
    }

    #[test]
    fn only_the_end_of_long_output_is_shown() {
        assert_eq!(tail(b"short"), b"short");
        assert_eq!(tail(&[0; 70_000]).len(), 65_536);
    }
}
