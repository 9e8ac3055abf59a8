//! A table of every field of every body and every query parameter, with the values that each accepts.

use loggia_http::BodyRule;

/// The values that a field or parameter accepts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A name with that many characters.
    Name(usize, usize),
    /// A text with that many characters; on several lines if the last value is true.
    Text(usize, usize, bool),
    /// A word of these.
    Word(&'static [&'static str]),
    /// A whole number in this range.
    Number(i64, i64),
    /// An id of a project.
    Id,
    /// An id of a space.
    SpaceId,
    /// An organization's id; null and empty mean the personal scope.
    Scope,
    /// A time or a date.
    Time,
    /// A time or a date that is not in the past.
    Future,
    /// An e-mail address.
    Email,
    /// The address of a picture.
    Url,
    /// `true` or `false`, in bodies only.
    Flag,
    /// An outline number.
    Outline,
    /// A user's id. A number is a display id, which identifies no user.
    User,
    /// The token of an invitation.
    Token,
    /// A list of projects with roles.
    Projects,
    /// A user's id, or empty for no user: only in queries.
    UserOrNobody,
    /// A cursor.
    Cursor,
    /// Names separated by commas.
    Includes,
    /// A known field that is always refused.
    Immutable,
}

/// The presence of a field: whether it may be absent, and whether it may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Required,
    Optional,
    Nullable,
}

/// A body: the smallest that is accepted, and its fields.
pub(crate) struct Body {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) rule: BodyRule,
    /// The smallest body, in which `{user}` stands for a user to whom the operation applies, and `{token}` for the
    /// token of an invitation.
    pub(crate) smallest: &'static str,
    pub(crate) fields: &'static [(&'static str, Need, Kind)],
}

use Kind::{
    Cursor, Email, Flag, Future, Id, Immutable, Includes, Name, Number, Outline, Projects, Scope, SpaceId,
    Text, Time, Token, Url, User, UserOrNobody, Word,
};
use Need::{Nullable, Optional, Required};

const STATUS: Kind = Word(&["Draft", "Active", "Archived"]);
const PRIORITY: Kind = Word(&["urgent", "high", "medium", "low", "none"]);
const VISIBILITY: Kind = Word(&["organization", "private"]);
const ROLE: Kind = Word(&["admin", "member"]);
const TASK_STATUS: Kind = Word(&["todo", "in_progress", "done", "cancelled"]);
const SCOPE_ROLE: Kind = Word(&["admin", "member", "viewer"]);
const ABILITY: Kind = Word(&["read", "write"]);
const FLAG: Kind = Word(&["true", "false"]);

const PROJECT_FIELDS: &[(&str, Need, Kind)] = &[
    ("project_name", Optional, Name(3, 50)),
    ("description", Nullable, Text(0, 3_000, true)),
    ("start_date", Nullable, Time),
    ("end_date", Nullable, Time),
    ("visibility", Optional, VISIBILITY),
];

const ORGANIZATION_NAME: Kind = Name(1, 120);
const PERSON_NAME: Kind = Name(1, 80);
const SHORT_NAME: Kind = Name(1, 40);

