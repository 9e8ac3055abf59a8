//! The built binary, run as its users run it: in a folder of its own, over real sockets, with real signals.

mod client;
mod engine;
mod picture;
mod server;
mod sqlite_file;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use loggia_testpg::TestDatabase;
use loggia_tests::binary::forget;
pub(crate) use loggia_tests::binary::{binary, root};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) use client::{Response, TIMEOUT, connect, head, request, response};
pub(crate) use engine::{Engine, block_on, empty_database, on_every_engine};
pub(crate) use picture::{Picture, await_the_end_of_its_sessions, note_all_uses};
pub(crate) use server::Server;
pub(crate) use sqlite_file::checked_copy;

/// An empty folder in which the binary runs, as on a machine of its own.
pub(crate) struct Home {
    folder: TempDir,
    /// The empty database that the settings name. Without it, the binary creates a file in the folder.
    database: Option<TestDatabase>,
}

impl Home {
    /// Creates a home without any settings.
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), database: None }
    }

    /// Creates a home with a store on that engine, which is not created yet.
    pub(crate) fn on(engine: Engine) -> Self {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(empty_database()),
        };
        Self { database, ..Self::new() }
    }

    /// Returns the engine of the store.
    pub(crate) fn engine(&self) -> Engine {
        if self.database.is_some() { Engine::Postgres } else { Engine::Sqlite }
    }

    /// Returns the URL of the store, for programs that run elsewhere.
    pub(crate) fn database_url(&self) -> String {
        match &self.database {
            Some(database) => database.url().to_owned(),
            None => format!("sqlite://{}", self.path().join("loggia.db").display()),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns a command that runs the binary with these arguments in this folder. The location of the store is its only setting.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        forget_settings(&mut command);
        // No client of these tests has to notice that a server stops.
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

    /// Starts the server on a free port, with further settings.
    pub(crate) fn serve_with(&self, settings: impl FnOnce(&mut Command) -> &mut Command) -> Server {
        let mut command = self.command(&["serve"]);
        settings(command.env("LOGGIA_LISTEN", "127.0.0.1:0"));
        Server::start(command)
    }

    /// Creates an organization with its admin, even beside a running server.
    pub(crate) fn bootstrap(&self, email: &str) -> Value {
        let who = ["--email", email, "--first-name", "Ada", "--last-name", "Byron"];
        self.json(&[&["bootstrap", "--organization", "Harbour Works"], &who[..], &["--json"]].concat())
    }
}

/// Removes every setting of the program from the environment that a command inherits, including future ones.
pub(crate) fn forget_settings(command: &mut Command) {
    forget(command, "LOGGIA_");
    // Where traces are sent is a setting of OpenTelemetry.
    forget(command, "OTEL_");
}

/// Returns the output of a program as text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Returns a member of a JSON object that is text.
pub(crate) fn member<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}
