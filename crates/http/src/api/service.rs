//! The endpoints that answer without a key.

use schemars::{Schema, SchemaGenerator, json_schema};

use crate::operation::description::{Success, Tag, ok};
use crate::operation::response_header::Header;
use crate::operation::{Operation, Subject};
use crate::problem::Code;

fn status(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "properties": {"status": {"type": "string", "const": "ok"}}, "required": ["status"]})
}

fn any_object(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {"openapi": {"type": "string"}},
        "required": ["openapi"],
        "additionalProperties": true,
    })
}

fn text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string"})
}

const PAGE: Success =
    Success { status: 200, description: "A page.", content: Some((&["text/html"], text)), headers: &[] };

pub(crate) static LIVE: Operation = Operation {
    method: "GET",
    path: "/livez",
    summary: "Check that the process is running",
    id: "getLiveness",
    tag: Tag::Service,
    description: "Does not query the store: an unavailable store is no reason to restart the process.",
    answers: &[ok("The process is running.", status)],
    ..Operation::BARE
};

pub(crate) static READY: Operation = Operation {
    method: "GET",
    path: "/readyz",
    summary: "Check that the service is ready",
    id: "getReadiness",
    tag: Tag::Service,
    description: "Succeeds if the store is available and the server is not shutting down. The store is queried at intervals, however often this endpoint is called.",
    answers: &[ok("The server is ready for requests.", status)],
    refusals: &[Code::STORE_UNAVAILABLE, Code::STOPPING],
    ..Operation::BARE
};

pub(crate) static DOCUMENT: Operation = Operation {
    method: "GET",
    path: "/openapi.json",
    summary: "Get the OpenAPI document",
    id: "getOpenapi",
    tag: Tag::Service,
    description: "Returns this document, as `loggia openapi` prints it.",
    answers: &[ok("The document, as OpenAPI 3.1.", any_object)],
    subject: Subject::Document,
    ..Operation::BARE
};

pub(crate) static REFERENCE: Operation = Operation {
    method: "GET",
    path: "/docs",
    summary: "Get the API reference",
    id: "getReference",
    tag: Tag::Service,
    description: "Returns the content of this document as an HTML page, which loads nothing from another origin.",
    answers: &[PAGE],
    subject: Subject::Document,
    ..Operation::BARE
};

pub(crate) static TRY_PAGE: Operation = Operation {
    method: "GET",
    path: "/docs/try",
    summary: "Get the page for trying calls",
    id: "getTryPage",
    tag: Tag::Service,
    description: "Returns an HTML page with a form for each operation, which sends the request and shows the response. The page loads nothing from another origin, and keeps the API key in memory only.",
    answers: &[PAGE],
    subject: Subject::Document,
    ..Operation::BARE
};

pub(crate) static TRY_FILE: Operation = Operation {
    method: "GET",
    path: "/docs/try/{file}",
    summary: "Get a file of the page for trying calls",
    id: "getTryFile",
    tag: Tag::Service,
    description: "Returns a file that the page loads, or a licence. The files of Swagger UI are available in the content coding `gzip` only: a client whose `Accept-Encoding` does not accept it gets 406.",
    answers: &[Success {
        status: 200,
        description: "The file.",
        content: Some((&["text/javascript", "text/css", "text/plain"], text)),
        headers: &[Header::ContentEncoding],
    }],
    refusals: &[Code::ENCODING_NOT_ACCEPTABLE],
    subject: Subject::Document,
    ..Operation::BARE
};

pub(crate) static PROBLEM: Operation = Operation {
    method: "GET",
    path: "/docs/errors/{code}",
    summary: "Get the page of a problem code",
    id: "getProblemPage",
    tag: Tag::Service,
    description: "Returns the HTML page of a problem code, with its meaning and advice. The `type` of a problem is the path of this page.",
    answers: &[PAGE],
    subject: Subject::Document,
    ..Operation::BARE
};
