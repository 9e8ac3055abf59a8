//! Headless Chromium, driven over WebDriver (<https://www.w3.org/TR/webdriver2/>).
//!
//! The protocol is JSON over HTTP, and the driver is local: a request is a few lines.

use std::io::{self, BufRead as _, BufReader, Lines, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{connect, head};

/// The arguments of Chromium. It has no sandbox as root and little shared memory in containers, and would look for hosts of its maker's.
const ARGUMENTS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1280,1024",
];

/// The time in milliseconds in which an element must appear.
const TIMEOUT_MILLISECONDS: u32 = 30_000;

/// The name of an element's reference (WebDriver, "web element identifier").
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one window. Dropping it ends it.
pub(super) struct Browser {
    driver: Child,
    /// The driver's output. The pipe stays open, because the driver would fail to write to a closed one.
    said: Lines<BufReader<ChildStdout>>,
    address: String,
    session: String,
    /// The folder of the files of both.
    _folder: TempDir,
}

impl Browser {
    /// Starts the driver and a session.
    pub(super) fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = Command::new("chromedriver");
        // A port that is free.
        command.arg("--port=0").env("HOME", folder.path()).env("TMPDIR", folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let started = command.spawn();
        let mut driver =
            started.unwrap_or_else(|error| panic!("chromedriver, which cargo xtask test installs: {error}"));
        let said = BufReader::new(driver.stdout.take().unwrap()).lines();
        let mut browser =
            Self { driver, said, address: String::new(), session: String::new(), _folder: folder };
        browser.address = format!("127.0.0.1:{}", browser.port());
        let capabilities = json!({
            "goog:chromeOptions": {"args": ARGUMENTS},
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"implicit": TIMEOUT_MILLISECONDS, "pageLoad": TIMEOUT_MILLISECONDS, "script": TIMEOUT_MILLISECONDS},
        });
        let session = json!({"capabilities": {"alwaysMatch": capabilities}});
        let session = browser.call("POST", "/session", Some(&session));
        browser.session = session["sessionId"].as_str().unwrap().to_owned();
        browser
    }

    /// The port that the driver says it listens at.
    fn port(&mut self) -> u16 {
        let mut lines = self.said.by_ref().map(Result::unwrap);
        let port = lines.find_map(|line| Some(line.split_once("successfully on port ")?.1.to_owned()));
        port.unwrap().trim_end_matches('.').parse().unwrap()
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let (status, mut response) = self.request(method, path, body).unwrap();
        assert!(status.contains(" 200 "), "{method} {path} {body:?}: {response}");
        response["value"].take()
    }

    /// Sends a request, and returns the status line and the body of the response. The driver leaves the connection open whatever the request
    /// says, so only the length marks the end of the response.
    fn request(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<(String, Value)> {
        let body = body.map(Value::to_string);
        let head = head(&self.address, method, path, None, body.as_deref());
        let mut stream = connect(&self.address)?;
        stream.write_all(format!("{head}\r\n{}", body.unwrap_or_default()).as_bytes())?;
        let mut stream = BufReader::new(stream);
        let mut status = String::new();
        stream.read_line(&mut status)?;
        let mut length = 0;
        for line in stream.by_ref().lines() {
            let line = line?;
            match line.split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap();
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut text = vec![0; length];
        stream.read_exact(&mut text)?;
        Ok((status, serde_json::from_slice(&text)?))
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.call("POST", &format!("/session/{}{path}", self.session), Some(body))
    }

    fn get(&self, path: &str) -> Value {
        self.call("GET", &format!("/session/{}{path}", self.session), None)
    }

    /// Opens a page.
    pub(super) fn open(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    /// Loads the page again.
    pub(super) fn reload(&self) {
        self.post("/refresh", &json!({}));
    }

    /// Waits for an element, and returns the path of its commands.
    pub(super) fn find(&self, selector: &str) -> String {
        let found = self.post("/element", &json!({"using": "css selector", "value": selector}));
        format!("/element/{}", found[ELEMENT].as_str().unwrap())
    }

    /// Clicks on an element.
    pub(super) fn click(&self, selector: &str) {
        self.post(&format!("{}/click", self.find(selector)), &json!({}));
    }

    /// Types into a field.
    pub(super) fn enter(&self, selector: &str, text: &str) {
        self.post(&format!("{}/value", self.find(selector)), &json!({"text": text}));
    }

    /// Returns the text that an element shows.
    pub(super) fn text(&self, selector: &str) -> String {
        self.get(&format!("{}/text", self.find(selector))).as_str().unwrap().to_owned()
    }

    /// Returns the value of a field.
    pub(super) fn value(&self, selector: &str) -> Value {
        self.get(&format!("{}/property/value", self.find(selector)))
    }

    /// Runs a script in the page, which the policy of the page does not hinder, and returns its result.
    pub(super) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Returns the errors on the console since the last time: of scripts, of requests, and of the policy of the page.
    pub(super) fn errors(&self) -> Vec<String> {
        let entries = self.post("/se/log", &json!({"type": "browser"}));
        let errors = entries.as_array().unwrap().iter().filter(|entry| entry["level"] == "SEVERE");
        errors.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends its browser with the session, and not when it is killed.
        if !self.session.is_empty() {
            let _ = self.request("DELETE", &format!("/session/{}", self.session), None);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
