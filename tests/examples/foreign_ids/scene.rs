//! Two unrelated organizations, and a service.

use std::hash::{BuildHasher as _, RandomState};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread;

use loggia_tests::binary::{forget, release_binary};
use serde_json::Value;
use tempfile::TempDir;

use crate::Outcome;
use crate::connection::Connection;

/// The size of the other organization, and the number of ids of each kind that are asked for in turn.
const DEMO: [&str; 8] = ["--people", "150", "--projects", "400", "--tasks", "4000", "--spaces", "1000"];
const IDS: usize = 100;

/// The kind of record that an id names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Organization,
    User,
    Key,
    Space,
    Project,
    Task,
    Invitation,
    /// An e-mail address of a member of the other organization.
    Address,
    /// An e-mail address of an account.
    AccountAddress,
}

/// A running service. Dropping it kills the process.
pub(crate) struct Scene {
    service: Service,
    key: String,
    /// The caller's own organization, project and user, and another member of the organization.
    own: [String; 4],
    /// The ids and addresses that the caller does not see, by kind.
    foreign: [Vec<String>; 9],
}

struct Service {
    child: Child,
    address: SocketAddr,
    _home: TempDir,
}

impl Drop for Service {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the text at a pointer in a JSON value.
fn text(value: &Value, pointer: &str) -> Outcome<String> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    Ok(text.ok_or_else(|| format!("{pointer} in {value}"))?.to_owned())
}

fn texts(list: &Value, pointer: &str, member: &str) -> Outcome<Vec<String>> {
    let list = list.pointer(pointer).and_then(Value::as_array).ok_or("no list")?;
    list.iter().map(|item| text(item, member)).collect()
}

/// Returns the binary in a folder of its own, without settings from the environment.
fn command(home: &TempDir, database_url: &str) -> Command {
    let mut command = Command::new(release_binary());
    forget(&mut command, "LOGGIA_");
    command.current_dir(home.path()).stdin(Stdio::null());
    command.env("LOGGIA_DATABASE_URL", database_url).env("LOGGIA_LISTEN", "127.0.0.1:0");
    command.env("LOGGIA_LOG_FORMAT", "json").env("LOGGIA_LOG", "warn,loggia=info,loggia::request=warn");
    command
}

