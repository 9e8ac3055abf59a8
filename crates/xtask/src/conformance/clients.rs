//! Clients that are generated from the document: each compiles, and makes the tour's calls against the running service.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use tempfile::TempDir;

use super::paths::Paths;
use super::service::Service;
use super::toolbox::Toolbox;
use crate::bounded;

const LIMIT: Duration = Duration::from_secs(180);

/// A client that was generated and compiled, and the program that uses it.
pub(super) struct Client<'a> {
    folder: TempDir,
    paths: &'a Paths,
    program: &'static str,
    script: &'static str,
}

impl<'a> Client<'a> {
    /// Copies the program's files into a folder beside the installed packages, so that these are found.
    fn begin(
        paths: &'a Paths,
        beside: &Path,
        language: &str,
        program: &'static str,
        script: &'static str,
    ) -> Result<Self> {
        let folder = tempfile::tempdir_in(beside)?;
        for entry in fs::read_dir(paths.settings.join("clients").join(language))? {
            let file = entry?.path();
            if let Some(name) = file.file_name().filter(|_| file.is_file()) {
                fs::copy(&file, folder.path().join(name))?;
            }
        }
        Ok(Self { folder, paths, program, script })
    }

    fn run(&self, mut command: Command) -> Result<()> {
        command.current_dir(self.folder.path());
        bounded::run(command, LIMIT, &self.paths.target.join("client.log"))
    }

    /// Runs the program, which makes the tour's calls.
    pub(super) fn tour(&self, tools: &Toolbox, service: &Service) -> Result<()> {
        let mut tour = tools.caller(self.program);
        tour.arg(self.script).env("LOGGIA_URL", &service.url).env("LOGGIA_KEY", &service.ada);
        self.run(tour)
    }
}

/// Generates a client with openapi-typescript and openapi-fetch, and compiles it in strict mode.
pub(super) fn typescript<'a>(paths: &'a Paths, tools: &Toolbox, document: &Path) -> Result<Client<'a>> {
    let client = Client::begin(paths, &tools.node, "typescript", "node", "tour.js")?;
    let mut generate = tools.script("openapi-typescript/bin/cli.js");
    // Fields with a default need not be sent.
    generate.arg(document).args(["--default-non-nullable=false", "--output", "loggia.d.ts"]);
    client.run(generate)?;
    let mut compile = tools.script("typescript/bin/tsc");
    compile.args(["--project", "tsconfig.json"]);
    client.run(compile)?;
    Ok(client)
}

/// Generates a client with openapi-python-client, and checks it with mypy.
pub(super) fn python<'a>(paths: &'a Paths, tools: &Toolbox, document: &Path) -> Result<Client<'a>> {
    let client = Client::begin(paths, &paths.target, "python", "python", "tour.py")?;
    let mut generate = tools.python("openapi-python-client");
    // The generator only warns of an endpoint for which it cannot generate a method.
    generate.args([
        "generate",
        "--fail-on-warning",
        "--meta",
        "none",
        "--output-path",
        "loggia_client",
        "--path",
    ]);
    generate.arg(document);
    // The generator formats its output with a program that it looks for on the path.
    client.run(tools.on_path(generate))?;
    let mut check = tools.python("mypy");
    check.args(["tour.py", "loggia_client", "--config-file", "mypy.ini", "--cache-dir"]);
    check.arg(paths.target.join("mypy"));
    client.run(check)?;
    Ok(client)
}