/// Every body.
pub(crate) const BODIES: &[Body] = &[
    Body {
        method: "POST",
        path: "/api/v1/api-keys",
        rule: BodyRule::Json,
        smallest: r#"{"name":"Quay"}"#,
        fields: &[
            ("name", Required, PERSON_NAME),
            ("ability", Optional, ABILITY),
            ("expiresAt", Nullable, Future),
            ("defaultOrganizationId", Nullable, Scope),
            ("confinedToOrganization", Optional, Flag),
        ],
    },
    Body {
        method: "POST",
        path: "/api/v1/api-keys/{keyId}/rotate",
        rule: BodyRule::Json,
        smallest: "{}",
        fields: &[("overlapSeconds", Optional, Number(0, 604_800))],
    },
    Body {
        method: "PATCH",
        path: "/api/v1/me",
        rule: BodyRule::Patch,
        smallest: "{}",
        fields: &[
            ("firstName", Optional, PERSON_NAME),
            ("lastName", Optional, PERSON_NAME),
            ("avatar", Nullable, Url),
            ("email", Optional, Immutable),
        ],
    },
    Body {
        method: "POST",
        path: "/api/v1/organizations",
        rule: BodyRule::Json,
        smallest: r#"{"name":"Quay"}"#,
        fields: &[("name", Required, ORGANIZATION_NAME)],
    },
    Body {
        method: "PATCH",
        path: "/api/v1/organizations/{id}",
        rule: BodyRule::Patch,
        smallest: "{}",
        fields: &[("name", Optional, ORGANIZATION_NAME)],
    },
    Body {
        method: "POST",
        path: "/api/v1/organizations/{id}/members",
        rule: BodyRule::Json,
        smallest: r#"{"email":"jean@example.com","firstName":"Jean","lastName":"Bartik"}"#,
        fields: &[
            // The other word must not be combined with an address.
            ("kind", Optional, Word(&["person"])),
            ("email", Required, Email),
            ("role", Optional, SCOPE_ROLE),
            ("firstName", Required, PERSON_NAME),
            ("lastName", Required, PERSON_NAME),
            ("username", Nullable, SHORT_NAME),
            ("employeeNumber", Nullable, SHORT_NAME),
            ("avatar", Nullable, Url),
        ],
    },
    Body {
        method: "PATCH",
        path: "/api/v1/organizations/{id}/members/{userId}",
        rule: BodyRule::Patch,
        smallest: "{}",
        fields: &[
            ("role", Optional, SCOPE_ROLE),
            ("active", Optional, Flag),
            ("firstName", Optional, PERSON_NAME),
            ("lastName", Optional, PERSON_NAME),
            ("username", Nullable, SHORT_NAME),
            ("employeeNumber", Nullable, SHORT_NAME),
            ("avatar", Nullable, Url),
            ("kind", Optional, Immutable),
            ("email", Optional, Email),
        ],
    },
    Body {
        method: "POST",
        path: "/api/v1/organizations/{id}/members/{userId}/api-keys",
        rule: BodyRule::Json,
        smallest: r#"{"name":"Quay"}"#,
        fields: &[
            ("name", Required, PERSON_NAME),
            ("ability", Optional, ABILITY),
            ("expiresAt", Nullable, Future),
        ],
    },
    Body {
        method: "POST",
        path: "/api/v1/organizations/{id}/invitations",
        rule: BodyRule::Json,
        smallest: r#"{"email":"mary@example.com"}"#,
        fields: &[
            ("email", Required, Email),
            ("role", Optional, SCOPE_ROLE),
            ("projects", Optional, Projects),
        ],
    },
    Body {
        method: "POST",
        path: "/api/v1/invitations/accept",
        rule: BodyRule::Json,
        smallest: r#"{"token":"{token}"}"#,
        fields: &[("token", Required, Token)],
    },
    Body {
        method: "POST",
        path: "/api/v1/spaces",
        rule: BodyRule::Json,
        smallest: r#"{"name":"Quay"}"#,
        fields: &[
            ("name", Required, Name(1, 120)),
            ("description", Nullable, Text(0, 10_000, true)),
            ("organizationId", Nullable, Scope),
            ("projectId", Nullable, Id),
            ("status", Optional, STATUS),
            ("priority", Optional, PRIORITY),
            ("currentStrength", Optional, Number(0, 10)),
        ],
    },
    Body {
        method: "PATCH",
        path: "/api/v1/spaces/{id}",
        rule: BodyRule::Patch,
        smallest: "{}",
        fields: &[
            ("name", Optional, Name(1, 120)),
            ("description", Nullable, Text(0, 10_000, true)),
            ("organizationId", Optional, Immutable),
            ("projectId", Nullable, Id),
            ("status", Optional, STATUS),
            ("priority", Optional, PRIORITY),
            ("currentStrength", Optional, Number(0, 10)),
        ],
    },
    Body {
        method: "POST",
        path: "/v2/projects",
        rule: BodyRule::Json,
        smallest: r#"{"project_name":"Quay"}"#,
        fields: &[
            ("project_name", Required, Name(3, 50)),
            ("description", Nullable, Text(0, 3_000, true)),
            ("start_date", Nullable, Time),
            ("end_date", Nullable, Time),
            ("visibility", Optional, VISIBILITY),
            ("organization_id", Nullable, Scope),
        ],
    },
    Body {
        method: "PATCH",
        path: "/v2/projects/{node_id}",
        rule: BodyRule::OptionalPatch,
        smallest: "{}",
        fields: PROJECT_FIELDS,
    },
    Body {
        method: "PATCH",
        path: "/v2/projects/{node_id}/",
        rule: BodyRule::OptionalPatch,
        smallest: "{}",
        fields: PROJECT_FIELDS,
    },
    Body {
        method: "POST",
        path: "/v2/projects/{node_id}/add-member",
        rule: BodyRule::Json,
        smallest: r#"{"user_node_id":"{user}"}"#,
        fields: &[("user_node_id", Required, User), ("role", Optional, ROLE)],
    },
    Body {
        method: "PATCH",
        path: "/v2/projects/{node_id}/remove-member",
        rule: BodyRule::Patch,
        smallest: r#"{"member_node_id":"{user}"}"#,
        fields: &[("member_node_id", Required, User), ("user_node_id", Optional, User)],
    },
    Body {
        method: "PATCH",
        path: "/v2/projects/{node_id}/members/{user_node_id}",
        rule: BodyRule::Patch,
        smallest: r#"{"role":"member"}"#,
        fields: &[("role", Required, ROLE)],
    },
    Body {
        method: "POST",
        path: "/v2/projects/{node_id}/tasks",
        rule: BodyRule::Json,
        smallest: r#"{"task_name":"Measure"}"#,
        fields: &[
            ("task_no", Optional, Outline),
            ("task_name", Required, Name(1, 200)),
            ("description", Nullable, Text(0, 3_000, true)),
            ("status", Optional, TASK_STATUS),
            ("start_date", Nullable, Time),
            ("end_date", Nullable, Time),
            ("assignee_node_id", Nullable, User),
        ],
    },
    Body {
        method: "PATCH",
        path: "/v2/tasks/{node_id}",
        rule: BodyRule::Patch,
        smallest: "{}",
        fields: &[
            ("task_no", Optional, Outline),
            ("task_name", Optional, Name(1, 200)),
            ("description", Nullable, Text(0, 3_000, true)),
            ("status", Optional, TASK_STATUS),
            ("start_date", Nullable, Time),
            ("end_date", Nullable, Time),
            ("assignee_node_id", Nullable, User),
        ],
    },
];

