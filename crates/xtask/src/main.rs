//! Chores of this workspace, in Rust: `cargo xtask --help` lists them.

mod prepare;
mod test;
mod tools;

use std::process::ExitCode;

use clap::Parser;

/// Chores of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Chore {
    /// Everything that must hold before a change is merged, in the order in which it fails soonest.
    ///
    /// Formatting, the domain alone, the descriptions of the SQL queries, clippy, all tests, the
    /// embedding example, the documentation. Stops at
    /// the first part that fails, and tells how long each part took.
    Test,
    /// Writes anew what the query macros know about the schema: `.sqlx` in each storage crate, to be committed.
    Prepare {
        /// Write nothing; fail if what is there is stale.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let outcome = match Chore::parse() {
        Chore::Test => test::run(),
        Chore::Prepare { check } => prepare::run(check),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// One line with the causes; a backtrace of a chore tells nobody anything.
#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
fn complain(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}
