//! Validation of query parameters: each rejects invalid values by name, and accepted values take effect (promises B32, B33).

use loggia_http::{ENDPOINTS, Endpoint};
use serde_json::json;

use crate::bad_input::{dump, filled};
use crate::bad_input_table::{BODIES, Kind, parameter};
use crate::bad_input_values::{Verdict, texts};
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::World;

on_every_store!(
    an_invalid_parameter_is_reported,
    a_valid_parameter_is_accepted_up_to_its_limits,
    unknown_and_repeated_parameters_are_refused,
    all_errors_of_a_query_are_reported_together,
    an_offset_or_a_page_reaches_at_most_row_ten_thousand,
    search_text_is_matched_literally,
);

/// Bytes that are not UTF-8: a lone byte, half a surrogate pair, an overlong encoding, a truncated one.
const NO_UTF8: [&str; 4] = ["%ff", "quay%ED%A0%80side", "%C0%80", "%E2%82"];

fn all() -> impl Iterator<Item = (&'static Endpoint, &'static str, Kind)> {
    ENDPOINTS.iter().flat_map(|endpoint| {
        endpoint.parameter_names().map(move |name| {
            let kind = parameter(endpoint.path, name);
            let kind = kind.unwrap_or_else(|| panic!("{name} of {} is in no table", endpoint.path));
            (endpoint, name, kind)
        })
    })
}

#[test]
fn every_parameter_is_in_the_table() {
    assert!(all().count() > 30);
}

/// Percent-encodes every byte.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Calls an endpoint as Barbara, who may, with the smallest body if it needs one.
async fn call(world: &World, endpoint: &Endpoint, query: &str) -> Response {
    let path = filled(world, endpoint.path, endpoint.path);
    let request = world.as_founder().request(endpoint.method, &format!("{path}?{query}"));
    let body = BODIES.iter().find(|body| (body.method, body.path) == (endpoint.method, endpoint.path));
    match body {
        Some(body) => request.raw("application/json", filled(world, body.path, body.smallest)).await,
        None => request.await,
    }
}

#[track_caller]
fn refuses(response: &Response, location: &str, code: &str, said: &str) {
    assert_eq!(response.problem(), (400, "VALIDATION_FAILED".to_owned()), "{said}: {response}");
    assert_eq!(response.field_errors(), [(location.to_owned(), code.to_owned())], "{said}: {response}");
}

async fn an_invalid_parameter_is_reported(world: World) {
    let before = dump(&world).await;
    for (endpoint, name, kind) in all() {
        let values = texts(kind).into_iter().map(|(text, verdict)| (encoded(&text), verdict));
        let broken = NO_UTF8.map(|text| (text.to_owned(), Verdict::Invalid("INVALID_CHARACTER")));
        for (value, verdict) in values.chain(broken) {
            let Verdict::Invalid(code) = verdict else { continue };
            // No request line is longer, so a longer value cannot reach the service.
            if value.len() > 60_000 {
                continue;
            }
            let said = format!("{} {} {name}={value:.120}", endpoint.method, endpoint.path);
            let response = call(&world, endpoint, &format!("{name}={value}")).await;
            refuses(&response, &format!("?{name}"), code, &said);
        }
    }
    assert_eq!(dump(&world).await, before);
}

async fn a_valid_parameter_is_accepted_up_to_its_limits(world: World) {
    for (endpoint, name, kind) in all() {
        for (text, verdict) in texts(kind) {
            if verdict != Verdict::Fine {
                continue;
            }
            let value = encoded(&filled(&world, endpoint.path, &text));
            let response = call(&world, endpoint, &format!("{name}={value}")).await;
            assert!((200..300).contains(&response.status), "{} {name}={text}: {response}", endpoint.path);
        }
    }
}

async fn unknown_and_repeated_parameters_are_refused(world: World) {
    let before = dump(&world).await;
    for endpoint in ENDPOINTS {
        let said = format!("{} {}", endpoint.method, endpoint.path);
        for name in ["colour", "Limit", "PAGE", "org", "name", "limit[]", "a&b=", "\0", "filter.x"] {
            let response = call(&world, endpoint, &format!("{}=1", encoded(name))).await;
            refuses(&response, &format!("?{name}"), "UNKNOWN_PARAMETER", &said);
        }
        refuses(&call(&world, endpoint, "colour").await, "?colour", "UNKNOWN_PARAMETER", &said);
        refuses(&call(&world, endpoint, "%ff=1").await, "?%ff", "INVALID_CHARACTER", &said);
        for name in endpoint.parameter_names() {
            let kind = parameter(endpoint.path, name).unwrap();
            // A cursor is valid for one list only, and an invalid one would be reported beside its repetition.
            let good = texts(kind).into_iter().find(|(_, verdict)| *verdict == Verdict::Fine);
            let Some((good, _)) = good else { continue };
            let good = encoded(&filled(&world, endpoint.path, &good));
            // A repeated name, spelled plainly and percent-encoded.
            for twin in [(*name).to_owned(), encoded(name)] {
                let response = call(&world, endpoint, &format!("{name}={good}&{twin}={good}")).await;
                refuses(&response, &format!("?{name}"), "DUPLICATE_PARAMETER", &said);
            }
        }
    }
    assert_eq!(dump(&world).await, before);
}

