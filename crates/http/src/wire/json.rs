//! JSON bodies, field by field.
//!
//! A typed `Deserialize` stops at its first error, and a `serde_json::Value` keeps the last of two equal keys. So a body is first split
//! into raw fields, which finds repeated names, and each field is then parsed by itself: all validation errors are reported at once, each
//! with its JSON Pointer, and nothing is parsed twice.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::limits::JSON_DEPTH;
use crate::problem::FieldErrorCode;
use crate::problem::validation::ValueError;
use crate::wire::depth::is_deeper_than;

/// A document without the byte order mark (U+FEFF in UTF-8) that may precede it (RFC 8259 §8.1).
pub(crate) fn without_byte_order_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// A value that has not been parsed yet and is known to be syntactically valid JSON.
#[derive(Clone, Copy)]
pub(crate) struct Json<'a>(&'a RawValue);

impl<'a> Json<'a> {
    /// Parses a whole document. A byte order mark before the document is skipped (RFC 8259 §8.1).
    pub(crate) fn document(bytes: &'a [u8]) -> Result<Self, String> {
        let text =
            std::str::from_utf8(without_byte_order_mark(bytes)).map_err(|_| "it is not UTF-8".to_owned())?;
        if is_deeper_than(JSON_DEPTH, text) {
            return Err(format!("its arrays and objects are nested deeper than {JSON_DEPTH} levels"));
        }
        serde_json::from_str::<&RawValue>(text).map(Self).map_err(|error| error.to_string())
    }

    /// Returns the value as it was written.
    pub(crate) fn text(self) -> &'a str {
        self.0.get()
    }

    pub(crate) fn is_null(self) -> bool {
        self.0.get() == "null"
    }

    fn starts_with(self, byte: u8) -> bool {
        self.0.get().as_bytes().first() == Some(&byte)
    }

    pub(crate) fn is_array(self) -> bool {
        self.starts_with(b'[')
    }

    pub(crate) fn is_number(self) -> bool {
        self.0.get().as_bytes().first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-')
    }

    /// Parses a string. Half a surrogate pair is rejected.
    pub(crate) fn string(self) -> Result<String, ValueError> {
        if !self.starts_with(b'"') {
            return Err(ValueError::wrong_type("a string"));
        }
        let unreadable = || {
            ValueError::new(
                FieldErrorCode::INVALID_CHARACTER,
                "must be valid Unicode: it has an unpaired surrogate",
            )
        };
        serde_json::from_str(self.0.get()).map_err(|_| unreadable())
    }

    /// Parses a whole number. As in JSON Schema, `7.0` and `7e0` are the number 7. Numbers are never rounded.
    pub(crate) fn integer(self) -> Result<i64, ValueError> {
        if !self.is_number() {
            return Err(ValueError::wrong_type("a whole number"));
        }
        let far = || ValueError::new(FieldErrorCode::OUT_OF_RANGE, "is far out of range");
        let (sign, text) = self.0.get().strip_prefix('-').map_or(("", self.0.get()), |text| ("-", text));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let digits = digits.trim_end_matches('0');
        if digits.bytes().all(|digit| digit == b'0') {
            return Ok(0);
        }
        // The number of digits before the decimal point once the exponent is applied.
        let before = match exponent.parse::<i64>() {
            Ok(exponent) => exponent.saturating_add(i64::try_from(whole.len()).unwrap_or(i64::MAX)),
            Err(_) if exponent.starts_with('-') => i64::MIN,
            Err(_) => i64::MAX,
        };
        let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        let zeros = before.checked_sub(count).filter(|zeros| *zeros >= 0);
        let zeros = zeros.ok_or_else(|| ValueError::wrong_type("a whole number"))?;
        let zeros = usize::try_from(zeros).ok().filter(|zeros| *zeros < 20).ok_or_else(far)?;
        format!("{sign}{digits}{}", "0".repeat(zeros)).parse().map_err(|_| far())
    }

    /// Parses `true` or `false`.
    pub(crate) fn boolean(self) -> Result<bool, ValueError> {
        match self.0.get() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(ValueError::wrong_type("true or false")),
        }
    }

    /// Returns the elements of an array.
    pub(crate) fn array(self) -> Result<Vec<Json<'a>>, ValueError> {
        if !self.is_array() {
            return Err(ValueError::wrong_type("an array"));
        }
        let elements: Vec<&'a RawValue> =
            serde_json::from_str(self.0.get()).map_err(|_| ValueError::wrong_type("an array"))?;
        Ok(elements.into_iter().map(Json).collect())
    }

    /// Returns the fields of an object in order, including repeated names.
    pub(crate) fn object(self) -> Result<Vec<(String, Json<'a>)>, ValueError> {
        if !self.starts_with(b'{') {
            return Err(ValueError::wrong_type("an object"));
        }
        let unreadable =
            |_| ValueError::new(FieldErrorCode::INVALID_CHARACTER, "must have names that are valid Unicode");
        serde_json::from_str::<Members<'a>>(self.0.get()).map(|members| members.0).map_err(unreadable)
    }
}

