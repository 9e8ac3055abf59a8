//! Parses an object's fields by name, and collects every validation error.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::json::Json;
use crate::problem::FieldErrorCode;
use crate::problem::validation::{ValidationErrors, ValueError};
use crate::wire::schema::{Described, Presence, Shape};

/// An object of a body, whose fields are taken one by one. A field that was not taken is unknown.
pub(crate) struct Fields<'a> {
    pointer: String,
    fields: Vec<(String, Json<'a>)>,
    known: Vec<&'static str>,
    /// The fields that were asked for, if they are recorded instead of parsed: see [`Fields::describing`].
    shape: Option<Shape>,
}

/// Returns the JSON Pointer of a field of the value at `parent` (RFC 6901 §3).
pub(crate) fn pointer_to(parent: &str, name: &str) -> String {
    let mut pointer = String::from(parent);
    let _ = write!(pointer, "/{}", name.replace('~', "~0").replace('/', "~1"));
    pointer
}

impl<'a> Fields<'a> {
    /// Opens an object at `pointer`. Returns `None` and adds a validation error if the value is not an object.
    pub(crate) fn open(json: Json<'a>, pointer: &str, errors: &mut ValidationErrors) -> Option<Self> {
        match json.object() {
            Ok(fields) => Some(Self { pointer: pointer.to_owned(), fields, known: Vec::new(), shape: None }),
            Err(error) => {
                errors.body(pointer.to_owned(), error);
                None
            }
        }
    }

    /// Parses the object that a body is. `read` takes its fields; fields that it does not take become validation errors.
    pub(crate) fn read<T>(
        json: Json<'a>,
        errors: &mut ValidationErrors,
        read: impl FnOnce(&mut Self, &mut ValidationErrors) -> Option<T>,
    ) -> Option<T> {
        let mut fields = Self::open(json, "", errors)?;
        let value = read(&mut fields, errors);
        fields.done(errors);
        value
    }

