//! Clients and their requests.

use std::future::IntoFuture;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::App;
use actix_web::body::to_bytes;
use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use loggia_http::HttpApp;
use serde_json::Value;

use super::response::Response;
use crate::documented::{self, Asked};

/// The base URL in responses: the host that every request names.
pub(crate) const BASE: &str = "http://loggia.example.com";

type Pending<T> = Pin<Box<dyn Future<Output = T>>>;

/// The path that applications are mounted at.
pub(crate) const MOUNT: &str = "/apps/loggia";

/// The application, ready to be called.
#[derive(Clone)]
pub(crate) struct Service {
    call: Rc<dyn Fn(TestRequest) -> Pending<Response>>,
    mounted_at: &'static str,
}

impl Service {
    /// Returns the application alone.
    pub(crate) async fn new(app: HttpApp) -> Self {
        Self::from_actix(init_service(loggia_http::application(app)).await, "")
    }

    /// Returns the application mounted in another one.
    pub(crate) async fn mounted(app: HttpApp) -> Self {
        let mount = loggia_http::mount(MOUNT, app).expect("a path");
        Self::from_actix(init_service(App::new().service(mount)).await, MOUNT)
    }

    /// Returns an application whose API is mounted at that path.
    pub(crate) fn from_actix<S>(service: S, mounted_at: &'static str) -> Self
    where
        S: actix_web::dev::Service<actix_http::Request, Response = ServiceResponse, Error = actix_web::Error>
            + 'static,
    {
        let service = Rc::new(service);
        let call = Rc::new(move |request: TestRequest| -> Pending<Response> {
            let service = service.clone();
            Box::pin(async move {
                let response = service.call(request.to_request()).await.expect("a response");
                let status = response.status().as_u16();
                let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
                let headers = response.headers().iter();
                let headers =
                    headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
                let bytes = to_bytes(response.into_body()).await.expect("a body").to_vec();
                Response { status, headers, bytes, mounted_at: "" }
            })
        });
        Self { call, mounted_at }
    }

    /// Returns the same service, with the API that is mounted at that path.
    pub(crate) fn below(&self, mounted_at: &'static str) -> Self {
        Self { mounted_at, ..self.clone() }
    }

    /// Sends a request to the application around the API, whose responses no document describes.
    pub(crate) async fn outside(&self, request: TestRequest) -> Response {
        (self.call)(request).await
    }
}

/// A client.
#[derive(Clone)]
pub(crate) struct Client {
    service: Service,
    /// The values of the `Authorization` headers: none, one, or (for tests of errors) several.
    authorization: Vec<String>,
}

impl Client {
    pub(crate) fn new(service: Service, authorization: Vec<String>) -> Self {
        Self { service, authorization }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        let authorization =
            self.authorization.iter().map(|value| ("Authorization".to_owned(), value.clone()));
        Request {
            service: self.service.clone(),
            method: method.to_owned(),
            path: path.to_owned(),
            headers: authorization.collect(),
            body: None,
        }
    }

    pub(crate) fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    pub(crate) fn delete(&self, path: &str) -> Request {
        self.request("DELETE", path)
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Request {
        self.request("POST", path).json(body)
    }

    pub(crate) fn patch(&self, path: &str, body: Value) -> Request {
        self.request("PATCH", path).json(body)
    }
}

/// A request. Awaiting it sends it.
pub(crate) struct Request {
    service: Service,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Request {
    /// Adds a header, even if there are others of that name.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn json(self, body: Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    /// Sets a body of any bytes with a media type and `Content-Length`.
    pub(crate) fn raw(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.header("Content-Type", content_type).untyped(body)
    }

    /// Sets a body of any bytes without a media type.
    pub(crate) fn untyped(mut self, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        self = self.header("Content-Length", &body.len().to_string());
        self.body = Some(body);
        self
    }
}

impl IntoFuture for Request {
    type Output = Response;
    type IntoFuture = Pending<Response>;

    fn into_future(self) -> Pending<Response> {
        let Self { service, method, path, headers, body } = self;
        // A URL from a response is used unchanged; its host goes into the header. A path is one of the API.
        let target = match path.strip_prefix(BASE) {
            Some(target) => target.to_owned(),
            None => format!("{}{path}", service.mounted_at),
        };
        let path = target.strip_prefix(service.mounted_at).unwrap_or(&target).to_owned();
        let name = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request =
            TestRequest::with_uri(&target).method(name).insert_header(("Host", &BASE["http://".len()..]));
        for (name, value) in headers {
            request = request.append_header((name, value));
        }
        if let Some(body) = &body {
            request = request.set_payload(body.clone());
        }
        Box::pin(async move {
            let response = Response { mounted_at: service.mounted_at, ..(service.call)(request).await };
            documented::check(&Asked { method: &method, target: &path, body: body.as_deref() }, &response);
            response
        })
    }
}
