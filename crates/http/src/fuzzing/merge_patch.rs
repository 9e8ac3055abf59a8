//! The bodies of PATCH, as the readers of all editable records parse them, compared with RFC 7396.

use std::collections::BTreeMap;

use loggia_domain::id::{ProjectId, SpaceId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::scope::Scope;
use loggia_domain::space::{NewSpace, Priority, Space, SpacePatch, SpaceStatus, Strength};
use loggia_domain::text::{SpaceDescription, SpaceName};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::json::whole;
use super::{choice, there};
use crate::api::v1::members;
use crate::api::v1::spaces::update as spaces_update;
use crate::api::v2::projects::update as projects_update;
use crate::api::v2::tasks;
use crate::problem::validation::ValidationErrors;
use crate::wire::body::Fields;
use crate::wire::json::{Json, without_byte_order_mark};

/// The presence of a field in a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    Null,
    Value,
}

fn plain<T>(field: Option<&T>) -> Said {
    field.map_or(Said::Nothing, |_| Said::Value)
}

fn nullable<T>(field: Option<&Option<T>>) -> Said {
    field.map_or(Said::Nothing, |value| value.as_ref().map_or(Said::Null, |_| Said::Value))
}

/// The bodies of PATCH; the first byte chooses the record's kind.
pub fn merge_patch(data: &[u8]) {
    let (how, body) = choice(data);
    let body = without_byte_order_mark(body);
    match how % 4 {
        0 => {
            let patch = read(body, spaces_update::read, |patch| {
                let named = [
                    ("name", plain(patch.name.as_ref())),
                    ("description", nullable(patch.description.as_ref())),
                    ("projectId", nullable(patch.project.as_ref())),
                    ("status", plain(patch.status.as_ref())),
                    ("priority", plain(patch.priority.as_ref())),
                    ("currentStrength", plain(patch.strength.as_ref())),
                ];
                named.to_vec()
            });
            patch.into_iter().for_each(|patch| merges(body, patch));
        }
        1 => drop(read(body, projects_update::read, |patch| {
            let patch = patch.clone().unwrap_or_default();
            vec![
                ("project_name", plain(patch.name.as_ref())),
                ("description", nullable(patch.description.as_ref())),
                ("start_date", nullable(patch.start.as_ref())),
                ("end_date", nullable(patch.end.as_ref())),
                ("visibility", plain(patch.visibility.as_ref())),
            ]
        })),
        2 => drop(read(body, tasks::update::read, |patch| {
            vec![
                ("task_no", plain(patch.outline.as_ref())),
                ("task_name", plain(patch.name.as_ref())),
                ("description", nullable(patch.description.as_ref())),
                ("status", plain(patch.status.as_ref())),
                ("start_date", nullable(patch.start.as_ref())),
                ("end_date", nullable(patch.end.as_ref())),
                ("assignee_node_id", nullable(patch.assignee.as_ref())),
            ]
        })),
        _ => drop(read(body, members::update::read, |patch| {
            vec![
                ("role", plain(patch.role.as_ref())),
                ("active", plain(patch.active.as_ref())),
                ("firstName", plain(patch.first_name.as_ref())),
                ("lastName", plain(patch.last_name.as_ref())),
                ("username", nullable(patch.username.as_ref())),
                ("employeeNumber", nullable(patch.employee_number.as_ref())),
                ("avatar", nullable(patch.avatar.as_ref())),
            ]
        })),
    }
}

/// Parses a patch. An accepted patch must have exactly the fields of the body, with the same presence; a rejected one must give validation
/// errors.
fn read<T>(
    body: &[u8],
    read: fn(&mut Fields<'_>, &mut ValidationErrors) -> Option<T>,
    said: impl Fn(&T) -> Vec<(&'static str, Said)>,
) -> Option<T> {
    let json = Json::document(body).ok()?;
    let mut errors = ValidationErrors::default();
    let patch = Fields::read(json, &mut errors, read);
    let patch = match errors.accept(patch) {
        Ok(patch) => patch,
        Err(problem) => {
            assert_eq!(problem.code().status(), 400, "{problem:?}");
            assert!((1..=101).contains(&problem.errors().len()));
            for error in problem.errors() {
                assert!(error.parameter.is_none() && error.header.is_none());
                let pointer = error.pointer.as_deref().unwrap_or_default();
                assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer:?}");
            }
            return None;
        }
    };
    let known = object(body);
    let said = said(&patch);
    for (name, said) in &said {
        let expected = known.get(*name).map_or(Said::Nothing, |value| match value.get() {
            "null" => Said::Null,
            _ => Said::Value,
        });
        assert_eq!(*said, expected, "{name}");
    }
    assert!(known.keys().all(|name| said.iter().any(|(known, _)| known == name)), "none is unknown");
    assert_eq!(json.object().map(|fields| fields.len()), Ok(known.len()), "none is repeated");
    Some(patch)
}

/// Returns the fields of an accepted patch, as another parser finds them.
fn object(body: &[u8]) -> BTreeMap<String, &RawValue> {
    there(serde_json::from_slice(body).ok(), "a patch is an object")
}

/// Applies the patch to a space, and to the JSON of the space as RFC 7396 §2 says. The results must be equal.
fn merges(body: &[u8], patch: SpacePatch) {
    let mut space = there(space(), "the sample is sound");
    let mut expected = shown(&space);
    for (name, raw) in object(body) {
        // Text is trimmed, and 7.0 is the number 7. Any other value is stored as it was sent.
        let value = match (name.as_str(), serde_json::from_str::<Value>(raw.get())) {
            ("currentStrength", _) => match whole(raw.get()) {
                Some(number) => number.ok().and_then(|number| i64::try_from(number).ok()).into(),
                None => return,
            },
            ("name" | "description", Ok(Value::String(text))) => text.trim().into(),
            (_, value) => there(value.ok(), "text is text"),
        };
        expected.insert(name, value);
    }
    let before = space.clone();
    let changes = space.apply(patch.clone(), Timestamp::from_micros(1).unwrap_or(before.updated_at));
    assert_eq!(shown(&space), expected);
    let written = u64::from(!changes.is_empty());
    assert_eq!(space.revision, before.revision + written);
    assert_eq!(space == before, changes.is_empty());
    let after = space.clone();
    assert!(space.apply(patch, before.updated_at).is_empty(), "a second time changes nothing");
    assert_eq!(space, after);
}

fn shown(space: &Space) -> Map<String, Value> {
    let shown = json!({
        "name": space.name.as_str(),
        "description": space.description.as_ref().map(SpaceDescription::as_str),
        "projectId": space.project.map(|project| project.to_string()),
        "status": space.status.as_str(),
        "priority": space.priority.as_str(),
        "currentStrength": space.strength.get(),
    });
    match shown {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn space() -> Option<Space> {
    let user = UserId::from_uuid(Uuid::from_u128(1));
    let made = Timestamp::from_micros(0).ok()?;
    let new = NewSpace {
        description: SpaceDescription::parse("Cranes").ok(),
        project: Some(ProjectId::from_uuid(Uuid::from_u128(3))),
        status: SpaceStatus::Active,
        priority: Priority::High,
        strength: Strength::new(5).ok()?,
        ..NewSpace::named(SpaceName::parse("Harbour").ok()?)
    };
    let space = new.create(SpaceId::from_uuid(Uuid::from_u128(2)), Scope::Personal(user), user, made);
    Some(Space { revision: 7, ..space })
}
