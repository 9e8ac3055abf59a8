//! The process that counts: this program, with one test, one thread for it, and nothing beside.

use std::path::Path;
use std::process::Command;

/// Names the file that the counting process writes what it has counted into.
const INTO: &str = "LOGGIA_COUNTS_INTO";

/// How often each call is counted there.
const ROUNDS: &str = "LOGGIA_COUNTS_ROUNDS";

/// How often each call is counted: once, unless for another process.
#[expect(clippy::disallowed_methods, reason = "how a test counts for another is no setting of the service")]
pub(crate) fn rounds() -> usize {
    std::env::var(ROUNDS).map_or(1, |rounds| rounds.parse().unwrap())
}

/// In the counting process, tells the other one what was counted.
pub(crate) fn tell(lines: &str) {
    #[expect(
        clippy::disallowed_methods,
        reason = "whether a test counts for another is no setting of the service"
    )]
    if let Some(file) = std::env::var_os(INTO) {
        std::fs::write(file, lines).unwrap();
    }
}

/// Runs it, under another program if one is named with its arguments, and gives what it has told.
pub(crate) fn run(under: Option<(&str, &[String])>, rounds: usize) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("counts");
    let own = std::env::current_exe().unwrap();
    let mut command = match under {
        Some((program, arguments)) => {
            let mut command = Command::new(program);
            command.args(arguments).arg(own);
            command
        }
        None => Command::new(own),
    };
    command.args(["every_call_is_answered", "--exact", "--test-threads=1"]).env(INTO, &file);
    command.env(ROUNDS, rounds.to_string());
    let output =
        command.output().unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()));
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{errors}", output.status);
    read(&file)
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("nothing was counted: {error}"))
}
