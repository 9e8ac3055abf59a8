//! The data of a store as calls see it: looked up over HTTP, with some records of its own for calls that write.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::connection::{Connection, Response};
use crate::goals;
use crate::request::{Call, Request};

/// The number of records that a call rotates through: enough that no two requests lock one row at once, few enough to stay cached.
const RECORDS: usize = 64;
/// The call that adds and removes memberships on rosters.
pub(crate) const MEMBERSHIPS: &str = "add and remove a member";
/// The number of memberships that are added and removed: so many more than requests in flight that a membership is removed long after it
/// was added.
const MEMBERSHIP_COUNT: usize = 256;
/// The number of spaces that are renamed in turn.
const RENAMED: usize = 256;
/// The page that shows whether depth has a cost.
pub(crate) const DEEP_PAGE: usize = 500;

/// All calls that are measured on one store.
pub(crate) struct Scene {
    pub(crate) calls: Vec<Call>,
    /// The paths of the reads that the bare stack and the ceiling serve too, with the response bodies.
    pub(crate) bodies: BTreeMap<String, String>,
    /// The ids of spaces, for the limit.
    pub(crate) space_ids: Vec<String>,
    /// A project on whose roster the caller is.
    pub(crate) project_id: String,
}

struct Client<'a> {
    connection: Connection,
    key: &'a str,
}

impl Client<'_> {
    fn send(&mut self, method: &str, path: &str, body: Option<&str>) -> Result<Response> {
        let request = Request::new(method, path, self.key, "", body).bytes(0);
        self.connection.send(&request)
    }

    fn ok(&mut self, method: &str, path: &str, body: Option<&str>) -> Result<Value> {
        let response = self.send(method, path, body)?;
        let text = String::from_utf8_lossy(&response.body);
        ensure!(
            (200..300).contains(&response.status),
            "{method} {path} got status {}: {text}",
            response.status
        );
        Ok(serde_json::from_str(&text)?)
    }

    fn get(&mut self, path: &str) -> Result<Value> {
        self.ok("GET", path, None)
    }
}

fn text(value: &Value, pointer: &str) -> Result<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    Ok(found.with_context(|| format!("no {pointer} in {value}"))?.to_owned())
}

fn texts(value: &Value, list: &str, pointer: &str) -> Result<Vec<String>> {
    let rows = value.pointer(list).and_then(Value::as_array).with_context(|| format!("no {list}"))?;
    rows.iter().map(|row| text(row, pointer)).collect()
}

impl Scene {
    /// Looks up records, creates those that writes need, and prepares every request. `organization` is the demo's.
    pub(crate) fn prepare(address: &str, key: &str, organization: &str) -> Result<Self> {
        let mut client = Client { connection: Connection::open(address)?, key };
        let memberships = membership_requests(&mut client, organization)?;
        let mut scene = Self::look_round(&mut client)?;
        scene.calls.extend(space_writes(&mut client)?);
        scene.calls.push(Call { name: MEMBERSHIPS, requests: memberships, writes: true });
        Ok(scene)
    }

    /// Looks up records and prepares the reads, for a store that must not be written to.
    pub(crate) fn only_read(address: &str, key: &str) -> Result<Self> {
        Self::look_round(&mut Client { connection: Connection::open(address)?, key })
    }

    fn look_round(client: &mut Client<'_>) -> Result<Self> {
        let key = client.key;
        let read = |name, paths: Vec<String>| Call {
            name,
            requests: paths.iter().map(|path| Request::new("GET", path, key, "", None)).collect(),
            writes: false,
        };
        let spaces = texts(&client.get("/api/v1/spaces?limit=100")?, "/data", "/_id")?;
        let spaces: Vec<String> = spaces.into_iter().take(RECORDS).collect();
        let projects = client.get("/v2/projects?per_page=100&sort=desc")?;
        let projects = texts(&projects, "/result", "/node_id")?;
        let project_id = small_roster(client, &projects)?;
        let busy = busiest(client, &projects)?;
        let space_paths: Vec<String> = spaces.iter().map(|id| format!("/api/v1/spaces/{id}")).collect();
        let project_paths = projects.iter().take(RECORDS).map(|id| format!("/v2/projects/{id}")).collect();
        let one = |path: &str| vec![path.to_owned()];
        let list = "/api/v1/spaces?limit=20";
        let members = format!("/v2/projects/{project_id}/members?per_page=20");
        let tasks = format!("/v2/projects/{busy}/tasks?per_page=20");
        let deep = deep_page(client, list)?;

        let mut bodies = BTreeMap::new();
        for path in space_paths.iter().map(String::as_str).chain([list, members.as_str()]) {
            bodies.insert(path.to_owned(), String::from_utf8(client.send("GET", path, None)?.body)?);
        }
        let calls = vec![
            read(goals::GET, space_paths),
            read(goals::LIST, one(list)),
            read("list 20 spaces, include=all", vec![format!("{list}&include=all")]),
            read("list 20 spaces, filtered", vec![format!("{list}&status=Active&priority=high")]),
            read(goals::DEEP, vec![deep]),
            read("list 100 spaces", one("/api/v1/spaces?limit=100")),
            read("list 100 spaces, include=all", one("/api/v1/spaces?limit=100&include=all")),
            read(goals::PROJECT, project_paths),
            read(goals::PROJECTS, one("/v2/projects?per_page=20")),
            read(goals::MEMBERS, one(&members)),
            read(goals::TASKS, one(&tasks)),
            read("list 20 tasks, nested", vec![format!("{tasks}&dottie=true")]),
        ];
        Ok(Self { calls, bodies, space_ids: spaces, project_id })
    }

