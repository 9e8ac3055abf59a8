//! Use cases of spaces.

use loggia_domain::page::{SpaceOrder, SpaceQuery};
use loggia_domain::port::Includes;
use loggia_domain::service::Acting;
use loggia_domain::space::{NewSpace, Priority, SpacePatch, SpaceStatus};
use proptest::option;
use proptest::prelude::*;

use crate::answer::{Answer, Outcome, outcome};
use crate::book::Book;
use crate::paging::{Part, Sort, part};
use crate::reference::{Choice, Reference, choice, nth, reference};
use crate::texts::{self, Needle};
use crate::values;

/// A use case of spaces. The project of a space or a query is a separate reference, since only the book knows its id; so is the searched
/// text.
#[derive(Clone, Debug)]
pub(crate) enum SpaceStep {
    List {
        choice: Choice,
        query: SpaceQuery,
        project: Option<Reference>,
        search: Option<Needle>,
        includes: Includes,
        part: Part,
    },
    Read {
        space: Reference,
        includes: Includes,
    },
    Create {
        choice: Choice,
        new: NewSpace,
        project: Option<Reference>,
    },
    Update {
        space: Reference,
        patch: SpacePatch,
        project: Option<Option<Reference>>,
    },
    Delete {
        space: Reference,
    },
}

fn query() -> BoxedStrategy<SpaceQuery> {
    let filters = (
        option::weighted(0.15, values::one_of(SpaceStatus::ALL)),
        option::weighted(0.15, values::one_of(Priority::ALL)),
    );
    (filters, values::one_of(SpaceOrder::ALL), values::direction())
        .prop_map(|((status, priority), order, direction)| SpaceQuery {
            project: None,
            status,
            priority,
            search: None,
            order,
            direction,
        })
        .boxed()
}

fn new() -> BoxedStrategy<NewSpace> {
    let words = (texts::space_name(), option::weighted(0.4, texts::space_description()));
    let rest = (values::one_of(SpaceStatus::ALL), values::one_of(Priority::ALL), values::strength());
    (words, rest)
        .prop_map(|((name, description), (status, priority, strength))| NewSpace {
            description,
            status,
            priority,
            strength,
            ..NewSpace::named(name)
        })
        .boxed()
}

fn patch() -> BoxedStrategy<SpacePatch> {
    (
        option::of(texts::space_name()),
        option::weighted(0.3, option::of(texts::space_description())),
        option::weighted(0.3, values::one_of(SpaceStatus::ALL)),
        option::weighted(0.3, values::one_of(Priority::ALL)),
        option::weighted(0.3, values::strength()),
    )
        .prop_map(|(name, description, status, priority, strength)| SpacePatch {
            name,
            description,
            project: None,
            status,
            priority,
            strength,
        })
        .boxed()
}

pub(crate) fn step() -> BoxedStrategy<SpaceStep> {
    let filters = (option::weighted(0.1, reference()), option::weighted(0.5, texts::needle()));
    let list = (choice(), query(), filters, values::includes(), part());
    let list = list.prop_map(|(choice, query, (project, search), includes, part)| SpaceStep::List {
        choice,
        query,
        project,
        search,
        includes,
        part,
    });
    let create = (choice(), new(), option::weighted(0.4, reference()))
        .prop_map(|(choice, new, project)| SpaceStep::Create { choice, new, project });
    let update = (reference(), patch(), option::weighted(0.4, option::weighted(0.7, reference())))
        .prop_map(|(space, patch, project)| SpaceStep::Update { space, patch, project });
    prop_oneof![
        5 => list,
        2 => (reference(), values::includes())
            .prop_map(|(space, includes)| SpaceStep::Read { space, includes }),
        6 => create,
        3 => update,
        1 => reference().prop_map(|space| SpaceStep::Delete { space }),
    ]
    .boxed()
}

/// Returns the type of the sort key of an order.
pub(crate) fn sort(order: SpaceOrder) -> Sort {
    match order {
        SpaceOrder::CreatedAt | SpaceOrder::UpdatedAt => Sort::Time,
        SpaceOrder::Name => Sort::Text,
        SpaceOrder::Priority | SpaceOrder::Strength => Sort::Number,
    }
}

impl SpaceStep {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "list_spaces",
            Self::Read { .. } => "space",
            Self::Create { .. } => "create_space",
            Self::Update { .. } => "update_space",
            Self::Delete { .. } => "delete_space",
        }
    }

    pub(crate) async fn perform(&self, acting: &Acting, book: &Book) -> Outcome {
        let caller = acting.caller();
        let space = |space| Answer::Space(Box::new(space));
        match self {
            Self::List { choice, query, project, search, includes, part } => {
                let choice = book.choice(caller, *choice);
                let scope = caller.scope(choice);
                let spaces = || book.spaces.iter().filter(|space| space.scope == scope);
                let names = spaces().map(|space| space.name.as_str());
                let query = SpaceQuery {
                    project: project.map(|project| book.project(caller, project)),
                    search: search.as_ref().and_then(|search| search.among(names)),
                    ..query.clone()
                };
                let known = |number| nth(spaces(), number).map(|space| query.order.position(space));
                let page = part.request(sort(query.order), known);
                outcome(acting.list_spaces(choice, &query, *includes, &page).await, Answer::Spaces)
            }
            Self::Read { space, includes } => {
                let found = acting.space(book.space(caller, *space), *includes).await;
                outcome(found, |view| Answer::SpaceView(Box::new(view)))
            }
            Self::Create { choice, new, project } => {
                let choice = book.choice(caller, *choice);
                let project = project.map(|project| book.project(caller, project));
                let new = NewSpace { project, ..new.clone() };
                outcome(acting.create_space(choice, new).await, space)
            }
            Self::Update { space: which, patch, project } => {
                let project = project.map(|project| project.map(|project| book.project(caller, project)));
                let patch = SpacePatch { project, ..patch.clone() };
                outcome(acting.update_space(book.space(caller, *which), patch).await, space)
            }
            Self::Delete { space: which } => {
                outcome(acting.delete_space(book.space(caller, *which)).await, space)
            }
        }
    }
}
