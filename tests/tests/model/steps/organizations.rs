//! Use cases of organizations and their members.

use loggia_domain::key::Caller;
use loggia_domain::role::ScopeRole;
use loggia_domain::service::{Authority, Bootstrap, Loggia, NewMember, StandingPatch};
use loggia_domain::text::{KeyName, OrganizationName};
use loggia_domain::user::Profile;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::answer::{Answer, Outcome, told};
use crate::book::Book;
use crate::reference::{Reference, reference};
use crate::{texts, values};

/// On whose word.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By {
    Operator,
    Caller,
}

impl By {
    fn authority(self, caller: &Caller) -> Authority<'_> {
        match self {
            Self::Operator => Authority::Operator,
            Self::Caller => Authority::Caller(caller),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum OrganizationStep {
    CheckReady,
    HasOrganizations,
    List,
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
    AddMember {
        by: By,
        organization: Reference,
        mailbox: &'static str,
        profile: Profile,
        role: ScopeRole,
    },
    ChangeStanding {
        by: By,
        organization: Reference,
        user: Reference,
        patch: StandingPatch,
    },
}

pub(crate) fn step() -> BoxedStrategy<OrganizationStep> {
    let by = || prop_oneof![1 => Just(By::Operator), 2 => Just(By::Caller)];
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
    let role = values::one_of(ScopeRole::ALL);
    let add = (by(), reference(), select(texts::MAILBOXES), values::profile(), role);
    let add = add.prop_map(|(by, organization, mailbox, profile, role)| OrganizationStep::AddMember {
        by,
        organization,
        mailbox,
        profile,
        role,
    });
    let patch = (option::weighted(0.5, values::one_of(ScopeRole::ALL)), option::weighted(0.5, any::<bool>()))
        .prop_map(|(role, active)| StandingPatch { role, active });
    let change = (by(), reference(), reference(), patch).prop_map(|(by, organization, user, patch)| {
        OrganizationStep::ChangeStanding { by, organization, user, patch }
    });
    prop_oneof![
        1 => Just(OrganizationStep::CheckReady),
        1 => Just(OrganizationStep::HasOrganizations),
        2 => Just(OrganizationStep::List),
        2 => reference().prop_map(OrganizationStep::Read),
        1 => bootstrap,
        3 => rename,
        8 => add,
        8 => change,
    ]
    .boxed()
}

impl OrganizationStep {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::CheckReady => "check_ready",
            Self::HasOrganizations => "has_organizations",
            Self::List => "list_organizations",
            Self::Read(_) => "organization",
            Self::Bootstrap { .. } => "bootstrap",
            Self::Rename { .. } => "rename_organization",
            Self::AddMember { .. } => "add_member",
            Self::ChangeStanding { .. } => "change_member_standing",
        }
    }

    /// Whether an organization is to be made only if it is the first.
    pub(crate) fn only_if_first(&self) -> bool {
        matches!(self, Self::Bootstrap { only_if_first: true, .. })
    }

    pub(crate) async fn perform(&self, caller: &Caller, book: &Book, loggia: &Loggia) -> Outcome {
        match self {
            Self::CheckReady => told(loggia.check_ready().await, |()| Answer::Ready),
            Self::HasOrganizations => told(loggia.has_organizations().await, Answer::Flag),
            Self::List => told(loggia.list_organizations(caller).await, Answer::Organizations),
            Self::Read(which) => {
                let found = loggia.organization(caller, book.organization(caller, *which)).await;
                told(found, |(organization, role)| Answer::Seen(organization, role))
            }
            Self::Bootstrap { name, mailbox, profile, key, only_if_first } => {
                let plan = Bootstrap {
                    organization: name.clone(),
                    email: texts::email(mailbox, book.case),
                    profile: profile.clone(),
                    key: key.clone(),
                };
                told(loggia.bootstrap(&plan, *only_if_first).await, Answer::from)
            }
            Self::Rename { by, organization, name } => {
                let (by, id) = (by.authority(caller), book.organization(caller, *organization));
                told(loggia.rename_organization(by, id, name.clone()).await, Answer::Organization)
            }
            Self::AddMember { by, organization, mailbox, profile, role } => {
                let (by, id) = (by.authority(caller), book.organization(caller, *organization));
                let email = texts::email(mailbox, book.case);
                let new = NewMember { email, profile: profile.clone(), role: *role };
                told(loggia.add_member(by, id, new).await, |member| Answer::Member(Box::new(member)))
            }
            Self::ChangeStanding { by, organization, user, patch } => {
                let (by, id) = (by.authority(caller), book.organization(caller, *organization));
                let user = book.user(caller, *user);
                let changed = loggia.change_member_standing(by, id, user, *patch).await;
                told(changed, |member| Answer::Member(Box::new(member)))
            }
        }
    }
}
