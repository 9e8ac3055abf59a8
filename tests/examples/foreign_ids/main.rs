//! Measures whether the response time distinguishes another organization's ids from made-up ones: `cargo run -p loggia-tests --example
//! foreign_ids`.
//!
//! The released binary serves on the loopback, on a Postgres of this program's own in which another organization has records of every kind.
//! For each route, 2,000 pairs of requests go over one connection in random order: one with an id of the other organization, one with a
//! made-up id in its likeness. Both get the same response. The program prints the median times, their ratio, and the p-value of the
//! Mann-Whitney U test, which says how likely two samples that differ as much are if the kind of id makes no difference. The program fails
//! if the medians are more than 5 % apart (promise B21) three times in a row: on a machine that is busy with other things that happens now
//! and then, while a real difference shows every time.
//!
//! A small p-value beside a ratio close to 1 is no contradiction: with thousands of pairs the test finds differences far smaller than a
//! client on another machine could measure.

mod connection;
mod samples;
mod scene;

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use loggia_testpg::{Server, ServerOptions};

use connection::Connection;
use samples::{mann_whitney, median};
use scene::{Kind, Random, Scene};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The number of pairs that are measured on each route, and the number of pairs to warm up.
const PAIRS: usize = 2_000;
const WARM_UP: usize = 100;

/// The maximum relative difference of the medians.
const TOLERANCE: f64 = 0.05;

/// The number of attempts on a route whose medians are further apart.
const TRIES: usize = 3;

/// A route: `{}` stands for the id, and `{organization}`, `{project}` and `{user}` for the caller's own ids, and `{colleague}`
/// for another member's.
struct Route {
    method: &'static str,
    path: &'static str,
    body: Option<&'static str>,
    /// The kind of record that the id names.
    kind: Kind,
    /// The status of both responses.
    status: u16,
}

const fn route(
    method: &'static str,
    path: &'static str,
    body: Option<&'static str>,
    kind: Kind,
    status: u16,
) -> Route {
    Route { method, path, body, kind, status }
}

/// Adds a member who has a taken username, so that nothing is written after the address was compared.
const ADDED: &str = r#"{"email":"{}","firstName":"A","lastName":"B","username":"taken"}"#;

/// Corrects an address beside a taken username.
const CORRECTED: &str = r#"{"email":"{}","username":"taken"}"#;

/// Invites an address and one that is invited already, so that the first invitation is undone.
const INVITED: &str = r#"[{"email":"{}"},{"email":"invited@example.com"}]"#;

