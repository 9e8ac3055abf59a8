//! The wire format of the domain's types, as JSON Schema. Limits and words are the types' own.

use std::borrow::Cow;
use std::marker::PhantomData;

use loggia_domain::id::{
    InvitationId, KeyId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId, UserId,
};
use loggia_domain::instant::Timestamp;
use loggia_domain::invitation::InvitationToken;
use loggia_domain::key::{Ability, KeyPrefix, KeySecret, Overlap};
use loggia_domain::project::Visibility;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::ScopeChoice;
use loggia_domain::space::{Priority, SpaceStatus, Strength};
use loggia_domain::task::{OutlineNumber, TaskStatus};
use loggia_domain::text::{
    AvatarUrl, EmailAddress, EmployeeNumber, KeyName, OrganizationName, PersonName, ProjectDescription,
    ProjectName, SearchText, SpaceDescription, SpaceName, TaskDescription, TaskName, Username,
};
use loggia_domain::user::UserKind;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::text_rules::{Kind, shown, text, web_address};

/// A type that is parsed from requests, with the schema that they must follow.
///
/// The reader of a field must return such a type, so that no field can be read that is not documented.
pub(crate) trait Described {
    /// The name among the document's schemas, or empty for an inline schema.
    const NAME: &'static str;

    /// Returns the schema, as a request must send it.
    fn schema() -> Schema;

    /// Returns the schema in a response, if that is less strict: a store may hold text that an earlier version accepted.
    fn shown() -> Option<Schema> {
        None
    }
}

/// The schema of a domain type in a response, in the form that schemars needs: domain types implement no trait of a serializer.
pub(crate) struct Of<T>(PhantomData<T>);

impl<T: Described> JsonSchema for Of<T> {
    fn inline_schema() -> bool {
        T::NAME.is_empty() || T::shown().is_some()
    }

    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        T::shown().unwrap_or_else(T::schema)
    }
}

/// The schema of a domain type in a request.
pub(crate) struct Sent<T>(PhantomData<T>);

impl<T: Described> JsonSchema for Sent<T> {
    fn inline_schema() -> bool {
        T::NAME.is_empty()
    }

    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        T::schema()
    }
}

macro_rules! described {
    ($($type:ty = $name:literal, $schema:expr $(, shown $shown:expr)?;)+) => {$(
        impl Described for $type {
            const NAME: &'static str = $name;

            fn schema() -> Schema {
                $schema
            }

            $(fn shown() -> Option<Schema> {
                Some($shown)
            })?
        }
    )+};
}

macro_rules! texts {
    ($($type:ty = $name:literal, $kind:ident, $description:literal;)+) => {
        described! {$(
            $type = $name, text(<$type>::MIN, <$type>::MAX, Kind::$kind, $description),
                shown shown(<$type>::MIN, <$type>::MAX, $description);
        )+}
    };
}

macro_rules! words {
    ($($type:ty = $name:literal, $description:literal;)+) => {
        described! {$(
            $type = $name, json_schema!({"type": "string", "enum": <$type>::WORDS, "description": $description});
        )+}
    };
}

macro_rules! ids {
    ($($type:ty),+) => {
        described! {$($type = "Id", id();)+}
    };
}

/// Returns the schema of an id. The schema allows one spelling only, so that an id has one name in logs, caches and links.
fn id() -> Schema {
    json_schema!({
        "type": "string",
        "format": "uuid",
        "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        "description": "A UUID in lower-case hyphenated form. Treat it as opaque.",
    })
}

texts! {
    OrganizationName = "OrganizationName", Name, "The name of an organization.";
    SpaceName = "SpaceName", Name, "The name of a space.";
    SpaceDescription = "SpaceDescription", Lines, "The description of a space, in Markdown.";
    ProjectName = "ProjectName", Name, "The name of a project.";
    ProjectDescription = "ProjectDescription", Lines, "The description of a project.";
    TaskName = "TaskName", Name, "The name of a task.";
    TaskDescription = "TaskDescription", Lines, "The description of a task.";
    PersonName = "PersonName", Name, "A first or last name.";
    Username = "Username", Name, "A short name, unique in the organization. Usernames that differ only in case are equal; usernames that differ in an accent are not.";
    EmployeeNumber = "EmployeeNumber", Name, "The person's number in the organization's own records; unique in the organization.";
    KeyName = "KeyName", Name, "The name of an API key, such as its purpose.";
    SearchText = "SearchText", Line, "The text to search names for. Case and accents are ignored (`arzte` finds `Ärzte`); `%` and `_` are literal.";
}

