//! The client against the published document: every operation, every field of every body, every name.
//!
//! A scripted server answers each call with a sample of the documented response, and what the client has sent is compared with the
//! documented request.

mod calls;
mod names;
mod samples;
mod sent;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Value, json};

use self::calls::Row;
use self::samples::{Sample, sample};
use crate::client;
use crate::server::{Answer, Received, Server};

/// The published document.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    serde_json::from_slice(&std::fs::read(path).expect("the repository around the package")).expect("JSON")
});

/// Operations that are other names of one that the client calls.
const ALIASES: &[(&str, &str)] =
    &[("getProjectUnversioned", "getProject"), ("updateProjectWithSlash", "updateProject")];

/// An operation of the document.
#[derive(Clone, Copy)]
struct Operation {
    path: &'static str,
    method: &'static str,
    value: &'static Value,
}

/// Returns all operations by their ids.
fn operations() -> BTreeMap<&'static str, Operation> {
    let mut found = BTreeMap::new();
    for (path, methods) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, value) in methods.as_object().unwrap() {
            found.insert(value["operationId"].as_str().unwrap(), Operation { path, method, value });
        }
    }
    found
}

/// Returns the target of a reference, or the value itself.
fn resolved(value: &'static Value) -> &'static Value {
    let Some(reference) = value["$ref"].as_str() else { return value };
    resolved(DOCUMENT.pointer(reference.trim_start_matches('#')).expect("a reference leads somewhere"))
}

impl Operation {
    /// Returns the schema of its JSON request body.
    fn request(self) -> Option<&'static Value> {
        let body = &self.value["requestBody"];
        (!body.is_null()).then(|| &body["content"]["application/json"]["schema"])
    }

    /// Returns the status, the media type and the schema of its successful response.
    fn success(self) -> (u16, Option<(&'static str, &'static Value)>) {
        let responses = self.value["responses"].as_object().unwrap();
        let (status, response) = responses.iter().find(|(status, _)| status.starts_with('2')).unwrap();
        let content = response["content"].as_object().and_then(|content| content.iter().next());
        (
            status.parse().unwrap(),
            content.map(|(media_type, content)| (media_type.as_str(), &content["schema"])),
        )
    }

    /// Returns the names of its parameters in the query, the path or the headers.
    fn parameters(self, location: &str) -> BTreeSet<&'static str> {
        let parameters = self.value["parameters"].as_array().into_iter().flatten().map(resolved);
        parameters
            .filter(|parameter| parameter["in"] == location)
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect()
    }

    /// Returns a response with this body, and all documented headers that the client reads.
    fn answer(self, body: Option<&Value>) -> Answer {
        let (status, content) = self.success();
        let text = match (content, body) {
            (Some(("application/json", _)), Some(body)) => body.to_string(),
            (None, _) => String::new(),
            _ => "text".to_owned(),
        };
        let headers = content.map(|(media_type, _)| ("Content-Type", media_type.to_owned()));
        let answer = Answer::Response { status, headers: headers.into_iter().collect(), body: text.into() };
        let has_tag = !self.value["responses"][status.to_string()]["headers"]["ETag"].is_null();
        if has_tag { answer.with("ETag", r#""3-0123456789abcdef""#) } else { answer }
    }
}

/// Runs a call against a server that gives that body. Returns what the client read, and what it sent.
async fn run(row: &Row, body: Option<Value>) -> (Result<Value, loggia_client::Error>, Received) {
    let operation = operations()[row.operation];
    let server = Server::start(move |_, _| operation.answer(body.as_ref())).await;
    let result = (row.call)(client(&server)).await;
    let received = server.received();
    assert_eq!(received.len(), 1, "{}: one request, and no retry", row.operation);
    (result, received.into_iter().next().unwrap())
}

#[test]
fn the_client_has_a_call_for_every_operation() {
    let operations = operations();
    let mut called: BTreeSet<_> = calls::rows().iter().map(|row| row.operation).collect();
    for (alias, operation) in ALIASES {
        let (alias_of, own) = (operations[alias], operations[operation]);
        assert_eq!(alias_of.value["responses"], own.value["responses"], "{alias}");
        assert_eq!(alias_of.request(), own.request(), "{alias}");
        assert!(called.insert(alias), "{alias} is called, and so no mere alias");
    }
    assert_eq!(called, operations.keys().copied().collect());
}

#[tokio::test]
async fn every_request_matches_the_document() {
    let mut all = sent::All::default();
    for row in calls::rows() {
        let (_, received) = run(&row, body_of(&row, Sample::Full)).await;
        all.add(row.operation, &received);
    }
    all.check();
}

/// Returns a sample of the body that the server sends for a call, if it sends JSON.
fn body_of(row: &Row, kind: Sample) -> Option<Value> {
    let (_, content) = operations()[row.operation].success();
    let (media_type, schema) = content?;
    (media_type == "application/json").then(|| sample(schema, kind, row.shape))
}

#[tokio::test]
async fn every_documented_field_of_a_response_is_read() {
    for row in calls::rows() {
        for kind in [Sample::Full, Sample::Minimal] {
            let Some(body) = body_of(&row, kind) else { continue };
            let (read, _) = run(&row, Some(body.clone())).await;
            let read = read.unwrap_or_else(|error| panic!("{}: {error} in {body}", row.operation));
            let Some(root) = row.root else { continue };
            let mut expected = body.pointer(root).expect("the root is in the body").clone();
            if let Some(members) = expected.as_object_mut() {
                // The constant that names what has happened says nothing that the status does not.
                members.retain(|name, _| name != "message");
            }
            assert_eq!(read, expected, "{}", row.operation);
        }
    }
}

#[tokio::test]
async fn fields_that_are_not_documented_are_ignored() {
    for row in calls::rows() {
        let Some(body) = body_of(&row, Sample::Full) else { continue };
        let (known, _) = run(&row, Some(body.clone())).await;
        let mut more = body;
        add_fields(&mut more);
        let (read, _) = run(&row, Some(more)).await;
        let read = read.unwrap_or_else(|error| panic!("{}: {error}", row.operation));
        // A text is the whole body.
        assert!(read == known.unwrap() || row.root.is_none(), "{}", row.operation);
    }
}

/// Adds an unknown field to every object, except to those whose keys are data.
fn add_fields(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(add_fields),
        Value::Object(members) => {
            members.values_mut().for_each(add_fields);
            if !members.keys().any(|name| name.contains('.')) {
                members.insert("addedLater".to_owned(), json!({"a": [1]}));
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_response_without_a_required_field_is_an_error() {
    for row in calls::rows() {
        let (Some(body), Some(root)) = (body_of(&row, Sample::Full), row.root) else { continue };
        let minimal = body_of(&row, Sample::Minimal).unwrap();
        let Some(record) = first_record(&body, root) else { continue };
        for (name, _) in body.pointer(&record).unwrap().as_object().unwrap() {
            // A field that may be absent, or null, is one that the client can do without.
            let in_minimal = minimal.pointer(&record).and_then(|record| record.get(name));
            if name == "message" || in_minimal.is_none_or(Value::is_null) {
                continue;
            }
            let mut without = body.clone();
            without.pointer_mut(&record).unwrap().as_object_mut().unwrap().remove(name);
            let (read, _) = run(&row, Some(without)).await;
            assert!(read.is_err(), "{} does without {name}", row.operation);
        }
    }
}

/// Returns the pointer to the record at a root, or to the first one of a list there.
fn first_record(body: &Value, root: &str) -> Option<String> {
    match body.pointer(root)? {
        Value::Object(_) => Some(root.to_owned()),
        Value::Array(_) => {
            Some(format!("{root}/0")).filter(|pointer| body.pointer(pointer).is_some_and(Value::is_object))
        }
        _ => None,
    }
}
