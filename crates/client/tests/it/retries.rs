//! Retries over real connections.

use std::time::Duration;

use loggia_client::{
    Client, Error, IdempotencyKey, MemberPatch, NewSpace, ProblemCode, Retries, SpaceId, SpacePatch, UserId,
};
use serde_json::json;

use crate::server::{Answer, Server, problem, response};
use crate::{KEY, client};

fn space() -> Answer {
    let body = json!({"data": {
        "_id": "01930000-0000-7000-8000-000000000069", "name": "Pier", "description": null, "organizationId": null,
        "projectId": null, "status": "Draft", "priority": "none", "currentStrength": 0, "createdBy": null,
        "createdAt": "2026-01-31T08:30:00.000Z", "updatedAt": "2026-01-31T08:30:00.000Z",
    }});
    crate::server::json(201, &body).with("ETag", r#""1-0123456789abcdef""#)
}

fn space_id() -> SpaceId {
    "01930000-0000-7000-8000-000000000069".parse().unwrap()
}

/// Returns the idempotency keys of the requests that the server got.
fn keys(server: &Server) -> Vec<Option<String>> {
    server.received().iter().map(|request| request.header("idempotency-key").map(str::to_owned)).collect()
}

#[tokio::test]
async fn every_retry_of_a_change_has_the_key_of_the_first_attempt_and_no_other_change_has() {
    let failures =
        [Answer::Cut, Answer::CutWithin, problem(503, "BUSY"), response(502, "text/html", "<h1>Bad</h1>")];
    let server = Server::script([&failures[..], &[space()]].concat()).await;
    let client = client(&server);
    assert_eq!(client.spaces().create(&NewSpace::new("Pier")).await.unwrap().name, "Pier");
    client.spaces().update(space_id().unconditionally(), &SpacePatch::new().name("Pier")).await.unwrap();
    let keys = keys(&server);
    assert_eq!(keys.len(), 6);
    assert!(keys[0].as_ref().is_some_and(|key| key.len() == 32));
    assert!(keys[..5].iter().all(|key| *key == keys[0]), "{keys:?}");
    assert!(keys[5].is_some() && keys[5] != keys[0]);
}

#[tokio::test]
async fn only_these_statuses_are_tried_again() {
    for status in (400..=599).filter(|status| *status != 412) {
        let server = Server::script(vec![problem(status, "A_CODE"), space()]).await;
        let result = client(&server).spaces().get(space_id()).await;
        let is_repeated = [408, 425, 429, 500, 502, 503, 504].contains(&status);
        assert_eq!(result.is_ok(), is_repeated, "{status}");
        assert_eq!(server.received().len(), 1 + usize::from(is_repeated), "{status}");
    }
}

#[tokio::test]
async fn a_lost_connection_is_tried_again_whatever_the_method() {
    let server =
        Server::script(vec![Answer::Cut, space(), Answer::CutWithin, space(), Answer::Cut, space()]).await;
    let client = client(&server);
    client.spaces().get(space_id()).await.unwrap();
    client.spaces().delete(space_id().unconditionally()).await.unwrap();
    client.spaces().create(&NewSpace::new("Pier")).await.unwrap();
    let methods: Vec<_> = server.received().into_iter().map(|request| request.method).collect();
    assert_eq!(methods, ["GET", "GET", "DELETE", "DELETE", "POST", "POST"]);
}

#[tokio::test]
async fn a_change_whose_outcome_stays_unknown_is_an_error_of_its_own_with_its_key() {
    for last in [
        Answer::Cut,
        problem(503, "OUTCOME_UNKNOWN"),
        problem(500, "INTERNAL_ERROR"),
        response(504, "text/html", ""),
    ] {
        let server = Server::script(vec![last]).await;
        let error = client(&server).spaces().create(&NewSpace::new("Pier")).await.unwrap_err();
        let Error::OutcomeUnknown { idempotency_key: Some(key), .. } = &error else { panic!("{error:?}") };
        assert_eq!(keys(&server), vec![Some(key.to_string()); 5]);
    }
}

#[tokio::test]
async fn the_outcome_of_a_read_or_of_a_refused_change_is_known() {
    let server = Server::script(vec![Answer::Cut]).await;
    let error = client(&server).spaces().get(space_id()).await.unwrap_err();
    assert!(matches!(error, Error::Interrupted(_)), "{error:?}");
    let server = Server::script(vec![problem(503, "BUSY")]).await;
    let error = client(&server).spaces().create(&NewSpace::new("Pier")).await.unwrap_err();
    assert_eq!(error.code(), Some(&ProblemCode::Busy));
    assert!(matches!(error, Error::Problem(_)), "{error:?}");
}

#[tokio::test]
async fn a_refusal_after_a_lost_response_is_the_outcome_only_if_the_request_had_a_key() {
    let script = || vec![Answer::Cut, problem(404, "NOT_FOUND")];
    let server = Server::script(script()).await;
    let update =
        client(&server).spaces().update(space_id().unconditionally(), &SpacePatch::new()).await.unwrap_err();
    assert!(matches!(update, Error::Problem(_)), "{update:?}");
    // The first attempt may have deleted it.
    let server = Server::script(script()).await;
    let delete = client(&server).spaces().delete(space_id().unconditionally()).await.unwrap_err();
    assert!(matches!(delete, Error::OutcomeUnknown { idempotency_key: None, .. }), "{delete:?}");
    assert_eq!(delete.code(), Some(&ProblemCode::NotFound));
    // A refused key says nothing about what an earlier attempt did.
    let server = Server::script(vec![Answer::Cut, problem(401, "INVALID_KEY")]).await;
    let update =
        client(&server).spaces().update(space_id().unconditionally(), &SpacePatch::new()).await.unwrap_err();
    assert!(matches!(update, Error::OutcomeUnknown { .. }), "{update:?}");
}

#[tokio::test]
async fn an_earlier_attempt_in_flight_is_waited_for() {
    let in_use = || problem(409, "IDEMPOTENCY_KEY_IN_USE");
    let server = Server::script(vec![Answer::Cut, in_use(), in_use(), space()]).await;
    client(&server).spaces().create(&NewSpace::new("Pier")).await.unwrap();
    assert_eq!(server.received().len(), 4);
    let server = Server::script(vec![in_use(), space()]).await;
    let error = client(&server).spaces().create(&NewSpace::new("Pier")).await.unwrap_err();
    assert_eq!(error.code(), Some(&ProblemCode::IdempotencyKeyInUse));
}

#[tokio::test]
async fn a_chosen_key_is_sent_as_it_is() {
    let server = Server::script(vec![space()]).await;
    let client = client(&server).with_idempotency_key(IdempotencyKey::new("mine").unwrap());
    client.spaces().create(&NewSpace::new("Pier")).await.unwrap();
    client.spaces().delete(space_id().unconditionally()).await.unwrap();
    assert_eq!(keys(&server), [Some("mine".to_owned()), None]);
    for malformed in ["", "\"mine\"", "a key", "schlüssel", &"k".repeat(256)] {
        assert!(IdempotencyKey::new(malformed).is_err(), "{malformed}");
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up_and_a_change_then_has_an_unknown_outcome() {
    let server = Server::script(vec![Answer::Silence]).await;
    let mut retries = Retries::default();
    retries.max_attempts = 1;
    retries.attempt_timeout = Duration::from_millis(50);
    let client = Client::builder(&server.url(), KEY).retries(retries).build().unwrap();
    let error = client.spaces().get(space_id()).await.unwrap_err();
    assert!(matches!(error, Error::TimedOut), "{error:?}");
    let user: UserId = "01930000-0000-7000-8000-00000000000f".parse().unwrap();
    let organization = "01930000-0000-7000-8000-00000000000f".parse().unwrap();
    let error =
        client.members(organization).update(user.unconditionally(), &MemberPatch::new()).await.unwrap_err();
    assert!(
        matches!(&error, Error::OutcomeUnknown { last, .. } if matches!(**last, Error::TimedOut)),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_refused_connection_is_reported_as_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = crate::client_at(&url).spaces().create(&NewSpace::new("Pier")).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn an_https_server_that_speaks_no_tls_gets_no_request() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let error = crate::client_at(&url).spaces().create(&NewSpace::new("Pier")).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
}
