//! A request and its response, as far as the server is concerned: its host, its connection, and the headers of every response.

use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::ConnectionType;

use crate::client::host;
use crate::connection::{Busy, Hold, Use};
use crate::lifecycle::OpenRequest;
use crate::response::{self, Asked, unread};
use crate::server::Server;

/// A request in flight.
#[derive(Debug)]
pub struct Exchange {
    /// The request in the counts of the server and of its connection, until the response has been sent.
    open: (OpenRequest, Option<Hold>),
    /// `true` on a connection beyond the limits.
    is_spare: bool,
    asked: Option<Asked>,
    has_valid_host: bool,
}

/// The reason for which the server refuses a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The host that the request names is not valid.
    InvalidHost,
    /// The request came on a connection beyond the limits, and is not a health check.
    TooManyConnections,
}

impl Exchange {
    /// Counts a request.
    pub fn begin(server: &Server, request: &ServiceRequest) -> Self {
        Self {
            open: (server.lifecycle.request(), request.conn_data::<Busy>().map(Busy::hold)),
            is_spare: request.conn_data::<Use>() == Some(&Use::Spare),
            asked: Asked::by(&server.cors, request.method(), request.headers()),
            has_valid_host: host::check(request.uri(), request.headers()).is_ok(),
        }
    }

    /// Checks whether the request may be served. The response to a refused request is made by [`unread::refuse`].
    ///
    /// # Errors
    /// Fails with the reason for which the server refuses the request.
    pub fn check(&self, is_health_check: bool) -> Result<(), Refusal> {
        if !self.has_valid_host {
            return Err(Refusal::InvalidHost);
        }
        if self.is_spare && !is_health_check { Err(Refusal::TooManyConnections) } else { Ok(()) }
    }

    /// Completes the response with the headers of every response, and closes the connection after it if the server has no more use for the
    /// connection.
    pub fn complete(self, server: &Server, mut response: HttpResponse) -> HttpResponse {
        response::complete(response.headers_mut(), &server.cors, self.asked);
        if self.is_spare || server.is_stopping() {
            // The client must connect elsewhere for its next request. (A header `Connection` would not reach the wire.)
            response.head_mut().set_connection_type(ConnectionType::Close);
        }
        let open = self.open;
        response.map_body(|_, body| unread::keep(body, open))
    }
}
