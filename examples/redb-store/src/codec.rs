//! Records as JSON: each value in the text or number by which the domain itself stores it.

use loggia_domain::event::{Actor, Change, Event, SubjectKind, Value, Verb};
use loggia_domain::id::{
    DisplayNumber, EventId, KeyId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId, UserId,
};
use loggia_domain::instant::{DateRange, Timestamp};
use loggia_domain::organization::Organization;
use loggia_domain::port::key_value::Logged;
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::Membership;
use loggia_domain::scope::Scope;
use loggia_domain::space::{Priority, Space, SpaceStatus, Strength};
use loggia_domain::task::{OutlineNumber, Task, TaskStatus};
use loggia_domain::text::{
    AvatarUrl, EmailAddress, EmployeeNumber, OrganizationName, PersonName, ProjectDescription, ProjectName,
    SpaceDescription, SpaceName, TaskDescription, TaskName, Username,
};
use loggia_domain::user::{Member, Profile, User, UserKind};
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// A value that is stored as JSON.
pub trait Stored: Sized {
    /// Returns the value as JSON.
    fn to_json(&self) -> Json;

    /// Reads the value, or returns `None` if the JSON is not one.
    fn from_json(json: &Json) -> Option<Self>;
}

macro_rules! stored {
    ($($type:ty: |$value:ident| $to:expr, |$json:ident| $from:expr;)+) => {$(
        impl Stored for $type {
            fn to_json(&self) -> Json {
                let $value = self;
                $to.into()
            }

            fn from_json($json: &Json) -> Option<Self> {
                $from
            }
        }
    )+};
}

macro_rules! texts {
    ($($type:ty),+ $(,)?) => {$(
        // Text that an earlier version accepted is read again, too.
        stored! { $type: |text| text.as_str(), |json| Self::from_stored(json.as_str()?.to_owned()).ok(); }
    )+};
}

macro_rules! words {
    ($($type:ty),+ $(,)?) => {$(
        stored! { $type: |word| word.as_str(), |json| Self::parse(json.as_str()?).ok(); }
    )+};
}

macro_rules! ids {
    ($($type:ty),+ $(,)?) => {$(
        stored! { $type: |id| id.as_uuid().to_string(), |json| Uuid::from_json(json).map(Self::from_uuid); }
    )+};
}

macro_rules! records {
    ($($type:ident { $($field:ident),+ $(,)? })+) => {$(
        stored! {
            $type: |record| json!({ $(stringify!($field): record.$field.to_json()),+ }),
                |json| Some(Self { $($field: Stored::from_json(&json[stringify!($field)])?),+ });
        }
    )+};
}

ids!(EventId, KeyId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId, UserId);
words!(Priority, RosterRole, ScopeRole, SpaceStatus, SubjectKind, TaskStatus, UserKind, Verb, Visibility);
texts!(
    AvatarUrl,
    EmailAddress,
    EmployeeNumber,
    OrganizationName,
    PersonName,
    ProjectDescription,
    ProjectName,
    SpaceDescription,
    SpaceName,
    TaskDescription,
    TaskName,
    Username,
);
stored! {
    bool: |flag| *flag, |json| json.as_bool();
    u64: |number| *number, |json| json.as_u64();
    Uuid: |id| id.to_string(), |json| Uuid::parse_str(json.as_str()?).ok();
    Timestamp: |time| time.micros(), |json| Self::from_micros(json.as_i64()?).ok();
    DisplayNumber: |number| number.get(), |json| json.as_i64().map(Self::new);
    Strength: |strength| strength.get(), |json| Self::new(json.as_i64()?).ok();
    OutlineNumber: |outline| outline.to_string(), |json| Self::parse(json.as_str()?).ok();
    DateRange: |dates| json!([dates.start().to_json(), dates.end().to_json()]),
        |json| Self::new(Stored::from_json(&json[0])?, Stored::from_json(&json[1])?).ok();
    Scope: |scope| match scope {
        Self::Organization(id) => json!({"organization": id.to_json()}),
        Self::Personal(id) => json!({"personal": id.to_json()}),
    }, |json| match json.get("personal") {
        Some(user) => UserId::from_json(user).map(Self::Personal),
        None => OrganizationId::from_json(&json["organization"]).map(Self::Organization),
    };
    Actor: |actor| match actor {
        Self::Operator => Json::Null,
        Self::User { user, key } => json!([user.to_json(), key.to_json()]),
    }, |json| match json {
        Json::Null => Some(Self::Operator),
        _ => Some(Self::User { user: Stored::from_json(&json[0])?, key: Stored::from_json(&json[1])? }),
    };
    Value: |value| match value {
        Self::Empty => Json::Null,
        Self::Text(text) => json!(text),
        Self::Number(number) => json!(number),
        Self::Flag(flag) => json!(flag),
        Self::Time(time) => json!({"time": time.to_json()}),
        Self::Id(id) => json!({"id": id.to_json()}),
    }, |json| match json {
        Json::Null => Some(Self::Empty),
        Json::String(text) => Some(Self::Text(text.clone())),
        Json::Number(number) => number.as_i64().map(Self::Number),
        Json::Bool(flag) => Some(Self::Flag(*flag)),
        Json::Object(_) if json.get("time").is_some() => Timestamp::from_json(&json["time"]).map(Self::Time),
        _ => Uuid::from_json(&json["id"]).map(Self::Id),
    };
    Change: |change| json!([change.field, change.from.to_json(), change.to.to_json()]), |json| {
        let field = json[0].as_str()?.to_owned().into();
        Some(Self { field, from: Stored::from_json(&json[1])?, to: Stored::from_json(&json[2])? })
    };
}

impl<T: Stored> Stored for Option<T> {
    fn to_json(&self) -> Json {
        self.as_ref().map_or(Json::Null, T::to_json)
    }

    fn from_json(json: &Json) -> Option<Self> {
        if json.is_null() { Some(None) } else { T::from_json(json).map(Some) }
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn to_json(&self) -> Json {
        self.iter().map(T::to_json).collect()
    }

    fn from_json(json: &Json) -> Option<Self> {
        json.as_array()?.iter().map(T::from_json).collect()
    }
}

records! {
    User { id, kind, home, email, created_at }
    Organization { id, name, created_at, updated_at, revision }
    Profile { first_name, last_name, username, employee_number, avatar }
    Member {
        scope, user, kind, home, email, number, role, active, profile, created_at, updated_at, revision, erased_at,
    }
    Space {
        id, scope, name, description, project, status, priority, strength, created_by, created_at, updated_at,
        revision,
    }
    Project {
        id, number, scope, name, description, dates, visibility, created_by, created_at, updated_at, revision,
    }
    Membership { id, number, project, user, role, created_at }
    Task {
        id, number, scope, project, outline, name, description, status, dates, assignee, created_by, created_at,
        updated_at, revision,
    }
    Event { id, scope, actor, at, subject_kind, subject, verb, changes }
    Logged { sequence, event }
}
