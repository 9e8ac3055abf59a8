//! The stored form of responses. The replica that replays a response may have another version, so a version that changes the form must
//! still read the previous one for as long as responses are stored.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use loggia_domain::once::StoredResponse;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::wire::response::Answer;

/// The version of the form.
const FORM: u8 = 1;

/// A response without the headers that every response has, which belong to its connection.
#[derive(Deserialize, Serialize)]
struct Kept {
    form: u8,
    status: u16,
    headers: Vec<(String, String)>,
    /// The body as text: it is JSON, so it comes back byte for byte.
    body: Option<String>,
}

/// Encodes a response for storage. Of a response that shows a secret, only that fact is stored.
pub(super) fn from_response(answer: &Answer) -> Result<StoredResponse, Problem> {
    if answer.shows_a_secret() {
        Ok(StoredResponse::Withheld)
    } else {
        encode(answer).map(StoredResponse::Shown)
    }
}

fn encode(answer: &Answer) -> Result<Vec<u8>, Problem> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(Problem::internal);
    let header = |(name, value): &(HeaderName, HeaderValue)| Ok((name.to_string(), text(value.as_bytes())?));
    let kept = Kept {
        form: FORM,
        status: answer.status().as_u16(),
        headers: answer.headers().iter().map(header).collect::<Result<_, Problem>>()?,
        body: answer.body().map(|body| text(&body)).transpose()?,
    };
    serde_json::to_vec(&kept).map_err(Problem::internal)
}

/// Decodes a stored response.
pub(super) fn decode(bytes: &[u8]) -> Result<Answer, Problem> {
    let kept: Kept = serde_json::from_slice(bytes).map_err(Problem::internal)?;
    if kept.form != FORM {
        return Err(Problem::internal(format!("a stored response has the form {}", kept.form)));
    }
    let header = |(name, value): &(String, String)| {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(Problem::internal)?;
        Ok((name, HeaderValue::from_str(value).map_err(Problem::internal)?))
    };
    let headers = kept.headers.iter().map(header).collect::<Result<_, Problem>>()?;
    let status = StatusCode::from_u16(kept.status).map_err(Problem::internal)?;
    Ok(Answer::new(status, headers, kept.body.map(|body| body.into_bytes().into())))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::LOCATION;

    use super::*;
    use loggia_serve::client::BaseUrl;

    #[test]
    fn a_stored_response_is_decoded_to_the_byte() {
        let body = "Straße \u{1F6A2} \"\\\n\t";
        let created = Answer::created(Some("/quay/1".to_owned()), &body).expect("an answer");
        let created =
            created.located_at(&BaseUrl::Url("https://example.com/pier".into())).expect("an answer");
        assert_eq!(created.headers()[0].1, "https://example.com/pier/quay/1");
        for answer in [created.tagged(7).expect("a tag"), Answer::no_content().expect("an answer")] {
            let StoredResponse::Shown(bytes) = from_response(&answer).expect("what to keep") else {
                panic!("withheld")
            };
            let again = decode(&bytes).expect("an answer");
            assert_eq!(
                (again.status(), again.headers(), again.body()),
                (answer.status(), answer.headers(), answer.body())
            );
        }
    }

    #[test]
    fn the_format_of_this_version_is_read_by_the_next() {
        let kept = br#"{"form":1,"status":201,"headers":[["location","/quay/1"],["etag","\"7-44136fa355b3678a\""]],"body":"{}"}"#;
        let answer = decode(kept).expect("an answer");
        assert_eq!((answer.status(), answer.body().as_deref()), (StatusCode::CREATED, Some(&b"{}"[..])));
        assert_eq!(answer.headers()[0], (LOCATION, HeaderValue::from_static("/quay/1")));
        let bytes = encode(&answer).expect("what to keep");
        assert_eq!(bytes, kept, "a change here is a new form");
    }

    #[test]
    fn a_response_with_a_secret_is_not_stored() {
        let answer = Answer::ok(&"secret").expect("an answer").with_a_secret();
        assert_eq!(from_response(&answer).expect("what to keep"), StoredResponse::Withheld);
    }

    #[test]
    fn an_unknown_format_is_an_error() {
        for kept in ["", "{}", r#"{"form":2,"status":200,"headers":[],"body":null}"#] {
            assert!(decode(kept.as_bytes()).is_err(), "{kept}");
        }
    }
}
