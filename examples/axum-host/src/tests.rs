use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use tempfile::TempDir;
use tower::ServiceExt;

use super::*;

/// The host on a store of its own, with the session of a user.
struct Fixture {
    host: Host,
    store: Arc<SqliteStore>,
    token: String,
    _folder: TempDir,
}

impl Fixture {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path().join("host.db")).await.unwrap());
        let mut fixture =
            Self { host: Host::on(Arc::clone(&store)), store, token: String::new(), _folder: folder };
        let ada = json!({"email": "ada@example.com", "first_name": "Ada", "last_name": "Byron"});
        let (status, _, body) = fixture.call("POST", "/sign-up", &[], ada).await;
        assert_eq!(status, StatusCode::CREATED);
        fixture.token = body["token"].as_str().unwrap().to_owned();
        fixture
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("authorization", format!("Bearer {}", self.token));
        request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
    }

    async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> (StatusCode, HeaderMap, Value) {
        let request = self.request(method, path, headers, body);
        let response: Response = routes(self.host.clone()).oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, headers, serde_json::from_slice(&body).unwrap_or_default())
    }
}

#[tokio::test]
async fn a_project_is_changed_only_at_the_revision_that_the_client_has_seen() {
    let fixture = Fixture::new().await;
    let (status, headers, made) = fixture.call("POST", "/projects", &[], json!({"name": "Harbour"})).await;
    assert_eq!((status, headers["etag"].to_str().unwrap()), (StatusCode::CREATED, "\"1\""));
    let path = format!("/projects/{}", made["id"].as_str().unwrap());
    let rename = async |tag: Option<&str>, name: &str| {
        let headers: Vec<_> = tag.map(|tag| ("if-match", tag)).into_iter().collect();
        fixture.call("PATCH", &path, &headers, json!({"name": name})).await.0
    };
    assert_eq!(rename(None, "Port").await, StatusCode::PRECONDITION_REQUIRED);
    assert_eq!(rename(Some("\"1\""), "Port").await, StatusCode::OK);
    assert_eq!(rename(Some("\"1\""), "Quay").await, StatusCode::PRECONDITION_FAILED);
    assert_eq!(rename(Some("junk"), "Quay").await, StatusCode::PRECONDITION_FAILED);
    assert_eq!(rename(Some("\"1\", \"2\""), "Quay").await, StatusCode::OK);
    let (_, headers, shown) = fixture.call("GET", &path, &[], Value::Null).await;
    assert_eq!((shown["name"].as_str().unwrap(), &headers["etag"]), ("Quay", &"\"3\"".parse().unwrap()));
}

#[tokio::test]
async fn errors_have_the_status_of_their_kind() {
    let mut fixture = Fixture::new().await;
    let status = async |fixture: &Fixture, method, path, body| fixture.call(method, path, &[], body).await.0;
    let ada = json!({"email": "ada@example.com", "first_name": "Ada", "last_name": "Byron"});
    assert_eq!(status(&fixture, "POST", "/sign-up", ada).await, StatusCode::CONFLICT);
    assert_eq!(status(&fixture, "POST", "/projects", json!({"name": ""})).await, StatusCode::BAD_REQUEST);
    assert_eq!(status(&fixture, "GET", "/projects/1", Value::Null).await, StatusCode::BAD_REQUEST);
    let unknown = "/projects/01930000-0000-7000-8000-000000000001";
    assert_eq!(status(&fixture, "GET", unknown, Value::Null).await, StatusCode::NOT_FOUND);
    fixture.token = "nobody".to_owned();
    assert_eq!(status(&fixture, "GET", "/projects", Value::Null).await, StatusCode::UNAUTHORIZED);
    // A session of a user whom Loggia does not know is not a fault of the store.
    let nobody = UserId::from_uuid(Uuid::nil());
    fixture.host.sessions.write().await.insert(fixture.token.clone(), (nobody, Scope::Personal(nobody)));
    assert_eq!(status(&fixture, "GET", "/projects", Value::Null).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_client_that_disconnects_does_not_cancel_its_write() {
    let fixture = Fixture::new().await;
    // The only writer is taken, so the write has to wait.
    let other = fixture.store.begin().await.unwrap();
    {
        let request = fixture.request("POST", "/projects", &[], json!({"name": "Harbour"}));
        let mut call = pin!(routes(fixture.host.clone()).oneshot(request));
        poll_fn(|context| {
            assert!(call.as_mut().poll(context).is_pending(), "the writer is taken");
            if fixture.host.writes.is_empty() { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        // Here the client disconnects: axum drops the handler.
    }
    drop(other);
    fixture.host.writes.close();
    fixture.host.writes.wait().await;
    let (_, _, list) = fixture.call("GET", "/projects", &[], Value::Null).await;
    assert_eq!(list[0]["name"], "Harbour");
}
