//! Use cases of organizations.

use loggia_domain::key::Caller;
use loggia_domain::page::organization_position;
use loggia_domain::policy::OrganizationCreation;
use loggia_domain::service::{Bootstrap, Loggia};
use loggia_domain::text::{KeyName, OrganizationName};
use loggia_domain::user::Profile;
use proptest::prelude::*;
use proptest::sample::select;

use crate::answer::{Answer, Outcome, outcome};
use crate::book::Book;
use crate::paging::{Part, Sort, part};
use crate::reference::{Reference, reference};
use crate::{texts, values};

/// The authority of a step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By {
    Operator,
    Caller,
}

/// Runs a use case that callers and the operator both have.
macro_rules! by_either {
    ($by:expr, $acting:expr, $operator:expr, $method:ident($($argument:expr),* $(,)?)) => {
        match $by {
            By::Operator => $operator.$method($($argument),*).await,
            By::Caller => $acting.$method($($argument),*).await,
        }
    };
}
pub(super) use by_either;

#[derive(Clone, Debug)]
pub(crate) enum OrganizationStep {
    CheckReady,
    HasOrganizations,
    List(Part),
    Read(Reference),
    Bootstrap {
        name: OrganizationName,
        mailbox: &'static str,
        profile: Profile,
        key: KeyName,
        only_if_first: bool,
    },
    Rename {
        by: By,
        organization: Reference,
        name: OrganizationName,
    },
    Create {
        name: OrganizationName,
        /// `true` if only the operator of the instance may make organizations.
        is_closed: bool,
    },
}

pub(crate) fn by() -> impl Strategy<Value = By> {
    prop_oneof![1 => Just(By::Operator), 2 => Just(By::Caller)]
}

pub(crate) fn step() -> BoxedStrategy<OrganizationStep> {
    let bootstrap = (
        texts::organization_name(),
        select(texts::MAILBOXES),
        values::profile(),
        texts::key_name(),
        any::<bool>(),
    );
    let bootstrap = bootstrap.prop_map(|(name, mailbox, profile, key, only_if_first)| {
        OrganizationStep::Bootstrap { name, mailbox, profile, key, only_if_first }
    });
    let rename = (by(), reference(), texts::organization_name())
        .prop_map(|(by, organization, name)| OrganizationStep::Rename { by, organization, name });
    let create = (texts::organization_name(), prop::bool::weighted(0.2))
        .prop_map(|(name, is_closed)| OrganizationStep::Create { name, is_closed });
    prop_oneof![
        1 => Just(OrganizationStep::CheckReady),
        1 => Just(OrganizationStep::HasOrganizations),
        2 => part().prop_map(OrganizationStep::List),
        2 => reference().prop_map(OrganizationStep::Read),
        1 => bootstrap,
        3 => rename,
        2 => create,
    ]
    .boxed()
}

impl OrganizationStep {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::CheckReady => "check_ready",
            Self::HasOrganizations => "has_organizations",
            Self::List(_) => "list_organizations",
            Self::Read(_) => "organization",
            Self::Bootstrap { .. } => "bootstrap",
            Self::Rename { .. } => "rename_organization",
            Self::Create { .. } => "create_organization",
        }
    }

    /// Returns `true` if the organization is to be made only if it is the first.
    pub(crate) fn only_if_first(&self) -> bool {
        matches!(self, Self::Bootstrap { only_if_first: true, .. })
    }

    pub(crate) async fn perform(&self, caller: &Caller, book: &Book, loggia: &Loggia) -> Outcome {
        match self {
            Self::CheckReady => outcome(loggia.check_ready().await, |()| Answer::Done),
            Self::HasOrganizations => outcome(loggia.operator().has_organizations().await, Answer::Flag),
            Self::List(part) => {
                let known =
                    |number| Some(organization_position(book.organization(caller, Reference::Any(number))));
                let page = part.request(Sort::Id, known);
                outcome(loggia.acting_as(caller).list_organizations(&page).await, Answer::Organizations)
            }
            Self::Read(which) => {
                let found = loggia.acting_as(caller).organization(book.organization(caller, *which)).await;
                outcome(found, |(organization, role)| Answer::Seen(organization, role))
            }
            Self::Bootstrap { name, mailbox, profile, key, only_if_first } => {
                let plan = Bootstrap {
                    organization: name.clone(),
                    email: texts::email(mailbox, book.case),
                    profile: profile.clone(),
                    key: key.clone(),
                    key_ends_unless_used: false,
                };
                outcome(loggia.operator().bootstrap(&plan, *only_if_first).await, Answer::from)
            }
            Self::Rename { by, organization, name } => {
                let id = book.organization(caller, *organization);
                let (acting, operator) = (loggia.acting_as(caller), loggia.operator());
                let renamed = by_either!(by, acting, operator, rename_organization(id, name.clone()));
                outcome(renamed, Answer::Organization)
            }
            Self::Create { name, is_closed } => {
                let rule =
                    if *is_closed { OrganizationCreation::Operators } else { OrganizationCreation::Everyone };
                let loggia = loggia.to_builder().organization_creation(rule).build();
                let created = loggia.acting_as(caller).create_organization(name.clone()).await;
                outcome(created, |(organization, role)| Answer::Founded(organization, role, caller.user))
            }
        }
    }
}
