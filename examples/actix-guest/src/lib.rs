//! An actix application with its own sign-in and its own page, and Loggia below `/work`.
//!
//! The people of this host have a link each, which signs them in and sets a cookie. Loggia has no cookie and no key here: the host tells it
//! who calls.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex};

use actix_web::http::header::{COOKIE, HeaderValue, LOCATION, SET_COOKIE};
use actix_web::web::{self, Data, Html, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Responder};
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::key::Caller;
use loggia_domain::page::{PageRequest, ProjectQuery};
use loggia_domain::port::Ports;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::service::{Bootstrap, Loggia, NewMember};
use loggia_domain::text::{EmailAddress, KeyName, OrganizationName, PersonName};
use loggia_domain::user::Profile;
use loggia_http::{HttpApp, Limits, Mount, NotRecognised};
use uuid::Uuid;

/// A person whom the host knows. The code in their link is a secret.
pub struct Person {
    pub name: &'static str,
    pub code: String,
    pub user: UserId,
}

/// The state of the host: its people, and its sessions by the value of their cookie.
pub struct Host {
    pub loggia: Loggia,
    pub organization: OrganizationId,
    pub people: [Person; 2],
    sessions: Mutex<HashMap<String, UserId>>,
}

/// Creates the host on an empty store, with Ada and Grace, and its Loggia.
pub async fn open(ports: Ports) -> Result<(Data<Host>, Mount), Box<dyn Error>> {
    let secret = ports.views.instance_secret().await?;
    let loggia = Loggia::new(ports.clone());
    let plan = Bootstrap {
        organization: OrganizationName::parse("Harbour Works")?,
        email: EmailAddress::parse("ada@example.com")?,
        profile: profile("Ada", "Byron")?,
        key: KeyName::parse("unused")?,
        key_ends_unless_used: true,
    };
    let ada = loggia.operator().bootstrap(&plan, true).await?.ok_or("the store is not empty")?.member;
    let organization = ada.scope.organization().ok_or("a personal scope")?;
    let email = EmailAddress::parse("grace@example.com")?;
    let grace = NewMember::person(email, profile("Grace", "Hopper")?, ScopeRole::Member);
    let grace = loggia.operator().add_member(organization, grace).await?;
    let people = [("Ada", ada.user), ("Grace", grace.user)];
    let people = people.map(|(name, user)| Person { name, code: Uuid::new_v4().to_string(), user });
    let app = HttpApp::new(loggia.clone(), Arc::clone(&ports.ids), secret, Limits::default());
    let host = Data::new(Host { loggia, organization, people, sessions: Mutex::default() });
    let callers = host.clone();
    let mount = loggia_http::mount("/work", app)?;
    Ok((host, mount.callers(async move |request: &HttpRequest| callers.caller(request).await)))
}

fn profile(first_name: &str, last_name: &str) -> Result<Profile, Box<dyn Error>> {
    let (first_name, last_name) = (PersonName::parse(first_name)?, PersonName::parse(last_name)?);
    Ok(Profile { first_name, last_name, username: None, employee_number: None, avatar: None })
}

impl Host {
    /// Returns the caller of a request, for the pages of the host and for Loggia.
    pub async fn caller(&self, request: &HttpRequest) -> Result<Caller, NotRecognised> {
        let known = |session: &str| self.sessions.lock().unwrap().get(session).copied();
        let user = session(request).and_then(known);
        let user = user.ok_or(NotRecognised::NotSignedIn(HeaderValue::from_static("Session")))?;
        Ok(self.loggia.recognise(user, Scope::Organization(self.organization)).await?)
    }
}

fn session(request: &HttpRequest) -> Option<&str> {
    let mut cookies = request.headers().get(COOKIE)?.to_str().ok()?.split("; ");
    cookies.find_map(|cookie| cookie.strip_prefix("session="))
}

/// The routes of the host, with Loggia among them.
pub fn routes(host: Data<Host>, mount: Mount) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config.app_data(host).service(mount);
        config.route("/", web::get().to(page)).route("/sign-in/{code}", web::get().to(sign_in));
    }
}

/// Begins a session. Browsers send a `SameSite=Strict` cookie with no request that another site causes, so no form there writes in Loggia.
async fn sign_in(code: web::Path<String>, host: Data<Host>) -> HttpResponse {
    let Some(person) = host.people.iter().find(|person| person.code == *code) else {
        return HttpResponse::NotFound().body("This link signs nobody in.");
    };
    let session = Uuid::new_v4().to_string();
    let cookie = format!("session={session}; Path=/; HttpOnly; SameSite=Strict");
    host.sessions.lock().unwrap().insert(session, person.user);
    HttpResponse::SeeOther().insert_header((SET_COOKIE, cookie)).insert_header((LOCATION, "/")).finish()
}

/// The page of the host: the projects that the caller sees.
async fn page(request: HttpRequest, host: Data<Host>) -> Result<impl Responder, Box<dyn Error>> {
    let Ok(caller) = host.caller(&request).await else {
        return Ok(Html::new("<p>Open the link that signs you in."));
    };
    let acting = host.loggia.acting_as(&caller);
    let (all, first) = (ProjectQuery::default(), PageRequest::FIRST);
    let projects = acting.list_projects(ScopeChoice::Default, &all, &first).await?.items;
    let names = projects.iter().map(|project| escaped(project.record.name.as_str()));
    let list: String = names.map(|name| format!("<li>{name}")).collect();
    Ok(Html::new(format!("<h1>Projects</h1><ul>{list}</ul><p><a href=\"/work/docs/try\">Try calls</a>")))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
