//! Health, and the documents.

use schemars::{Schema, SchemaGenerator, json_schema};

use crate::openapi::headers::Header;
use crate::openapi::operation::{Success, ok};
use crate::openapi::{Operation, Tag};
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
    id: "getLiveness",
    tag: Tag::Service,
    description: "Asks nothing of the store: a store that is away is no reason to restart the process.",
    answers: &[ok("The process lives.", status)],
    ..Operation::BARE
};

pub(crate) static READY: Operation = Operation {
    id: "getReadiness",
    tag: Tag::Service,
    description: "Whether the store can be used, and the server was not told to stop. However many ask, the store is asked once in a while.",
    answers: &[ok("Calls can be answered.", status)],
    refusals: &[Code::STORE_UNAVAILABLE, Code::STOPPING],
    ..Operation::BARE
};

pub(crate) static DOCUMENT: Operation = Operation {
    id: "getOpenapi",
    tag: Tag::Service,
    description: "This document; `loggia openapi` prints the same.",
    answers: &[ok("OpenAPI 3.1.", any_object)],
    ..Operation::BARE
};

pub(crate) static REFERENCE: Operation = Operation {
    id: "getReference",
    tag: Tag::Service,
    description: "What this document says, for people. It loads nothing from elsewhere.",
    answers: &[PAGE],
    ..Operation::BARE
};

pub(crate) static TRY_PAGE: Operation = Operation {
    id: "getTryPage",
    tag: Tag::Service,
    description: "This document with a form for each operation, which sends the call and shows the response. The page loads nothing from another origin, and keeps the API key in memory only.",
    answers: &[PAGE],
    ..Operation::BARE
};

pub(crate) static TRY_FILE: Operation = Operation {
    id: "getTryFile",
    tag: Tag::Service,
    description: "A file that the page loads, or the licence of one. Those of Swagger UI are available in the content coding `gzip` only: a client whose `Accept-Encoding` excludes it gets 406.",
    answers: &[Success {
        status: 200,
        description: "The file.",
        content: Some((&["text/javascript", "text/css", "text/plain"], text)),
        headers: &[Header::ContentEncoding],
    }],
    refusals: &[Code::ENCODING_NOT_ACCEPTABLE],
    ..Operation::BARE
};

pub(crate) static PROBLEM: Operation = Operation {
    id: "getProblemPage",
    tag: Tag::Service,
    description: "What a problem's code means, and what to do about it: the page that `type` names.",
    answers: &[PAGE],
    ..Operation::BARE
};
