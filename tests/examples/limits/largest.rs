//! The largest possible responses, asked for by many clients at once, some of which read slowly (promise B26).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use loggia_domain::text::{
    AvatarUrl, EmailAddress, EmployeeNumber, OrganizationName, PersonName, ProjectDescription, ProjectName,
    SpaceDescription, SpaceName, TaskDescription, TaskName, Username,
};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};

use crate::client::Client;
use crate::report::Report;
use crate::server::Server;

/// The number of simultaneous calls of each list.
const CALLS: usize = 100;
/// The number of clients beside them that do not read their responses.
const SLOW: usize = 20;
/// The number of projects, spaces and members of each organization, and of members of one of its projects: a page of each.
const PAGE: usize = 100;
/// The number of tasks of each project: together as many as a page of own tasks may show.
const TASKS: usize = 5;
/// The number of organizations, with `CALLERS` members each who call: together they may hold all of the memory for responses, which one of
/// them may not.
const ORGANIZATIONS: usize = 2;
const CALLERS: usize = 2;

/// A member of one of the organizations.
struct Caller {
    key: String,
    /// The organization, and one of its projects, which has a page of tasks.
    organization: String,
    project: String,
}

/// Returns that many characters of four bytes each, which is the maximum of a character.
fn longest(characters: usize) -> String {
    "\u{1F6A2}".repeat(characters)
}

