//! The representation of tasks in this dialect: flat, with dotted keys for relations, or nested.

use loggia_domain::id::{ProjectId, TaskId, UserId};
use loggia_domain::port::TaskView;
use loggia_domain::task::{OutlineNumber, TaskStatus};
use loggia_domain::text::{
    AvatarUrl, EmailAddress, EmployeeNumber, PersonName, ProjectName, TaskDescription, TaskName,
};
use loggia_domain::user::{Member, Profile};
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::v2::people::PersonJson;
use crate::api::v2::projects::view::ProjectRefJson;

use crate::wire::schema::{DisplayId, Of, Time, one_of};
use crate::wire::serialization::{IdText, TimeText};

/// A task in one of its two shapes.
#[derive(JsonSchema, Serialize)]
#[serde(untagged)]
#[schemars(rename = "Task", transform = one_of)]
pub(crate) enum TaskJson<'a> {
    Flat(FlatTask<'a>),
    Nested(NestedTask<'a>),
}

/// A task with its relations as objects.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "NestedTask")]
pub(crate) struct NestedTask<'a> {
    #[serde(flatten)]
    own: OwnFields<'a>,
    project: ProjectRefJson<'a>,
    assignee: Option<PersonJson<'a>>,
    created_by: PersonJson<'a>,
}

/// A task with its relations as dotted keys.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "FlatTask")]
pub(crate) struct FlatTask<'a> {
    #[serde(flatten)]
    own: OwnFields<'a>,
    #[serde(rename = "project.id")]
    #[schemars(with = "DisplayId")]
    project_id: i64,
    #[serde(rename = "project.node_id")]
    #[schemars(with = "Of<ProjectId>")]
    project_node_id: IdText,
    #[serde(rename = "project.project_name")]
    #[schemars(with = "Of<ProjectName>")]
    project_name: &'a str,
    #[serde(flatten)]
    assignee: FlatAssignee<'a>,
    #[serde(flatten)]
    created_by: FlatCreator<'a>,
}

#[derive(JsonSchema, Serialize)]
struct OwnFields<'a> {
    #[schemars(with = "DisplayId")]
    id: i64,
    #[schemars(with = "Of<TaskId>")]
    node_id: IdText,
    #[schemars(with = "Of<OutlineNumber>")]
    task_no: String,
    #[schemars(with = "Of<TaskName>")]
    task_name: &'a str,
    #[schemars(with = "Option<Of<TaskDescription>>")]
    description: Option<&'a str>,
    #[schemars(with = "Of<TaskStatus>")]
    status: &'static str,
    #[schemars(with = "Option<Time>")]
    start_date: Option<TimeText>,
    #[schemars(with = "Option<Time>")]
    end_date: Option<TimeText>,
    #[serde(rename = "createdAt")]
    #[schemars(with = "Time")]
    created_at: TimeText,
    #[serde(rename = "updatedAt")]
    #[schemars(with = "Time")]
    updated_at: TimeText,
}

/// The type of a field of a task's creator, which is always known.
type Known<T> = T;

/// Declares a person's fields under dotted keys. Without a person they are all null and not absent, so that every row has the same columns.
macro_rules! flat_person {
    ($(#[$attribute:meta])* $name:ident, $known:ident, $number_schema:literal, $id_schema:literal, $id:literal, $email:literal, $avatar:literal, $node_id:literal, $full_name:literal,
     $first_name:literal, $last_name:literal, $employee_no:literal) => {
        $(#[$attribute])*
        #[derive(JsonSchema, Serialize)]
        struct $name<'a> {
            #[serde(rename = $id)]
            #[schemars(with = $number_schema)]
            id: $known<i64>,
            #[serde(rename = $email)]
            #[schemars(extend("maxLength" = EmailAddress::MAX))]
            email: $known<&'a str>,
            #[serde(rename = $avatar)]
            #[schemars(extend("maxLength" = AvatarUrl::MAX))]
            avatar: $known<&'a str>,
            #[serde(rename = $node_id)]
            #[schemars(with = $id_schema)]
            node_id: $known<IdText>,
            #[serde(rename = $full_name)]
            #[schemars(extend("maxLength" = Profile::MAX_FULL_NAME))]
            full_name: $known<String>,
            #[serde(rename = $first_name)]
            #[schemars(extend("maxLength" = PersonName::MAX))]
            first_name: $known<&'a str>,
            #[serde(rename = $last_name)]
            #[schemars(extend("maxLength" = PersonName::MAX))]
            last_name: $known<&'a str>,
            #[serde(rename = $employee_no)]
            #[schemars(extend("maxLength" = EmployeeNumber::MAX))]
            employee_no: $known<&'a str>,
        }

        impl<'a> From<&'a Member> for $name<'a> {
            fn from(member: &'a Member) -> Self {
                let person = PersonJson::from(member);
                Self {
                    id: person.id.into(),
                    email: person.email.into(),
                    avatar: person.avatar.into(),
                    node_id: person.node_id.into(),
                    full_name: person.full_name.into(),
                    first_name: person.first_name.into(),
                    last_name: person.last_name.into(),
                    employee_no: person.employee_no.into(),
                }
            }
        }
    };
}

flat_person!(
    #[derive(Default)]
    FlatAssignee,
    Option,
    "Option<DisplayId>",
    "Option<Of<UserId>>",
    "assignee.id",
    "assignee.email",
    "assignee.avatar",
    "assignee.node_id",
    "assignee.full_name",
    "assignee.first_name",
    "assignee.last_name",
    "assignee.employee_no"
);
flat_person!(
    FlatCreator,
    Known,
    "DisplayId",
    "Of<UserId>",
    "created_by.id",
    "created_by.email",
    "created_by.avatar",
    "created_by.node_id",
    "created_by.full_name",
    "created_by.first_name",
    "created_by.last_name",
    "created_by.employee_no"
);

/// Returns a task, nested or flat.
pub(super) fn task_json(view: &TaskView, nested: bool) -> TaskJson<'_> {
    let task = &view.task;
    let own = OwnFields {
        id: task.number.get(),
        node_id: task.id.into(),
        task_no: task.outline.to_string(),
        task_name: task.name.as_str(),
        description: task.description.as_ref().map(TaskDescription::as_str),
        status: task.status.as_str(),
        start_date: task.dates.start().map(Into::into),
        end_date: task.dates.end().map(Into::into),
        created_at: task.created_at.into(),
        updated_at: task.updated_at.into(),
    };
    if nested {
        return TaskJson::Nested(NestedTask {
            own,
            project: (&view.project).into(),
            assignee: view.assignee.as_ref().map(PersonJson::from),
            created_by: (&view.creator).into(),
        });
    }
    TaskJson::Flat(FlatTask {
        own,
        project_id: view.project.number.get(),
        project_node_id: view.project.id.into(),
        project_name: view.project.name.as_str(),
        assignee: view.assignee.as_ref().map(FlatAssignee::from).unwrap_or_default(),
        created_by: (&view.creator).into(),
    })
}
