//! The test programs that run on every version of Postgres. They are built once.

use std::io::{self, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use loggia_testpg::{BINARIES_VARIABLE, Binaries, URL_VARIABLE};
use serde::Deserialize;

use crate::postgres::Postgres;
use crate::workspace;

/// The tests from outside that run on every version: the rules of the schema, and the tour of the built binary.
const FROM_OUTSIDE: [&str; 2] = ["schema::", "tour::postgres::the_tour_passes_on_a_fresh_store"];

/// The minimum number of store tests that run at once: they wait for the server most of the time.
const STORE_TESTS_AT_ONCE: usize = 6;

/// The test programs.
pub(super) struct Programs {
    /// All tests of the store: its contract, row-level security, the plans.
    store: Vec<Program>,
    /// The tests from outside.
    outside: Program,
    /// The example that embeds the domain.
    embedding: PathBuf,
}

#[derive(Debug, PartialEq, Eq)]
struct Program {
    path: PathBuf,
    /// The folder of the package, in which cargo would run the program.
    folder: PathBuf,
    /// The name of cargo's target.
    target: String,
    is_example: bool,
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
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

impl Programs {
    /// Builds the programs as `cargo test --workspace` does, so that nothing is left to build after that.
    pub(super) fn build() -> Result<Self> {
        let mut cargo = Command::new("cargo");
        cargo.args(["test", "--locked", "--workspace", "--no-run", "--quiet"]);
        cargo.arg("--message-format=json-render-diagnostics").current_dir(workspace::root()?);
        let output = cargo.stderr(Stdio::inherit()).output().context("cargo could not be started")?;
        ensure!(output.status.success(), "the tests do not build");
        Self::select(programs(&String::from_utf8(output.stdout)?)?, &workspace::root()?)
    }

    /// Runs the example that embeds the domain: it is evidence only if it runs.
    pub(super) fn run_embedding(&self) -> Result<()> {
        let status =
            Command::new(&self.embedding).status().context("the example `embed` could not be started")?;
        ensure!(status.success(), "the example `embed` ended with {status}");
        Ok(())
    }

    fn select(all: Vec<Program>, root: &Path) -> Result<Self> {
        let is_embedding =
            |program: &Program| program.folder == root.join("crates/domain") && program.target == "embed";
        let embedding = all
            .iter()
            .find(|program| is_embedding(program))
            .context("loggia-domain has no example `embed`")?;
        let embedding = embedding.path.clone();
        let is_store =
            |program: &Program| program.folder == root.join("crates/postgres") && !program.is_example;
        let (store, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_store);
        ensure!(!store.is_empty(), "loggia-postgres has no tests");
        let mut others = others.into_iter();
        let outside = others.find(|program| program.folder == root.join("tests") && program.target == "it");
        Ok(Self { store, outside: outside.context("loggia-tests has no program `it`")?, embedding })
    }

    /// Runs all of them on a server of this version. Their output is shown when they have ended.
    pub(super) fn run_on(&self, binaries: &Binaries) -> Result<()> {
        let server = &Postgres::start_from(binaries)?;
        let at_once = thread::available_parallelism().map_or(1, NonZero::get).max(STORE_TESTS_AT_ONCE);
        let at_once = &["--test-threads", &at_once.to_string()];
        // The programs run at the same time: the tour and the test of growth keep one core busy each, the others wait for the server.
        // Every program runs, even if others have failed.
        let outcomes = thread::scope(|scope| {
            let outside = scope.spawn(|| {
                let said = self.outside.run(&FROM_OUTSIDE, server, binaries)?;
                FROM_OUTSIDE.iter().try_for_each(|name| has_passed(&said, name))
            });
            let store = self
                .store
                .iter()
                .map(|program| scope.spawn(move || program.run(at_once, server, binaries).map(|_| ())));
            let programs = store.chain([outside]).collect::<Vec<_>>();
            let outcomes =
                programs.into_iter().map(|run| run.join().unwrap_or_else(|_| bail!("a run has panicked")));
            outcomes.collect::<Vec<_>>()
        });
        outcomes.into_iter().collect::<Result<Vec<()>>>().map(|_| ())
    }
}

impl Program {
    /// Runs the program, shows its output and returns it.
    fn run(&self, arguments: &[&str], server: &Postgres, binaries: &Binaries) -> Result<String> {
        let mut command = Command::new(&self.path);
        command.args(arguments).current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        command.env(URL_VARIABLE, server.url()).env(BINARIES_VARIABLE, binaries.folder());
        let output = command.output().with_context(|| format!("{} could not be started", self.target))?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complained = String::from_utf8_lossy(&output.stderr);
        let version = binaries.full_version();
        write!(io::stdout(), "{} on Postgres {version}{said}{complained}", self.target)?;
        ensure!(
            output.status.success(),
            "{} on Postgres {version} ended with {}",
            self.target,
            output.status
        );
        Ok(said)
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
            profile: Some(Profile { test }),
        } = message
            && (test || target.kind == ["example"])
        {
            let folder = manifest.parent().context("a manifest lies in no folder")?.to_owned();
            programs.push(Program { path, folder, target: target.name, is_example: !test });
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
{"reason":"compiler-artifact","manifest_path":"/w/crates/domain/Cargo.toml","target":{"kind":["example"],"name":"embed"},"profile":{"test":false},"executable":"/w/target/examples/embed"}
{"reason":"compiler-artifact","manifest_path":"/w/tests/Cargo.toml","target":{"kind":["test"],"name":"it"},"profile":{"test":true},"executable":"/w/target/it"}
{"reason":"compiler-artifact","manifest_path":"/w/tests/Cargo.toml","target":{"kind":["test"],"name":"http"},"profile":{"test":true},"executable":"/w/target/http"}
{"reason":"build-finished","success":true}
"#;

    #[test]
    fn the_programs_of_the_store_and_those_from_outside_are_found_in_what_cargo_says() {
        let all = programs(SAID).unwrap();
        assert_eq!(all.len(), 5);
        let selected = Programs::select(all, Path::new("/w")).unwrap();
        let store: Vec<&str> = selected.store.iter().map(|program| program.target.as_str()).collect();
        assert_eq!(store, ["store"]);
        assert_eq!(selected.outside.folder, Path::new("/w/tests"));
        assert_eq!(selected.outside.path, Path::new("/w/target/it"));
        assert_eq!(selected.embedding, Path::new("/w/target/examples/embed"));
        assert!(Programs::select(Vec::new(), Path::new("/w")).is_err());
    }

    #[test]
    fn a_test_that_did_not_run_is_missed() {
        let said = "test schema::one ... ok\ntest tour::two ... FAILED\n";
        has_passed(said, "schema::").unwrap();
        has_passed(said, "tour::").unwrap_err();
        has_passed(said, "absent").unwrap_err();
    }
}