/// Creates a record, and returns the body of the response.
async fn create(server: &Server, client: &mut Client, key: &str, path: &str, body: &Value) -> Value {
    let headers = "Content-Type: application/json\r\n";
    let request = server.request_with(key, "POST", path, headers, body.to_string().as_bytes());
    let (status, body) = client.fetch(&server.address, &request).await;
    assert_eq!(status, 201, "{path}: {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).expect("JSON")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Returns a person with the longest profile, each with a different address.
fn person(number: usize) -> Value {
    let (local, host) = (format!("{}{number:03}", "a".repeat(61)), ".example.com");
    let label = |length| "b".repeat(length);
    let rest = EmailAddress::MAX - local.len() - 1 - 122 - host.len();
    let scheme = "https://";
    json!({
        "email": format!("{local}@{}.{}.{}{host}", label(60), label(60), label(rest)),
        "firstName": longest(PersonName::MAX), "lastName": longest(PersonName::MAX),
        "username": format!("{}{number:03}", longest(Username::MAX - 3)),
        "employeeNumber": format!("{}{number:03}", longest(EmployeeNumber::MAX - 3)),
        "avatar": format!("{scheme}{}", longest(AvatarUrl::MAX - scheme.len())), "role": "admin",
    })
}

/// Fills an organization with the largest records, all of them made by its first member and assigned to that member.
async fn fill(server: &Server, admin: &str, number: usize) -> Vec<Caller> {
    let client = &mut Client::default();
    let name = json!({"name": longest(OrganizationName::MAX)});
    let made = create(server, client, admin, "/api/v1/organizations", &name).await;
    let organization = text(&made["data"]["id"]);
    let members = format!("/api/v1/organizations/{organization}/members");
    let (mut keys, mut users) = (Vec::new(), Vec::new());
    for member in 0..PAGE {
        let person = person(PAGE * number + member);
        let user = text(&create(server, client, admin, &members, &person).await["data"]["id"]);
        if member < CALLERS {
            let path = format!("{members}/{user}/api-keys");
            let key = create(server, client, admin, &path, &json!({"name": "largest"})).await;
            keys.push(text(&key["data"]["key"]));
        }
        users.push(user);
    }
    let (key, user) = (&keys[0], &users[0]);
    let task = json!({
        "task_name": longest(TaskName::MAX), "description": longest(TaskDescription::MAX),
        "status": "in_progress", "start_date": "2026-01-31", "end_date": "2026-02-28", "assignee_node_id": user,
    });
    let mut project = String::new();
    for number in 0..PAGE {
        let body = json!({
            "project_name": format!("{}{number:02}", longest(ProjectName::MAX - 2)),
            "description": longest(ProjectDescription::MAX), "visibility": "organization",
            "start_date": "2026-01-31", "end_date": "2026-02-28",
        });
        project = text(&create(server, client, key, "/v2/projects", &body).await["node_id"]);
        let space = json!({
            "name": longest(SpaceName::MAX), "description": longest(SpaceDescription::MAX), "projectId": project,
        });
        create(server, client, key, "/api/v1/spaces", &space).await;
        let tasks = if number + 1 < PAGE { TASKS } else { PAGE };
        for _ in 0..tasks {
            create(server, client, key, &format!("/v2/projects/{project}/tasks"), &task).await;
        }
    }
    // The first member, who made the project, is on its roster.
    let others = users.iter().skip(1).map(|user| json!({"user_node_id": user})).collect();
    create(server, client, key, &format!("/v2/projects/{project}/add-member"), &others).await;
    let caller = |key| Caller { key, organization: organization.clone(), project: project.clone() };
    keys.into_iter().map(caller).collect()
}

/// Sends a request and does not read the response.
async fn ask(address: &str, request: &[u8]) -> TcpStream {
    let address: SocketAddr = address.parse().expect("an address");
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("a small buffer");
    let mut stream = socket.connect(address).await.expect("a connection");
    stream.write_all(request).await.expect("a request");
    stream
}

pub(crate) async fn measure(server: &Server, admin: &str, report: &mut Report) {
    let mut callers = Vec::new();
    for number in 0..ORGANIZATIONS {
        callers.extend(fill(server, admin, number).await);
    }
    report.table(
        "Memory, with the largest records",
        &format!(
            "{CALLS} of each at once, beside {SLOW} clients that send the same requests and do not read the responses; \
             {ORGANIZATIONS} organizations with {CALLERS} users each take turns."
        ),
        &["requests", "one response", "responses", "memory after"],
    );
    for (what, path) in [
        ("spaces", "/api/v1/spaces"),
        ("spaces, the longest page", "/api/v1/spaces?limit=100"),
        ("with their relations", "/api/v1/spaces?limit=100&include=all"),
        ("projects", "/v2/projects?per_page=100"),
        ("tasks", "/v2/projects/{project}/tasks?per_page=100"),
        ("tasks, nested", "/v2/projects/{project}/tasks?per_page=100&dottie=true"),
        ("own tasks", "/v2/tasks/my-tasks-by-project"),
        ("own tasks, the longest page", "/v2/tasks/my-tasks-by-project?tasks_limit=5&per_page=100"),
        ("own tasks, beyond the maximum page", "/v2/tasks/my-tasks-by-project?tasks_limit=50&per_page=100"),
        ("roster", "/v2/projects/{project}/members?per_page=100"),
        ("members", "/api/v1/organizations/{organization}/members?limit=100"),
    ] {
        let request = |caller: &Caller| {
            let path = path.replace("{project}", &caller.project);
            let path = path.replace("{organization}", &caller.organization);
            server.request_with(&caller.key, "GET", &path, "", b"")
        };
        let requests: Vec<_> = callers.iter().map(request).collect();
        let (_, body) = Client::default().fetch(&server.address, &requests[0]).await;
        let slow = (0..SLOW).map(|number| ask(&server.address, &requests[number % requests.len()]));
        let slow = join_all(slow).await;
        let calls = (0..CALLS).map(|number| {
            let request = &requests[number % requests.len()];
            async { Client::default().call(&server.address, request, Instant::now()).await.status }
        });
        let mut statuses = BTreeMap::<u16, usize>::new();
        for status in join_all(calls).await {
            *statuses.entry(status).or_default() += 1;
        }
        let statuses: Vec<String> =
            statuses.iter().map(|(status, times)| format!("{times} × {status}")).collect();
        let kilobytes = format!("{} KB", body.len().div_ceil(1_000));
        let memory = format!("{} MB", server.memory("VmRSS"));
        report.row(&[what.to_owned(), kilobytes, statuses.join(", "), memory]);
        drop(slow);
        // Gives the server time to notice that the clients have gone.
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    report.say(&format!("Peak memory: {} MB (promised: at most 256).", server.memory("VmHWM")));
}
