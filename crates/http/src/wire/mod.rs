//! The wire format: bytes to values of the domain, and back.

pub(crate) mod accept_encoding;
pub(crate) mod batch;
pub(crate) mod bearer;
pub(crate) mod body;
pub(crate) mod cursor;
pub(crate) mod depth;
pub(crate) mod entity_tag;
pub(crate) mod idempotency_key;
pub(crate) mod json;
pub(crate) mod paging;
pub(crate) mod parameter;
pub(crate) mod query;
pub(crate) mod response;
pub(crate) mod response_text;
pub(crate) mod schema;
pub(crate) mod serialization;
pub(crate) mod sort_fields;
pub(crate) mod tag_list;