words! {
    SpaceStatus = "SpaceStatus", "The status of a space. Any change is allowed.";
    Priority = "Priority", "The priority of a space.";
    Visibility = "Visibility", "The visibility of a project: to every member of its scope, or only to its roster and the scope's admins.";
    TaskStatus = "TaskStatus", "The status of a task. Any change is allowed.";
    ScopeRole = "OrganizationRole", "The role of a member in an organization.";
    RosterRole = "ProjectRole", "The role of a member in a project.";
    Ability = "Ability", "The ability of an API key. `write` includes `read`.";
    UserKind = "UserKind", "Whether a user is a person or a machine.";
}

ids!(UserId, OrganizationId, SpaceId, ProjectId, MembershipId, TaskId, KeyId, InvitationId);

described! {
    bool = "", json_schema!({"type": "boolean"});
    i64 = "", json_schema!({"type": "integer", "format": "int64"});
    Strength = "Strength", json_schema!({
        "type": "integer",
        "minimum": 0,
        "maximum": Strength::MAX,
        "description": "The current strength of a space.",
    });
    Overlap = "", json_schema!({
        "type": "integer",
        "minimum": 0,
        "maximum": Overlap::MAX,
        "default": Overlap::default().seconds(),
        "description": "The time for which the old key stays valid beside the new one, in seconds.",
    });
    OutlineNumber = "OutlineNumber", outline(OutlineNumber::MAX_CHOSEN), shown outline(OutlineNumber::MAX_PART);
    KeyPrefix = "", json_schema!({
        "type": "string",
        "maxLength": 12,
        "pattern": "^lga_[0-9A-Za-z]{8}$",
        "description": "The first characters of the secret, to identify the key.",
    });
    KeySecret = "", json_schema!({"type": "string", "maxLength": 53, "pattern": "^lga_[0-9A-Za-z]{49}$"});
    InvitationToken = "", json_schema!({"type": "string", "maxLength": 53, "pattern": "^lgi_[0-9A-Za-z]{49}$"});
    EmailAddress = "EmailAddress", json_schema!({
        "type": "string",
        "format": "email",
        "maxLength": EmailAddress::MAX,
        "description": "An e-mail address, returned as it was sent. Two addresses are equal if their local parts differ only in the case of ASCII letters, and their domains are equal in ASCII (ToASCII of UTS #46). The domain must have an ASCII form.",
    });
    AvatarUrl = "AvatarUrl", json_schema!({
        "type": "string",
        "maxLength": AvatarUrl::MAX,
        "pattern": web_address(),
        "description": PICTURE,
    }), shown shown(1, AvatarUrl::MAX, PICTURE);
    Timestamp = "TimeOrDate", json_schema!({
        "description": "A time with an offset (RFC 3339), or a date, which means 00:00 UTC of that day. Leap seconds and dates that do not exist are rejected; digits beyond microseconds are truncated.",
        "anyOf": [
            {"type": "string", "format": "date-time"},
            {"type": "string", "format": "date"},
        ],
    });
    ScopeChoice = "ScopeChoice", json_schema!({
        "description": "The scope. Absent: the default scope of the API key. An id: that organization, of which the caller must be an active member (403 otherwise). Null or empty: the caller's personal scope.",
        "anyOf": [
            {"type": "string", "format": "uuid", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"},
            {"type": "string", "maxLength": 0},
        ],
    });
}

const PICTURE: &str = "The `https` or `http` URL of a picture. The service does not fetch it.";

/// Returns the schema of an outline number, with the domain's limits. The first part has at most as many digits as `first`.
fn outline(first: u32) -> Schema {
    let more = |greatest: u32| greatest.to_string().len() - 1;
    let (first, others, deeper) = (more(first), more(OutlineNumber::MAX_PART), OutlineNumber::MAX_DEPTH - 1);
    json_schema!({
        "type": "string",
        "maxLength": first + 1 + deeper * (others + 2),
        "pattern": format!("^[1-9][0-9]{{0,{first}}}(\\.[1-9][0-9]{{0,{others}}}){{0,{deeper}}}$"),
        "description": "A position in an outline, such as `1.10`: whole numbers joined by dots, compared number by number, so that `1.2` is before `1.10`. The first number that a client chooses is at most 99999999; only the server assigns greater numbers.",
    })
}

/// A time in a response.
pub(crate) struct Time;

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$",
            "description": "A time in UTC with milliseconds (RFC 3339).",
        })
    }
}

/// A whole number shown beside an id.
pub(crate) struct DisplayId;

impl JsonSchema for DisplayId {
    fn schema_name() -> Cow<'static, str> {
        "DisplayId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "integer",
            "format": "int64",
            "minimum": 1,
            "description": "A number for display and sorting, counted within the scope or project. It cannot be used to address the record.",
        })
    }
}
