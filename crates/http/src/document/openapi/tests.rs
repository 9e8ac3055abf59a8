//! Tests of the document as a whole.

use std::collections::BTreeSet;

use super::*;
use crate::api::ENDPOINTS;
use crate::problem::{Code, FieldErrorCode};

/// Returns every operation with its path and method.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("paths").iter();
    let operations = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("methods").iter();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    });
    operations.collect()
}

fn texts(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn every_endpoint_is_documented_and_nothing_else() {
    let document = document();
    let documented: BTreeSet<_> = operations(&document)
        .into_iter()
        .map(|(path, method, _)| (method.to_ascii_uppercase(), path))
        .collect();
    let table: BTreeSet<_> =
        ENDPOINTS.iter().map(|endpoint| (endpoint.method.to_owned(), endpoint.path)).collect();
    assert_eq!(documented, table);
}

#[test]
fn operation_ids_make_good_method_names() {
    let document = document();
    let mut seen = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let id = operation["operationId"].as_str().expect("an id");
        assert!(seen.insert(id), "{id} stands twice");
        let verb = id.find(|c: char| c.is_ascii_uppercase()).map(|end| &id[..end]);
        assert!(verb.is_some_and(|verb| !verb.is_empty()), "{id}: a verb, then what it is done to");
        assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
        for words in ["summary", "description"] {
            assert!(
                operation[words].as_str().is_some_and(|text| !text.is_empty()),
                "{method} {path}: {words}"
            );
        }
    }
}

#[test]
fn every_parameter_is_described() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().expect("parameters") {
            let described = parameter.get("$ref").is_some()
                || parameter["description"].as_str().is_some_and(|text| !text.is_empty())
                    && parameter["schema"].is_object();
            assert!(described, "{method} {path}: {parameter}");
        }
    }
}

#[test]
fn every_code_is_documented_by_an_operation_or_a_shared_response() {
    let document = document();
    // These codes answer requests that belong to no operation.
    let mut documented: BTreeSet<_> = ["ROUTE_NOT_FOUND", "METHOD_NOT_ALLOWED"].into();
    let shared = document["components"]["responses"].as_object().expect("answers").values();
    documented.extend(shared.flat_map(|answer| texts(&answer["x-problem-codes"])));
    for (_, _, operation) in operations(&document) {
        let answers = operation["responses"].as_object().expect("answers").values();
        documented.extend(answers.flat_map(|answer| texts(&answer["x-problem-codes"])));
    }
    let all: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(documented, all);
    assert_eq!(texts(&document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]), all);
}

#[test]
fn every_field_error_code_is_listed_with_its_meaning() {
    let document = document();
    let code = &document["components"]["schemas"]["ProblemError"]["properties"]["code"];
    let all: BTreeSet<_> = FieldErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(texts(&code["enum"]), all);
    let documented = code["x-enumDescriptions"].as_object().expect("meanings");
    assert_eq!(documented.keys().map(String::as_str).collect::<BTreeSet<_>>(), all);
    // Responses contain the codes in the same spelling.
    for code in FieldErrorCode::ALL {
        assert_eq!(serde_json::to_value(code).ok(), Some(json!(code.as_str())));
    }
}

#[test]
fn every_code_is_explained() {
    let problems = Code::ALL.iter().map(|code| (code.as_str(), code.meaning(), code.advice()));
    let field_errors = FieldErrorCode::ALL.iter().map(|code| (code.as_str(), code.meaning(), code.advice()));
    for (code, meaning, advice) in problems.chain(field_errors) {
        for text in [meaning, advice] {
            assert!(text.len() > 7 && text.trim_end().ends_with('.'), "{code}: {text:?}");
        }
    }
}

#[test]
fn every_reference_resolves_and_every_component_is_referenced() {
    fn walk<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| walk(value, found));
            }
            Value::Array(elements) => elements.iter().for_each(|value| walk(value, found)),
            _ => (),
        }
    }
    let document = document();
    let mut found = BTreeSet::new();
    walk(&document, &mut found);
    for reference in &found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    for kind in ["schemas", "responses", "parameters", "headers"] {
        for name in document["components"][kind].as_object().expect("components").keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(found.contains(reference.as_str()), "nothing leads to {reference}");
        }
    }
}

#[test]
fn the_text_is_the_document_and_free_of_noncharacters() {
    assert_eq!(serde_json::from_str::<Value>(text()).ok(), Some(document()));
    assert!(text().chars().all(|c| u32::from(c) & 0xFFFE != 0xFFFE));
    assert!(text().ends_with("}\n"));
}

#[test]
fn every_link_leads_to_an_operation_and_fills_its_path() {
    let document = document();
    let operations = operations(&document);
    let mut links = 0;
    for (path, method, operation) in &operations {
        let answers = operation["responses"].as_object().expect("answers").values();
        for link in answers.filter_map(|answer| answer["links"].as_object()).flat_map(Object::values) {
            links += 1;
            let target = operations.iter().find(|(_, _, other)| other["operationId"] == link["operationId"]);
            let (target, _, _) = target.unwrap_or_else(|| panic!("{method} {path}: {link}"));
            let given: BTreeSet<_> =
                link["parameters"].as_object().expect("parameters").keys().map(String::as_str).collect();
            let wanted: BTreeSet<_> =
                target.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
            assert_eq!(given, wanted, "{method} {path}: {link}");
        }
    }
    assert!(links > 20, "{links} links");
}
