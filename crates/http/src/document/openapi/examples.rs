//! Examples of request bodies and responses. A test records them from its calls, and sends each of them again.

use std::sync::LazyLock;

use serde_json::{Value, json};

static EXAMPLES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default());

/// Adds an operation's example to a request body (`part` is `request`) or to a response (`answer`), if there is one.
pub(super) fn add(content: &mut Value, operation: &str, part: &str) {
    let Some(example) = EXAMPLES[operation].get(part) else { return };
    if let Value::Object(members) = content {
        members.insert("examples".to_owned(), json!({"example": {"value": example}}));
    }
}