struct Members<'a>(Vec<(String, Json<'a>)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    members.push((name, Json(value)));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json<'_> {
        Json::document(text.as_bytes()).expect("JSON")
    }

    #[test]
    fn integers_are_read_exactly_or_refused() {
        let least = "-9223372036854775808";
        for (text, number) in
            [("7", 7), ("-1", -1), ("7.0", 7), ("7e0", 7), ("70e-1", 7), ("-0", 0), ("0.02E+2", 2)]
        {
            assert_eq!(json(text).integer(), Ok(number), "{text}");
        }
        for (text, number) in
            [(least, i64::MIN), ("9007199254740993.0", 9_007_199_254_740_993), ("0e999999999999999999999", 0)]
        {
            assert_eq!(json(text).integer(), Ok(number), "{text}");
        }
        for text in ["1e400", "9223372036854775808", "1e999999999999999999999", "-9223372036854775809"] {
            assert_eq!(
                json(text).integer().map_err(|error| error.code.as_str()),
                Err("OUT_OF_RANGE"),
                "{text}"
            );
        }
        for text in [
            "1.5",
            "1e-400",
            "1.00000000000000000001",
            "1e-999999999999999999999",
            "\"7\"",
            "null",
            "true",
            "[]",
        ] {
            assert!(json(text).integer().is_err(), "{text}");
        }
    }

    #[test]
    fn only_true_and_false_are_booleans() {
        assert_eq!((json("true").boolean(), json(" false ").boolean()), (Ok(true), Ok(false)));
        for text in ["\"true\"", "1", "0", "null", "[]"] {
            assert_eq!(
                json(text).boolean().map_err(|error| error.code.as_str()),
                Err("WRONG_TYPE"),
                "{text}"
            );
        }
    }

    #[test]
    fn one_byte_order_mark_before_a_document_is_skipped() {
        assert_eq!(json("\u{feff}7").integer(), Ok(7));
        assert_eq!(json("\u{feff}\"\u{feff}\"").string(), Ok("\u{feff}".to_owned()));
        for text in ["\u{feff}", "\u{feff}\u{feff}7", "7\u{feff}", " \u{feff}7"] {
            assert!(Json::document(text.as_bytes()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_no_text() {
        assert_eq!(json(r#""\ud83d\ude80""#).string(), Ok("\u{1F680}".to_owned()));
        for text in [r#""\ud800""#, r#""a\udc00b""#, r#""\ud800\u0041""#] {
            assert_eq!(
                json(text).string().map_err(|error| error.code.as_str()),
                Err("INVALID_CHARACTER"),
                "{text}"
            );
        }
    }

    #[test]
    fn repeated_names_are_kept() {
        let names: Vec<_> = json(r#"{"a":1,"b":2,"a":3}"#)
            .object()
            .expect("an object")
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["a", "b", "a"]);
    }

    #[test]
    fn a_document_nested_too_deep_is_refused_before_it_is_parsed() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Json::document(nested(32).as_bytes()).is_ok());
        for depth in [33, 128, 100_000] {
            let refused = Json::document(nested(depth).as_bytes()).err().expect("a refusal");
            assert!(refused.contains("deeper than 32 levels"), "{refused}");
        }
    }
}
