//! The dialect `/api/v1`: the caller, API keys, organizations with members and invitations, and spaces.

pub(crate) mod api_keys;
pub(crate) mod included;
pub(crate) mod invitations;
pub(crate) mod me;
pub(crate) mod members;
pub(crate) mod organizations;
pub(crate) mod permissions;
pub(crate) mod spaces;

use serde::de::DeserializeOwned;

use crate::call::Reply;
use crate::error::Error;
use crate::list::Data;
use crate::value::Versioned;

/// The first segments of every path.
const API: &str = "api";
const V1: &str = "v1";

/// Reads the record in a body.
fn data<T: DeserializeOwned>(reply: &Reply) -> Result<T, Error> {
    reply.json::<Data<T>>().map(|body| body.data)
}

/// Reads the record in a body, with its version.
fn versioned<T: DeserializeOwned>(reply: &Reply) -> Result<Versioned<T>, Error> {
    data(reply).and_then(|record| reply.with_version(record))
}
