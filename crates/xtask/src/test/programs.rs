//! The test programs: all of them run once, and those that depend on the server's version run again on each version of Postgres.

use std::io::{self, Write};
use std::iter;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow, ensure};
use loggia_testpg::{BINARIES_VARIABLE, Binaries, URL_VARIABLE};
use serde::Deserialize;

use super::jobs::{Job, Outcome};
use super::servers::Servers;
use crate::postgres::Postgres;
use crate::{package, workspace};

/// The programs that take longest, in this order: they begin first.
const LONGEST: [&str; 3] = ["http", "it", "replicas"];

/// A program, and those of its tests that have a limit of real time: two hundred requests at once get their responses within three seconds.
/// They run when nothing else does.
const TIMED: (&str, &str) = ("http", "bursts::");

/// The tests from outside that run on every version: the rules of the schema, and the tour of the built binary.
const FROM_OUTSIDE: [&str; 2] = ["schema::", "tour::postgres::the_tour_passes_on_a_fresh_store"];

/// The minimum number of store tests that run at once: they wait for the server most of the time, and another job runs beside them.
const STORE_TESTS_AT_ONCE: usize = 4;

/// The programs that cargo has built.
pub(super) struct Programs {
    /// The test programs, the longest first.
    tests: Vec<Program>,
}

#[derive(Debug, PartialEq, Eq)]
struct Program {
    path: PathBuf,
    /// The folder of the package, in which cargo would run the program.
    folder: PathBuf,
    /// The name of cargo's target.
    target: String,
}

/// A JSON message of cargo about one build artifact.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

impl Programs {
    /// Builds the test programs and the examples.
    pub(super) fn build() -> Result<Self> {
        let mut cargo = Command::new("cargo");
        cargo.args(["test", "--locked", "--workspace", "--no-run", "--quiet"]);
        cargo.arg("--message-format=json-render-diagnostics").current_dir(workspace::root()?);
        // A service that embeds the crates may have a database of its own, which must not reach the query macros.
        cargo.env("DATABASE_URL", "mysql://example.com/of-the-host");
        let output = cargo.stderr(Stdio::inherit()).output().context("cargo could not be started")?;
        ensure!(output.status.success(), "the tests do not build");
        Self::select(programs(&String::from_utf8(output.stdout)?)?)
    }

    fn select(mut tests: Vec<Program>) -> Result<Self> {
        for name in LONGEST {
            ensure!(tests.iter().any(|program| program.target == name), "there is no test program `{name}`");
        }
        for dependence in [VersionDependence::Store, VersionDependence::Service] {
            ensure!(
                tests.iter().any(|program| program.version_dependence() == dependence),
                "no test program has the dependence {dependence:?}"
            );
        }
        // Stable: the others stay in cargo's order.
        tests.sort_by_key(|program| {
            LONGEST.iter().position(|name| program.target == *name).unwrap_or(LONGEST.len())
        });
        Ok(Self { tests })
    }

