//! The examples in `docs/operations/proxies`, each run by its own program in front of the service. Only ports and paths are changed.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Home, Server, TIMEOUT, member, root, text};

/// The maximum length of a body.
const LONGEST_BODY: usize = 256 * 1024;

/// A running proxy in front of a service. Dropping it ends the process.
struct Proxy {
    child: Child,
    folder: TempDir,
    port: u16,
    key: String,
    _server: Server,
    /// The folder of the store.
    _home: Home,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A response through the proxy.
#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: String,
    /// The number of connections that curl has opened for it.
    connects: u32,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        let found = self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        });
        found.unwrap_or_else(|| panic!("{name} in {self:?}"))
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

/// Returns the text of an example.
fn example(name: &str) -> String {
    std::fs::read_to_string(root().join("docs/operations/proxies").join(name)).unwrap()
}

/// Replaces a text that an example must contain.
fn replaced(example: &str, pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(example.to_owned(), |text, (known, new)| {
        assert!(text.contains(known), "the example has {known}");
        text.replace(known, new)
    })
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// Returns a command of a program that a user's search path need not contain.
fn program(name: &str) -> Command {
    let in_sbin = Path::new("/usr/sbin").join(name);
    let mut command = if in_sbin.is_file() { Command::new(in_sbin) } else { Command::new(name) };
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Starts the service, and a proxy with the configuration that is made for the folder, the port of the proxy and that of the service.
fn start(configure: impl FnOnce(&Path, u16, u16) -> Command) -> Proxy {
    let home = Home::new();
    let made = home.bootstrap("ada@example.com");
    let server = home.serve_with(|command| command.env("LOGGIA_TRUSTED_PROXIES", "127.0.0.1"));
    let folder = TempDir::new().unwrap();
    let certified = rcgen::generate_simple_self_signed(vec!["example.com".to_owned()]).unwrap();
    let (certificate, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
    std::fs::write(folder.path().join("fullchain.pem"), &certificate).unwrap();
    std::fs::write(folder.path().join("privkey.pem"), &key).unwrap();
    std::fs::write(folder.path().join("loggia.pem"), format!("{certificate}{key}")).unwrap();
    let port = free_port();
    let service = server.address().rsplit_once(':').unwrap().1.parse().unwrap();
    let log = folder.path().join("log");
    let mut command = configure(folder.path(), port, service);
    let name = command.get_program().to_string_lossy().into_owned();
    let child = command.stderr(std::fs::File::create(&log).unwrap()).spawn();
    let mut child = child.unwrap_or_else(|error| {
        panic!("{name} cannot be started ({error}): `cargo xtask test` installs it, or says how")
    });
    let deadline = Instant::now() + TIMEOUT;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        let ended = child.try_wait().unwrap();
        let said = || std::fs::read_to_string(&log).unwrap();
        assert!(ended.is_none() && Instant::now() < deadline, "{name} does not listen: {}", said());
        sleep(Duration::from_millis(20));
    }
    Proxy { child, folder, port, key: member(&made, "apiKey").to_owned(), _server: server, _home: home }
}

fn nginx() -> Proxy {
    start(|folder, port, service| {
        let (folder, here) = (folder.display().to_string(), format!("listen 127.0.0.1:{port} ssl"));
        let site = replaced(
            &example("nginx.conf"),
            &[
                ("listen 443 ssl", here.as_str()),
                ("127.0.0.1:8080", &format!("127.0.0.1:{service}")),
                ("/etc/ssl/loggia", &folder),
            ],
        );
        std::fs::write(format!("{folder}/loggia.conf"), site).unwrap();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary: String = temporary.map(|it| format!("{it}_temp_path {folder}/{it}; ")).concat();
        // The lines of Debian's nginx.conf around the files in conf.d, without a background process and without its folders.
        let main = format!(
            "daemon off; master_process off; pid {folder}/pid; error_log stderr; events {{}}
             http {{ access_log off; {temporary} include {folder}/loggia.conf; }}"
        );
        std::fs::write(format!("{folder}/nginx.conf"), main).unwrap();
        let mut command = program("nginx");
        command.args(["-e", "stderr", "-c", &format!("{folder}/nginx.conf")]);
        command
    })
}

fn haproxy() -> Proxy {
    start(|folder, port, service| {
        let folder = folder.display().to_string();
        let configuration = replaced(
            &example("haproxy.cfg"),
            &[
                ("bind :443", &format!("bind 127.0.0.1:{port}")),
                ("127.0.0.1:8080", &format!("127.0.0.1:{service}")),
                ("/etc/haproxy", &folder),
            ],
        );
        std::fs::write(format!("{folder}/haproxy.cfg"), configuration).unwrap();
        let mut command = program("haproxy");
        command.args(["-db", "-f", &format!("{folder}/haproxy.cfg")]);
        command
    })
}

impl Proxy {
    fn base(&self) -> String {
        format!("https://example.com:{}/loggia", self.port)
    }

    /// Sends a request with curl, which checks the certificate.
    fn send(&self, url: &str, arguments: &[&str]) -> Reply {
        self.send_all(&[url], arguments).pop().unwrap()
    }

    /// Sends a request to each URL, on one connection if the proxy keeps it open.
    fn send_all(&self, urls: &[&str], arguments: &[&str]) -> Vec<Reply> {
        const END: &str = "\n=== ";
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--include", "--max-time", "60"]);
        curl.arg("--cacert").arg(self.folder.path().join("fullchain.pem"));
        curl.args(["--resolve", &format!("example.com:{}:127.0.0.1", self.port)]);
        curl.args(["--header", &format!("Authorization: Bearer {}", self.key), "--header", "Expect:"]);
        curl.args(["--write-out", &format!("{END}%{{num_connects}}\n")]).args(arguments).args(urls);
        let output = curl.output().unwrap();
        assert!(output.status.success(), "{urls:?}: {}", text(&output.stderr));
        let mut replies = Vec::new();
        let said = text(&output.stdout);
        let mut rest = said.as_str();
        while let Some((reply, after)) = rest.split_once(END) {
            let (connects, after) = after.split_once('\n').unwrap();
            let (head, body) = reply.split_once("\r\n\r\n").unwrap();
            let status = head.split(' ').nth(1).unwrap().parse().unwrap();
            let connects = connects.parse().unwrap();
            replies.push(Reply { status, head: head.to_owned(), body: body.to_owned(), connects });
            rest = after;
        }
        assert_eq!(replies.len(), urls.len(), "{said}");
        replies
    }

    /// Sends a body that is too long for a command line.
    fn post(&self, path: &str, body: &str, arguments: &[&str]) -> Reply {
        let file = self.folder.path().join("body");
        std::fs::write(&file, body).unwrap();
        let data = format!("@{}", file.display());
        let usual = ["--header", "Content-Type: application/json", "--data-binary", &data];
        self.send(&format!("{}{path}", self.base()), &[&usual, arguments].concat())
    }
}

/// The tour: the behaviour that a proxy can break.
fn tour(proxy: &Proxy) {
    let base = proxy.base();

    // Location and Link are URLs of the proxy, and lead through it.
    let key = ["--header", "Idempotency-Key: a-key-of-this-test"];
    let made = proxy.post("/api/v1/spaces", r#"{"name":"Harbour"}"#, &key);
    assert_eq!(made.status, 201, "{made:?}");
    let location = made.header("location").to_owned();
    assert!(location.starts_with(&format!("{base}/api/v1/spaces/")), "{location}");
    assert_eq!(proxy.send(&location, &[]).json()["data"]["name"], "Harbour");
    assert_eq!(proxy.post("/api/v1/spaces", r#"{"name":"Pier"}"#, &[]).status, 201);
    let first = proxy.send(&format!("{base}/api/v1/spaces?limit=1"), &[]);
    let next =
        first.header("link").split(", ").find(|link| link.contains("rel=\"next\"")).unwrap().to_owned();
    let next = next.trim_start_matches('<').split('>').next().unwrap().to_owned();
    assert!(next.starts_with(&format!("{base}/api/v1/spaces?")), "{next}");
    assert_eq!(proxy.send(&next, &[]).json()["data"].as_array().unwrap().len(), 1);
    // No client sends the values that they begin with.
    let invented = [
        "X-Forwarded-Host: evil.example.com",
        "Forwarded: host=evil.example.com",
        "X-Forwarded-Prefix: /evil",
    ];
    let invented: Vec<&str> = invented.iter().flat_map(|header| ["--header", header]).collect();
    let reply = proxy.send(&format!("{base}/api/v1/spaces?limit=1"), &invented);
    assert!(
        reply.header("link").starts_with(&format!("<{base}/")) && !reply.head.contains("evil"),
        "{reply:?}"
    );

    // A request that is repeated with its key gets its first response, and happens once.
    let again = proxy.post("/api/v1/spaces", r#"{"name":"Harbour"}"#, &key);
    assert_eq!((again.status, again.header("location"), &again.body), (201, location.as_str(), &made.body));
    let all = proxy.send(&format!("{base}/api/v1/spaces?count=true"), &[]).json();
    assert_eq!(all["data"].as_array().unwrap().len(), 2, "{all}");

    // The longest body arrives whole. A longer one is refused by the service, which explains it.
    let padded = |length: usize| {
        let body = r#"{"name":"Padded"}"#;
        format!("{body}{}", " ".repeat(length - body.len()))
    };
    assert_eq!(proxy.post("/api/v1/spaces", &padded(LONGEST_BODY), &[]).status, 201);
    let refused = proxy.post("/api/v1/spaces", &padded(LONGEST_BODY + 1), &[]);
    assert_eq!((refused.status, refused.header("content-type")), (413, "application/problem+json"));

    // A long head is the service's to judge, too.
    let long = "a".repeat(20_000);
    let search = proxy.send(&format!("{base}/api/v1/spaces?search={long}"), &[]);
    assert_eq!((search.status, search.header("content-type")), (400, "application/problem+json"));
    let header = proxy.send(&format!("{base}/api/v1/me"), &["--header", &format!("X-Long: {long}")]);
    assert_eq!(header.status, 200);

    // Entity tags pass in both directions.
    let tag = proxy.send(&location, &[]).header("etag").to_owned();
    assert_eq!(proxy.send(&location, &["--header", &format!("If-None-Match: {tag}")]).status, 304);
    let stale = ["--request", "DELETE", "--header", "If-Match: \"0\""];
    assert_eq!(proxy.send(&location, &stale).status, 412);

    // Connections stay open.
    let me = format!("{base}/api/v1/me");
    for version in ["--http1.1", "--http2"] {
        let replies = proxy.send_all(&[&me, &me, &me], &[version]);
        let connects: Vec<u32> = replies.iter().map(|reply| reply.connects).collect();
        assert_eq!(connects, [1, 0, 0], "{version}");
        assert!(replies.iter().all(|reply| reply.status == 200));
    }
}

#[test]
fn the_example_for_nginx_keeps_the_promises_of_the_service() {
    tour(&nginx());
}

#[test]
fn the_example_for_haproxy_keeps_the_promises_of_the_service() {
    tour(&haproxy());
}

#[test]
fn the_examples_keep_idle_connections_for_less_time_than_the_service() {
    let shown = Home::new().json(&["settings", "--json"]);
    let settings = shown["settings"].as_array().unwrap();
    let keep_alive = settings.iter().find(|setting| setting["key"] == "keep_alive_seconds").unwrap();
    let served: u64 = member(keep_alive, "default").parse().unwrap();
    for (name, before) in [("nginx.conf", "keepalive_timeout "), ("Caddyfile", "keepalive ")] {
        let text = example(name);
        let line = text.lines().find_map(|line| line.trim().strip_prefix(before)).unwrap();
        let kept: u64 = line.trim_end_matches(';').trim_end_matches('s').parse().unwrap();
        assert!(kept < served, "{name}: {kept} s");
    }
}