/// Returns the values that a query parameter accepts, or `None` for a parameter that is missing in this table.
pub(crate) fn parameter(path: &str, name: &str) -> Option<Kind> {
    Some(match (path, name) {
        (_, "organizationId" | "organization_id") => Scope,
        (_, "projectId") => Id,
        (_, "spaceId") => SpaceId,
        (_, "descendants") => Word(&["revoke", "keep"]),
        (_, "role") => SCOPE_ROLE,
        (_, "active") => FLAG,
        ("/api/v1/spaces", "status") => STATUS,
        (_, "status") => TASK_STATUS,
        (_, "priority") => PRIORITY,
        (_, "search") => Text(1, 120, false),
        ("/api/v1/spaces", "sort") => {
            Word(&["createdAt", "-name", "-currentStrength", "priority", "updatedAt"])
        }
        (path, "sort") if path.starts_with("/api/v1/organizations/") => {
            Word(&["name", "-name", "createdAt", "-createdAt"])
        }
        (_, "sort") => Word(&["asc", "desc"]),
        (_, "order_by") => Word(&["id", "project_name", "updatedAt"]),
        (_, "include") => Includes,
        (_, "limit" | "per_page") => Number(1, 100),
        (_, "offset") => Number(0, 10_000),
        // Page 501 of twenty rows each begins at row 10 000, which is the limit of offsets.
        (_, "page") => Number(1, 501),
        (_, "tasks_limit") => Number(1, 50),
        (_, "count" | "dottie") => FLAG,
        (_, "assignee") => UserOrNobody,
        (_, "cursor") => Cursor,
        _ => return None,
    })
}
