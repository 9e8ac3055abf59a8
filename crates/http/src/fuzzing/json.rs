//! JSON values.

use serde_json::Value;

use crate::limits::JSON_DEPTH;
use crate::wire::json::{Json, without_byte_order_mark};

/// JSON values: each is parsed exactly or not at all.
pub fn json(data: &[u8]) {
    let document = Json::document(data);
    if let Ok(known) = serde_json::from_slice::<Value>(without_byte_order_mark(data)) {
        let brackets = data.iter().filter(|byte| matches!(byte, b'[' | b'{')).count();
        match document {
            Ok(document) => {
                assert!(depth(&known) <= JSON_DEPTH);
                value(document, &known);
            }
            Err(why) => assert!(brackets > JSON_DEPTH, "what another reader takes is JSON: {why}"),
        }
    } else if let Ok(unknown) = document {
        // Half a surrogate pair, or a number beyond floating point: the parser need only reject it without a panic.
        let _ = (unknown.string(), unknown.integer(), unknown.array().map(drop), unknown.object().map(drop));
    }
}

fn depth(known: &Value) -> usize {
    match known {
        Value::Array(elements) => 1 + elements.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn value(json: Json<'_>, known: &Value) {
    assert_eq!(json.is_null(), known.is_null());
    assert_eq!(json.is_array(), known.is_array());
    assert_eq!(json.is_number(), known.is_number());
    assert_eq!(json.boolean().ok(), known.as_bool());
    assert_eq!(json.string().ok().as_deref(), known.as_str());
    if let Some(number) = known.is_number().then(|| whole(json.text())).flatten() {
        assert_eq!(json.integer().ok(), number.ok().and_then(|number| i64::try_from(number).ok()), "{known}");
    }
    match (json.array(), known.as_array()) {
        (Ok(elements), Some(known)) => {
            assert_eq!(elements.len(), known.len());
            elements.into_iter().zip(known).for_each(|(json, known)| value(json, known));
        }
        (array, known) => assert!(array.is_err() && known.is_none()),
    }
    match (json.object(), known.as_object()) {
        (Ok(members), Some(known)) => {
            assert!(members.len() >= known.len(), "the other reader keeps the last of two");
            for (name, json) in &members {
                let last = members.iter().rfind(|(other, _)| other == name).map(|(_, last)| last.text());
                if last == Some(json.text()) {
                    value(*json, &known[name]);
                }
            }
        }
        (object, known) => assert!(object.is_err() && known.is_none()),
    }
}

/// Returns the number without rounding, or `Err` if it is not whole. Returns `None` if it does not fit into 128 bits.
pub(super) fn whole(text: &str) -> Option<Result<i128, ()>> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut number: i128 = format!("{whole}{fraction}").parse().ok()?;
    let mut exponent = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    while exponent < 0 && number != 0 {
        if number % 10 != 0 {
            return Some(Err(()));
        }
        (number, exponent) = (number / 10, exponent + 1);
    }
    while exponent > 0 && number != 0 {
        (number, exponent) = (number.checked_mul(10)?, exponent - 1);
    }
    Some(Ok(number))
}
