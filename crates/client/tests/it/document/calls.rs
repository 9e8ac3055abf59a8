//! Every call of the client, with the operation that it is: the table from methods to operations.

mod v1;
mod v2;

use std::pin::Pin;

use loggia_client::{Client, Date, Error, ProblemCode, Secret, Timestamp};
use serde::Serialize;
use serde_json::Value;

/// A call.
pub(super) struct Row {
    pub(super) operation: &'static str,
    /// The pointer to the part of the body that the call returns. `None` if it returns nothing of a JSON body.
    pub(super) root: Option<&'static str>,
    /// The index of the schema that the body has, of several.
    pub(super) shape: usize,
    pub(super) call: fn(Client) -> Read,
}

type Read = Pin<Box<dyn Future<Output = Result<Value, Error>>>>;

/// The id of every record.
const ID: &str = "01930000-0000-7000-8000-00000000000f";

/// Returns the id as that of a record of any kind.
fn id<T: std::str::FromStr<Err: std::fmt::Debug>>() -> T {
    ID.parse().unwrap()
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

fn time() -> Timestamp {
    "2027-01-31T08:30:00+01:00".parse().unwrap()
}

fn date() -> Date {
    Date::new(2027, 2, 28).unwrap()
}

fn secret() -> Secret {
    format!("lgi_{}", "0Az".repeat(17).split_at(49).0).into()
}

/// Reads a record with its version from a server that knows this one record.
async fn known<T: Clone>(
    record: &'static str,
    read: impl AsyncFn(Client) -> Result<loggia_client::Versioned<T>, Error>,
) -> loggia_client::Versioned<T> {
    let schema = &super::DOCUMENT["components"]["schemas"][record];
    let body = super::sample(schema, super::Sample::Full, 1);
    let server = crate::server::Server::script(vec![
        crate::server::json(200, &body).with("ETag", r#""3-0123456789abcdef""#),
    ])
    .await;
    read(crate::client(&server)).await.unwrap()
}

/// Makes a row: the operation, the part of the body, the shape, and the call.
macro_rules! row {
    ($operation:literal, $root:expr, |$client:ident| $call:expr) => {
        row!($operation, $root, 0, |$client| $call)
    };
    ($operation:literal, $root:expr, $shape:literal, |$client:ident| $call:expr) => {
        Row {
            operation: $operation,
            root: $root.into(),
            shape: $shape,
            call: |$client| Box::pin(async move { Ok(json(&$call)) }),
        }
    };
}

/// The root of a body that the call returns nothing of.
const NOTHING: Option<&str> = None;

pub(super) fn rows() -> Vec<Row> {
    service().into_iter().chain(v1::rows()).chain(v2::rows()).collect()
}

fn service() -> Vec<Row> {
    vec![
        row!("getLiveness", NOTHING, |client| client.service().is_live().await?),
        row!("getReadiness", NOTHING, |client| client.service().is_ready().await?),
        row!("getOpenapi", NOTHING, |client| client.service().openapi().await?),
        row!("getReference", NOTHING, |client| client.service().reference().await?),
        row!("getTryPage", NOTHING, |client| client.service().try_page().await?),
        row!("getTryFile", NOTHING, |client| client.service().try_file("swagger-ui.css").await?),
        row!("getProblemPage", NOTHING, |client| client.service().problem_page(&ProblemCode::Busy).await?),
    ]
}

use row;
