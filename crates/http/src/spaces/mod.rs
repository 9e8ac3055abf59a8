//! The spaces dialect: camelCase under `/api/v1`, every body in `{"data": …}`.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
mod include;
pub(crate) mod list;
pub(crate) mod me;
pub(crate) mod organizations;
pub(crate) mod update;
mod view;

use serde::Serialize;

/// The envelope of every body in this dialect.
#[derive(Serialize)]
pub(crate) struct Data<T> {
    data: T,
}

pub(crate) fn data<T: Serialize>(data: T) -> Data<T> {
    Data { data }
}
