//! The isolation matrix: every endpoint × every caller × every record that a request is about and every location where it names the record.
//!
//! [`rule`] derives the expected response of a cell from the caller's roles ([`callers`]) and the domain's policy. The actual responses are
//! compared with that, and then with the table in `docs/isolation.md`, which is made of the actual responses. The rows come from
//! [`loggia_http::ENDPOINTS`]: a placeholder, a parameter or a field that names a record and that is not covered here makes the tests fail.

mod assignment;
mod callers;
mod document;
mod rows;
mod rule;
mod scene;

use std::collections::{BTreeMap, BTreeSet};

use loggia_http::ENDPOINTS;

use crate::harness::response::Response;
use crate::harness::{Store, run};
use crate::world::World;
use callers::Caller;
use rows::{Row, Site, rows};
use rule::Outcome;
use scene::Scene;

/// The number of allowed writes that are tried, each in a world of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writes {
    All,
    /// A single write of each endpoint.
    OneOfEach,
}

#[test]
fn every_cell_in_memory_is_as_the_rule_and_the_document_say() {
    run(Store::Memory, async |world| {
        let observed = observe(world, Writes::All).await;
        document::compare(&document::render(&observed));
    });
}

#[test]
fn every_refusal_on_sqlite_is_as_the_rule_says() {
    run(Store::Sqlite, async |world| {
        observe(world, Writes::OneOfEach).await;
    });
}

#[test]
fn every_refusal_on_postgres_is_as_the_rule_says() {
    run(Store::Postgres, async |world| {
        observe(world, Writes::OneOfEach).await;
    });
}

#[test]
fn a_route_that_is_not_in_the_matrix_fails_the_build() {
    let rows = rows();
    let known: BTreeSet<_> = ENDPOINTS.iter().map(|endpoint| (endpoint.method, endpoint.path)).collect();
    let tested: BTreeSet<_> = rows.iter().map(|row| (row.endpoint.method, row.endpoint.path)).collect();
    assert_eq!(tested, known);
    for endpoint in
        ENDPOINTS.iter().filter(|endpoint| endpoint.action.is_some() && endpoint.path.contains('{'))
    {
        let of_it = rows.iter().filter(|row| std::ptr::eq(row.endpoint, endpoint));
        let in_path = of_it.filter(|row| row.site.in_path()).count();
        let placeholders = endpoint.path.matches('{').count();
        assert!(
            in_path >= 4 * placeholders,
            "{} {} has rows for each placeholder",
            endpoint.method,
            endpoint.path
        );
    }
    let unknown = std::panic::catch_unwind(|| rows::site_of_placeholder("/v2/tides/{tide_id}", "tide_id"));
    assert!(unknown.is_err(), "an unknown placeholder is not passed over");
    let unknown = std::panic::catch_unwind(|| rows::site_of_parameter("/v2/tides", "tide"));
    assert!(unknown.is_err(), "an unknown parameter is not passed over");
}

/// The status of each cell, by row; `None` for a cell that is not tried on this store.
type Observed = Vec<(Row, Vec<Option<u16>>)>;

/// Calls every cell and compares it with the rule. Calls that change nothing come first and share one world.
async fn observe(world: World, writes: Writes) -> Observed {
    let scene = Scene::create(&world).await;
    let before = scene::dump(&world).await;
    let (mut observed, mut differences) = (Vec::new(), Vec::new());
    let (mut successes, mut likeness) = (Vec::new(), Likeness::default());
    for row in rows() {
        let mut statuses = Vec::new();
        for caller in Caller::ALL {
            let expected = rule::expected(&row, caller);
            if row.endpoint.writes() && expected.status < 300 {
                successes.push((observed.len(), caller, expected));
                statuses.push(None);
                continue;
            }
            let response = scene.request(&world, &row, caller).await;
            differences.extend(difference(&row, caller, expected, &response));
            statuses.push(Some(response.status));
            likeness.compare(&world, &scene, &row, caller, expected, response);
        }
        observed.push((row, statuses));
    }
    assert_eq!(scene::dump(&world).await, before, "refused calls and reads change nothing");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(likeness.compared > 500, "{}", likeness.compared);

    let mut tried = BTreeSet::new();
    for (index, caller, expected) in successes {
        let (row, statuses) = &mut observed[index];
        if writes == Writes::OneOfEach && !tried.insert((row.endpoint.method, row.endpoint.path)) {
            continue;
        }
        let fresh = world.again().await;
        let response = Scene::create(&fresh).await.request(&fresh, row, caller).await;
        differences.extend(difference(row, caller, expected, &response));
        statuses[caller.index()] = Some(response.status);
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    observed
}

/// Describes the difference of a cell from the rule, if there is one.
fn difference(row: &Row, caller: Caller, expected: Outcome, response: &Response) -> Option<String> {
    let code = if response.status >= 400 { response.problem().1 } else { String::new() };
    let fits = response.status == expected.status
        && (response.status < 400 || expected.code.is_empty() || code == expected.code);
    (!fits).then(|| format!("{row} by {caller:?}: {} {code}, not {expected:?}", response.status))
}

/// Checks that responses do not reveal whether a record exists: all records that one caller is refused for the same reason get the same
/// response, byte for byte. A list that is filtered by a record that the caller does not see is empty in the same way.
#[derive(Default)]
struct Likeness {
    /// The first response of each kind, with its row.
    first: BTreeMap<String, (Response, String)>,
    compared: usize,
}

impl Likeness {
    fn compare(
        &mut self,
        world: &World,
        scene: &Scene,
        row: &Row,
        caller: Caller,
        expected: Outcome,
        response: Response,
    ) {
        let is_refusal = expected.status >= 400 || expected.code == rule::EMPTY;
        if row.site == Site::Nothing || !caller.authenticates() || !is_refusal {
            return;
        }
        let (method, path) = (row.endpoint.method, row.endpoint.path);
        let group = format!("{method} {path} {:?} {caller:?} {expected:?}", row.site);
        let response = without(response, &scene.id(world, row.site, row.record));
        if let Some((known, of)) = self.first.get(&group) {
            assert_eq!(&response, known, "{row} by {caller:?}, compared with {of}");
            self.compared += 1;
        } else {
            self.first.insert(group, (response, row.to_string()));
        }
    }
}

/// Removes the id that the client itself sent from a response that is compared.
fn without(mut response: Response, id: &str) -> Response {
    if !id.is_empty() {
        for (_, value) in &mut response.headers {
            *value = value.replace(id, "ID");
        }
        response.bytes = String::from_utf8_lossy(&response.bytes).replace(id, "ID").into_bytes();
    }
    response
}
