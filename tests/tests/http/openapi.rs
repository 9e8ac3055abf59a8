//! The published documents: the description of the API, in the repository and as it is served, the pages, and the examples, which are sent
//! and compared. All other responses are compared with the document as they come: see `documented`.

mod examples;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use loggia_domain::text::{AvatarUrl, ProjectName, SpaceDescription, SpaceName};
use loggia_http::problem::Code;
use loggia_http::{BodyRule, ENDPOINTS, openapi};
use serde_json::{Value, json};

use crate::bad_input::filled;
use crate::harness::on_every_store;
use crate::harness::{Store, run};
use crate::world::World;

on_every_store!(
    a_reader_knows_the_fields_that_are_documented,
    a_query_knows_the_parameters_that_are_documented,
    an_omitted_field_gets_the_documented_default,
);

/// Compares a file of the repository with the expected text, or writes it with `UPDATE_DOCS=1`.
#[track_caller]
fn committed(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    #[expect(
        clippy::disallowed_methods,
        reason = "whether a test writes its document is no setting of the service"
    )]
    let update = std::env::var("UPDATE_DOCS").is_ok_and(|value| value == "1");
    if update {
        fs::write(&file, text).expect("the file can be written");
    }
    let committed = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    let differing = committed.lines().zip(text.lines()).find(|(known, new)| known != new);
    assert!(
        committed == text,
        "{path} differs from the program's output, first at {differing:?}. Each line that changes is a change of the public \
         contract; if it shall be so, run `UPDATE_DOCS=1 cargo test -p loggia-tests --test http openapi`, twice where \
         examples have changed"
    );
}

#[test]
fn the_committed_document_is_the_one_that_is_published() {
    committed("docs/openapi.json", openapi::text());
}

#[test]
fn the_document_and_the_pages_need_no_key() {
    run(Store::Memory, async |world| {
        let nobody = world.as_nobody();
        let document = nobody.get("/openapi.json").await;
        assert_eq!((document.status, document.header("content-type")), (200, Some("application/json")));
        assert!(document.bytes == openapi::text().as_bytes(), "served as it is printed");
        let paths = ["/docs".to_owned()].into_iter();
        for path in paths.chain(Code::ALL.iter().map(|code| format!("/docs/errors/{}", code.as_str()))) {
            let page = nobody.get(&path).await;
            assert_eq!(
                (page.status, page.header("content-type")),
                (200, Some("text/html; charset=utf-8")),
                "{path}"
            );
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
            assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
        }
        for code in ["QUAY", "not_found", "NOT_FOUND%00", "%ff"] {
            let response = nobody.get(&format!("/docs/errors/{code}")).await;
            assert_eq!(response.problem(), (404, "NOT_FOUND".to_owned()), "{code}");
        }
        nobody.get("/docs/errors/").await.refuses(404, "ROUTE_NOT_FOUND");
    });
}

#[test]
fn an_avatar_is_documented_as_it_is_read() {
    let document: Value = serde_json::from_str(openapi::text()).expect("JSON");
    let schema =
        jsonschema::draft202012::new(&document["components"]["schemas"]["AvatarUrl"]).expect("a schema");
    for (text, is_one) in [
        ("https://example.com/ada.png", true),
        ("  http://ada@example.com:8080/?a@b:c#\u{e9}\u{2003}", true),
        ("https://ada@bab@[::1]?", true),
        ("https://x:", true),
        ("ada.png", false),
        ("ftp://example.com/a", false),
        ("https://", false),
        ("https:///a", false),
        ("https://@/a", false),
        ("https://ada@", false),
        ("https://:443/", false),
        ("https://:?a", false),
        ("https://ada:pw@:443", false),
        ("https://exa mple.com", false),
        ("https://example.com/\u{3000}a", false),
        ("https://example.com/\"", false),
        ("https://example.com/\\", false),
        ("https://example.com/\u{85}a", false),
        ("https://example.com/\u{202e}", false),
        ("https://example.com/\u{1ffff}", false),
    ] {
        assert_eq!(AvatarUrl::parse(text).is_ok(), is_one, "{text:?} is read so");
        assert_eq!(schema.is_valid(&json!(text)), is_one, "{text:?} is documented so");
    }
}