    /// Returns the jobs that run every program once, and the store's programs on each version of Postgres. Beside them are compiled the
    /// packages and the examples.
    pub(super) fn jobs<'a>(&'a self, servers: &'a Servers) -> Result<Vec<Job<'a>>> {
        let environment = servers.environment()?;
        let once = |program: &'a Program| {
            let name = program.name();
            let (timed, tests) = TIMED;
            let skipped = if program.target == timed { vec!["--skip", tests] } else { Vec::new() };
            Job::new(name, move || program.run(&skipped, &environment))
        };
        let again = servers.again().map(|binaries| {
            let name = format!("the store on Postgres {}", binaries.full_version());
            Job::new(name, move || self.run_on(binaries))
        });
        let (longest, others) = self.tests.split_at(LONGEST.len());
        let outside = iter::once(Job::new("packages, examples", check_packages));
        Ok(longest.iter().map(once).chain(again).chain(outside).chain(others.iter().map(once)).collect())
    }

    /// Runs the tests that have a limit of real time.
    pub(super) fn run_timed(&self, servers: &Servers) -> Result<()> {
        let (target, tests) = TIMED;
        let program = self.tests.iter().find(|program| program.target == target);
        let program = program.context("the program of the timed tests is missing")?;
        let outcome = program.run(&[tests], &servers.environment()?);
        write!(io::stdout(), "{}", outcome.output)?;
        outcome.result?;
        has_passed(&outcome.output, tests)
    }

    /// Runs the tests that depend on the server's version, on a server of these programs.
    fn run_on(&self, binaries: &Binaries) -> Outcome {
        let server = match Postgres::start_from(binaries) {
            Ok(server) => server,
            Err(error) => return Outcome { output: String::new(), result: Err(error) },
        };
        let at_once = thread::available_parallelism().map_or(1, NonZero::get).max(STORE_TESTS_AT_ONCE);
        let at_once = &["--test-threads", &at_once.to_string()];
        let folder = binaries.folder().to_string_lossy();
        let environment = &[(URL_VARIABLE, server.url()), (BINARIES_VARIABLE, folder.as_ref())];
        // The programs run at the same time: the tour and the test of growth keep one core busy each, the others wait for the server.
        // Every program runs, even if others have failed.
        let outcomes: Vec<Outcome> = thread::scope(|scope| {
            let runs: Vec<_> = self
                .tests
                .iter()
                .filter_map(|program| match program.version_dependence() {
                    VersionDependence::Store => Some(scope.spawn(move || program.run(at_once, environment))),
                    VersionDependence::Service => Some(scope.spawn(move || {
                        let outcome = program.run(&FROM_OUTSIDE, environment);
                        let has_run = |name| has_passed(&outcome.output, name);
                        let result =
                            outcome.result.and_then(|()| FROM_OUTSIDE.into_iter().try_for_each(has_run));
                        Outcome { result, output: outcome.output }
                    })),
                    VersionDependence::None => None,
                })
                .collect();
            let panicked = || Outcome { output: String::new(), result: Err(anyhow!("a run has panicked")) };
            runs.into_iter().map(|run| run.join().unwrap_or_else(|_| panicked())).collect()
        });
        let output = outcomes.iter().map(|outcome| outcome.output.as_str()).collect();
        Outcome { output, result: outcomes.into_iter().try_for_each(|outcome| outcome.result) }
    }
}

/// Checks the packages of the libraries, and runs the tests of the examples.
fn check_packages() -> Outcome {
    match package::check() {
        Ok(output) => Outcome { output, result: Ok(()) },
        Err(error) => Outcome { output: String::new(), result: Err(error) },
    }
}

/// How the tests of a program depend on the version of Postgres.
#[derive(Debug, PartialEq, Eq)]
enum VersionDependence {
    /// It tests the Postgres store: its contract, row-level security, the plans.
    Store,
    /// Some of its tests run the service on Postgres.
    Service,
    /// None of its tests do.
    None,
}

impl Program {
    /// Returns the name of its package's folder and its target.
    fn name(&self) -> String {
        let folder = self.folder.file_name().unwrap_or_default().to_string_lossy();
        format!("{folder} {}", self.target)
    }

    fn version_dependence(&self) -> VersionDependence {
        match (
            self.folder.ends_with("crates/postgres"),
            self.folder.ends_with("tests") && self.target == "it",
        ) {
            (true, _) => VersionDependence::Store,
            (false, true) => VersionDependence::Service,
            (false, false) => VersionDependence::None,
        }
    }

    /// Runs the program, and returns its output with its exit status.
    fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Outcome {
        let mut command = Command::new(&self.path);
        command.args(arguments).current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        command.envs(environment.iter().copied()).stdin(Stdio::null());
        let output = match command.output() {
            Ok(output) => output,
            Err(error) => {
                let result = Err(error).with_context(|| format!("{} could not be started", self.target));
                return Outcome { output: String::new(), result };
            }
        };
        let text =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        let result = match output.status.success() {
            true => Ok(()),
            false => Err(anyhow!("{} ended with {}", self.target, output.status)),
        };
        Outcome { output: text, result }
    }
}

