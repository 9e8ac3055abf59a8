//! Use cases of keys, and of the current user.

use loggia_domain::event::Actor;
use loggia_domain::instant::Timestamp;
use loggia_domain::key::{Ability, Caller, Descendants, Overlap};
use loggia_domain::page::organization_position;
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{IssuedKey, Loggia, NewKey};
use loggia_domain::text::KeyName;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::answer::{Answer, Issued, Outcome, outcome};
use crate::book::Book;
use crate::paging::{Part, Sort, part};
use crate::reference::{Choice, Reference, choice, reference};
use crate::{texts, times, values};

#[derive(Clone, Debug)]
pub(crate) enum KeyStep {
    /// `None` is a secret that belongs to no key.
    Authenticate(Option<u8>),
    Me(Part),
    AccountByEmail(&'static str),
    OwnPersonByEmail(Reference, &'static str),
    List(Reference, Part),
    Issue {
        by_operator: bool,
        /// `None` is the caller.
        user: Option<Reference>,
        plan: Plan,
    },
    Revoke {
        by_operator: bool,
        key: Reference,
    },
    Touch(Reference),
    Keep(Reference),
    ListOwn(Part),
    CreateOwn(Plan),
    RevokeOwn(Reference),
    RotateOwn(Reference, Overlap),
}

/// The properties of a new key.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) name: KeyName,
    pub(crate) scope: Choice,
    pub(crate) confined: bool,
    pub(crate) ability: Ability,
    pub(crate) expires: Option<End>,
}

impl Plan {
    fn new_key(&self, caller: &Caller, book: &Book, now: Timestamp) -> NewKey {
        let default_scope = caller.scope(book.choice(caller, self.scope));
        let reach = match default_scope {
            Scope::Organization(id) if self.confined => Reach::Only(id),
            _ => Reach::Everywhere,
        };
        NewKey {
            name: self.name.clone(),
            default_scope,
            reach,
            ability: self.ability,
            expires_at: self.expires.map(|end| end.time(now)),
        }
    }
}

/// The expiry of a key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// A number of microseconds from now.
    In(i64),
    At(Timestamp),
}

impl End {
    pub(super) fn time(self, now: Timestamp) -> Timestamp {
        match self {
            Self::In(micros) => Timestamp::from_micros(now.micros() + micros).unwrap_or(now),
            Self::At(time) => time,
        }
    }
}

/// Generates an expiry in the near future, one that has passed, or any other.
pub(super) fn end() -> BoxedStrategy<End> {
    prop_oneof![
        2 => select(vec![1i64, 1_000, 1_001, 86_400_000_001, 0, -1]).prop_map(End::In),
        1 => times::time().prop_map(End::At),
    ]
    .boxed()
}

fn plan() -> BoxedStrategy<Plan> {
    let reach = (choice(), prop::bool::weighted(0.3));
    (texts::key_name(), reach, values::one_of(Ability::ALL), option::weighted(0.3, end()))
        .prop_map(|(name, (scope, confined), ability, expires)| Plan {
            name,
            scope,
            confined,
            ability,
            expires,
        })
        .boxed()
}

pub(crate) fn step() -> BoxedStrategy<KeyStep> {
    let issue = (prop::bool::weighted(0.2), option::weighted(0.2, reference()), plan())
        .prop_map(|(by_operator, user, plan)| KeyStep::Issue { by_operator, user, plan });
    let overlap = select(vec![0, 1, 86_400, Overlap::MAX])
        .prop_map(|seconds| Overlap::new(seconds).expect("an overlap"));
    let rotate = (reference(), overlap).prop_map(|(key, overlap)| KeyStep::RotateOwn(key, overlap));
    let revoke = (prop::bool::weighted(0.3), reference())
        .prop_map(|(by_operator, key)| KeyStep::Revoke { by_operator, key });
    prop_oneof![
        4 => option::weighted(0.7, any::<u8>()).prop_map(KeyStep::Authenticate),
        2 => part().prop_map(KeyStep::Me),
        1 => select(texts::MAILBOXES).prop_map(KeyStep::AccountByEmail),
        1 => (reference(), select(texts::MAILBOXES))
            .prop_map(|(organization, mailbox)| KeyStep::OwnPersonByEmail(organization, mailbox)),
        1 => (reference(), part()).prop_map(|(user, part)| KeyStep::List(user, part)),
        3 => issue,
        2 => revoke,
        2 => reference().prop_map(KeyStep::Touch),
        1 => reference().prop_map(KeyStep::Keep),
        1 => part().prop_map(KeyStep::ListOwn),
        4 => plan().prop_map(KeyStep::CreateOwn),
        2 => reference().prop_map(KeyStep::RevokeOwn),
        3 => rotate,
    ]
    .boxed()
}

