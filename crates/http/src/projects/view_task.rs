//! Tasks, as this dialect shows them: flat, with dotted keys for what belongs to relations, or nested.

use loggia_domain::id::{ProjectId, TaskId, UserId};
use loggia_domain::port::TaskView;
use loggia_domain::task::{OutlineNumber, TaskStatus};
use loggia_domain::text::{ProjectName, TaskDescription, TaskName};
use loggia_domain::user::Member;
use schemars::JsonSchema;
use serde::Serialize;

use super::people::PersonJson;
use super::view::ProjectRefJson;

use crate::openapi::{DisplayId, Of, Time, one_of};

/// A task in one of its two shapes.
#[derive(JsonSchema, Serialize)]
#[serde(untagged)]
#[schemars(rename = "Task", transform = one_of)]
pub(crate) enum TaskJson {
    Flat(Box<FlatTask>),
    Nested(Box<NestedTask>),
}

/// Relations as objects.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "NestedTask")]
pub(crate) struct NestedTask {
    #[serde(flatten)]
    own: OwnFields,
    project: ProjectRefJson,
    assignee: Option<PersonJson>,
    created_by: PersonJson,
}

/// Relations as dotted keys.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "FlatTask")]
pub(crate) struct FlatTask {
    #[serde(flatten)]
    own: OwnFields,
    #[serde(rename = "project.id")]
    #[schemars(with = "DisplayId")]
    project_id: i64,
    #[serde(rename = "project.node_id")]
    #[schemars(with = "Of<ProjectId>")]
    project_node_id: String,
    #[serde(rename = "project.project_name")]
    #[schemars(with = "Of<ProjectName>")]
    project_name: String,
    #[serde(flatten)]
    assignee: FlatAssignee,
    #[serde(flatten)]
    created_by: FlatCreator,
}

#[derive(JsonSchema, Serialize)]
struct OwnFields {
    #[schemars(with = "DisplayId")]
    id: i64,
    #[schemars(with = "Of<TaskId>")]
    node_id: String,
    #[schemars(with = "Of<OutlineNumber>")]
    task_no: String,
    #[schemars(with = "Of<TaskName>")]
    task_name: String,
    #[schemars(with = "Option<Of<TaskDescription>>")]
    description: Option<String>,
    #[schemars(with = "Of<TaskStatus>")]
    status: &'static str,
    #[schemars(with = "Option<Time>")]
    start_date: Option<String>,
    #[schemars(with = "Option<Time>")]
    end_date: Option<String>,
    #[serde(rename = "createdAt")]
    #[schemars(with = "Time")]
    created_at: String,
    #[serde(rename = "updatedAt")]
    #[schemars(with = "Time")]
    updated_at: String,
}

/// What is known of whoever made a task: all of it.
type Known<T> = T;

/// Declares a person's fields under dotted keys. All are there also for nobody, as null, so that a row has the same
/// columns whoever it belongs to.
macro_rules! flat_person {
    ($name:ident, $known:ident, $number_schema:literal, $id_schema:literal, $id:literal, $email:literal, $avatar:literal, $node_id:literal, $full_name:literal,
     $first_name:literal, $last_name:literal, $employee_no:literal) => {
        #[derive(Default, JsonSchema, Serialize)]
        struct $name {
            #[serde(rename = $id)]
            #[schemars(with = $number_schema)]
            id: $known<i64>,
            #[serde(rename = $email)]
            email: $known<String>,
            #[serde(rename = $avatar)]
            avatar: $known<String>,
            #[serde(rename = $node_id)]
            #[schemars(with = $id_schema)]
            node_id: $known<String>,
            #[serde(rename = $full_name)]
            full_name: $known<String>,
            #[serde(rename = $first_name)]
            first_name: $known<String>,
            #[serde(rename = $last_name)]
            last_name: $known<String>,
            #[serde(rename = $employee_no)]
            employee_no: $known<String>,
        }

        impl From<&Member> for $name {
            fn from(member: &Member) -> Self {
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

/// A task, nested or flat.
pub(super) fn task_json(view: &TaskView, nested: bool) -> TaskJson {
    let task = &view.task;
    let own = OwnFields {
        id: task.number.get(),
        node_id: task.id.to_string(),
        task_no: task.outline.to_string(),
        task_name: task.name.to_string(),
        description: task.description.as_ref().map(TaskDescription::to_string),
        status: task.status.as_str(),
        start_date: task.dates.start().map(|time| time.to_rfc3339()),
        end_date: task.dates.end().map(|time| time.to_rfc3339()),
        created_at: task.created_at.to_rfc3339(),
        updated_at: task.updated_at.to_rfc3339(),
    };
    if nested {
        return TaskJson::Nested(Box::new(NestedTask {
            own,
            project: (&view.project).into(),
            assignee: view.assignee.as_ref().map(PersonJson::from),
            created_by: (&view.creator).into(),
        }));
    }
    TaskJson::Flat(Box::new(FlatTask {
        own,
        project_id: view.project.number.get(),
        project_node_id: view.project.id.to_string(),
        project_name: view.project.name.to_string(),
        assignee: view.assignee.as_ref().map(FlatAssignee::from).unwrap_or_default(),
        created_by: (&view.creator).into(),
    }))
}
