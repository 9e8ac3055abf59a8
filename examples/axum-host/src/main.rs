//! A service of one's own with Loggia inside: axum, its own users and sessions, and the store on SQLite.
//!
//! `cargo run --manifest-path examples/Cargo.toml -p axum-host` serves on 127.0.0.1:3000 and `host.db`.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use loggia_domain::error::{DomainError, ErrorKind};
use loggia_domain::id::{ProjectId, UserId};
use loggia_domain::page::{PageRequest, ProjectQuery};
use loggia_domain::port::{Store, Views};
use loggia_domain::project::{NewProject, Project, ProjectPatch};
use loggia_domain::revision::Expected;
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::service::{Acting, Loggia, NewAccount, OrganizationError};
use loggia_domain::text::{EmailAddress, PersonName, ProjectName};
use loggia_domain::user::Profile;
use loggia_sqlite::SqliteStore;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::RwLock;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// The state that all handlers share.
#[derive(Clone)]
struct Host {
    loggia: Loggia,
    /// The sessions of the host's own users by token: the user at Loggia, and the scope of calls that name none. A service that keeps
    /// its users signed in over a restart has a table for it.
    sessions: Arc<RwLock<HashMap<String, (UserId, Scope)>>>,
    writes: TaskTracker,
}

impl Host {
    fn on<S: Store + Views + 'static>(store: Arc<S>) -> Self {
        let loggia = Loggia::on(store).with_system().build();
        Self { loggia, sessions: Arc::default(), writes: TaskTracker::new() }
    }

    /// Runs a write in a task of its own. A client that disconnects has its handler dropped, but not the write.
    async fn write<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: DomainError,
    {
        Ok(self.writes.spawn(work).await.map_err(|panic| Problem::internal(&panic))??)
    }
}

/// A status and a message for the client.
#[derive(Debug)]
struct Problem(StatusCode, String);

impl Problem {
    fn new(status: StatusCode, message: &str) -> Self {
        Self(status, message.to_owned())
    }

    /// Logs what is for the operator alone.
    fn internal(error: &dyn Error) -> Self {
        eprintln!("error: {error}");
        let mut source = error.source();
        while let Some(cause) = source {
            eprintln!("  caused by: {cause}");
            source = cause.source();
        }
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
    }
}

impl<E: DomainError> From<E> for Problem {
    fn from(error: E) -> Self {
        let status = match error.kind() {
            ErrorKind::Invalid => StatusCode::BAD_REQUEST,
            ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
            ErrorKind::Denied => StatusCode::FORBIDDEN,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Conflict | ErrorKind::LimitReached => StatusCode::CONFLICT,
            ErrorKind::Stale => StatusCode::PRECONDITION_FAILED,
            ErrorKind::Contended | ErrorKind::Unavailable | ErrorKind::OutcomeUnknown => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            ErrorKind::Unsupported | ErrorKind::Broken => return Self::internal(&error),
        };
        Self(status, error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.0, Json(json!({"message": self.1}))).into_response();
        if self.0 == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// The use cases as the user of the session that the request names.
struct Caller(Acting);

impl FromRequestParts<Host> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, host: &Host) -> Result<Self, Problem> {
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer ")).unwrap_or_default();
        let session = host.sessions.read().await.get(token).copied();
        let (user, scope) = session.ok_or(Problem::new(StatusCode::UNAUTHORIZED, "sign up first"))?;
        // Loggia knows whether the user exists, is active, and what they reach.
        let caller = host.loggia.recognise(user, scope).await?;
        Ok(Self(host.loggia.acting_as(&caller)))
    }
}