/// Runs a command that prints JSON.
fn run(home: &TempDir, database_url: &str, arguments: &[&str]) -> Outcome<Value> {
    let output =
        command(home, database_url).args(arguments).arg("--json").stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{arguments:?}: {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

impl Service {
    fn start(home: TempDir, database_url: &str) -> Outcome<Self> {
        let mut child = command(&home, database_url).arg("serve").stderr(Stdio::piped()).spawn()?;
        let log = BufReader::new(child.stderr.take().ok_or("no log")?);
        let mut lines = log.lines();
        let address = loop {
            let line: Value = serde_json::from_str(&lines.next().ok_or("it does not listen")??)?;
            if line["message"] == "listening" {
                break text(&line, "/addr")?.parse()?;
            }
        };
        // Reads the log, so that the service never waits for it to be read.
        thread::spawn(move || lines.map_while(Result::ok).count());
        Ok(Self { child, address, _home: home })
    }
}

impl Scene {
    pub(crate) fn build(database_url: &str) -> Outcome<Self> {
        let home = TempDir::new()?;
        let demo = run(&home, database_url, &[&["demo"], &DEMO[..]].concat())?;
        let who = ["--email", "grace@example.com", "--first-name", "Grace", "--last-name", "Hopper"];
        let made = run(&home, database_url, &[&["bootstrap", "--organization", "Quay"], &who[..]].concat())?;
        let accounts = accounts(&home, database_url)?;
        let service = Service::start(home, database_url)?;
        let (key, organization) = (text(&made, "/apiKey")?, text(&made, "/organizationId")?);
        let mut grace = Connection::open(service.address, &key)?;
        let project = grace.done("POST", "/v2/projects", Some(r#"{"project_name":"Pier"}"#))?;
        let members = format!("/api/v1/organizations/{organization}/members");
        let jean = r#"{"email":"jean@example.com","firstName":"Jean","lastName":"Bartik"}"#;
        let colleague = text(&grace.done("POST", &members, Some(jean))?, "/data/id")?;
        let own = [organization, text(&project, "/node_id")?, text(&made, "/userId")?, colleague];
        grace.done("PATCH", &format!("{members}/{}", own[2]), Some(r#"{"username":"taken"}"#))?;
        let invite = format!("/api/v1/organizations/{}/invitations", own[0]);
        grace.done("POST", &invite, Some(r#"{"email":"invited@example.com"}"#))?;
        let mut other = Connection::open(service.address, &text(&demo, "/apiKey")?)?;
        let foreign = foreign(&mut other, &text(&demo, "/organizationId")?, accounts)?;
        Ok(Self { service, key, own, foreign })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.service.address
    }

    /// The caller's key.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Fills the caller's own ids into a path or a body.
    pub(crate) fn filled(&self, text: &str) -> String {
        let [organization, project, user, colleague] = &self.own;
        let text = text.replace("{organization}", organization).replace("{project}", project);
        text.replace("{user}", user).replace("{colleague}", colleague)
    }

    /// Returns an id of the other organization, a different one for each index.
    pub(crate) fn foreign(&self, kind: Kind, index: usize) -> Outcome<&str> {
        let ids = &self.foreign[kind as usize];
        Ok(ids.get(index % IDS).ok_or_else(|| format!("{} ids of {kind:?}", ids.len()))?)
    }
}

/// Creates accounts and returns their addresses.
fn accounts(home: &TempDir, database_url: &str) -> Outcome<Vec<String>> {
    let addresses: Vec<_> = (0..IDS).map(|number| format!("account{number}@example.com")).collect();
    for address in &addresses {
        let account =
            ["accounts", "add", "--email", address, "--first-name", "Alan", "--last-name", "Turing"];
        run(home, database_url, &account)?;
    }
    Ok(addresses)
}

/// Returns ids of each kind, as their owner sees them.
fn foreign(other: &mut Connection, organization: &str, accounts: Vec<String>) -> Outcome<[Vec<String>; 9]> {
    let members =
        other.done("GET", &format!("/api/v1/organizations/{organization}/members?limit=100"), None)?;
    let spaces = other.done("GET", "/api/v1/spaces?limit=100", None)?;
    let projects = other.done("GET", "/v2/projects?per_page=100", None)?;
    let projects = texts(&projects, "/result", "/node_id")?;
    let mut tasks = Vec::new();
    for project in &projects {
        let list = other.done("GET", &format!("/v2/projects/{project}/tasks?per_page=100"), None)?;
        tasks.extend(texts(&list, "/result", "/node_id")?);
    }
    let (mut organizations, mut keys) = (Vec::new(), Vec::new());
    for number in 0..IDS {
        let name = format!(r#"{{"name":"Wharf {number}"}}"#);
        organizations.push(text(&other.done("POST", "/api/v1/organizations", Some(&name))?, "/data/id")?);
        keys.push(text(&other.done("POST", "/api/v1/api-keys", Some(&name))?, "/data/id")?);
    }
    let (mut invitations, invite) = (Vec::new(), format!("/api/v1/organizations/{organization}/invitations"));
    for number in 0..IDS {
        let body = format!(r#"{{"email":"invited{number}@example.com"}}"#);
        invitations.push(text(&other.done("POST", &invite, Some(&body))?, "/data/id")?);
    }
    let (users, spaces) = (texts(&members, "/data", "/id")?, texts(&spaces, "/data", "/_id")?);
    let addresses = texts(&members, "/data", "/email")?;
    Ok([organizations, users, keys, spaces, projects, tasks, invitations, addresses, accounts])
}

/// Unpredictable numbers, whose quality does not matter.
#[derive(Default)]
pub(crate) struct Random {
    state: RandomState,
    drawn: u64,
}

impl Random {
    fn next(&mut self) -> u64 {
        self.drawn += 1;
        self.state.hash_one(self.drawn)
    }

    /// Returns 0 or 1.
    pub(crate) fn below_two(&mut self) -> usize {
        usize::from(self.next().is_multiple_of(2))
    }

    /// Returns an id that no record has, next to the given id in every index: all but the last 48 bits are the same. For an address, returns
    /// one that nobody has, which begins like it.
    pub(crate) fn like(&mut self, id: &str) -> String {
        let number = self.next() >> 16;
        if let Some((local, domain)) = id.split_once('@') {
            return format!("{local}{number:012x}@{domain}");
        }
        let kept = id.rsplit_once('-').map_or("", |(kept, _)| kept);
        format!("{kept}-{number:012x}")
    }
}
