//! The server itself: its health and its documents, for which no key is sent.

use reqwest::Method;
use serde::Deserialize;

use crate::call::{Call, JSON, Reply, Segment};
use crate::client::Client;
use crate::error::Error;
use crate::problem::ProblemCode;

#[derive(Deserialize)]
struct Health {
    #[serde(rename = "status")]
    _status: String,
}

/// The server. See [`Client::service`].
#[derive(Debug)]
pub struct Service<'a>(&'a Client);

impl Client {
    /// Returns the calls about the server itself.
    pub const fn service(&self) -> Service<'_> {
        Service(self)
    }
}

impl Service<'_> {
    /// Returns if the process is running.
    pub async fn is_live(&self) -> Result<(), Error> {
        self.read(&[&"livez"], JSON).await?.json::<Health>().map(drop)
    }

    /// Returns if the server is ready for requests. Fails with `BUSY`, `STOPPING` or `STORE_UNAVAILABLE` if it is not.
    pub async fn is_ready(&self) -> Result<(), Error> {
        self.read(&[&"readyz"], JSON).await?.json::<Health>().map(drop)
    }

    /// Returns the API's description in OpenAPI 3.1, as JSON text.
    pub async fn openapi(&self) -> Result<String, Error> {
        self.text(&[&"openapi.json"], JSON).await
    }

    /// Returns the reference of the API, as HTML.
    pub async fn reference(&self) -> Result<String, Error> {
        self.text(&[&"docs"], HTML).await
    }

    /// Returns the page on which calls can be tried, as HTML.
    pub async fn try_page(&self) -> Result<String, Error> {
        self.text(&[&"docs", &"try"], HTML).await
    }

    /// Returns a file of the page on which calls can be tried. A script and a style sheet are compressed with gzip.
    pub async fn try_file(&self, name: &str) -> Result<Vec<u8>, Error> {
        self.read(&[&"docs", &"try", &name], "*/*").await.map(|reply| reply.body)
    }

    /// Returns the page that explains a problem, as HTML.
    pub async fn problem_page(&self, code: &ProblemCode) -> Result<String, Error> {
        self.text(&[&"docs", &"errors", code], HTML).await
    }

    async fn text(&self, path: &[Segment<'_>], accept: &'static str) -> Result<String, Error> {
        let reply = self.read(path, accept).await?;
        String::from_utf8(reply.body.clone()).map_err(|_| reply.unexpected("the body is not UTF-8"))
    }

    async fn read(&self, path: &[Segment<'_>], accept: &'static str) -> Result<Reply, Error> {
        let call = Call { is_authenticated: false, accept, ..self.0.call(Method::GET, path) };
        self.0.send(&call).await
    }
}

const HTML: &str = "text/html";