impl KeyStep {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Authenticate(_) => "authenticate",
            Self::Me(_) => "me",
            Self::AccountByEmail(_) => "account_by_email",
            Self::OwnPersonByEmail(..) => "own_person_by_email",
            Self::List(..) => "keys",
            Self::Issue { .. } => "issue_key",
            Self::Revoke { .. } => "revoke_key",
            Self::Touch(_) => "touch_key",
            Self::Keep(_) => "keep_key",
            Self::ListOwn(_) => "own_keys",
            Self::CreateOwn(_) => "create_own_key",
            Self::RevokeOwn(_) => "revoke_own_key",
            Self::RotateOwn(..) => "rotate_own_key",
        }
    }

    pub(crate) async fn perform(&self, caller: &Caller, book: &Book, loggia: &Loggia) -> Outcome {
        match self {
            Self::Authenticate(secret) => {
                outcome(loggia.authenticate(&book.secret(*secret)).await, Answer::Authenticated)
            }
            Self::Me(part) => {
                let known =
                    |number| Some(organization_position(book.organization(caller, Reference::Any(number))));
                let page = part.request(Sort::Id, known);
                outcome(loggia.acting_as(caller).me(&page).await, |me| Answer::Me(Box::new(me)))
            }
            Self::AccountByEmail(mailbox) => outcome(
                loggia.operator().account_by_email(&texts::email(mailbox, book.case)).await,
                Answer::User,
            ),
            Self::OwnPersonByEmail(organization, mailbox) => {
                let id = book.organization(caller, *organization);
                outcome(
                    loggia.operator().own_person_by_email(id, &texts::email(mailbox, book.case)).await,
                    Answer::User,
                )
            }
            Self::List(user, part) => {
                let page = part.request(Sort::Time, |number| book.key_position(number));
                outcome(loggia.operator().keys(book.user(caller, *user), &page).await, Answer::Keys)
            }
            Self::Issue { by_operator, user, plan } => {
                let new = plan.new_key(caller, book, loggia.now());
                let user = user.map_or(caller.user, |user| book.user(caller, user));
                let issued = loggia.operator().issue_key(actor(*by_operator, caller), user, new).await;
                outcome(issued, issued_key)
            }
            Self::Revoke { by_operator, key } => {
                let owner = (!by_operator).then_some(caller.user);
                let key = book.key(caller, *key);
                outcome(
                    loggia
                        .operator()
                        .revoke_key(actor(*by_operator, caller), owner, key, Descendants::Revoke)
                        .await,
                    Answer::Revoked,
                )
            }
            Self::Touch(key) => outcome(loggia.touch_key(book.key(caller, *key)).await, |()| Answer::Done),
            Self::Keep(key) => outcome(loggia.keep_key(book.key(caller, *key)).await, |()| Answer::Done),
            Self::ListOwn(part) => {
                let page = part.request(Sort::Time, |number| book.key_position(number));
                outcome(loggia.acting_as(caller).own_keys(&page).await, Answer::Keys)
            }
            Self::CreateOwn(plan) => {
                let new = plan.new_key(caller, book, loggia.now());
                outcome(loggia.acting_as(caller).create_own_key(new).await, issued_key)
            }
            Self::RevokeOwn(key) => outcome(
                loggia
                    .acting_as(caller)
                    .revoke_own_key(book.own_key(caller, *key), Descendants::Revoke)
                    .await,
                Answer::Revoked,
            ),
            Self::RotateOwn(key, overlap) => {
                let rotated =
                    loggia.acting_as(caller).rotate_own_key(book.own_key(caller, *key), *overlap).await;
                outcome(rotated, issued_key)
            }
        }
    }
}

fn issued_key(issued: IssuedKey) -> Answer {
    Answer::Issued(Issued::from(issued))
}

fn actor(by_operator: bool, caller: &Caller) -> Actor {
    if by_operator { Actor::Operator } else { caller.actor() }
}
