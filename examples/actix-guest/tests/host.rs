//! The host with Loggia in it, called without a socket.

use std::sync::Arc;

use actix_guest::{Host, open, routes};
use actix_web::App;
use actix_web::body::to_bytes;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{COOKIE, HeaderName, LOCATION, SET_COOKIE, WWW_AUTHENTICATE};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Data;
use loggia_domain::user::MemberPatch;
use loggia_http::Mount;
use loggia_testkit::memory::MemoryStore;
use serde_json::{Value, json};

const ADA: usize = 0;
const GRACE: usize = 1;

struct Site {
    host: Data<Host>,
    mount: Mount,
}

impl Site {
    async fn open() -> Self {
        let (host, mount) = open(Arc::new(MemoryStore::new())).await.unwrap();
        Self { host, mount }
    }

    async fn call(&self, request: TestRequest) -> ServiceResponse {
        let app = init_service(App::new().configure(routes(self.host.clone(), self.mount.clone()))).await;
        app.call(request.insert_header(("Host", "host.example.com")).to_request()).await.unwrap()
    }

    /// Signs a person in, and returns their cookie.
    async fn session(&self, person: usize) -> (HeaderName, String) {
        let path = format!("/sign-in/{}", self.host.people[person].code);
        let signed_in = self.call(TestRequest::with_uri(&path)).await;
        assert_eq!((signed_in.status().as_u16(), header(&signed_in, LOCATION)), (303, "/".to_owned()));
        (COOKIE, header(&signed_in, SET_COOKIE).split_once(';').unwrap().0.to_owned())
    }
}

fn header(response: &ServiceResponse, name: HeaderName) -> String {
    response.headers().get(name).unwrap().to_str().unwrap().to_owned()
}

async fn text(response: ServiceResponse) -> String {
    String::from_utf8(to_bytes(response.into_body()).await.unwrap().to_vec()).unwrap()
}

async fn code(response: ServiceResponse) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, serde_json::from_str::<Value>(&text(response).await).unwrap()["code"].take())
}

#[actix_web::test]
async fn a_project_made_in_loggia_is_on_the_page_of_the_host() {
    let site = Site::open().await;
    let session = site.session(ADA).await;
    let body = json!({"project_name": "Quay & Pier"}).to_string();
    let new =
        TestRequest::post().uri("/work/v2/projects").insert_header(("Content-Type", "application/json"));
    let new = new.insert_header(("Content-Length", body.len())).set_payload(body);
    let made = site.call(new.insert_header(session.clone())).await;
    assert_eq!(made.status(), 201);
    let location = header(&made, LOCATION);
    let path = location.strip_prefix("http://host.example.com").unwrap();
    assert!(path.starts_with("/work/v2/projects/"), "{location}");
    assert_eq!(site.call(TestRequest::with_uri(path).insert_header(session.clone())).await.status(), 200);
    let page = text(site.call(TestRequest::with_uri("/").insert_header(session)).await).await;
    assert!(page.contains("<li>Quay &amp; Pier"), "{page}");
}

#[actix_web::test]
async fn a_request_without_a_session_is_asked_to_sign_in() {
    let site = Site::open().await;
    assert_eq!(site.call(TestRequest::with_uri("/sign-in/quay")).await.status(), 404);
    for cookie in ["session=quay", "quay"] {
        let refused =
            site.call(TestRequest::with_uri("/work/v2/projects").insert_header((COOKIE, cookie))).await;
        assert_eq!(header(&refused, WWW_AUTHENTICATE), "Session");
        assert_eq!(code(refused).await, (401, json!("UNAUTHENTICATED")));
        let page = text(site.call(TestRequest::with_uri("/").insert_header((COOKIE, cookie))).await).await;
        assert!(page.contains("Open the link"), "{page}");
    }
    assert_eq!(site.call(TestRequest::with_uri("/work/docs")).await.status(), 200, "the documents are open");
}

#[actix_web::test]
async fn a_person_deactivated_in_loggia_keeps_the_session_and_has_no_access() {
    let site = Site::open().await;
    let session = site.session(GRACE).await;
    let me = || TestRequest::with_uri("/work/api/v1/me").insert_header(session.clone());
    assert_eq!(site.call(me()).await.status(), 200);
    let inactive = MemberPatch { active: Some(false), ..MemberPatch::default() };
    let (organization, grace) = (site.host.organization, site.host.people[GRACE].user);
    site.host.loggia.operator().update_member(organization, grace, inactive).await.unwrap();
    assert_eq!(code(site.call(me()).await).await, (403, json!("NO_ACCESS_TO_ORGANIZATION")));
}
