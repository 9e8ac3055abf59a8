//! Tasks, as this dialect shows them: flat, with dotted keys for what belongs to relations, or nested.

use loggia_domain::port::TaskView;
use loggia_domain::text::TaskDescription;
use loggia_domain::user::Member;
use serde::Serialize;

use super::people::PersonJson;
use super::view::ProjectRefJson;

/// A task in one of its two shapes.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum TaskJson {
    Flat(Box<FlatTask>),
    Nested(Box<NestedTask>),
}

/// Relations as objects.
#[derive(Serialize)]
pub(super) struct NestedTask {
    #[serde(flatten)]
    own: OwnFields,
    project: ProjectRefJson,
    assignee: Option<PersonJson>,
    created_by: PersonJson,
}

/// Relations as dotted keys.
#[derive(Serialize)]
pub(super) struct FlatTask {
    #[serde(flatten)]
    own: OwnFields,
    #[serde(rename = "project.id")]
    project_id: i64,
    #[serde(rename = "project.node_id")]
    project_node_id: String,
    #[serde(rename = "project.project_name")]
    project_name: String,
    #[serde(flatten)]
    assignee: FlatAssignee,
    #[serde(flatten)]
    created_by: FlatCreator,
}

#[derive(Serialize)]
struct OwnFields {
    id: i64,
    node_id: String,
    task_no: String,
    task_name: String,
    description: Option<String>,
    status: &'static str,
    start_date: Option<String>,
    end_date: Option<String>,
    #[serde(rename = "createdAt")]
    created_at: String,
    #[serde(rename = "updatedAt")]
    updated_at: String,
}

/// Declares a person's fields under dotted keys. All are there also for nobody, as null, so that a row has the same
/// columns whoever it belongs to.
macro_rules! flat_person {
    ($name:ident, $id:literal, $email:literal, $avatar:literal, $node_id:literal, $full_name:literal,
     $first_name:literal, $last_name:literal, $employee_no:literal) => {
        #[derive(Default, Serialize)]
        struct $name {
            #[serde(rename = $id)]
            id: Option<i64>,
            #[serde(rename = $email)]
            email: Option<String>,
            #[serde(rename = $avatar)]
            avatar: Option<String>,
            #[serde(rename = $node_id)]
            node_id: Option<String>,
            #[serde(rename = $full_name)]
            full_name: Option<String>,
            #[serde(rename = $first_name)]
            first_name: Option<String>,
            #[serde(rename = $last_name)]
            last_name: Option<String>,
            #[serde(rename = $employee_no)]
            employee_no: Option<String>,
        }

        impl From<&Member> for $name {
            fn from(member: &Member) -> Self {
                let person = PersonJson::from(member);
                Self {
                    id: Some(person.id),
                    email: Some(person.email),
                    avatar: Some(person.avatar),
                    node_id: Some(person.node_id),
                    full_name: Some(person.full_name),
                    first_name: Some(person.first_name),
                    last_name: Some(person.last_name),
                    employee_no: Some(person.employee_no),
                }
            }
        }
    };
}

flat_person!(
    FlatAssignee,
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
