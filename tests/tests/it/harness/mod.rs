//! The built binary, run as its users run it: in a folder of its own, over real sockets, with real signals.

mod client;
mod engine;
mod server;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use loggia_testpg::TestDatabase;
use loggia_tests::binary::forget;
pub(crate) use loggia_tests::binary::{binary, root};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) use client::{Answer, PATIENCE, answer, connect, head, request};
pub(crate) use engine::{Engine, block_on, empty_database, on_every_engine};
pub(crate) use server::Server;

/// An empty folder in which the binary runs, as on a machine of its own.
pub(crate) struct Home {
    folder: TempDir,
    /// The empty database that the settings name; without, the binary makes a file in the folder.
    database: Option<TestDatabase>,
}

impl Home {
    /// Without any settings.
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), database: None }
    }

    /// With a store on that engine, not made yet.
    pub(crate) fn on(engine: Engine) -> Self {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(empty_database()),
        };
        Self { database, ..Self::new() }
    }

    /// The engine that the store is on.
    pub(crate) fn engine(&self) -> Engine {
        if self.database.is_some() { Engine::Postgres } else { Engine::Sqlite }
    }

    /// The URL of the store, for programs that run elsewhere.
    pub(crate) fn database_url(&self) -> String {
        match &self.database {
            Some(database) => database.url().to_owned(),
            None => format!("sqlite://{}", self.path().join("loggia.db").display()),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The binary with these arguments, in this folder, with no settings from the outside but where the store is.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        forget_settings(&mut command);
        // Nobody here has to notice that a server stops.
        command.env("LOGGIA_DRAIN_SECONDS", "0");
        if let Some(database) = &self.database {
            command.env("LOGGIA_DATABASE_URL", database.url());
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must succeed and print JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Starts the server on a free port.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(|command| command)
    }

    /// The same with further settings.
    pub(crate) fn serve_with(&self, settings: impl FnOnce(&mut Command) -> &mut Command) -> Server {
        let mut command = self.command(&["serve"]);
        settings(command.env("LOGGIA_LISTEN", "127.0.0.1:0"));
        Server::start(command)
    }

    /// An organization with its admin, made beside whatever runs.
    pub(crate) fn bootstrap(&self, email: &str) -> Value {
        let who = ["--email", email, "--first-name", "Ada", "--last-name", "Byron"];
        self.json(&[&["bootstrap", "--organization", "Harbour Works"], &who[..], &["--json"]].concat())
    }
}

/// Takes every setting of the program from what a command inherits, also those that are yet to come.
pub(crate) fn forget_settings(command: &mut Command) {
    forget(command, "LOGGIA_");
}

/// What a program printed.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A member of a JSON object that is text.
pub(crate) fn member<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}
