//! Callers whom the host recognises, instead of API keys.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;
use actix_web::test::TestRequest;
use async_trait::async_trait;
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::key::Caller;
use loggia_domain::port::StoreError;
use loggia_domain::scope::Scope;
use loggia_domain::service::Loggia;
use loggia_domain::user::MemberPatch;
use loggia_http::{HttpApp, Limits, Mount, NotRecognised, mount};
use loggia_testkit::intercept::{self, Interceptor};
use serde_json::json;

use super::{app, host};
use crate::harness::client::{Client, MOUNT, Service};
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{MADE_UP, Who, World};

on_every_store!(
    a_caller_whom_the_host_recognises_reads_and_writes,
    a_stranger_to_the_host_is_challenged_and_api_keys_are_not_read,
    a_deactivated_member_is_refused_from_the_next_request_on,
    a_member_deactivated_after_the_recognition_writes_nothing,
    records_of_another_tenant_do_not_exist,
    a_retry_is_replayed_and_a_user_has_one_quota,
);

/// The host's sessions: those of everybody, by user id, with their organization as the default scope.
pub(super) struct Sessions {
    people: HashMap<String, (UserId, OrganizationId)>,
    loggia: Loggia,
}

impl Sessions {
    pub(super) fn new(world: &World, loggia: Loggia) -> Self {
        let people = Who::ALL.map(|who| world.person(who));
        let people =
            people.map(|person| (format!("Session {}", person.id), (person.user, person.organization)));
        Self { people: people.into(), loggia }
    }

    pub(super) async fn recognise(&self, request: &HttpRequest) -> Result<Caller, NotRecognised> {
        let session = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        let person = session.and_then(|session| self.people.get(session));
        let not_signed_in = || NotRecognised::NotSignedIn(HeaderValue::from_static("Session realm=\"host\""));
        let (user, organization) = *person.ok_or_else(not_signed_in)?;
        Ok(self.loggia.recognise(user, Scope::Organization(organization)).await?)
    }
}

fn mounted(world: &World, app: HttpApp, loggia: Loggia) -> Mount {
    let sessions = Sessions::new(world, loggia);
    mount(MOUNT, app)
        .expect("a path")
        .callers(async move |request: &HttpRequest| sessions.recognise(request).await)
}

/// Returns a host with sessions and an API on that service.
pub(super) async fn with_sessions(world: &World, loggia: &Loggia, limits: Limits) -> Service {
    host(vec![mounted(world, app(loggia, limits), world.loggia.clone())]).await.below(MOUNT)
}

pub(super) fn signed_in(world: &World, service: &Service, who: Who) -> Client {
    Client::new(service.clone(), vec![format!("Session {}", world.id(who))])
}

/// Sends a request that the host may refuse, which the document of an API with keys does not say.
async fn sent(service: &Service, method: &str, path: &str, authorization: Option<&str>) -> Response {
    let mut request =
        TestRequest::with_uri(&format!("{MOUNT}{path}")).method(method.parse().expect("a method"));
    if let Some(authorization) = authorization {
        request = request.insert_header(("Authorization", authorization));
    }
    Response { mounted_at: MOUNT, ..service.outside(request).await }
}

/// Sends GET as a person whom the host knows, and Loggia may refuse.
pub(super) async fn refused(world: &World, service: &Service, who: Who, path: &str) -> Response {
    sent(service, "GET", path, Some(&format!("Session {}", world.id(who)))).await
}

async fn a_caller_whom_the_host_recognises_reads_and_writes(world: World) {
    let service = with_sessions(&world, &world.loggia, Limits::default()).await;
    let member = signed_in(&world, &service, Who::Member);
    let me = member.get("/api/v1/me").await;
    assert_eq!(me.status, 200, "{me}");
    let data = &me.json()["data"];
    assert_eq!((&data["user"]["id"], &data["key"]), (&json!(world.id(Who::Member)), &json!(null)));
    assert_eq!(data["defaultScope"]["organizationId"], json!(world.meridian));
    assert_eq!(me.header("vary"), Some("Authorization, Cookie"), "{me}");
    let made = member.post("/api/v1/spaces", json!({"name": "Quay"})).await;
    assert_eq!(
        (made.status, &made.json()["data"]["createdBy"]),
        (201, &json!(world.id(Who::Member))),
        "{made}"
    );
    let path = made.location().expect("a location");
    assert_eq!(member.delete(path).await.status, 200);
    signed_in(&world, &service, Who::Viewer)
        .post("/api/v1/spaces", json!({"name": "Quay"}))
        .await
        .refuses(403, "FORBIDDEN");
    // An organization's own person is confined to it.
    let own = signed_in(&world, &service, Who::Own);
    assert_eq!(own.get("/api/v1/organizations").await.json()["data"].as_array().expect("a list").len(), 1);
}