fn routes(host: Host) -> Router {
    Router::new()
        .route("/sign-up", post(sign_up))
        .route("/projects", get(list).post(create))
        .route("/projects/{id}", get(show).patch(rename))
        .with_state(host)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignUp {
    email: String,
    first_name: String,
    last_name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

fn view(project: &Project) -> Value {
    json!({"id": project.id.to_string(), "name": project.name.as_str(), "revision": project.revision})
}

/// A project as a response, with its revision as the entity tag.
fn shown(status: StatusCode, project: &Project) -> impl IntoResponse + use<> {
    let tag = format!("\"{}\"", project.revision);
    (status, [(header::ETAG, tag)], Json(view(project)))
}

/// Reads the revision that a change was made for. Without one, the change of another would be overwritten unseen.
fn expected(headers: &HeaderMap) -> Result<Expected, Problem> {
    let Some(tags) = headers.get(header::IF_MATCH) else {
        return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "send If-Match with the entity tag"));
    };
    let tags = tags.to_str().unwrap_or_default();
    // A tag that no project has matches none.
    let revision = |tag: &str| tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok();
    Ok(match tags {
        "*" => Expected::Any,
        tags => Expected::OneOf(tags.split(',').filter_map(revision).collect()),
    })
}

/// Creates an account at Loggia and a session of the host. A service with passwords or single sign-on checks them here.
async fn sign_up(State(host): State<Host>, Json(body): Json<SignUp>) -> Result<impl IntoResponse, Problem> {
    let new = NewAccount {
        email: EmailAddress::parse(&body.email)?,
        profile: Profile {
            first_name: PersonName::parse(&body.first_name)?,
            last_name: PersonName::parse(&body.last_name)?,
            username: None,
            employee_number: None,
            avatar: None,
        },
    };
    // Signing up is the one thing that this host does as the operator.
    let (operator, sessions) = (host.loggia.operator(), Arc::clone(&host.sessions));
    let signed_up = async move {
        let member = operator.add_account(&new).await?;
        let token = Uuid::new_v4().to_string();
        sessions.write().await.insert(token.clone(), (member.user, member.scope));
        Ok::<_, OrganizationError>(token)
    };
    let token = host.write(signed_up).await?;
    Ok((StatusCode::CREATED, Json(json!({"token": token}))))
}

async fn list(Caller(acting): Caller) -> Result<Json<Value>, Problem> {
    let query = ProjectQuery::default();
    let page = acting.list_projects(ScopeChoice::Default, &query, &PageRequest::FIRST).await?;
    Ok(Json(page.items.iter().map(|project| view(&project.record)).collect()))
}

async fn show(Caller(acting): Caller, Path(id): Path<String>) -> Result<impl IntoResponse, Problem> {
    let project = acting.project(ProjectId::parse(&id)?).await?;
    Ok(shown(StatusCode::OK, &project.record))
}

async fn create(
    State(host): State<Host>,
    Caller(acting): Caller,
    Json(body): Json<Named>,
) -> Result<impl IntoResponse, Problem> {
    let new = NewProject::named(ProjectName::parse(&body.name)?);
    let project = host.write(async move { acting.create_project(ScopeChoice::Default, new).await }).await?;
    Ok(shown(StatusCode::CREATED, &project.record))
}

async fn rename(
    State(host): State<Host>,
    Caller(acting): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Named>,
) -> Result<impl IntoResponse, Problem> {
    let (id, acting) = (ProjectId::parse(&id)?, acting.expecting(expected(&headers)?));
    let patch = ProjectPatch { name: Some(ProjectName::parse(&body.name)?), ..ProjectPatch::default() };
    let project = host.write(async move { acting.update_project(id, patch).await }).await?;
    Ok(shown(StatusCode::OK, &project.record))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = Arc::new(SqliteStore::open("host.db").await?);
    let host = Host::on(Arc::clone(&store));
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    let stopped = async {
        // Without a handler for Ctrl-C the process is ended by it.
        let _ = tokio::signal::ctrl_c().await;
    };
    axum::serve(listener, routes(host.clone())).with_graceful_shutdown(stopped).await?;
    // The writes of clients that have disconnected may still run.
    host.writes.close();
    host.writes.wait().await;
    store.close().await;
    Ok(())
}