#[test]
fn names_are_documented_as_they_are_read() {
    let document: Value = serde_json::from_str(openapi::text()).expect("JSON");
    let schema = |name: &str| {
        jsonschema::draft202012::new(&document["components"]["schemas"][name]).expect("a schema")
    };
    let (space, project, description) =
        (schema("SpaceName"), schema("ProjectName"), schema("SpaceDescription"));
    let check = |text: &str| {
        let value = json!(text);
        // The patterns do not know the invisible characters beyond U+FFFF, so they accept a name of such characters alone.
        let is_known = text.chars().all(|c| u32::from(c) <= 0xFFFF);
        for (documented, read) in [
            (space.is_valid(&value), SpaceName::parse(text).is_ok()),
            (project.is_valid(&value), ProjectName::parse(text).is_ok()),
        ] {
            assert!(documented == read || (documented && !is_known), "{text:?}: {documented}, {read}");
        }
        assert_eq!(description.is_valid(&value), SpaceDescription::parse(text).is_ok(), "{text:?}");
    };
    // All blocks that have such characters, including their ends.
    let blocks =
        ['\0'..='\u{ffff}', '\u{13400}'..='\u{13480}', '\u{1bc00}'..='\u{1d300}', '\u{dfff0}'..='\u{e1010}'];
    for c in blocks.into_iter().flatten() {
        check(&c.to_string());
    }
    // All positions of the first visible character, with white space around it or within.
    let parts = ["", "a", "\u{200b}", "\u{e0041}", " ", "\u{2066}", "\n"];
    for number in 0..parts.len().pow(5) {
        let text = (0..5).map(|index| parts[number / parts.len().pow(index) % parts.len()]);
        check(&text.collect::<String>());
    }
}

#[test]
fn a_matching_if_none_match_for_a_document_gets_304() {
    run(Store::Memory, async |world| {
        let nobody = world.as_nobody();
        let mut tags = BTreeSet::new();
        let paths = [
            "/openapi.json",
            "/docs",
            "/docs/try",
            "/docs/try/swagger-ui.css",
            "/docs/try/start.js",
            "/docs/errors/NOT_FOUND",
            "/docs/errors/FORBIDDEN",
        ];
        for path in paths {
            let read = nobody.get(path).await;
            let tag = read.header("etag").expect("a tag").to_owned();
            assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2, "a strong one: {tag}");
            let listed = format!("\"x\", W/{tag}");
            for method in ["GET", "HEAD"] {
                let sent = nobody.request(method, path).header("If-None-Match", "\"x\"").await;
                assert_eq!((sent.status, sent.header("etag")), (200, Some(tag.as_str())), "{method} {path}");
                for known in [tag.as_str(), "*", listed.as_str()] {
                    let same = nobody.request(method, path).header("If-None-Match", known).await;
                    assert_eq!((same.status, same.bytes.len()), (304, 0), "{method} {path} {known}: {same}");
                    for name in ["etag", "cache-control", "vary", "content-security-policy"] {
                        assert_eq!(same.header(name), read.header(name), "{method} {path}: {name}");
                    }
                    assert_eq!(same.header("content-type"), None, "{same}");
                }
            }
            let guarded = nobody.get(path).header("If-Match", "\"x\"").header("If-None-Match", &tag).await;
            guarded.refuses(412, "PRECONDITION_FAILED");
            assert_eq!(guarded.header("etag"), Some(tag.as_str()), "{guarded}");
            let malformed = nobody.get(path).header("If-None-Match", &tag[1..]).await;
            malformed.names(&[("If-None-Match:", "INVALID_FORMAT")]);
            tags.insert(tag);
        }
        assert_eq!(tags.len(), paths.len(), "each has a tag of its own: {tags:?}");
        let health = nobody.get("/livez").header("If-None-Match", "*").await;
        assert_eq!((health.status, health.header("etag")), (200, None), "health is of the moment: {health}");
    });
}

#[test]
fn a_problem_names_a_page_that_explains_it() {
    run(Store::Memory, async |world| {
        let nobody = world.as_nobody();
        let refused = nobody.get("/api/v1/me").await.json();
        let page = nobody.get(refused["type"].as_str().unwrap()).await;
        let text = String::from_utf8(page.bytes).unwrap();
        for part in ["UNAUTHENTICATED", Code::UNAUTHENTICATED.title(), "What to do"] {
            assert!(text.contains(part), "{part}");
        }
    });
}