async fn a_stranger_to_the_host_is_challenged_and_api_keys_are_not_read(world: World) {
    let service = with_sessions(&world, &world.loggia, Limits::default()).await;
    let key = world.authorization(Who::Founder);
    for authorization in [None, Some("Session quay".to_owned()), Some(key)] {
        for method in ["GET", "POST"] {
            let response = sent(&service, method, "/api/v1/spaces", authorization.as_deref()).await;
            response.refuses(401, "UNAUTHENTICATED");
            assert_eq!(response.header("www-authenticate"), Some("Session realm=\"host\""), "{response}");
        }
        let open = sent(&service, "GET", "/livez", authorization.as_deref()).await;
        assert_eq!(open.status, 200, "the open endpoints are open");
    }
}

/// Deactivates one of Meridian's people, as the operator.
pub(super) async fn deactivate(loggia: &Loggia, user: UserId, organization: OrganizationId) {
    let inactive = MemberPatch { active: Some(false), ..MemberPatch::default() };
    loggia.operator().update_member(organization, user, inactive).await.expect("an inactive member");
}

/// Deactivates a member when the first unit of work is about to begin: the caller has been recognised by then.
struct Deactivating {
    loggia: Loggia,
    user: UserId,
    organization: OrganizationId,
    begun: AtomicUsize,
}

#[async_trait]
impl Interceptor for Deactivating {
    async fn before(&self, call: &'static str) -> Result<(), StoreError> {
        if call.starts_with("begin") && self.begun.fetch_add(1, Ordering::SeqCst) == 0 {
            deactivate(&self.loggia, self.user, self.organization).await;
        }
        Ok(())
    }
}

async fn a_deactivated_member_is_refused_from_the_next_request_on(world: World) {
    let service = with_sessions(&world, &world.loggia, Limits::default()).await;
    let no_access = |response: Response| response.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    no_access(refused(&world, &service, Who::Former, "/api/v1/me").await);
    assert_eq!(signed_in(&world, &service, Who::Member).get("/api/v1/me").await.status, 200);
    let grace = world.person(Who::Member);
    deactivate(&world.loggia, grace.user, grace.organization).await;
    for path in ["/api/v1/me", "/api/v1/spaces", "/v2/projects"] {
        no_access(refused(&world, &service, Who::Member, path).await);
    }
}

async fn a_member_deactivated_after_the_recognition_writes_nothing(world: World) {
    let grace = world.person(Who::Member);
    let deactivating = Deactivating {
        loggia: world.loggia.clone(),
        user: grace.user,
        organization: grace.organization,
        begun: AtomicUsize::new(0),
    };
    let loggia = Loggia::on_ports(intercept::store(world.ports(), Arc::new(deactivating))).build();
    let service = with_sessions(&world, &loggia, Limits::default()).await;
    let late = signed_in(&world, &service, Who::Member).post("/api/v1/spaces", json!({"name": "Quay"})).await;
    late.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    let found = world.as_admin().get("/api/v1/spaces?search=Quay").await.json();
    assert_eq!(found["data"], json!([]));
}

async fn records_of_another_tenant_do_not_exist(world: World) {
    let service = with_sessions(&world, &world.loggia, Limits::default()).await;
    let stranger = signed_in(&world, &service, Who::Stranger);
    for path in [format!("/api/v1/spaces/{}", world.pier), format!("/v2/projects/{}", world.harbour.id)] {
        let made_up = format!("{}/{MADE_UP}", path.rsplit_once('/').expect("an id").0);
        for method in ["GET", "DELETE"] {
            let sent = async |path: &str| stranger.request(method, path).header("X-Request-Id", "quay").await;
            let hidden = sent(&path).await;
            hidden.refuses(404, "NOT_FOUND");
            assert_eq!(hidden, sent(&made_up).await, "{method} {path}");
        }
        stranger.patch(&path, json!({})).await.refuses(404, "NOT_FOUND");
    }
    assert_eq!(stranger.get("/api/v1/spaces?search=Pier").await.json()["data"], json!([]));
}

async fn a_retry_is_replayed_and_a_user_has_one_quota(world: World) {
    let limits = Limits { requests_per_minute: Some(2), ..Limits::default() };
    let service = with_sessions(&world, &world.loggia, limits).await;
    let member = signed_in(&world, &service, Who::Member);
    let made = async || {
        member.post("/api/v1/spaces", json!({"name": "Quay"})).header("Idempotency-Key", "quay").await
    };
    let (first, again) = (made().await, made().await);
    assert_eq!((first.status, again.header("idempotent-replayed")), (201, Some("true")), "{again}");
    assert_eq!(first.bytes, again.bytes);
    made().await.refuses(429, "RATE_LIMITED");
    assert_eq!(signed_in(&world, &service, Who::Viewer).get("/api/v1/me").await.status, 200);
}
