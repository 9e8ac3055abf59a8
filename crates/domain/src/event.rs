//! Events: the changes of records. Each write appends its events in the unit of work that makes the change.
//!
//! Audit logs, live streams and webhooks read events. The events of one scope are in one order without gaps: a reader that continues
//! after the last position it has read misses no event that is committed later, see [`crate::port::Views::events`].

use std::borrow::Cow;

use crate::id::{EventId, KeyId, UserId};
use crate::instant::Timestamp;
use crate::literal::literals;
use crate::scope::Scope;
use uuid::Uuid;

/// The originator of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The operator of the instance, at its command line.
    Operator,
    /// A user, with the API key of the call if one was used.
    User {
        /// The user.
        user: UserId,
        /// The key that authenticated the call; `None` if a host embeds the domain and authenticates users itself.
        key: Option<KeyId>,
    },
}

literals! {
    /// The kind of record that an event is about. Further ones are added.
    #[non_exhaustive]
    SubjectKind {
        /// An organization.
        Organization = "organization",
        /// A member of a scope; the event's subject is the user's id.
        Member = "member",
        /// An invitation to an organization. Its deletion is its acceptance or its withdrawal: an acceptance is that of the member who is
        /// created or changed with it.
        Invitation = "invitation",
        /// An API key.
        Key = "api_key",
        /// A space.
        Space = "space",
        /// A project.
        Project = "project",
        /// A membership of a roster; the event's subject is the membership's id.
        Membership = "membership",
        /// A task.
        Task = "task",
    }
}

literals! {
    /// The kind of change.
    Verb {
        /// The record was created.
        Created = "created",
        /// Some fields of the record changed.
        Updated = "updated",
        /// The record was deleted.
        Deleted = "deleted",
    }
}

/// The value of a field before or after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Empty,
    /// Text, or a word of a closed set.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A truth value.
    Flag(bool),
    /// A point in time.
    Time(Timestamp),
    /// The id of a record.
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

/// The change of one field from one value to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The field's name in the domain, in `snake_case`.
    pub field: Cow<'static, str>,
    /// The value before; [`Value::Empty`] if the record was created.
    pub from: Value,
    /// The value after; [`Value::Empty`] if the record was deleted.
    pub to: Value,
}

/// The fields of a record that can change, by name. An aggregate always returns an equal list of names, in one order.
pub(crate) type Fields = Vec<(&'static str, Value)>;

/// Returns the changes of a record that was created: every field that has a value.
pub(crate) fn created(fields: Fields) -> Vec<Change> {
    let filled = fields.into_iter().filter(|(_, to)| *to != Value::Empty);
    filled.map(|(field, to)| Change { field: field.into(), from: Value::Empty, to }).collect()
}

/// Returns the changes of a record that was deleted: every field that had a value.
pub(crate) fn deleted(fields: Fields) -> Vec<Change> {
    let filled = fields.into_iter().filter(|(_, from)| *from != Value::Empty);
    filled.map(|(field, from)| Change { field: field.into(), from, to: Value::Empty }).collect()
}

/// Returns the fields that differ between two states of one record.
pub(crate) fn changed(before: Fields, after: Fields) -> Vec<Change> {
    before
        .into_iter()
        .zip(after)
        .filter(|((_, from), (_, to))| from != to)
        .map(|((field, from), (_, to))| Change { field: field.into(), from, to })
        .collect()
}

/// Replaces the old value if there is a new one.
pub(crate) fn set<T>(old: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *old = new;
    }
}

/// One change of a record in a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The event's id, by which a receiver recognises a repeated delivery.
    pub id: EventId,
    /// The scope of the record.
    pub scope: Scope,
    /// The originator.
    pub actor: Actor,
    /// The time of the change.
    pub at: Timestamp,
    /// The kind of record.
    pub subject_kind: SubjectKind,
    /// The record's id.
    pub subject: Uuid,
    /// The kind of change.
    pub verb: Verb,
    /// The fields that changed; for a record that was created or deleted, every field that had a value. The deletion of a project stands
    /// for that of its roster and its tasks, which have no events of their own then; likewise the deletion of an
    /// organization, whose own event is recorded when it is closed and is deleted with it.
    pub changes: Vec<Change>,
}

/// The position of an event in the order of its scope. Opaque to readers; positions are ordered as the events are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventPosition {
    /// The number of the transaction that wrote the event if the store knows it, otherwise 0.
    pub transaction: u64,
    /// The event's sequence number among all events of the store, or among those of the transaction.
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
    fn creation_changes_fields_from_nothing_and_deletion_to_nothing() {
        assert_eq!(
            created(fields("Quay", None)),
            [change("name", NOTHING, "Quay"), change("open", NOTHING, true)],
            "fields without a value are not reported"
        );
        assert_eq!(
            deleted(fields("Quay", Some(3))),
            [change("name", "Quay", NOTHING), change("end", 3, NOTHING), change("open", true, NOTHING)]
        );
    }

    #[test]
    fn only_different_fields_are_reported() {
        assert_eq!(changed(fields("Quay", Some(3)), fields("Quay", Some(3))), []);
        assert_eq!(
            changed(fields("Quay", Some(3)), fields("Pier", None)),
            [change("name", "Quay", "Pier"), change("end", 3, NOTHING)]
        );
        assert_eq!(changed(fields("Quay", None), fields("Quay", Some(0))), [change("end", NOTHING, 0)]);
    }

    #[test]
    fn an_absent_field_is_not_changed() {
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
