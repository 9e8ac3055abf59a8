//! The spaces dialect: camelCase under `/api/v1`, every body in `{"data": …}`.

pub(crate) mod api_keys;
pub(crate) mod invitations;
pub(crate) mod me;
pub(crate) mod member_keys;
pub(crate) mod members;
pub(crate) mod organizations;
pub(crate) mod pages;
pub(crate) mod permissions;
pub(crate) mod spaces;

use serde::Serialize;

/// The envelope of every body in this dialect.
#[derive(Serialize)]
pub(crate) struct Data<T> {
    data: T,
}

pub(crate) fn data<T: Serialize>(data: T) -> Data<T> {
    Data { data }
}