/// Parses the output of cargo, one JSON object a line.
fn programs(said: &str) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for line in said.lines().filter(|line| line.starts_with('{')) {
        let message: Message = serde_json::from_str(line).context("cargo says what is not understood")?;
        if let Message {
            executable: Some(path),
            manifest_path: Some(manifest),
            target: Some(target),
            profile: Some(Profile { test: true }),
        } = message
        {
            let folder = manifest.parent().context("a manifest lies in no folder")?.to_owned();
            programs.push(Program { path, folder, target: target.name });
        }
    }
    Ok(programs)
}

/// Fails unless a test whose name contains `name` has passed: with a name that no test has any more, nothing would run.
fn has_passed(said: &str, name: &str) -> Result<()> {
    let passed =
        said.lines().any(|line| line.starts_with("test ") && line.contains(name) && line.ends_with("... ok"));
    ensure!(passed, "no test {name} has run");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = r#"{"reason":"compiler-artifact","manifest_path":"/w/crates/postgres/Cargo.toml","target":{"kind":["lib"],"name":"loggia_postgres"},"profile":{"test":false},"executable":null}
{"reason":"build-script-executed","package_id":"x","linked_libs":[]}
{"reason":"compiler-artifact","manifest_path":"/w/crates/server/Cargo.toml","target":{"kind":["bin"],"name":"loggia"},"profile":{"test":false},"executable":"/w/target/loggia"}
{"reason":"compiler-artifact","manifest_path":"/w/crates/postgres/Cargo.toml","target":{"kind":["test"],"name":"store"},"profile":{"test":true},"executable":"/w/target/store"}
{"reason":"compiler-artifact","manifest_path":"/w/crates/postgres/Cargo.toml","target":{"kind":["example"],"name":"rls_cost"},"profile":{"test":false},"executable":"/w/target/examples/rls_cost"}
{"reason":"compiler-artifact","manifest_path":"/w/tests/Cargo.toml","target":{"kind":["test"],"name":"it"},"profile":{"test":true},"executable":"/w/target/it"}
{"reason":"compiler-artifact","manifest_path":"/w/tests/Cargo.toml","target":{"kind":["test"],"name":"http"},"profile":{"test":true},"executable":"/w/target/http"}
{"reason":"compiler-artifact","manifest_path":"/w/tests/Cargo.toml","target":{"kind":["test"],"name":"replicas"},"profile":{"test":true},"executable":"/w/target/replicas"}
{"reason":"build-finished","success":true}
"#;

    #[test]
    fn the_longest_programs_are_first_and_version_dependent_ones_are_found() {
        let all = programs(SAID).unwrap();
        assert_eq!(all.len(), 4, "an example is not a test program");
        let selected = Programs::select(all).unwrap();
        let names: Vec<String> = selected.tests.iter().map(Program::name).collect();
        assert_eq!(names, ["tests http", "tests it", "tests replicas", "postgres store"]);
        let dependences: Vec<VersionDependence> =
            selected.tests.iter().map(Program::version_dependence).collect();
        assert_eq!(
            dependences,
            [
                VersionDependence::None,
                VersionDependence::Service,
                VersionDependence::None,
                VersionDependence::Store
            ]
        );
        assert!(Programs::select(Vec::new()).is_err());
    }

    #[test]
    fn a_test_that_did_not_run_is_an_error() {
        let said = "test schema::one ... ok\ntest tour::two ... FAILED\n";
        has_passed(said, "schema::").unwrap();
        has_passed(said, "tour::").unwrap_err();
        has_passed(said, "absent").unwrap_err();
    }
}
