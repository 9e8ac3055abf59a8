//! Text in every field: accepted text comes back byte for byte, on every store (promise B31).

use loggia_domain::id::SpaceId;
use loggia_domain::text::SpaceName;
use loggia_testkit::builders::viewer;
use serde_json::{Value, json};

use crate::bad_queries::encoded;
use crate::harness::on_every_store;
use crate::world::{Who, World};

on_every_store!(
    accepted_text_is_returned_byte_for_byte,
    white_space_around_text_is_trimmed_away,
    lengths_are_counted_in_characters,
    a_name_that_an_earlier_version_accepted_is_shown_and_not_accepted_again,
    names_are_found_in_any_case_and_form,
);

/// Single lines of many kinds.
const TEXTS: &[&str] = &[
    "plain",
    "Ünïcödé",
    // A letter, composed and decomposed: two different texts.
    "\u{e9}clair",
    "e\u{301}clair",
    // Characters of four bytes, joined by zero-width joiners, with selectors.
    "rocket \u{1f680}",
    "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "\u{2764}\u{fe0f}\u{1f3fd}",
    // Right to left with marks, which are allowed; embeddings and isolates are not.
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{200f}abc\u{200e}",
    // Private-use, unassigned and invisible characters, and the last one of all.
    "\u{e000}\u{f8ff} private",
    "\u{378}\u{10fffd} far away",
    "zero\u{200b}width\u{feff}",
    "ﬁ Ⅷ ẞ ς ı İ ǆ",
    // Text with a meaning in other languages.
    "Robert'); DROP TABLE projects;--",
    "<script>alert(\"quay\")</script> &amp;",
    "${quay} {{quay}} %s %00 \\u0000 \\",
    "null",
    "a  b",
];

/// A field of a body, and the way to create a record with that text in it.
struct Target {
    path: String,
    field: &'static str,
    name: &'static str,
    several_lines: bool,
}

fn targets(world: &World) -> Vec<Target> {
    let target =
        |path: &str, field, name, several_lines| Target { path: path.to_owned(), field, name, several_lines };
    let tasks = format!("/v2/projects/{}/tasks", world.harbour.id);
    vec![
        target("/api/v1/spaces", "name", "name", false),
        target("/api/v1/spaces", "description", "name", true),
        target("/v2/projects", "project_name", "project_name", false),
        target("/v2/projects", "description", "project_name", true),
        target(&tasks, "task_name", "task_name", false),
        target(&tasks, "description", "task_name", true),
    ]
}

/// Returns the record itself, without its envelope if it has one.
fn record(body: Value) -> Value {
    body.get("data").cloned().unwrap_or(body)
}

/// Creates a record with the text. Returns the text in the response, and the text when the record is read again.
async fn keep(world: &World, target: &Target, text: &str) -> [Value; 2] {
    let founder = world.as_founder();
    let mut body = json!({(target.name): "Quay"});
    body[target.field] = text.into();
    let made = founder.post(&target.path, body).await;
    assert_eq!(made.status, 201, "{text:?}: {made}");
    let found = founder.get(made.location().unwrap()).await;
    [made, found].map(|response| record(response.json())[target.field].clone())
}

async fn accepted_text_is_returned_byte_for_byte(world: World) {
    for target in targets(&world) {
        for text in TEXTS {
            assert_eq!(keep(&world, &target, text).await, [*text, *text], "{} {}", target.path, target.field);
        }
        if target.several_lines {
            let lines = "# Quay\n\n\t- one\n\t- two  \n```\n\u{1f680}\n```";
            assert_eq!(keep(&world, &target, lines).await, [lines, lines]);
            assert_eq!(keep(&world, &target, " \n ").await, ["", ""]);
        }
    }
}

async fn white_space_around_text_is_trimmed_away(world: World) {
    for target in targets(&world) {
        for around in [" ", "\t\n", "\r\n", "\u{a0}", "\u{2003}\u{3000}", "\u{85}", "\u{2028}"] {
            let text = format!("{around}qu ay{around}");
            assert_eq!(keep(&world, &target, &text).await, ["qu ay", "qu ay"], "{around:?}");
        }
    }
}

async fn lengths_are_counted_in_characters(world: World) {
    // Each of the four characters takes a different number of bytes, and of UTF-16 units.
    for character in ["a", "\u{e9}", "\u{4e2d}", "\u{1f680}"] {
        let (most, more) = (character.repeat(50), character.repeat(51));
        let founder = world.as_founder();
        assert_eq!(founder.post("/v2/projects", json!({"project_name": most})).await.status, 201);
        let response = founder.post("/v2/projects", json!({"project_name": more})).await;
        response.names(&[("/project_name", "TOO_LONG")]);
        let response = founder.post("/v2/projects", json!({"project_name": character.repeat(2)})).await;
        response.names(&[("/project_name", "TOO_SHORT")]);
    }
}

async fn a_name_that_an_earlier_version_accepted_is_shown_and_not_accepted_again(world: World) {
    let earlier = "\u{200b}\u{3164}\u{2066}quay\u{2069}";
    let (ports, id) = (world.ports(), SpaceId::parse(&world.pier).expect("an id"));
    let viewer = viewer(world.person(Who::Founder).user);
    let mut work = ports.store.begin().await.expect("a unit of work");
    let (mut space, _) = work.lock_space(&viewer, id).await.expect("a lock").expect("the pier");
    space.name = SpaceName::from_stored(earlier.to_owned()).expect("a name once");
    work.update_space(&space).await.expect("an update");
    work.commit().await.expect("a commit");

    let (founder, path) = (world.as_founder(), format!("/api/v1/spaces/{}", world.pier));
    let read = founder.get(&path).await;
    assert_eq!((read.status, &read.json()["data"]["name"]), (200, &json!(earlier)), "{read}");
    let listed = founder.get(&format!("/api/v1/spaces?organizationId={}", world.meridian)).await;
    let listed = listed.json();
    assert!(listed["data"].as_array().unwrap().iter().any(|space| space["name"] == earlier), "{listed}");
    let changed = founder.patch(&path, json!({"priority": "high"})).await;
    assert_eq!((changed.status, &changed.json()["data"]["name"]), (200, &json!(earlier)), "{changed}");
    let again = founder.patch(&path, json!({"name": earlier})).await;
    again.names(&[("/name", "INVALID_CHARACTER")]);
}

async fn names_are_found_in_any_case_and_form(world: World) {
    let founder = world.as_founder();
    for text in TEXTS {
        let name = format!("{text} and text");
        let made = founder.post("/api/v1/spaces", json!({"name": name})).await;
        assert_eq!(made.status, 201, "{made}");
        let id = made.json()["data"]["_id"].clone();
        for search in [(*text).to_owned(), text.to_uppercase(), text.to_lowercase()] {
            let found = founder.get(&format!("/api/v1/spaces?limit=100&search={}", encoded(&search))).await;
            let rows = found.json();
            let rows = rows["data"].as_array().unwrap();
            assert!(rows.iter().any(|row| row["_id"] == id), "{search:?} finds {name:?}: {found}");
        }
    }
    // A letter is found in either form, composed or decomposed.
    for search in ["\u{e9}clair", "e\u{301}clair", "E\u{301}CLAIR"] {
        let found = founder.get(&format!("/api/v1/spaces?search={}", encoded(search))).await;
        assert_eq!(found.json()["data"].as_array().unwrap().len(), 2, "{search:?}: {found}");
    }
}
