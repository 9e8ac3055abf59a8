//! Query parameters: decoded strictly, each at most once, unknown ones rejected.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::problem::FieldErrorCode;
use crate::problem::validation::{ValidationErrors, ValueError};
use crate::wire::parameter::{Declaration, Parameter};

/// The parameters of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

/// The characters that are percent-encoded in a query value: all but the unreserved ones (RFC 3986 §2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Decodes a name or value. Returns `None` if it is not UTF-8, or has a `%` without two hexadecimal digits.
fn decode(text: &str) -> Option<String> {
    let sound = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    if !text.split('%').skip(1).all(sound) {
        return None;
    }
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

impl Query {
    /// Splits the query string. Adds a validation error for each parameter that is malformed, unknown or repeated.
    pub(crate) fn parse(raw: &str, allowed: &[&Declaration], errors: &mut ValidationErrors) -> Self {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for part in raw.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let Some(name) = decode(name) else {
                errors.parameter(
                    name,
                    ValueError::new(FieldErrorCode::INVALID_CHARACTER, "must be UTF-8, percent-encoded"),
                );
                continue;
            };
            if allowed.iter().all(|parameter| parameter.name != name) {
                let detail = match allowed {
                    [] => "is unknown; no parameter is allowed here".to_owned(),
                    _ => {
                        let names: Vec<_> = allowed.iter().map(|parameter| parameter.name).collect();
                        format!("is unknown; allowed are {}", names.join(", "))
                    }
                };
                errors.parameter(&name, ValueError::new(FieldErrorCode::UNKNOWN_PARAMETER, detail));
            } else if pairs.iter().any(|(earlier, _)| *earlier == name) {
                errors.parameter(
                    &name,
                    ValueError::new(FieldErrorCode::DUPLICATE_PARAMETER, "must not be repeated"),
                );
            } else if let Some(value) = decode(value) {
                pairs.push((name, value));
            } else {
                errors.parameter(
                    &name,
                    ValueError::new(FieldErrorCode::INVALID_CHARACTER, "must be UTF-8, percent-encoded"),
                );
            }
        }
        Self(pairs)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the parameters of the request with their values.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Parses a parameter that may be absent. Returns `Some(None)` if it is.
    pub(crate) fn read<T>(
        &self,
        errors: &mut ValidationErrors,
        parameter: &Parameter<T>,
    ) -> Option<Option<T>> {
        self.read_by(errors, parameter, |text| parameter.parse(text))
    }

    /// Parses a parameter that may be absent in a way that depends on the call. Returns `Some(None)` if it is absent.
    pub(crate) fn read_by<P, T>(
        &self,
        errors: &mut ValidationErrors,
        parameter: &Parameter<P>,
        parse: impl Fn(&str) -> Result<T, ValueError>,
    ) -> Option<Option<T>> {
        match self.get(parameter.name()).map(parse).transpose() {
            Ok(value) => Some(value),
            Err(error) => {
                errors.parameter(parameter.name(), error);
                None
            }
        }
    }

    /// Returns the query string of a link to another part of the same list: the parameters without those in `without`, then `with`.
    pub(crate) fn link(&self, without: &[&str], with: &[(&str, &str)]) -> String {
        let kept = self.pairs().filter(|(name, _)| !without.contains(name));
        let encode = |text| utf8_percent_encode(text, RESERVED);
        let pairs = kept.chain(with.iter().copied());
        let pairs: Vec<String> =
            pairs.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        pairs.join("&")
    }
}

/// Parses a whole number in plain digits. Fails with `OUT_OF_RANGE` if it does not fit.
pub(crate) fn number(text: &str) -> Result<u32, ValueError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ValueError::wrong_type("a whole number"));
    }
    text.parse().map_err(|_| ValueError::new(FieldErrorCode::OUT_OF_RANGE, "is out of range"))
}

/// Parses `true` or `false`.
pub(crate) fn flag(text: &str) -> Result<bool, ValueError> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(ValueError::new(FieldErrorCode::NOT_ALLOWED, "must be one of true, false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::paging::LIMIT;
    use crate::wire::parameter;

    static SEARCH: Parameter<String> =
        Parameter::new("search", "", |_| parameter::range(0, None, None), |text| Ok(text.to_owned()));
    static KNOWN: &[&Declaration] = &[&LIMIT.declaration, &SEARCH.declaration];

    fn findings_of(raw: &str) -> Vec<(String, &'static str)> {
        let mut errors = ValidationErrors::default();
        let query = Query::parse(raw, KNOWN, &mut errors);
        query.read(&mut errors, &LIMIT);
        let problem = errors.accept::<()>(Some(())).err();
        let errors = problem.iter().flat_map(|problem| problem.errors());
        errors.map(|error| (error.parameter.clone().unwrap_or_default(), error.code.as_str())).collect()
    }

    #[test]
    fn nothing_is_silently_ignored() {
        assert_eq!(findings_of("limit=5&search=a%20b+c"), []);
        assert_eq!(findings_of("limit=5&limit=5"), [("limit".to_owned(), "DUPLICATE_PARAMETER")]);
        assert_eq!(findings_of("Limit=5"), [("Limit".to_owned(), "UNKNOWN_PARAMETER")]);
        for value in ["%ff", "%zz", "%", "%4", "%+1"] {
            let errors = findings_of(&format!("search={value}"));
            assert_eq!(errors, [("search".to_owned(), "INVALID_CHARACTER")], "{value}");
        }
        for (value, code) in
            [("", "WRONG_TYPE"), ("-1", "OUT_OF_RANGE"), ("1.0", "WRONG_TYPE"), ("1e400", "WRONG_TYPE")]
        {
            assert_eq!(findings_of(&format!("limit={value}")), [("limit".to_owned(), code)], "{value}");
        }
        assert_eq!(findings_of("limit=9223372036854775808"), [("limit".to_owned(), "OUT_OF_RANGE")]);
    }

    #[test]
    fn links_keep_the_filters_and_escape_them() {
        let query = Query::parse("search=a%3E%26b&limit=5", KNOWN, &mut ValidationErrors::default());
        assert_eq!(query.link(&["cursor"], &[("cursor", "x-_")]), "search=a%3E%26b&limit=5&cursor=x-_");
    }
}