    /// Records the fields that a reader asks for, without a body, so that the document and the reader cannot differ. Readers must ask for
    /// all of their fields before they evaluate any, as they do to report all validation errors at once.
    pub(crate) fn describing<T>(
        read: impl FnOnce(&mut Fields<'_>, &mut ValidationErrors) -> Option<T>,
    ) -> Shape {
        let shape = Some(Shape::default());
        let mut fields = Fields { pointer: String::new(), fields: Vec::new(), known: Vec::new(), shape };
        let _ = read(&mut fields, &mut ValidationErrors::default());
        fields.shape.unwrap_or_default()
    }

    /// Returns `true` if fields are only recorded, and records this one.
    fn describes<T: Described>(&mut self, name: &'static str, presence: Presence) -> bool {
        let Some(shape) = &mut self.shape else { return false };
        shape.note::<T>(name, presence);
        true
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.shape.is_none()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    /// Takes the field's value: the first one if the name is repeated, which [`Fields::done`] reports.
    fn take(&mut self, name: &'static str) -> Option<Json<'a>> {
        self.known.push(name);
        self.fields.iter().find(|(field, _)| field == name).map(|(_, json)| *json)
    }

    fn note<T>(&self, errors: &mut ValidationErrors, name: &str, read: Result<T, ValueError>) -> Option<T> {
        read.map_err(|error| errors.body(pointer_to(&self.pointer, name), error)).ok()
    }

    /// Parses a field that must be present and not null.
    pub(crate) fn required<T: Described>(
        &mut self,
        errors: &mut ValidationErrors,
        name: &'static str,
        read: impl Fn(Json<'_>) -> Result<T, ValueError>,
    ) -> Option<T> {
        if self.describes::<T>(name, Presence::Required) {
            return None;
        }
        let read = match self.take(name) {
            None => Err(ValueError::new(FieldErrorCode::REQUIRED, "is required")),
            Some(json) if json.is_null() => {
                Err(ValueError::new(FieldErrorCode::NULL_NOT_ALLOWED, "must not be null"))
            }
            Some(json) => read(json),
        };
        self.note(errors, name, read)
    }

    /// Parses a field that may be absent but not null. Returns `Some(None)` if it is absent.
    pub(crate) fn optional<T: Described>(
        &mut self,
        errors: &mut ValidationErrors,
        name: &'static str,
        read: impl Fn(Json<'_>) -> Result<T, ValueError>,
    ) -> Option<Option<T>> {
        if self.describes::<T>(name, Presence::Optional) {
            return None;
        }
        let read = match self.take(name) {
            None => Ok(None),
            Some(json) if json.is_null() => {
                Err(ValueError::new(FieldErrorCode::NULL_NOT_ALLOWED, "must not be null"))
            }
            Some(json) => read(json).map(Some),
        };
        self.note(errors, name, read)
    }

    /// Parses a field that may be absent or null. Returns `Some(None)` if it is absent, and `Some(Some(None))` if it is null.
    pub(crate) fn nullable<T: Described>(
        &mut self,
        errors: &mut ValidationErrors,
        name: &'static str,
        read: impl Fn(Json<'_>) -> Result<T, ValueError>,
    ) -> Option<Option<Option<T>>> {
        if self.describes::<T>(name, Presence::Nullable) {
            return None;
        }
        let read = match self.take(name) {
            None => Ok(None),
            Some(json) if json.is_null() => Ok(Some(None)),
            Some(json) => read(json).map(|value| Some(Some(value))),
        };
        self.note(errors, name, read)
    }

    /// Parses a list of at most `max` objects, which may be absent but not null. `read` takes the fields of one object, and `item` is the
    /// shape of what it takes. Returns an empty list if it is absent, and `None` in the place of an element that is not an object.
    pub(crate) fn list<T>(
        &mut self,
        errors: &mut ValidationErrors,
        name: &'static str,
        max: usize,
        item: fn() -> Shape,
        read: impl Fn(&mut Fields<'_>, &mut ValidationErrors) -> T,
    ) -> Option<Vec<Option<T>>> {
        if let Some(shape) = &mut self.shape {
            shape.note_list(name, max, item);
            return None;
        }
        let elements = match self.take(name) {
            None => Ok(Vec::new()),
            Some(json) if json.is_null() => {
                Err(ValueError::new(FieldErrorCode::NULL_NOT_ALLOWED, "must not be null"))
            }
            Some(json) => json.array(),
        };
        let too_long =
            || ValueError::new(FieldErrorCode::TOO_LONG, format!("must have at most {max} elements"));
        let elements = elements.and_then(|list| if list.len() > max { Err(too_long()) } else { Ok(list) });
        let elements = self.note(errors, name, elements)?;
        let pointer = pointer_to(&self.pointer, name);
        let read = |(index, json)| {
            let mut fields = Fields::open(json, &format!("{pointer}/{index}"), errors)?;
            let value = read(&mut fields, errors);
            fields.done(errors);
            Some(value)
        };
        Some(elements.into_iter().enumerate().map(read).collect())
    }

    /// Adds `error` as the validation error of a field, if the field is present.
    pub(crate) fn refuse(&mut self, errors: &mut ValidationErrors, name: &'static str, error: ValueError) {
        if self.has(name) {
            errors.body(pointer_to(&self.pointer, name), error);
            self.fields.retain(|(field, _)| field != name);
        }
    }

    /// Adds a validation error for every name that is unknown or repeated.
    pub(crate) fn done(self, errors: &mut ValidationErrors) {
        let mut seen = HashSet::new();
        for (name, _) in &self.fields {
            let pointer = || pointer_to(&self.pointer, name);
            let repeated = !seen.insert(name.as_str());
            if !self.known.contains(&name.as_str()) {
                let detail = format!("is unknown; allowed are {}", self.known.join(", "));
                errors.body(pointer(), ValueError::new(FieldErrorCode::UNKNOWN_FIELD, detail));
            } else if repeated {
                errors.body(
                    pointer(),
                    ValueError::new(FieldErrorCode::DUPLICATE_FIELD, "must not be repeated"),
                );
            }
        }
    }
}

/// Returns a function that parses a string with one of the domain's parsers.
pub(crate) fn text<T, E: Into<ValueError>>(
    parse: impl Fn(&str) -> Result<T, E>,
) -> impl Fn(Json<'_>) -> Result<T, ValueError> {
    move |json| parse(&json.string()?).map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;
    use loggia_domain::text::SpaceName;

    fn codes(body: &str) -> Vec<(String, &'static str)> {
        let mut errors = ValidationErrors::default();
        let json = Json::document(body.as_bytes()).expect("JSON");
        if let Some(mut fields) = Fields::open(json, "", &mut errors) {
            fields.required(&mut errors, "name", text(SpaceName::parse));
            fields.nullable(&mut errors, "note", text(SpaceName::parse));
            fields.optional(&mut errors, "size", |json| json.integer());
            fields.done(&mut errors);
        }
        let problem = errors.accept::<()>(Some(())).err();
        let errors = problem.iter().flat_map(|problem| problem.errors());
        errors.map(|error| (error.pointer.clone().unwrap_or_default(), error.code.as_str())).collect()
    }

    #[test]
    fn all_field_errors_are_reported_at_once() {
        assert_eq!(codes(r#"{"name":"x","note":null}"#), []);
        assert_eq!(
            codes(r#"{"note":7,"size":null,"si/ze":1,"size":2}"#),
            [
                ("/name".to_owned(), "REQUIRED"),
                ("/note".to_owned(), "WRONG_TYPE"),
                ("/size".to_owned(), "NULL_NOT_ALLOWED"),
                ("/si~1ze".to_owned(), "UNKNOWN_FIELD"),
                ("/size".to_owned(), "DUPLICATE_FIELD"),
            ]
        );
        assert_eq!(codes("[]"), [(String::new(), "WRONG_TYPE")]);
    }
}
