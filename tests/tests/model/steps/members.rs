//! Use cases of an organization's members.

use std::collections::BTreeSet;

use loggia_domain::page::{MemberOrder, MemberQuery};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Scope;
use loggia_domain::service::{Acting, NewAccount, NewMember, NewMembers, Operator};
use loggia_domain::user::{Member, MemberPatch, Profile};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::organizations::{By, by, by_either};
use crate::answer::{Answer, Outcome, outcome};
use crate::book::Book;
use crate::paging::{Part, Sort, part};
use crate::reference::{Reference, nth, reference};
use crate::texts::{self, Needle};
use crate::values;

/// A person or a machine to be added.
#[derive(Clone, Debug)]
pub(crate) struct Newcomer {
    /// `None` makes a machine.
    pub(crate) mailbox: Option<&'static str>,
    pub(crate) profile: Profile,
    pub(crate) role: ScopeRole,
}

impl Newcomer {
    fn new_member(&self, book: &Book) -> NewMember {
        let (profile, role) = (self.profile.clone(), self.role);
        match self.mailbox {
            Some(mailbox) => NewMember::person(texts::email(mailbox, book.case), profile, role),
            None => NewMember::machine(profile, role),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum MemberStep {
    List {
        organization: Reference,
        query: MemberQuery,
        search: Option<Needle>,
        part: Part,
    },
    Read {
        organization: Reference,
        user: Reference,
    },
    Add {
        by: By,
        organization: Reference,
        newcomer: Newcomer,
    },
    AddMany {
        by: By,
        organization: Reference,
        newcomers: Vec<Newcomer>,
    },
    AddAccount {
        mailbox: &'static str,
        profile: Profile,
    },
    AddAccountMember {
        organization: Reference,
        mailbox: &'static str,
        profile: Profile,
        role: ScopeRole,
    },
    Update {
        by: By,
        organization: Reference,
        user: Reference,
        mailbox: Option<&'static str>,
        patch: MemberPatch,
    },
    Leave {
        organization: Reference,
    },
    Erase {
        by: By,
        organization: Reference,
        user: Reference,
    },
}

fn newcomer() -> BoxedStrategy<Newcomer> {
    let mailbox = option::weighted(0.85, select(texts::MAILBOXES));
    (mailbox, values::profile(), values::one_of(ScopeRole::ALL))
        .prop_map(|(mailbox, profile, role)| Newcomer { mailbox, profile, role })
        .boxed()
}

fn query() -> BoxedStrategy<MemberQuery> {
    let filters =
        (option::weighted(0.15, values::one_of(ScopeRole::ALL)), option::weighted(0.2, any::<bool>()));
    (filters, values::one_of(MemberOrder::ALL), values::direction())
        .prop_map(|((role, active), order, direction)| MemberQuery {
            role,
            active,
            search: None,
            order,
            direction,
        })
        .boxed()
}

fn patch() -> BoxedStrategy<MemberPatch> {
    let standing =
        (option::weighted(0.4, values::one_of(ScopeRole::ALL)), option::weighted(0.4, any::<bool>()));
    let names = (option::weighted(0.2, texts::person_name()), option::weighted(0.2, texts::person_name()));
    let rest = (
        option::weighted(0.3, option::weighted(0.8, texts::username())),
        option::weighted(0.3, option::weighted(0.8, texts::employee_number())),
        option::weighted(0.1, option::of(texts::avatar())),
    );
    (standing, names, rest)
        .prop_map(|((role, active), (first_name, last_name), (username, employee_number, avatar))| {
            MemberPatch {
                role,
                active,
                email: None,
                first_name,
                last_name,
                username,
                employee_number,
                avatar,
            }
        })
        .boxed()
}

pub(crate) fn step() -> BoxedStrategy<MemberStep> {
    let list = (reference(), query(), option::weighted(0.4, texts::needle()), part()).prop_map(
        |(organization, query, search, part)| MemberStep::List { organization, query, search, part },
    );
    let add = (by(), reference(), newcomer()).prop_map(|(by, organization, newcomer)| MemberStep::Add {
        by,
        organization,
        newcomer,
    });
    let add_many = (by(), reference(), vec(newcomer(), 1..4))
        .prop_map(|(by, organization, newcomers)| MemberStep::AddMany { by, organization, newcomers });
    let account = (select(texts::MAILBOXES), values::profile())
        .prop_map(|(mailbox, profile)| MemberStep::AddAccount { mailbox, profile });
    let account_member =
        (reference(), select(texts::MAILBOXES), values::profile(), values::one_of(ScopeRole::ALL)).prop_map(
            |(organization, mailbox, profile, role)| MemberStep::AddAccountMember {
                organization,
                mailbox,
                profile,
                role,
            },
        );
    let mailbox = option::weighted(0.15, select(texts::MAILBOXES));
    let update = (by(), reference(), reference(), mailbox, patch()).prop_map(
        |(by, organization, user, mailbox, patch)| MemberStep::Update {
            by,
            organization,
            user,
            mailbox,
            patch,
        },
    );
    prop_oneof![
        4 => list,
        2 => (reference(), reference())
            .prop_map(|(organization, user)| MemberStep::Read { organization, user }),
        6 => add,
        5 => add_many,
        2 => account,
        4 => account_member,
        8 => update,
        4 => reference().prop_map(|organization| MemberStep::Leave { organization }),
        2 => (by(), reference(), reference())
            .prop_map(|(by, organization, user)| MemberStep::Erase { by, organization, user }),
    ]
    .boxed()
}

/// Generates a step of a caller: the operator has no idempotency keys.
pub(super) fn step_of_a_caller() -> BoxedStrategy<MemberStep> {
    let of_a_caller = |step| match step {
        MemberStep::Add { organization, newcomer, .. } => {
            Some(MemberStep::Add { by: By::Caller, organization, newcomer })
        }
        MemberStep::AddMany { organization, newcomers, .. } => {
            Some(MemberStep::AddMany { by: By::Caller, organization, newcomers })
        }
        MemberStep::Update { organization, user, mailbox, patch, .. } => {
            Some(MemberStep::Update { by: By::Caller, organization, user, mailbox, patch })
        }
        MemberStep::Erase { organization, user, .. } => {
            Some(MemberStep::Erase { by: By::Caller, organization, user })
        }
        MemberStep::AddAccount { .. } | MemberStep::AddAccountMember { .. } => None,
        MemberStep::List { .. } | MemberStep::Read { .. } | MemberStep::Leave { .. } => Some(step),
    };
    step().prop_filter_map("a step of the operator", of_a_caller).boxed()
}

fn account(mailbox: &str, profile: &Profile, book: &Book) -> NewAccount {
    NewAccount { email: texts::email(mailbox, book.case), profile: profile.clone() }
}

/// Returns the type of the sort key of an order.
fn sort(order: MemberOrder) -> Sort {
    match order {
        MemberOrder::Name => Sort::Text,
        MemberOrder::CreatedAt => Sort::Time,
    }
}

/// Returns all texts that a search compares.
fn words(member: &Member) -> impl Iterator<Item = &str> {
    let profile = &member.profile;
    let names = [profile.first_name.as_str(), profile.last_name.as_str()].into_iter();
    let username = profile.username.iter().map(|username| username.as_str());
    names.chain(username).chain(member.email.iter().map(|email| email.as_str()))
}

impl MemberStep {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "list_members",
            Self::Read { .. } => "member",
            Self::Add { .. } => "add_member",
            Self::AddMany { .. } => "add_members",
            Self::AddAccount { .. } => "add_account",
            Self::AddAccountMember { .. } => "add_account_member",
            Self::Update { .. } => "update_member",
            Self::Leave { .. } => "leave_organization",
            Self::Erase { .. } => "erase_member",
        }
    }

    pub(crate) async fn perform(&self, acting: &Acting, book: &Book, operator: &Operator) -> Outcome {
        let caller = acting.caller();
        let one = |member| Answer::Member(Box::new(member));
        match self {
            Self::List { organization, query, search, part } => {
                let id = book.organization(caller, *organization);
                let scope = Scope::Organization(id);
                let people = || book.people.iter().filter(|member| member.scope == scope);
                let search = search.as_ref().and_then(|search| search.among(people().flat_map(words)));
                let query = MemberQuery { search, ..query.clone() };
                let known = |number| nth(people(), number).map(|member| query.order.position(member));
                let page = part.request(sort(query.order), known);
                outcome(acting.list_members(id, &query, &page).await, Answer::Members)
            }
            Self::Read { organization, user } => {
                let (id, user) = (book.organization(caller, *organization), book.user(caller, *user));
                outcome(acting.member(id, user).await, one)
            }
            Self::Add { by, organization, newcomer } => {
                let id = book.organization(caller, *organization);
                outcome(by_either!(by, acting, operator, add_member(id, newcomer.new_member(book))), one)
            }
            Self::AddMany { by, organization, newcomers } => {
                let id = book.organization(caller, *organization);
                // A batch contains each person at most once.
                let mut addresses = BTreeSet::new();
                let mut is_new = |newcomer: &&Newcomer| {
                    newcomer
                        .mailbox
                        .is_none_or(|mailbox| addresses.insert(texts::email(mailbox, book.case).key()))
                };
                let people = newcomers.iter().filter(|newcomer| is_new(newcomer));
                let people = people.map(|newcomer| newcomer.new_member(book)).collect();
                let people = NewMembers::new(people).expect("different people");
                outcome(by_either!(by, acting, operator, add_members(id, &people)), Answer::Added)
            }
            Self::AddAccount { mailbox, profile } => {
                let new = account(mailbox, profile, book);
                outcome(operator.add_account(&new).await, one)
            }
            Self::AddAccountMember { organization, mailbox, profile, role } => {
                let id = book.organization(caller, *organization);
                let new = account(mailbox, profile, book);
                outcome(operator.add_account_member(id, &new, *role).await, one)
            }
            Self::Update { by, organization, user, mailbox, patch } => {
                let id = book.organization(caller, *organization);
                let user = book.user(caller, *user);
                let email = mailbox.map(|mailbox| texts::email(mailbox, book.case));
                let patch = MemberPatch { email, ..patch.clone() };
                outcome(by_either!(by, acting, operator, update_member(id, user, patch)), one)
            }
            Self::Leave { organization } => {
                let id = book.organization(caller, *organization);
                outcome(acting.leave_organization(id).await, one)
            }
            Self::Erase { by, organization, user } => {
                let id = book.organization(caller, *organization);
                outcome(by_either!(by, acting, operator, erase_member(id, book.user(caller, *user))), one)
            }
        }
    }
}