fn operation<'a>(document: &'a Value, method: &str, path: &str) -> &'a Value {
    &document["paths"][path][method.to_ascii_lowercase()]
}

/// Returns the schemas of a body's fields, for one object.
fn fields<'a>(document: &'a Value, method: &str, path: &str) -> &'a serde_json::Map<String, Value> {
    let schema = &operation(document, method, path)["requestBody"]["content"]["application/json"]["schema"];
    let reference = schema["$ref"].as_str().or_else(|| schema["oneOf"][0]["$ref"].as_str()).unwrap();
    document
        .pointer(&format!("{}/properties", reference.trim_start_matches('#')))
        .unwrap()
        .as_object()
        .unwrap()
}

/// Returns the names that the error of an unknown name lists as allowed.
fn allowed(detail: &Value) -> BTreeSet<&str> {
    let list = detail.as_str().unwrap().split_once("allowed are ").unwrap().1;
    list.split(", ").collect()
}

async fn a_reader_knows_the_fields_that_are_documented(world: World) {
    let document = openapi::document();
    for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.body_rule() != BodyRule::None) {
        let path = filled(&world, endpoint.path, endpoint.path);
        let response = world.as_founder().request(endpoint.method, &path).json(json!({"surprise": 1})).await;
        let body = response.json();
        let errors = body["errors"].as_array().unwrap();
        let unknown = errors.iter().find(|error| error["pointer"] == "/surprise").unwrap();
        let documented = fields(&document, endpoint.method, endpoint.path);
        let documented: BTreeSet<_> = documented.keys().map(String::as_str).collect();
        assert_eq!(allowed(&unknown["detail"]), documented, "{} {}", endpoint.method, endpoint.path);
    }
}

async fn a_query_knows_the_parameters_that_are_documented(world: World) {
    let document = openapi::document();
    for endpoint in ENDPOINTS {
        let path = filled(&world, endpoint.path, endpoint.path);
        let response =
            world.as_founder().request(endpoint.method, &format!("{path}?surprise=1")).json(json!({})).await;
        let body = response.json();
        let errors = body["errors"].as_array().unwrap();
        let unknown = errors.iter().find(|error| error["parameter"] == "surprise").unwrap();
        let parameters =
            operation(&document, endpoint.method, endpoint.path)["parameters"].as_array().unwrap();
        let documented: BTreeSet<_> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let known = if documented.is_empty() { BTreeSet::new() } else { allowed(&unknown["detail"]) };
        assert_eq!(known, documented, "{} {}", endpoint.method, endpoint.path);
    }
}

async fn an_omitted_field_gets_the_documented_default(world: World) {
    let document = openapi::document();
    let project = format!("/v2/projects/{}", world.harbour.id);
    let members = format!("/api/v1/organizations/{}/members", world.meridian);
    let invitations = format!("/api/v1/organizations/{}/invitations", world.meridian);
    let cases = [
        ("/api/v1/spaces", "/api/v1/spaces".to_owned(), json!({"name": "Quay"})),
        ("/v2/projects", "/v2/projects".to_owned(), json!({"project_name": "Quay"})),
        ("/v2/projects/{node_id}/tasks", format!("{project}/tasks"), json!({"task_name": "Paint"})),
        (
            "/v2/projects/{node_id}/add-member",
            format!("{project}/add-member"),
            json!({"user_node_id": world.id(crate::world::Who::Member)}),
        ),
        ("/api/v1/api-keys", "/api/v1/api-keys".to_owned(), json!({"name": "Quay"})),
        (
            "/api/v1/organizations/{id}/members",
            members,
            json!({"email": "jean@example.com", "firstName": "Jean", "lastName": "Bartik"}),
        ),
        ("/api/v1/organizations/{id}/invitations", invitations, json!({"email": "mary@example.com"})),
    ];
    for (template, path, body) in cases {
        let response = world.as_founder().post(&path, body).await;
        assert_eq!(response.status, 201, "{response}");
        let made = response.json();
        let made = made.get("data").unwrap_or(&made);
        let fields = fields(&document, "POST", template).iter();
        let defaults: Vec<_> =
            fields.filter_map(|(name, schema)| Some((name, schema.get("default")?))).collect();
        assert!(!defaults.is_empty(), "{template}");
        for (name, default) in defaults {
            assert_eq!(&made[name], default, "{template}: {name}");
        }
    }
}
