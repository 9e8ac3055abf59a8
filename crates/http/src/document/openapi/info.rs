//! The description of the API as a whole.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::headers::ON_EVERY_ANSWER;
use crate::operation::description::Tag;

const ABOUT: &str = include_str!("about.md");

fn description() -> String {
    let mut text = ABOUT.to_owned();
    for (name, value) in ON_EVERY_ANSWER {
        let _ = writeln!(text, "- `{name}`: {value}");
    }
    text
}

/// The note in the document of an API whose host authenticates the callers.
const HOST_AUTHENTICATES: &str = "The application that serves this API authenticates its callers itself, and reads no API key. Where this document speaks of the API key of a request, read: the user who is signed in to that application. Every operation refuses a user who has no access there with 403 `NO_ACCESS_TO_ORGANIZATION`.\n\n";

/// Returns the description of an API whose host authenticates the callers.
pub(super) fn description_with_callers() -> String {
    const HEADING: &str = "## Authentication\n\n";
    description().replacen(HEADING, &[HEADING, HOST_AUTHENTICATES].concat(), 1)
}

pub(super) fn info() -> Value {
    json!({
        "title": "Loggia",
        "summary": "Organizations, spaces, projects, members and tasks, in two dialects with the same rules.",
        "description": description(),
        "version": env!("CARGO_PKG_VERSION"),
        "license": {"name": "Apache-2.0 OR MIT", "identifier": env!("CARGO_PKG_LICENSE")},
        "contact": {"name": "The operator of this instance"},
    })
}

pub(super) fn tags() -> Value {
    let tags = Tag::ALL.map(|tag| {
        let description = match tag {
            Tag::Spaces => "`/api/v1`: camelCase, every body in `{\"data\": …}`, lists by `limit` and `offset` or `cursor`.",
            Tag::Projects => "`/v2`: snake_case except `createdAt` and `updatedAt`, bare objects, lists in a page envelope.",
            Tag::Service => "Health checks and documentation. These endpoints need no API key.",
        };
        json!({"name": tag.name(), "description": description})
    });
    Value::Array(tags.to_vec())
}

pub(super) fn security() -> Value {
    json!({"apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "`Authorization: Bearer <key>`. A key is `lga_`, 43 base62 digits, and a checksum of 6 more. `POST /api/v1/api-keys` creates a key.",
    }})
}
