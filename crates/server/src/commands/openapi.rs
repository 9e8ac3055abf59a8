//! `loggia openapi`: the published description of the API.

use loggia_http::openapi;

use crate::output;

/// Prints the response of `GET /openapi.json`, byte for byte.
pub(crate) fn run() -> anyhow::Result<()> {
    // The document ends with a line feed, which `listing` adds again.
    output::listing(openapi::text().trim_end())
}