    fn call(&self, name: &str) -> Result<&Call> {
        self.calls.iter().find(|call| call.name == name).with_context(|| format!("no call is named {name}"))
    }

    /// Removes every membership that a run may have left, so that the next one can begin by adding.
    pub(crate) fn reset(&self, address: &str) -> Result<()> {
        let call = self.call(MEMBERSHIPS)?;
        let mut connection = Connection::open(address)?;
        // The second half of the requests removes the memberships. Most are removed already; these requests are refused, which does not
        // matter.
        for request in call.requests.iter().skip(call.requests.len() / 2) {
            connection.send(&request.bytes(0))?;
        }
        Ok(())
    }
}

/// Returns calls that create and change spaces, in an organization of their own, so that the lists of concurrent reads do not change.
fn space_writes(client: &mut Client<'_>) -> Result<Vec<Call>> {
    let made = client.ok("POST", "/api/v1/organizations", Some(r#"{"name":"Bench"}"#))?;
    let home = text(&made, "/data/id")?;
    let body =
        format!(r#"{{"name":"Space {{n}}","organizationId":"{home}","status":"Active","priority":"high"}}"#);
    let mut renamed = Vec::with_capacity(RENAMED);
    for _ in 0..RENAMED {
        let made = client.ok("POST", "/api/v1/spaces", Some(&body.replace("{n}", "to be renamed")))?;
        let path = format!("/api/v1/spaces/{}", text(&made, "/data/_id")?);
        let name = Some(r#"{"name":"Renamed {n}"}"#);
        renamed.push(Request::new("PATCH", &path, client.key, "If-Match: *\r\n", name));
    }
    let create = Request::new("POST", "/api/v1/spaces", client.key, "", Some(&body));
    // Only the key contains the number.
    let once = Request::new(
        "POST",
        "/api/v1/spaces",
        client.key,
        "Idempotency-Key: {n}\r\n",
        Some(&body.replace("{n}", "once")),
    );
    Ok(vec![
        Call { name: goals::CREATE, requests: vec![create], writes: true },
        Call { name: "create a space, Idempotency-Key", requests: vec![once], writes: true },
        Call { name: "patch a space, If-Match", requests: renamed, writes: true },
    ])
}

/// Returns requests that add memberships on rosters and then remove them, project by project in turn.
fn membership_requests(client: &mut Client<'_>, organization: &str) -> Result<Vec<Request>> {
    let members = client.get(&format!("/api/v1/organizations/{organization}/members?limit=50"))?;
    let own = text(&client.get("/api/v1/me")?, "/data/user/id")?;
    let mut users = texts(&members, "/data", "/id")?;
    users.retain(|user| *user != own);
    ensure!(users.len() >= 4, "the demo has people");
    let mut projects = Vec::new();
    for number in 0..RECORDS {
        let body = format!(r#"{{"project_name":"Bench {number}","visibility":"private"}}"#);
        projects.push(text(&client.ok("POST", "/v2/projects", Some(&body))?, "/node_id")?);
    }
    let pairs = (0..MEMBERSHIP_COUNT).filter_map(|at| {
        Some((projects.get(at % projects.len())?, users.get(at / projects.len() % users.len())?))
    });
    let change = |method: &str, verb: &str, (project, user): (&String, &String)| {
        let body = format!(r#"{{"user_node_id":"{user}"}}"#);
        Request::new(method, &format!("/v2/projects/{project}/{verb}"), client.key, "", Some(&body))
    };
    let given = pairs.clone().map(|pair| change("POST", "add-member", pair));
    let taken = pairs.clone().map(|pair| change("PATCH", "remove-member", pair));
    Ok(given.chain(taken).collect())
}

/// Returns the project with the largest roster that includes the caller and fits on a page.
fn small_roster(client: &mut Client<'_>, projects: &[String]) -> Result<String> {
    let mut best: Option<(u64, &String)> = None;
    for project in projects {
        let response = client.send("GET", &format!("/v2/projects/{project}/members?per_page=20"), None)?;
        if response.status != 200 {
            continue;
        }
        let page: Value = serde_json::from_slice(&response.body)?;
        let total = page.get("total").and_then(Value::as_u64).unwrap_or_default();
        if total <= 20 && best.is_none_or(|(max, _)| total > max) {
            best = Some((total, project));
        }
    }
    Ok(best.context("the caller is on no roster")?.1.clone())
}

/// Returns the project with the most tasks.
fn busiest(client: &mut Client<'_>, projects: &[String]) -> Result<String> {
    let mut best: Option<(u64, &String)> = None;
    for project in projects {
        let page = client.get(&format!("/v2/projects/{project}/tasks?per_page=1"))?;
        let total = page.get("total").and_then(Value::as_u64).unwrap_or_default();
        if best.is_none_or(|(max, _)| total > max) {
            best = Some((total, project));
        }
    }
    Ok(best.context("there are projects")?.1.clone())
}

/// Returns the path of the deep page of a list, by following its links.
fn deep_page(client: &mut Client<'_>, list: &str) -> Result<String> {
    let mut path = list.to_owned();
    for page in 1..DEEP_PAGE {
        let response = client.send("GET", &path, None)?;
        let links = response.header("link").unwrap_or_default();
        let next = links.split(", ").find_map(|link| link.strip_suffix(">; rel=\"next\"")?.strip_prefix('<'));
        let next = next.with_context(|| format!("page {page} is the last"))?;
        let (_, behind_scheme) = next.split_once("://").context("a link is a URL")?;
        path = format!("/{}", behind_scheme.split_once('/').context("a link has a path")?.1);
    }
    Ok(path)
}
