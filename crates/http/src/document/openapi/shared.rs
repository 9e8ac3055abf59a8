//! The parts of the document that many operations share.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Object, reference};

/// Moves the problem responses that several operations share out of the paths. Returns them by their names, which consist of their codes.
pub(super) fn share_refusals(paths: &mut Value) -> Value {
    let mut uses: HashMap<String, usize> = HashMap::new();
    each_refusal(paths, &mut |refusal| *uses.entry(refusal.to_string()).or_default() += 1);
    let mut shared = Object::new();
    each_refusal(paths, &mut |refusal| {
        if uses.get(&refusal.to_string()).is_some_and(|uses| *uses > 1) {
            let name = name(refusal);
            let taken = shared.entry(name.clone()).or_insert_with(|| refusal.clone());
            // Two different responses may have the same codes. The second one then stays in its place.
            if taken == refusal {
                *refusal = reference("responses", &name);
            }
        }
    });
    shared.sort_keys();
    Value::Object(shared)
}

fn each_refusal(paths: &mut Value, act: &mut impl FnMut(&mut Value)) {
    let methods = paths.as_object_mut().into_iter().flat_map(Object::values_mut);
    let operations = methods.filter_map(Value::as_object_mut).flat_map(Object::values_mut);
    for operation in operations {
        let answers = operation["responses"].as_object_mut().into_iter().flat_map(Object::values_mut);
        answers.filter(|answer| answer.get("x-problem-codes").is_some()).for_each(&mut *act);
    }
}

/// Returns the name of a problem response, such as `NotFoundOrUserNotFound` for `NOT_FOUND` and `USER_NOT_FOUND`.
fn name(refusal: &Value) -> String {
    let codes = refusal["x-problem-codes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    codes.map(camel).collect::<Vec<_>>().join("Or")
}

fn camel(code: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(1.min(word.len()));
        format!("{first}{}", rest.to_ascii_lowercase())
    };
    code.split('_').map(word).collect()
}

/// Tidies the output of schemars: removes integer formats that no registry of formats knows, and line breaks of doc comments.
pub(super) fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint"))
            {
                members.remove("format");
            }
            if let Some(Value::String(text)) = members.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            members.values_mut().for_each(tidy);
        }
        Value::Array(elements) => elements.iter_mut().for_each(tidy),
        _ => (),
    }
}

/// Returns the schemas, sorted and tidied.
pub(super) fn schemas(mut schemas: Object) -> Value {
    schemas.sort_keys();
    let mut schemas = json!(schemas);
    tidy(&mut schemas);
    schemas
}
