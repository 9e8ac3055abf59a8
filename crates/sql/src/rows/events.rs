//! Events, and the JSON form in which their changes are stored.

use loggia_domain::event::{Actor, Change, Event, EventPosition, SubjectKind, Value, Verb};
use loggia_domain::id::{EventId, KeyId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::port::StoreError;
use loggia_domain::scope::Scope;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::time;
use crate::corrupt::{RowName, Sound};
use crate::numbers::unsigned;
use crate::record;

record! {
    /// A row of `events`.
    pub EventRow {
        transaction: i64,
        position: i64,
        id: Uuid,
        actor: String,
        actor_user_id: Option<Uuid>,
        actor_key_id: Option<Uuid>,
        at: i64,
        subject_kind: String,
        subject_id: Uuid,
        verb: String,
        changes: String,
    }
}

impl EventRow {
    /// Decodes the row, or fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
    pub fn decode(self, scope: Scope) -> Result<(EventPosition, Event), StoreError> {
        let row = RowName { table: "events", id: self.id };
        let actor = match (self.actor.as_str(), self.actor_user_id) {
            ("operator", None) => Actor::Operator,
            ("user", Some(user)) => {
                Actor::User { user: UserId::from_uuid(user), key: self.actor_key_id.map(KeyId::from_uuid) }
            }
            _ => return Err(row.corrupt("actor", "does not fit to actor_user_id")),
        };
        let changes: Vec<StoredChange> = serde_json::from_str(&self.changes).sound(row, "changes")?;
        let event = Event {
            id: EventId::from_uuid(self.id),
            scope,
            actor,
            at: time(self.at, row, "at")?,
            subject_kind: SubjectKind::parse(&self.subject_kind).sound(row, "subject_kind")?,
            subject: self.subject_id,
            verb: Verb::parse(&self.verb).sound(row, "verb")?,
            changes: changes.into_iter().map(|change| change.decode(row)).collect::<Result<_, _>>()?,
        };
        let position = EventPosition {
            transaction: unsigned(self.transaction, row, "transaction")?,
            sequence: unsigned(self.position, row, "position")?,
        };
        Ok((position, event))
    }
}

/// Returns the columns of the actor of an event: the word, the user's id and the key's.
pub fn actor_columns(actor: Actor) -> (&'static str, Option<Uuid>, Option<Uuid>) {
    match actor {
        Actor::Operator => ("operator", None, None),
        Actor::User { user, key } => ("user", Some(user.as_uuid()), key.map(KeyId::as_uuid)),
    }
}

/// Encodes the changes of an event as JSON, or fails with [`StoreError::Failed`].
pub fn encode_changes(changes: &[Change]) -> Result<String, StoreError> {
    let changes: Vec<StoredChange> = changes.iter().map(StoredChange::from).collect();
    serde_json::to_string(&changes).map_err(|error| StoreError::Failed(error.into()))
}

/// Returns the text that [`encode_changes`] returns for the same changes, which may be stored with other spaces and another order of
/// members.
///
/// # Errors
/// Fails with [`StoreError::Corrupt`] if the text is not such changes.
pub fn canonical_changes(text: &str) -> Result<String, StoreError> {
    let row = RowName { table: "events", id: Uuid::nil() };
    let changes: Vec<StoredChange> = serde_json::from_str(text).sound(row, "changes")?;
    serde_json::to_string(&changes).sound(row, "changes")
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredChange {
    field: String,
    from: StoredValue,
    to: StoredValue,
}

/// A value tagged with its type, since a time and an id could otherwise not be distinguished from a number and a text.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredValue {
    Empty,
    Text(String),
    Number(i64),
    Flag(bool),
    /// Microseconds since the Unix epoch (UTC), as in every other column.
    Time(i64),
    /// The id in its canonical hyphenated form, readable for people who look into the table.
    Id(String),
}

impl From<&Change> for StoredChange {
    fn from(change: &Change) -> Self {
        Self {
            field: change.field.clone().into_owned(),
            from: (&change.from).into(),
            to: (&change.to).into(),
        }
    }
}

impl From<&Value> for StoredValue {
    fn from(value: &Value) -> Self {
        match value {
            Value::Empty => Self::Empty,
            Value::Text(text) => Self::Text(text.clone()),
            Value::Number(number) => Self::Number(*number),
            Value::Flag(flag) => Self::Flag(*flag),
            Value::Time(time) => Self::Time(time.micros()),
            Value::Id(id) => Self::Id(id.to_string()),
        }
    }
}

impl StoredChange {
    fn decode(self, row: RowName) -> Result<Change, StoreError> {
        Ok(Change { field: self.field.into(), from: self.from.decode(row)?, to: self.to.decode(row)? })
    }
}

impl StoredValue {
    fn decode(self, row: RowName) -> Result<Value, StoreError> {
        Ok(match self {
            Self::Empty => Value::Empty,
            Self::Text(text) => Value::Text(text),
            Self::Number(number) => Value::Number(number),
            Self::Flag(flag) => Value::Flag(flag),
            Self::Time(micros) => Value::Time(Timestamp::from_micros(micros).sound(row, "changes")?),
            Self::Id(id) => Value::Id(Uuid::try_parse(&id).sound(row, "changes")?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_and_decoding_changes_round_trips() {
        let values = [
            Value::Empty,
            Value::Text("\"\\\u{1F680}\n".into()),
            Value::Number(i64::MIN),
            Value::Flag(true),
            Value::Time(Timestamp::from_micros(-1).expect("a time")),
            Value::Id(Uuid::max()),
        ];
        let row = RowName { table: "events", id: Uuid::nil() };
        for value in values {
            let change = Change { field: "name".into(), from: Value::Empty, to: value };
            let text = encode_changes(std::slice::from_ref(&change)).expect("JSON");
            let stored: Vec<StoredChange> = serde_json::from_str(&text).expect("a list");
            let read: Vec<Change> = stored.into_iter().map(|it| it.decode(row).expect("a change")).collect();
            assert_eq!(read, [change]);
        }
    }
}
