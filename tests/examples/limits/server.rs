//! The service that is measured: its release build, as it is without any settings.

use std::io::{BufRead, BufReader};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use cargo_metadata::Message;
use serde_json::Value;
use tempfile::TempDir;

/// A running service with an organization in it. Dropping it ends it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    pub(crate) key: String,
    on_postgres: bool,
    _home: TempDir,
}

/// The release build.
fn binary() -> PathBuf {
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--release", "--package", "loggia", "--bin", "loggia"]);
    build.arg("--message-format=json-render-diagnostics").current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = build.stderr(Stdio::inherit()).output().expect("cargo");
    assert!(output.status.success(), "the service builds");
    let built =
        Message::parse_stream(&*output.stdout).find_map(|message| match message.expect("a message") {
            Message::CompilerArtifact(artifact) if artifact.target.name == "loggia" => artifact.executable,
            _ => None,
        });
    built.expect("the program's place").into_std_path_buf()
}

fn command(binary: &Path, home: &Path, url: Option<&str>, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    loggia_tests::binary::forget(&mut command, "LOGGIA_");
    command.args(arguments).current_dir(home).stdin(Stdio::null());
    if let Some(url) = url {
        command.env("LOGGIA_DATABASE_URL", url);
    }
    command
}

impl Server {
    pub(crate) fn start(url: Option<&str>) -> Self {
        let binary = binary();
        let home = TempDir::new().expect("a folder");
        let demo = ["demo", "--projects", "10", "--tasks", "200", "--spaces", "200", "--json"];
        let demo = command(&binary, home.path(), url, &demo).output().expect("the program runs");
        assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
        let demo: Value = serde_json::from_slice(&demo.stdout).expect("JSON");
        let mut serve = command(&binary, home.path(), url, &["serve", "--listen", "127.0.0.1:0"]);
        serve.env("LOGGIA_LOG", "warn,loggia=info,loggia::request=off").env("LOGGIA_LOG_FORMAT", "json");
        let mut child = serve.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let mut lines = BufReader::new(child.stderr.take().expect("a log")).lines().map_while(Result::ok);
        let address = lines.find_map(|line| address_in(&line)).expect("it listens");
        thread::spawn(move || lines.for_each(drop));
        let key = demo["apiKey"].as_str().expect("a key").to_owned();
        Self { child, address, key, on_postgres: url.is_some(), _home: home }
    }

    pub(crate) fn store(&self) -> &'static str {
        if self.on_postgres { "on Postgres" } else { "a file of SQLite's" }
    }

    pub(crate) fn processors(&self) -> usize {
        thread::available_parallelism().map_or(1, NonZero::get)
    }

    /// A figure of the process in megabytes, such as `VmRSS`, or `VmHWM` for the greatest it ever had.
    pub(crate) fn memory(&self, figure: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(':'));
        let kilobytes = line.and_then(|rest| rest.trim().strip_suffix(" kB"));
        kilobytes.and_then(|number| number.parse::<u64>().ok()).expect("a figure") / 1024
    }

    /// A request with the key.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        let length =
            if method == "GET" { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n{headers}{length}\r\n",
            self.address, self.key
        );
        [head.as_bytes(), body].concat()
    }
}

fn address_in(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let fields = line.get("fields").unwrap_or(&line);
    (fields.get("message")? == "listening").then(|| fields.get("addr")?.as_str().map(str::to_owned))?
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
