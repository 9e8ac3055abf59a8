//! Arrays of people in a body.

use std::hash::Hash;

use garde::Validate;
use loggia_domain::roster::{BatchError, MAX_BATCH, repeated};

use super::json::Json;
use crate::problem::FieldErrorCode;
use crate::problem::validation::{ValidationErrors, ValueError};

/// The limit of people in one call, which is checked before any of them is parsed.
#[derive(Validate)]
struct Batch<'a> {
    #[garde(length(min = 1, max = MAX_BATCH))]
    people: &'a [Json<'a>],
}

/// Returns the JSON pointer to a field of the person with that index: of an element if the body is an array, else of the body.
pub(crate) fn pointer_to_field(many: bool, index: usize, field: &str) -> String {
    if many { format!("/{index}/{field}") } else { format!("/{field}") }
}

/// Reads each person of an array of 1 to [`MAX_BATCH`] people with `read`, which gets the element and its JSON pointer.
///
/// A person with the same `key` as an earlier one is a validation error of `field`, reported beside all other errors. Returns `None` if
/// the value is no such array or an element cannot be read.
pub(crate) fn read_distinct<'a, P, K: Eq + Hash>(
    json: Json<'a>,
    errors: &mut ValidationErrors,
    read: impl Fn(Json<'a>, &str, &mut ValidationErrors) -> Option<P>,
    field: &str,
    key: impl Fn(&P) -> Option<K>,
) -> Option<Vec<P>> {
    let people = people(json, errors)?;
    let read = |(index, json)| read(json, &format!("/{index}"), errors);
    let people: Vec<_> = people.into_iter().enumerate().map(read).collect();
    for index in repeated(people.iter().map(|person| key(person.as_ref()?))) {
        let error =
            ValueError::new(FieldErrorCode::DUPLICATE_VALUE, BatchError::Duplicate(index).to_string());
        errors.body(pointer_to_field(true, index, field), error);
    }
    people.into_iter().collect()
}

/// Splits an array of 1 to [`MAX_BATCH`] people. Returns `None` and adds a validation error for any other value.
fn people<'a>(json: Json<'a>, errors: &mut ValidationErrors) -> Option<Vec<Json<'a>>> {
    let people = json.array().map_err(|error| errors.body(String::new(), error)).ok()?;
    if (Batch { people: &people }).validate().is_err() {
        let code = if people.is_empty() { FieldErrorCode::TOO_SHORT } else { FieldErrorCode::TOO_LONG };
        errors.body(String::new(), ValueError::new(code, format!("must name 1 to {MAX_BATCH} people")));
        return None;
    }
    Some(people)
}