const ROUTES: [Route; 27] = [
    route("GET", "/api/v1/spaces/{}", None, Kind::Space, 404),
    route("PATCH", "/api/v1/spaces/{}", Some(r#"{"name":"Quay"}"#), Kind::Space, 404),
    route("DELETE", "/api/v1/spaces/{}", None, Kind::Space, 404),
    route("GET", "/v2/projects/{}", None, Kind::Project, 404),
    route("PATCH", "/v2/projects/{}", Some(r#"{"project_name":"Quay"}"#), Kind::Project, 404),
    route("GET", "/v2/projects/{}/tasks", None, Kind::Project, 404),
    route("GET", "/v2/tasks/{}", None, Kind::Task, 404),
    route("PATCH", "/v2/tasks/{}", Some(r#"{"task_name":"Quay"}"#), Kind::Task, 404),
    route("GET", "/api/v1/organizations/{}", None, Kind::Organization, 404),
    route("GET", "/api/v1/organizations/{}/members/{user}", None, Kind::Organization, 404),
    route("GET", "/api/v1/organizations/{organization}/members/{}", None, Kind::User, 404),
    route(
        "PATCH",
        "/api/v1/organizations/{organization}/members/{}",
        Some(r#"{"role":"viewer"}"#),
        Kind::User,
        404,
    ),
    route("POST", "/api/v1/organizations/{organization}/members/{}/erase", None, Kind::User, 404),
    route(
        "POST",
        "/api/v1/organizations/{organization}/members/{}/api-keys",
        Some(r#"{"name":"Quay"}"#),
        Kind::User,
        404,
    ),
    route("POST", "/api/v1/organizations/{organization}/members", Some(ADDED), Kind::Address, 400),
    route(
        "PATCH",
        "/api/v1/organizations/{organization}/members/{colleague}",
        Some(CORRECTED),
        Kind::Address,
        400,
    ),
    route("POST", "/api/v1/organizations/{organization}/invitations", Some(INVITED), Kind::Address, 409),
    route("POST", "/api/v1/organizations/{organization}/members", Some(ADDED), Kind::AccountAddress, 400),
    route(
        "PATCH",
        "/api/v1/organizations/{organization}/members/{colleague}",
        Some(CORRECTED),
        Kind::AccountAddress,
        400,
    ),
    route(
        "POST",
        "/api/v1/organizations/{organization}/invitations",
        Some(INVITED),
        Kind::AccountAddress,
        409,
    ),
    route("DELETE", "/api/v1/organizations/{organization}/invitations/{}", None, Kind::Invitation, 404),
    route("POST", "/api/v1/organizations/{organization}/invitations/{}/resend", None, Kind::Invitation, 404),
    route("POST", "/v2/projects/{project}/add-member", Some(r#"{"user_node_id":"{}"}"#), Kind::User, 404),
    route("POST", "/api/v1/spaces", Some(r#"{"name":"Quay","projectId":"{}"}"#), Kind::Project, 400),
    route("GET", "/api/v1/spaces?projectId={}", None, Kind::Project, 200),
    route("GET", "/api/v1/me/permissions?spaceId={}", None, Kind::Space, 404),
    route("POST", "/api/v1/api-keys/{}/rotate", Some(r#"{"overlapSeconds":0}"#), Kind::Key, 404),
];

fn main() -> Outcome<ExitCode> {
    let postgres = Server::start(&ServerOptions::default())?;
    let scene = Scene::build(&postgres.url("postgres"))?;
    let mut connection = Connection::open(scene.address(), scene.key())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:<62} {:>10} {:>10} {:>7} {:>9}", "route", "foreign", "made up", "ratio", "p")?;
    let mut uneven = Vec::new();
    for route in &ROUTES {
        let name = format!("{} {}", route.method, route.path);
        let mut is_even = false;
        for _ in 0..TRIES {
            let [foreign, made_up] = measure(&scene, &mut connection, route)?;
            let p = mann_whitney(&foreign, &made_up);
            let (foreign, made_up) = (median(foreign), median(made_up));
            let ratio = foreign.as_secs_f64() / made_up.as_secs_f64();
            let (foreign, made_up) = (micros(foreign), micros(made_up));
            writeln!(out, "{name:<62} {foreign:>7.1} µs {made_up:>7.1} µs {ratio:>7.3} {p:>9.4}")?;
            is_even = (ratio - 1.0).abs() <= TOLERANCE;
            if is_even {
                break;
            }
        }
        if !is_even {
            uneven.push(name);
        }
    }
    let percent = TOLERANCE * 100.0;
    if uneven.is_empty() {
        writeln!(out, "On no route are the medians of {PAIRS} pairs more than {percent:.0} % apart.")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "Medians are more than {percent:.0} % apart: {}.", uneven.join(", "))?;
    Ok(ExitCode::FAILURE)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Returns the times of requests with foreign ids, and of those with made-up ids.
fn measure(scene: &Scene, connection: &mut Connection, route: &Route) -> Outcome<[Vec<Duration>; 2]> {
    let mut random = Random::default();
    let mut times = [Vec::with_capacity(PAIRS), Vec::with_capacity(PAIRS)];
    let path = scene.filled(route.path);
    let body = route.body.map(|body| scene.filled(body));
    for pair in 0..WARM_UP + PAIRS {
        let foreign = scene.foreign(route.kind, pair)?;
        let ids = [foreign.to_owned(), random.like(foreign)];
        // The first request of a pair affects caches and the machine's clock for the second one.
        let first = random.below_two();
        let mut responses = [None, None];
        for which in [first, 1 - first] {
            let body = body.as_ref().map(|body| body.replace("{}", &ids[which]));
            let path = path.replace("{}", &ids[which]);
            let (response, taken) = connection.call(route.method, &path, body.as_deref())?;
            if response.status != route.status {
                return Err(format!("{} {path}: {response:?}", route.method).into());
            }
            if pair >= WARM_UP {
                times[which].push(taken);
            }
            responses[which] = Some(response.without_ids(&ids[which]));
        }
        if responses[0] != responses[1] {
            return Err(format!("{} {path}: {responses:?}", route.method).into());
        }
    }
    Ok(times)
}
