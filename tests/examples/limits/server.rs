//! The service that is measured: the build of the image.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use loggia_tests::binary::{forget, release_binary};
use serde_json::Value;
use tempfile::TempDir;

/// A store with two unrelated organizations.
pub(crate) struct Instance {
    home: TempDir,
    url: Option<String>,
    /// The key of a user whose organization is full of data.
    ada: String,
    /// The key of a user in the other organization.
    pub(crate) eve: String,
}

/// A running service. Dropping it ends the process.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    pub(crate) key: String,
}

const DEMO: &[&str] = &["demo", "--projects", "10", "--tasks", "200", "--spaces", "20000", "--json"];

const BOOTSTRAP: &[&str] = &[
    "bootstrap",
    "--json",
    "--organization",
    "Far Away",
    "--email",
    "eve@example.com",
    "--first-name",
    "Eve",
    "--last-name",
    "Moneypenny",
];

fn command(binary: &Path, home: &Path, url: Option<&str>, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    forget(&mut command, "LOGGIA_");
    command.args(arguments).current_dir(home).stdin(Stdio::null());
    if let Some(url) = url {
        command.env("LOGGIA_DATABASE_URL", url);
    }
    command
}

impl Instance {
    /// Fills the store.
    pub(crate) fn prepare(url: Option<&str>) -> Self {
        let home = TempDir::new().expect("a folder");
        let key = |arguments: &[&str]| {
            let output = command(release_binary(), home.path(), url, arguments).output();
            let output = output.expect("the program runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let made: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            made["apiKey"].as_str().expect("a key").to_owned()
        };
        let (ada, eve) = (key(DEMO), key(BOOTSTRAP));
        Self { home, url: url.map(str::to_owned), ada, eve }
    }

    pub(crate) fn store(&self) -> &'static str {
        if self.url.is_some() { "on Postgres" } else { "a SQLite file" }
    }

    /// Starts a service on the store, with these settings and no others.
    pub(crate) fn serve(&self, settings: &[(&str, &str)]) -> Server {
        let arguments = ["serve", "--listen", "127.0.0.1:0"];
        let mut serve = command(release_binary(), self.home.path(), self.url.as_deref(), &arguments);
        serve.env("LOGGIA_LOG", "warn,loggia=info,loggia::request=off").env("LOGGIA_LOG_FORMAT", "json");
        serve.envs(settings.iter().copied());
        let mut child = serve.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let mut lines = BufReader::new(child.stderr.take().expect("a log")).lines().map_while(Result::ok);
        let address = lines.find_map(|line| address_in(&line)).expect("it listens");
        thread::spawn(move || lines.for_each(drop));
        Server { child, address, key: self.ada.clone() }
    }
}

impl Server {
    /// Returns a figure of the process in megabytes, such as `VmRSS`, or `VmHWM` for its maximum so far.
    pub(crate) fn memory(&self, figure: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(':'));
        let kilobytes = line.and_then(|rest| rest.trim().strip_suffix(" kB"));
        kilobytes.and_then(|number| number.parse::<u64>().ok()).expect("a figure") / 1024
    }

    /// Returns a request with the key.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        self.request_with(&self.key, method, path, headers, body)
    }

    /// Returns a request with another key.
    pub(crate) fn request_with(
        &self,
        key: &str,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> Vec<u8> {
        let length =
            if method == "GET" { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n{headers}{length}\r\n",
            self.address, key
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
