//! Responses: CORS, the headers that all have, and the resources that one holds until it has been sent.

mod cors;
mod headers;
pub mod unread;

pub(crate) use cors::Asked;
pub use cors::{Cors, HeaderNames, InvalidHeaderNames, InvalidOrigin, Origins};
pub(crate) use headers::complete;
