//! A row as a line of JSON.

use std::io::Write;

use loggia_domain::id::OrganizationId;
use loggia_domain::instant::Timestamp;
use loggia_domain::task::OutlineNumber;
use loggia_sql::canonical_changes;
use loggia_sql::moving::{Column, Kind, Purpose, Row, Table, Value};
use serde_json::Value as Json;
use uuid::Uuid;

/// A value that has no form in an archive, or text that is none.
#[derive(Debug, thiserror::Error)]
#[error("{column} {why}")]
pub(crate) struct LineError {
    column: &'static str,
    why: String,
}

impl LineError {
    fn new(column: &'static str, why: impl ToString) -> Self {
        Self { column, why: why.to_string() }
    }
}

/// Appends a row as a line. The values stand in the order of the columns, without spaces.
pub(crate) fn encode(table: &Table, row: &[Value], line: &mut Vec<u8>) -> Result<(), LineError> {
    let mut separator = b'{';
    for (i, column) in table.archived() {
        line.push(separator);
        separator = b',';
        let cannot = |error: &dyn ToString| LineError::new(column.name, error.to_string());
        write!(line, "\"{}\":", column.name).map_err(|error| cannot(&error))?;
        let value = row.get(i).unwrap_or(&Value::Null);
        encode_value(column, value, line)?;
    }
    line.extend(b"}\n");
    Ok(())
}

fn encode_value(column: &Column, value: &Value, line: &mut Vec<u8>) -> Result<(), LineError> {
    let cannot = |error: &dyn ToString| LineError::new(column.name, error.to_string());
    let written = match (column.kind, value) {
        (_, Value::Null) if column.is_nullable => write!(line, "null"),
        (Kind::Id, Value::Id(id)) => write!(line, "\"{id}\""),
        (Kind::Integer, Value::Integer(number)) => write!(line, "{number}"),
        (Kind::Flag, Value::Flag(flag)) => write!(line, "{flag}"),
        (Kind::Changes, Value::Text(text)) => write!(line, "{text}"),
        (Kind::Text, Value::Text(text)) => {
            return serde_json::to_writer(line, text).map_err(|error| cannot(&error));
        }
        (Kind::Time, Value::Integer(micros)) => {
            let time = Timestamp::from_micros(*micros).map_err(|error| cannot(&error))?;
            // The domain's form has milliseconds.
            let text = time.rfc3339();
            write!(line, "\"{}{:03}Z\"", text.as_str().trim_end_matches('Z'), micros.rem_euclid(1_000))
        }
        (Kind::Outline, Value::Bytes(bytes)) => {
            let outline = OutlineNumber::from_sort_key(bytes).map_err(|error| cannot(&error))?;
            write!(line, "\"{outline}\"")
        }
        _ => return Err(LineError::new(column.name, "does not have the type of its column")),
    };
    written.map_err(|error| cannot(&error))
}

/// Reads a line without its line feed. Columns that no archive contains get a value that is replaced later; a null, or that of `filler`.
pub(crate) fn decode(table: &Table, organization: OrganizationId, line: &[u8]) -> Result<Row, LineError> {
    let json: Json = serde_json::from_slice(line).map_err(|error| LineError::new("the line", error))?;
    let Json::Object(mut fields) = json else { return Err(LineError::new("the line", "is not an object")) };
    let mut row = Row::with_capacity(table.columns.len());
    for column in table.columns {
        row.push(match column.purpose {
            Purpose::Scope => organization.as_uuid().into(),
            Purpose::Folded | Purpose::Instance => filler(column),
            Purpose::Kept => {
                let field =
                    fields.remove(column.name).ok_or_else(|| LineError::new(column.name, "is missing"))?;
                decode_value(column, field)?
            }
        });
    }
    // The same row has one spelling: no spaces, no other order, no field twice, none that is unknown.
    let mut spelled = Vec::with_capacity(line.len() + 1);
    encode(table, &row, &mut spelled)?;
    if spelled.strip_suffix(b"\n") != Some(line) {
        return Err(LineError::new("the line", "is not spelled as the format says"));
    }
    Ok(row)
}

fn filler(column: &Column) -> Value {
    match column.kind {
        _ if column.is_nullable => Value::Null,
        Kind::Integer => Value::Integer(0),
        _ => Value::Null,
    }
}

fn decode_value(column: &Column, json: Json) -> Result<Value, LineError> {
    let wrong = || LineError::new(column.name, "has another type");
    let cannot = |error: &dyn ToString| LineError::new(column.name, error.to_string());
    Ok(match (column.kind, json) {
        (_, Json::Null) if column.is_nullable => Value::Null,
        (Kind::Id, Json::String(text)) => Uuid::try_parse(&text).map_err(|error| cannot(&error))?.into(),
        (Kind::Integer, Json::Number(number)) => number.as_i64().ok_or_else(wrong)?.into(),
        (Kind::Flag, Json::Bool(flag)) => flag.into(),
        (Kind::Text, Json::String(text)) => text.into(),
        (Kind::Time, Json::String(text)) => {
            Timestamp::parse(&text).map_err(|error| cannot(&error))?.micros().into()
        }
        (Kind::Outline, Json::String(text)) => {
            OutlineNumber::parse(&text).map_err(|error| cannot(&error))?.to_sort_key().into()
        }
        (Kind::Changes, changes @ Json::Array(_)) => {
            canonical_changes(&changes.to_string()).map_err(|error| cannot(&error))?.into()
        }
        _ => return Err(wrong()),
    })
}

#[cfg(test)]
mod tests {
    use loggia_sql::moving::TASKS;

    use super::*;

    const ORGANIZATION: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(1));

    fn line() -> String {
        let id = |number: u128| Uuid::from_u128(number);
        format!(
            r#"{{"id":"{}","project_id":"{}","number":7,"outline":"1.10","name":"Käse \"\\\n","description":null,"status":"todo","start_date":null,"end_date":"1969-12-31T23:59:59.999999Z","assignee_id":null,"created_by":"{}","created_at":"2026-01-31T08:00:00.000001Z","updated_at":"2026-01-31T08:00:00.120000Z","revision":1}}"#,
            id(2),
            id(3),
            id(4)
        )
    }

    #[test]
    fn decoding_and_encoding_a_line_round_trips() {
        let line = line();
        let row = decode(&TASKS, ORGANIZATION, line.as_bytes()).expect("a row");
        assert_eq!(row.first(), Some(&Value::Id(ORGANIZATION.as_uuid())));
        let mut written = Vec::new();
        encode(&TASKS, &row, &mut written).expect("a line");
        assert_eq!(String::from_utf8(written), Ok(line + "\n"));
    }

    #[test]
    fn every_noncanonical_line_is_refused() {
        let line = line();
        for (from, to) in [
            (":7", ": 7"),
            (":7", ":7.0"),
            (":7", ":\"7\""),
            (":7", ":null"),
            ("\"number\":7,", ""),
            ("\"number\":7,", "\"number\":7,\"number\":7,"),
            ("\"number\":7,", "\"number\":7,\"more\":7,"),
            ("\"id\"", "\"Id\""),
            ("1.10", "1.010"),
            ("1.10", "0"),
            ("ä", "\\u00e4"),
            (".000001Z", ".000001+00:00"),
            (".000001Z", ".0000019Z"),
            ("2026-01-31", "2026-02-31"),
            ("-000000000002", "-00000000000A"),
            ("}", "} "),
        ] {
            let other = line.replacen(from, to, 1);
            assert_ne!(other, line, "{from} is there");
            assert!(decode(&TASKS, ORGANIZATION, other.as_bytes()).is_err(), "{other}");
        }
    }
}
