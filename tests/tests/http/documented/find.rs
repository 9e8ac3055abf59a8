//! Finds the documented operation of a request.

use serde_json::Value;

use super::Asked;

pub(super) enum Found<'a> {
    /// The path is not documented.
    NoPath,
    /// An OPTIONS request for a documented path.
    Options,
    /// The path has no operation of this method.
    NoMethod,
    /// A documented operation. HEAD counts as the GET of the path.
    Operation { operation: &'a Value, head: bool },
}

/// Returns the number of literal segments of a template that matches the path, or `None` if it does not match.
fn fits(template: &str, path: &str) -> Option<usize> {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    if template.len() != path.len() {
        return None;
    }
    let mut literal = 0;
    for (wanted, given) in template.iter().zip(&path) {
        if wanted.starts_with('{') {
            if given.is_empty() {
                return None;
            }
        } else if wanted == given {
            literal += 1;
        } else {
            return None;
        }
    }
    Some(literal)
}

pub(super) fn find<'a>(document: &'a Value, asked: &Asked<'_>) -> Found<'a> {
    let path = asked.target.split('?').next().unwrap_or_default();
    let paths = document["paths"].as_object().expect("paths").iter();
    let fitting = paths.filter_map(|(template, methods)| Some((fits(template, path)?, methods)));
    let Some((_, methods)) = fitting.max_by_key(|(literal, _)| *literal) else { return Found::NoPath };
    let operation = |method: &str| methods.get(method);
    match asked.method {
        "OPTIONS" => Found::Options,
        "HEAD" => match operation("get") {
            Some(operation) => Found::Operation { operation, head: true },
            None => Found::NoMethod,
        },
        // Methods are case-sensitive: `get` is another method.
        method if method.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            match operation(&method.to_ascii_lowercase()) {
                Some(operation) => Found::Operation { operation, head: false },
                None => Found::NoMethod,
            }
        }
        _ => Found::NoMethod,
    }
}
