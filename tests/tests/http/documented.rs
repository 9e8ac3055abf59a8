//! Compares every response in the in-process tests with the published document: its status, its headers, its body, and the problem's
//! code. So the document describes the actual behavior in all of these tests.
//!
//! The published schemas allow further fields in responses. Here they are closed: a field that is shown and not documented is an error,
//! too. And every request that succeeds must match the document.

mod find;
mod schemas;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use loggia_http::openapi;
use serde_json::Value;

use self::find::{Found, find};
use self::schemas::Schemas;
use crate::harness::response::Response;

/// A request.
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    /// The path with the query.
    pub(crate) target: &'a str,
    pub(crate) body: Option<&'a [u8]>,
}

/// The published document, and its compiled schemas.
struct Document {
    value: Value,
    schemas: Schemas,
}

impl Document {
    /// Returns the document of an application that is mounted at that path, or alone if it is empty.
    fn for_mount(mounted_at: &'static str) -> Arc<Self> {
        static DOCUMENTS: Mutex<BTreeMap<&str, Arc<Document>>> = Mutex::new(BTreeMap::new());
        let mut documents = DOCUMENTS.lock().unwrap_or_else(PoisonError::into_inner);
        let document = documents.entry(mounted_at).or_insert_with(|| {
            // The types of problems are below the path of a mount.
            let text = openapi::text().replace("\"^/docs/errors/", &format!("\"^{mounted_at}/docs/errors/"));
            let value: Value = serde_json::from_str(&text).expect("JSON");
            Arc::new(Self { schemas: Schemas::from_document(&value), value })
        });
        document.clone()
    }
}

/// The headers that every response may have: those in the document's introduction, and those that HTTP adds.
const ON_ANY_RESPONSE: [&str; 11] = [
    "x-content-type-options",
    "cache-control",
    "vary",
    "content-security-policy",
    "referrer-policy",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "ratelimit-policy",
    "ratelimit",
    "content-type",
    "content-length",
];

/// Checks a response. Panics with all differences if it does not match the document.
#[track_caller]
pub(crate) fn check(asked: &Asked<'_>, response: &Response) {
    let mut findings = Vec::new();
    let document = Document::for_mount(response.mounted_at);
    match find(&document.value, asked) {
        Found::NoPath => document.refusal(response, 404, "ROUTE_NOT_FOUND", &[], &mut findings),
        Found::Options => {
            let names: Vec<_> = response.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
            if response.status != 204 || !response.bytes.is_empty() || !names.contains(&"allow".to_owned()) {
                findings.push("OPTIONS is 204 with Allow".to_owned());
            }
        }
        Found::NoMethod => document.refusal(response, 405, "METHOD_NOT_ALLOWED", &["allow"], &mut findings),
        Found::Operation { operation, head } => {
            document.response(asked, operation, head, response, &mut findings)
        }
    }
    let Asked { method, target, .. } = asked;
    assert!(
        findings.is_empty(),
        "the response to {method} {target} is not as documented:\n{}\n{response}",
        findings.join("\n")
    );
}

fn trim(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.trim().to_owned(),
        Value::Array(elements) => elements.iter_mut().for_each(trim),
        Value::Object(members) => members.values_mut().for_each(trim),
        _ => (),
    }
}

impl Document {
    /// Returns the target of a reference, or the value itself.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let reference = value["$ref"].as_str().map(|reference| reference.trim_start_matches('#'));
        reference
            .map_or(value, |reference| self.value.pointer(reference).expect("a reference leads somewhere"))
    }

    /// Checks a problem that belongs to no operation.
    fn refusal(
        &self,
        response: &Response,
        status: u16,
        code: &str,
        own: &[&str],
        findings: &mut Vec<String>,
    ) {
        let problem = serde_json::json!({"$ref": "#/components/schemas/Problem"});
        if response.status != status {
            findings.push(format!("the status is {}, not {status}", response.status));
        }
        self.headers(&Value::Null, own, response, findings);
        if !response.bytes.is_empty() {
            let body = response.json();
            self.schemas.check(&problem, &body, findings);
            if body["code"] != code {
                findings.push(format!("the code is {}, not {code}", body["code"]));
            }
        }
    }

    fn response(
        &self,
        asked: &Asked<'_>,
        operation: &Value,
        head: bool,
        response: &Response,
        findings: &mut Vec<String>,
    ) {
        let documented = &operation["responses"][response.status.to_string()];
        if documented.is_null() {
            findings.push(format!("{} does not document {}", operation["operationId"], response.status));
            return;
        }
        let documented = self.resolved(documented);
        self.headers(&documented["headers"], &[], response, findings);
        // The body of a response to HEAD is removed below the application, and never sent.
        if head {
            return;
        }
        self.body(documented, response, findings);
        if (200..300).contains(&response.status) {
            self.granted(asked, operation, findings);
        }
    }

    fn headers(&self, documented: &Value, own: &[&str], response: &Response, findings: &mut Vec<String>) {
        for (name, value) in &response.headers {
            let name = name.to_ascii_lowercase();
            if ON_ANY_RESPONSE.contains(&name.as_str()) || own.contains(&name.as_str()) {
                continue;
            }
            let known = documented.as_object().into_iter().flatten();
            let mut known = known.filter(|(known, _)| known.to_ascii_lowercase() == name);
            match known.next() {
                Some((_, header)) => {
                    let schema = &self.resolved(header)["schema"];
                    let value = match schema["type"].as_str() {
                        Some("integer") => value.parse::<i64>().map_or(Value::Null, Value::from),
                        _ => Value::from(value.as_str()),
                    };
                    self.schemas.check(schema, &value, findings);
                }
                None if documented.is_null() && name == "x-request-id" => (),
                None => findings.push(format!("the header {name} is not documented")),
            }
        }
        if response.header("x-request-id").is_none() {
            findings.push("there is no X-Request-Id".to_owned());
        }
    }

    fn body(&self, documented: &Value, response: &Response, findings: &mut Vec<String>) {
        let Some(content) = documented["content"].as_object() else {
            if !response.bytes.is_empty() {
                findings.push("a body is not documented".to_owned());
            }
            return;
        };
        let sent = response.header("content-type").unwrap_or_default();
        let media_type = sent.split(';').next().unwrap_or_default();
        let Some(content) = content.get(media_type) else {
            findings.push(format!("the media type {media_type:?} is not documented"));
            return;
        };
        if media_type.starts_with("text/") {
            return;
        }
        let body = response.json();
        self.schemas.check(&content["schema"], &body, findings);
        if let Some(codes) = documented["x-problem-codes"].as_array()
            && !codes.contains(&body["code"])
        {
            findings.push(format!("the code {} is not documented for it", body["code"]));
        }
    }

    /// Checks that a request that succeeded matches the document.
    fn granted(&self, asked: &Asked<'_>, operation: &Value, findings: &mut Vec<String>) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let Some(body) = asked.body.filter(|body| !body.is_empty() && !schema.is_null()) else { return };
        let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        let mut body: Value = serde_json::from_slice(body).expect("the body of a successful request is JSON");
        // The lengths are those of trimmed text, which no schema can express, either.
        trim(&mut body);
        // Both names of the user to remove are accepted if they are equal, which no schema can express.
        let both =
            body.as_object().is_some_and(|body| body.len() == 2 && body.contains_key("member_node_id"));
        if !both {
            self.schemas.check(schema, &body, findings);
        }
    }
}
