//! `loggia openapi`: the published description of the API.

use loggia_http::openapi;

use crate::output;

/// Prints what `GET /openapi.json` answers, to the byte.
pub(crate) fn run() -> anyhow::Result<()> {
    // The document ends with its own line feed, and so does what is printed.
    output::listing(openapi::text().trim_end())
}
