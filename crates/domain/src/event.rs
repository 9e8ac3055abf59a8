//! What happened: each write appends its events in the same unit of work.
//!
//! Audit, live streams and webhooks read them. In one scope they form one order without gaps: whoever has read up to a
//! position never misses what is committed later, see [`crate::port::Views::events`].

use std::borrow::Cow;

use crate::id::{EventId, KeyId, UserId};
use crate::instant::Timestamp;
use crate::literal::literals;
use crate::scope::Scope;
use uuid::Uuid;

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Whoever runs the instance, at its command line.
    Operator,
    /// A user, by a key if one was used.
    User {
        /// The user.
        user: UserId,
        /// The key that opened the door; `None` where a host embeds the domain and authenticates by itself.
        key: Option<KeyId>,
    },
}

literals! {
    /// What kind of thing something happened to.
    SubjectKind {
        /// An organization.
        Organization = "organization",
        /// A member of a scope; the subject's id is the user's.
        Member = "member",
        /// An API key.
        Key = "api_key",
        /// A space.
        Space = "space",
        /// A project.
        Project = "project",
        /// A place on a roster; the subject's id is the membership's.
        Membership = "membership",
        /// A task.
        Task = "task",
    }
}

literals! {
    /// What happened to it.
    Verb {
        /// It came to be.
        Created = "created",
        /// Some of its fields changed.
        Updated = "updated",
        /// It is gone.
        Deleted = "deleted",
    }
}

/// A field's value, as it was before or is after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Empty,
    /// Text, or the word of a closed set.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// A point in time.
    Time(Timestamp),
    /// The id of something.
    Id(Uuid),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// One field that went from one value to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The field's name, in the domain's words (`snake_case`).
    pub field: Cow<'static, str>,
    /// What it was; [`Value::Empty`] if the subject was created.
    pub from: Value,
    /// What it is; [`Value::Empty`] if the subject was deleted.
    pub to: Value,
}

/// The fields of a record that can change, by name. An aggregate always lists the same ones, in the same order.
pub(crate) type Fields = Vec<(&'static str, Value)>;

/// What a new record began with: every field that has a value.
pub(crate) fn created(fields: Fields) -> Vec<Change> {
    let filled = fields.into_iter().filter(|(_, to)| *to != Value::Empty);
    filled.map(|(field, to)| Change { field: field.into(), from: Value::Empty, to }).collect()
}

/// What a deleted record ended with: every field that had a value.
pub(crate) fn deleted(fields: Fields) -> Vec<Change> {
    let filled = fields.into_iter().filter(|(_, from)| *from != Value::Empty);
    filled.map(|(field, from)| Change { field: field.into(), from, to: Value::Empty }).collect()
}

/// What became different between two states of one record.
pub(crate) fn changed(before: Fields, after: Fields) -> Vec<Change> {
    before
        .into_iter()
        .zip(after)
        .filter(|((_, from), (_, to))| from != to)
        .map(|((field, from), (_, to))| Change { field: field.into(), from, to })
        .collect()
}

/// Puts the new value in place of the old one, if there is a new one.
pub(crate) fn set<T>(old: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *old = new;
    }
}

/// Something that happened in a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Names the event, so that who receives it twice can tell.
    pub id: EventId,
    /// Where it happened.
    pub scope: Scope,
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// To what kind of thing.
    pub subject_kind: SubjectKind,
    /// To which one.
    pub subject: Uuid,
    /// What.
    pub verb: Verb,
    /// Which fields changed. For what was created or deleted: every field that had a value. The deletion of a project
    /// stands for that of its roster and its tasks, which have no events of their own then.
    pub changes: Vec<Change>,
}

/// Where an event stands in its scope's order. Opaque; ordered as the events are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventPosition {
    /// The transaction that wrote it, where the store can tell; else 0.
    pub transaction: u64,
    /// Its place among all events, or among those of the transaction.
    pub sequence: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(name: &str, end: Option<i64>) -> Fields {
        vec![("name", name.into()), ("end", end.into()), ("open", true.into())]
    }

    fn change(field: &'static str, from: impl Into<Value>, to: impl Into<Value>) -> Change {
        Change { field: field.into(), from: from.into(), to: to.into() }
    }

    const NOTHING: Option<i64> = None;

    #[test]
    fn what_is_created_comes_from_nothing_and_what_is_deleted_goes_there() {
        assert_eq!(
            created(fields("Quay", None)),
            [change("name", NOTHING, "Quay"), change("open", NOTHING, true)],
            "fields without a value are not told"
        );
        assert_eq!(
            deleted(fields("Quay", Some(3))),
            [change("name", "Quay", NOTHING), change("end", 3, NOTHING), change("open", true, NOTHING)]
        );
    }

    #[test]
    fn only_what_differs_is_told() {
        assert_eq!(changed(fields("Quay", Some(3)), fields("Quay", Some(3))), []);
        assert_eq!(
            changed(fields("Quay", Some(3)), fields("Pier", None)),
            [change("name", "Quay", "Pier"), change("end", 3, NOTHING)]
        );
        assert_eq!(changed(fields("Quay", None), fields("Quay", Some(0))), [change("end", NOTHING, 0)]);
    }

    #[test]
    fn absent_is_untouched() {
        let mut name = "Quay";
        set(&mut name, None);
        assert_eq!(name, "Quay");
        set(&mut name, Some("Pier"));
        assert_eq!(name, "Pier");
    }

    #[test]
    fn positions_are_ordered_by_transaction_then_sequence() {
        let at = |transaction, sequence| EventPosition { transaction, sequence };
        let sorted = [EventPosition::default(), at(0, 9), at(1, 0), at(1, 7), at(2, 0)];
        assert!(sorted.is_sorted());
    }
}
