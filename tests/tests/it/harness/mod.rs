//! The built binary, run as its users run it: in a folder of its own, over real sockets, with real signals.

mod client;
mod server;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use cargo_metadata::Message;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) use client::{Answer, answer, connect, head, request};
pub(crate) use server::Server;

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The binary, built once for all tests. Cargo tells other packages' tests nothing about it, so it is asked.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let output = Command::new(env!("CARGO"))
            .args(["build", "--package", "loggia", "--bin", "loggia"])
            .arg("--message-format=json-render-diagnostics")
            .current_dir(root())
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "the binary builds");
        let built = Message::parse_stream(&*output.stdout).find_map(|message| match message.unwrap() {
            Message::CompilerArtifact(artifact) if artifact.target.name == "loggia" => artifact.executable,
            _ => None,
        });
        built.unwrap().into_std_path_buf()
    })
}

/// An empty folder in which the binary runs, as on a machine of its own.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The binary with these arguments, in this folder, with no settings from the outside.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        forget_settings(&mut command);
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
#[expect(clippy::disallowed_methods, reason = "they are read to be taken away")]
pub(crate) fn forget_settings(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LOGGIA_") {
            command.env_remove(name);
        }
    }
}

/// What a program printed.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A member of a JSON object that is text.
pub(crate) fn member<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}
