//! The counting process: this program with a single test on a single thread.

use std::path::Path;
use std::process::Command;

/// The environment variable that names the output file of the counting process.
const INTO: &str = "LOGGIA_COUNTS_INTO";

/// The environment variable that sets the number of times that the counting process counts each call.
const ROUNDS: &str = "LOGGIA_COUNTS_ROUNDS";

/// Returns the number of times that each call is counted: one, unless this is the counting process.
#[expect(clippy::disallowed_methods, reason = "how a test counts for another is no setting of the service")]
pub(crate) fn rounds() -> usize {
    std::env::var(ROUNDS).map_or(1, |rounds| rounds.parse().unwrap())
}

/// Writes the counts to the output file if this is the counting process.
pub(crate) fn tell(lines: &str) {
    #[expect(
        clippy::disallowed_methods,
        reason = "whether a test counts for another is no setting of the service"
    )]
    if let Some(file) = std::env::var_os(INTO) {
        std::fs::write(file, lines).unwrap();
    }
}

/// Runs the counting process and returns its counts. `under` names a program, with its arguments, that runs the process.
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
    command.args(["every_call_succeeds", "--exact", "--test-threads=1"]).env(INTO, &file);
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
