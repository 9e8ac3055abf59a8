//! Resources that a response holds until it has been sent.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::http::ConnectionType;
use actix_web::web::Bytes;

/// Holds the unread rest of a request's body until the response has been sent.
///
/// While it is held, actix closes the connection after the response. If it were dropped, actix would go on reading a chunked body for as
/// long as the client sends.
pub fn hold(response: HttpResponse, payload: Payload) -> HttpResponse {
    response.map_body(|_, body| keep(body, payload))
}

/// Makes a response the last one of its connection, and leaves the request's body unread.
pub fn refuse(response: HttpResponse, payload: Payload) -> HttpResponse {
    let mut response = hold(response, payload);
    response.head_mut().set_connection_type(ConnectionType::Close);
    response
}

/// Holds a value until a body has been handed over for sending, or is dropped because no client takes it.
pub fn keep(body: BoxBody, kept: impl Unpin + 'static) -> BoxBody {
    BoxBody::new(Keeping { body, _kept: kept })
}

struct Keeping<T> {
    body: BoxBody,
    _kept: T,
}

impl<T: Unpin> MessageBody for Keeping<T> {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