async fn all_errors_of_a_query_are_reported_together(world: World) {
    for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.parameter_names().next().is_some()) {
        let mut parts: Vec<_> = endpoint.parameter_names().map(|name| format!("{name}=%00")).collect();
        parts.push("colour=red".to_owned());
        let response = call(&world, endpoint, &parts.join("&")).await;
        let mut named: Vec<_> = response.field_errors().into_iter().map(|(location, _)| location).collect();
        named.sort();
        // `page` and `offset` are reported twice: as not a number, and as combined with a cursor.
        named.dedup();
        let mut expected: Vec<_> = endpoint.parameter_names().map(|name| format!("?{name}")).collect();
        expected.push("?colour".to_owned());
        expected.sort();
        assert_eq!(named, expected, "{} {}: {response}", endpoint.method, endpoint.path);
    }
    // Errors in the query and in the body are reported together.
    let path = format!("/v2/projects/{}/tasks?dottie=maybe", world.harbour.id);
    let response = world.as_founder().post(&path, json!({"task_name": "", "status": 7})).await;
    response.names(&[("?dottie", "NOT_ALLOWED"), ("/task_name", "TOO_SHORT"), ("/status", "WRONG_TYPE")]);
    // Each of the two numbers is checked independently.
    let out = "OUT_OF_RANGE";
    for (query, errors) in [
        ("limit=quay&offset=10001", [("?limit", "WRONG_TYPE"), ("?offset", out)]),
        ("limit=0&offset=quay", [("?offset", "WRONG_TYPE"), ("?limit", out)]),
        ("limit=101&cursor=quay", [("?limit", out), ("?cursor", "INVALID_CURSOR")]),
    ] {
        world.as_founder().get(&format!("/api/v1/spaces?{query}")).await.names(&errors);
    }
    for (query, errors) in [
        ("page=0&per_page=quay", [("?per_page", "WRONG_TYPE"), ("?page", out)]),
        ("page=quay&per_page=101", [("?page", "WRONG_TYPE"), ("?per_page", out)]),
        ("sort=up&per_page=0", [("?sort", "NOT_ALLOWED"), ("?per_page", out)]),
    ] {
        world.as_founder().get(&format!("/v2/projects?{query}")).await.names(&errors);
    }
}

async fn an_offset_or_a_page_reaches_at_most_row_ten_thousand(world: World) {
    let founder = world.as_founder();
    assert_eq!(founder.get("/api/v1/spaces?limit=100&offset=10000").await.json(), json!({"data": []}));
    let lists = [
        "/v2/projects".to_owned(),
        format!("/v2/projects/{}/members", world.harbour.id),
        format!("/v2/projects/{}/tasks", world.harbour.id),
        "/v2/tasks/my-tasks-by-project".to_owned(),
    ];
    for list in lists {
        for (page, per_page) in [(101, 100), (10_001, 1), (501, 20)] {
            let response = founder.get(&format!("{list}?page={page}&per_page={per_page}")).await;
            assert_eq!(
                (response.status, &response.json()["result"]),
                (200, &json!([])),
                "{list}: {response}"
            );
        }
        for (page, per_page) in [(102, 100), (10_002, 1), (502, 20), (u32::MAX, 100)] {
            let response = founder.get(&format!("{list}?page={page}&per_page={per_page}")).await;
            response.names(&[("?page", "OUT_OF_RANGE")]);
            assert!(response.json()["errors"][0]["detail"].to_string().contains("cursor"), "{response}");
        }
    }
    let response = founder.get("/api/v1/spaces?offset=10001").await;
    response.names(&[("?offset", "OUT_OF_RANGE")]);
    assert!(response.json()["errors"][0]["detail"].to_string().contains("cursor"), "{response}");
}

async fn search_text_is_matched_literally(world: World) {
    let founder = world.as_founder();
    for name in
        ["100% Quay", "100 Quay", "a_b area", "axb area", r"back\slash", "quote'\"d", "[a-z]*", "Straße"]
    {
        assert_eq!(founder.post("/api/v1/spaces", json!({"name": name})).await.status, 201);
        assert_eq!(founder.post("/v2/projects", json!({"project_name": name})).await.status, 201);
    }
    for (search, found) in [
        ("%", vec!["100% Quay"]),
        ("0%", vec!["100% Quay"]),
        ("_", vec!["a_b area"]),
        ("A_B", vec!["a_b area"]),
        ("\\", vec![r"back\slash"]),
        (r"\%", vec![]),
        (r"\s", vec![r"back\slash"]),
        ("'", vec!["quote'\"d"]),
        ("\"D", vec!["quote'\"d"]),
        ("*", vec!["[a-z]*"]),
        ("[A-Z]", vec!["[a-z]*"]),
        (".", vec![]),
        ("%%", vec![]),
        ("STRASSE", vec!["Straße"]),
        ("100  quay", vec![]),
    ] {
        let search = encoded(search);
        let spaces = founder.get(&format!("/api/v1/spaces?search={search}")).await.json();
        let projects = founder.get(&format!("/v2/projects?search={search}")).await.json();
        for (rows, field) in [(&spaces["data"], "name"), (&projects["result"], "project_name")] {
            let rows = rows.as_array().unwrap().iter();
            let named: Vec<_> = rows.map(|row| row[field].as_str().unwrap()).collect();
            assert_eq!(named, found, "{search}");
        }
    }
}
