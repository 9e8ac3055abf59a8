//! Maintenance tasks of this workspace: `cargo xtask --help` lists them.

mod api;
mod bench;
mod bounded;
mod conformance;
mod counts;
mod crash;
mod package;
mod pg;
mod postgres;
mod prepare;
mod test;
mod tools;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

/// Maintenance tasks of this workspace.
#[derive(Debug, Parser, PartialEq, Eq)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Chore {
    /// Runs all checks that must pass before a change is merged, beginning with the quickest to fail.
    ///
    /// The tests' tools, formatting, the domain alone, the build, servers for the tests, clippy with the descriptions of the SQL queries,
    /// all tests and beside them some again on each major version of Postgres, the libraries' packages and the programs in `examples`, the
    /// documentation, the public interface of the domain, a short run of `conformance`. Stops at the first part that fails, and prints how
    /// long each part took.
    ///
    /// Checks that run once use the server of TEST_DATABASE_URL, or else a temporary one of the newest version. Servers of versions that
    /// are not installed are downloaded into the target directory (Linux on x86-64).
    Test,
    /// Checks the running service against the document that it publishes, on SQLite and on Postgres, with external tools.
    ///
    /// Runs Redocly's and Spectral's rules, clients that are generated from the document, and Schemathesis in all its phases with two
    /// keys of different organizations. Installs the tools, at pinned versions, in the target directory.
    Conformance {
        /// Run one seed with few examples instead of five with many, as `cargo xtask test` does.
        #[arg(long)]
        short: bool,
    },
    /// Runs a temporary Postgres for tests: for a command that gets TEST_DATABASE_URL, or until Ctrl-C or the end of the input.
    Pg {
        /// The command to run with it, such as `cargo test -p loggia-postgres`; its exit status is passed on.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Measures the service beside the bare stack and the stores' own limits, alternating within one run.
    ///
    /// Builds as for the image, fills a SQLite file and a durable temporary Postgres with `loggia demo`, and loads them over real sockets
    /// (with wrk, which is installed if that needs no confirmation); then measures the same reads on stores of a thousand to a million
    /// tasks. Keeps the results as JSON in target/bench; the whole run, of about half an hour, also rewrites docs/performance.md. Nothing
    /// else should run on the machine meanwhile.
    Bench(bench::BenchArgs),
    /// Counts the cost of requests, independent of the machine's load: SQL statements and round trips of every endpoint, instructions and
    /// allocations of six calls.
    ///
    /// These are tests, which `cargo xtask test` runs too; here they run alone. Instructions are counted with valgrind.
    Counts {
        /// Write the counts into the committed figures, to be reviewed as a diff and committed.
        #[arg(long)]
        update: bool,
    },
    /// Kills the service with SIGKILL again and again under 32 writers, on a SQLite file and on a durable temporary Postgres, and compares
    /// what is stored with what was acknowledged.
    ///
    /// This is a test, which `cargo xtask test` runs too, with a few kills of a build without optimizations. Here the build of the image is
    /// killed, and the figures are written into docs/reliability.md.
    Crash {
        /// How often each store's process is killed
        #[arg(long, default_value_t = 50)]
        kills: u32,
    },
    /// Compares the public interface of loggia-domain with the committed list, crates/domain/public-api.txt.
    Api {
        /// Write the list, to be reviewed as a diff and committed.
        #[arg(long)]
        update: bool,
    },
    /// Makes the packages of the libraries, and compiles them with their tests and examples from their archives alone.
    ///
    /// Checks that the manifests are complete and name the oldest compiler that the dependencies admit, and runs the tests of the programs in
    /// `examples` on these packages. Publishes nothing.
    Package {
        /// Also run the packages' tests as another program's build would: outside the repository, with all dependencies compiled anew.
        #[arg(long)]
        full: bool,
    },
    /// Refreshes the descriptions of SQL queries for the query macros: `.sqlx` in each storage crate, to be committed.
    Prepare,
}

fn main() -> ExitCode {
    let done = |()| ExitCode::SUCCESS;
    let outcome = match Chore::parse() {
        Chore::Test => test::run().map(done),
        Chore::Conformance { short } => {
            postgres::Postgres::get().and_then(|postgres| conformance::run(short, &postgres)).map(done)
        }
        Chore::Pg { command } => pg::run(&command),
        Chore::Api { update } => api::run(update).map(done),
        Chore::Bench(args) => bench::run(&args).map(done),
        Chore::Crash { kills } => crash::run(kills).map(done),
        Chore::Counts { update } => {
            postgres::Postgres::get().and_then(|postgres| counts::run(update, &postgres)).map(done)
        }
        Chore::Package { full } => {
            let said = if full { package::check_in_full() } else { package::check() };
            said.map(|said| print(&said)).map(done)
        }
        Chore::Prepare => postgres::Postgres::get().and_then(|postgres| prepare::run(&postgres)).map(done),
    };
    outcome.unwrap_or_else(|error| {
        complain(&error);
        ExitCode::FAILURE
    })
}

/// Prints the error with its causes in one line; a backtrace of this program would not help.
#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
fn complain(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}

#[expect(clippy::print_stdout, reason = "this is where the program speaks")]
fn print(said: &str) {
    print!("{said}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Chore {
        Chore::try_parse_from([&["xtask"], arguments].concat()).unwrap()
    }

    #[test]
    fn arguments_after_pg_belong_to_the_command() {
        let command = ["cargo", "test", "--check", "--", "--help"];
        let expected = Chore::Pg { command: command.map(OsString::from).to_vec() };
        assert_eq!(parse(&[&["pg"], command.as_slice()].concat()), expected);
        assert_eq!(parse(&["pg"]), Chore::Pg { command: Vec::new() });
        assert_eq!(parse(&["prepare"]), Chore::Prepare);
        assert_eq!(parse(&["conformance", "--short"]), Chore::Conformance { short: true });
        assert_eq!(parse(&["api", "--update"]), Chore::Api { update: true });
        assert_eq!(parse(&["counts", "--update"]), Chore::Counts { update: true });
        assert_eq!(parse(&["package", "--full"]), Chore::Package { full: true });
        assert!(Chore::try_parse_from(["xtask", "test", "--fast"]).is_err());
    }
}
