//! Use cases of projects.

use loggia_domain::page::{ProjectOrder, ProjectQuery};
use loggia_domain::project::{NewProject, ProjectPatch, Visibility};
use loggia_domain::service::Acting;
use proptest::option;
use proptest::prelude::*;

use crate::answer::{Answer, Outcome, outcome};
use crate::book::Book;
use crate::paging::{Part, Sort, part};
use crate::reference::{Choice, Reference, choice, nth, reference};
use crate::texts::{self, Needle};
use crate::{times, values};

#[derive(Clone, Debug)]
pub(crate) enum ProjectStep {
    List { choice: Choice, query: ProjectQuery, search: Option<Needle>, part: Part },
    Read { project: Reference },
    Create { choice: Choice, new: NewProject },
    Update { project: Reference, patch: ProjectPatch },
    Delete { project: Reference },
}

fn query() -> BoxedStrategy<ProjectQuery> {
    (values::one_of(ProjectOrder::ALL), values::direction())
        .prop_map(|(order, direction)| ProjectQuery { search: None, order, direction })
        .boxed()
}

fn new() -> BoxedStrategy<NewProject> {
    let description = option::weighted(0.4, texts::project_description());
    (texts::project_name(), description, times::dates(), values::one_of(Visibility::ALL))
        .prop_map(|(name, description, dates, visibility)| NewProject {
            name,
            description,
            dates,
            visibility,
        })
        .boxed()
}

fn patch() -> BoxedStrategy<ProjectPatch> {
    (
        option::of(texts::project_name()),
        option::weighted(0.3, option::of(texts::project_description())),
        times::ends(),
        option::weighted(0.3, values::one_of(Visibility::ALL)),
    )
        .prop_map(|(name, description, (start, end), visibility)| ProjectPatch {
            name,
            description,
            start,
            end,
            visibility,
        })
        .boxed()
}

pub(crate) fn step() -> BoxedStrategy<ProjectStep> {
    let list = (choice(), query(), option::weighted(0.5, texts::needle()), part());
    let list =
        list.prop_map(|(choice, query, search, part)| ProjectStep::List { choice, query, search, part });
    prop_oneof![
        5 => list,
        2 => reference().prop_map(|project| ProjectStep::Read { project }),
        3 => (choice(), new()).prop_map(|(choice, new)| ProjectStep::Create { choice, new }),
        4 => (reference(), patch()).prop_map(|(project, patch)| ProjectStep::Update { project, patch }),
        1 => reference().prop_map(|project| ProjectStep::Delete { project }),
    ]
    .boxed()
}

/// Returns the type of the sort key of an order.
pub(crate) fn sort(order: ProjectOrder) -> Sort {
    match order {
        ProjectOrder::Number => Sort::Number,
        ProjectOrder::Name => Sort::Text,
        ProjectOrder::UpdatedAt => Sort::Time,
    }
}

impl ProjectStep {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "list_projects",
            Self::Read { .. } => "project",
            Self::Create { .. } => "create_project",
            Self::Update { .. } => "update_project",
            Self::Delete { .. } => "delete_project",
        }
    }

    pub(crate) async fn perform(&self, acting: &Acting, book: &Book) -> Outcome {
        let caller = acting.caller();
        let view = |view| Answer::ProjectView(Box::new(view));
        match self {
            Self::List { choice, query, search, part } => {
                let choice = book.choice(caller, *choice);
                let scope = caller.scope(choice);
                let projects = || book.projects.iter().filter(|project| project.scope == scope);
                let names = projects().map(|project| project.name.as_str());
                let search = search.as_ref().and_then(|search| search.among(names));
                let query = ProjectQuery { search, ..query.clone() };
                let known = |number| nth(projects(), number).map(|project| query.order.position(project));
                let page = part.request(sort(query.order), known);
                outcome(acting.list_projects(choice, &query, &page).await, Answer::Projects)
            }
            Self::Read { project } => outcome(acting.project(book.project(caller, *project)).await, view),
            Self::Create { choice, new } => {
                let choice = book.choice(caller, *choice);
                outcome(acting.create_project(choice, new.clone()).await, view)
            }
            Self::Update { project, patch } => {
                let project = book.project(caller, *project);
                outcome(acting.update_project(project, patch.clone()).await, view)
            }
            Self::Delete { project } => {
                let deleted = acting.delete_project(book.project(caller, *project)).await;
                outcome(deleted, |project| Answer::Project(Box::new(project)))
            }
        }
    }
}
