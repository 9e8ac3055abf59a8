//! Use cases of keys, and of who one is.

use loggia_domain::event::Actor;
use loggia_domain::instant::Timestamp;
use loggia_domain::key::{Ability, Caller};
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{Loggia, NewKey};
use loggia_domain::text::KeyName;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::answer::{Answer, Issued, Outcome, told};
use crate::book::Book;
use crate::reference::{Choice, Reference, choice, reference};
use crate::{texts, times, values};

#[derive(Clone, Debug)]
pub(crate) enum KeyStep {
    /// `None` is a secret of no key.
    Authenticate(Option<u8>),
    Me,
    UserByEmail(&'static str),
    List(Reference),
    Issue {
        by_operator: bool,
        /// `None` is the caller.
        user: Option<Reference>,
        name: KeyName,
        scope: Choice,
        confined: bool,
        ability: Ability,
        expires: Option<End>,
    },
    Revoke {
        by_operator: bool,
        key: Reference,
    },
}

/// When a key ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// So many microseconds from now.
    In(i64),
    At(Timestamp),
}

impl End {
    fn time(self, now: Timestamp) -> Timestamp {
        match self {
            Self::In(micros) => Timestamp::from_micros(now.micros() + micros).unwrap_or(now),
            Self::At(time) => time,
        }
    }
}

pub(crate) fn step() -> BoxedStrategy<KeyStep> {
    let end = prop_oneof![
        2 => select(vec![1i64, 1_000, 1_001, 86_400_000_001, 0, -1]).prop_map(End::In),
        1 => times::time().prop_map(End::At),
    ];
    let issue = (
        (prop::bool::weighted(0.2), option::weighted(0.2, reference()), texts::key_name(), choice()),
        (prop::bool::weighted(0.3), values::one_of(Ability::ALL), option::weighted(0.3, end)),
    );
    let issue = issue.prop_map(|((by_operator, user, name, scope), (confined, ability, expires))| {
        KeyStep::Issue { by_operator, user, name, scope, confined, ability, expires }
    });
    let revoke = (prop::bool::weighted(0.3), reference())
        .prop_map(|(by_operator, key)| KeyStep::Revoke { by_operator, key });
    prop_oneof![
        4 => option::weighted(0.7, any::<u8>()).prop_map(KeyStep::Authenticate),
        2 => Just(KeyStep::Me),
        2 => select(texts::MAILBOXES).prop_map(KeyStep::UserByEmail),
        1 => reference().prop_map(KeyStep::List),
        5 => issue,
        2 => revoke,
    ]
    .boxed()
}

impl KeyStep {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Authenticate(_) => "authenticate",
            Self::Me => "me",
            Self::UserByEmail(_) => "user_by_email",
            Self::List(_) => "keys",
            Self::Issue { .. } => "issue_key",
            Self::Revoke { .. } => "revoke_key",
        }
    }

    pub(crate) async fn perform(&self, caller: &Caller, book: &Book, loggia: &Loggia) -> Outcome {
        match self {
            Self::Authenticate(secret) => {
                told(loggia.authenticate(&book.secret(*secret)).await, Answer::Caller)
            }
            Self::Me => told(loggia.me(caller).await, |me| Answer::Me(Box::new(me))),
            Self::UserByEmail(mailbox) => {
                told(loggia.user_by_email(&texts::email(mailbox, book.case)).await, Answer::User)
            }
            Self::List(user) => told(loggia.keys(book.user(caller, *user)).await, Answer::Keys),
            Self::Issue { by_operator, user, name, scope, confined, ability, expires } => {
                let default_scope = caller.scope(book.choice(caller, *scope));
                let reach = match default_scope {
                    Scope::Organization(id) if *confined => Reach::Only(id),
                    _ => Reach::Everywhere,
                };
                let new = NewKey {
                    name: name.clone(),
                    default_scope,
                    reach,
                    ability: *ability,
                    expires_at: expires.map(|end| end.time(loggia.now())),
                };
                let user = user.map_or(caller.user, |user| book.user(caller, user));
                let issued = loggia.issue_key(actor(*by_operator, caller), user, new).await;
                told(issued, |issued| Answer::Issued(Issued::from(issued)))
            }
            Self::Revoke { by_operator, key } => {
                let owner = (!by_operator).then_some(caller.user);
                let key = book.key(caller, *key);
                told(loggia.revoke_key(actor(*by_operator, caller), owner, key).await, Answer::Key)
            }
        }
    }
}

fn actor(by_operator: bool, caller: &Caller) -> Actor {
    if by_operator { Actor::Operator } else { caller.actor() }
}
