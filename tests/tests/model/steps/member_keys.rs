//! Use cases of the keys that admins issue, and of permissions.

use loggia_domain::key::{Ability, Caller, Descendants};
use loggia_domain::service::{Loggia, NewMemberKey, PermissionTarget};
use loggia_domain::text::KeyName;
use proptest::option;
use proptest::prelude::*;

use super::keys::{End, end};
use crate::answer::{Answer, Issued, Outcome, outcome};
use crate::book::Book;
use crate::paging::{Part, Sort, part};
use crate::reference::{Choice, Reference, choice, reference};
use crate::{texts, values};

#[derive(Clone, Debug)]
pub(crate) enum MemberKeyStep {
    List {
        organization: Reference,
        user: Reference,
        part: Part,
    },
    Issue {
        organization: Reference,
        user: Reference,
        name: KeyName,
        ability: Ability,
        expires: Option<End>,
    },
    Revoke {
        organization: Reference,
        /// `None` is the user of the key.
        user: Option<Reference>,
        key: Reference,
    },
    /// Asks for the caller's permissions in a scope, a project or a space.
    Permissions(Somewhere),
}

/// A scope, a project or a space.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Somewhere {
    Scope(Choice),
    Project(Reference),
    Space(Reference),
}

pub(crate) fn step() -> BoxedStrategy<MemberKeyStep> {
    let ability = values::one_of(Ability::ALL);
    let issue = (reference(), reference(), texts::key_name(), ability, option::weighted(0.3, end()));
    let issue = issue.prop_map(|(organization, user, name, ability, expires)| MemberKeyStep::Issue {
        organization,
        user,
        name,
        ability,
        expires,
    });
    let revoke = (reference(), option::weighted(0.2, reference()), reference())
        .prop_map(|(organization, user, key)| MemberKeyStep::Revoke { organization, user, key });
    let somewhere = prop_oneof![
        2 => choice().prop_map(Somewhere::Scope),
        2 => any::<u8>()
            .prop_map(|number| Somewhere::Scope(Choice::Organization(Reference::Any(number)))),
        3 => reference().prop_map(Somewhere::Project),
        3 => reference().prop_map(Somewhere::Space),
    ];
    prop_oneof![
        2 => (reference(), reference(), part())
            .prop_map(|(organization, user, part)| MemberKeyStep::List { organization, user, part }),
        4 => issue,
        3 => revoke,
        3 => somewhere.prop_map(MemberKeyStep::Permissions),
    ]
    .boxed()
}

impl MemberKeyStep {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "member_keys",
            Self::Issue { .. } => "issue_member_key",
            Self::Revoke { .. } => "revoke_member_key",
            Self::Permissions(_) => "permissions",
        }
    }

    pub(crate) async fn perform(&self, caller: &Caller, book: &Book, loggia: &Loggia) -> Outcome {
        match self {
            Self::List { organization, user, part } => {
                let (id, user) = (book.organization(caller, *organization), book.user(caller, *user));
                let page = part.request(Sort::Time, |number| book.key_position(number));
                outcome(loggia.acting_as(caller).member_keys(id, user, &page).await, Answer::Keys)
            }
            Self::Issue { organization, user, name, ability, expires } => {
                let (id, user) = (book.organization(caller, *organization), book.user(caller, *user));
                let expires_at = expires.map(|end| end.time(loggia.now()));
                let new = NewMemberKey { name: name.clone(), ability: *ability, expires_at };
                let issued = loggia.acting_as(caller).issue_member_key(id, user, new).await;
                outcome(issued, |issued| Answer::Issued(Issued::from(issued)))
            }
            Self::Revoke { organization, user, key } => {
                let (id, key) = (book.organization(caller, *organization), book.key(caller, *key));
                let owner = || book.keys.iter().find(|known| known.id == key).map(|known| known.user);
                let user =
                    user.map_or_else(|| owner().unwrap_or(caller.user), |user| book.user(caller, user));
                outcome(
                    loggia.acting_as(caller).revoke_member_key(id, user, key, Descendants::Revoke).await,
                    Answer::Revoked,
                )
            }
            Self::Permissions(somewhere) => {
                let target = match somewhere {
                    Somewhere::Scope(choice) => PermissionTarget::Scope(book.choice(caller, *choice)),
                    Somewhere::Project(project) => PermissionTarget::Project(book.project(caller, *project)),
                    Somewhere::Space(space) => PermissionTarget::Space(book.space(caller, *space)),
                };
                outcome(loggia.acting_as(caller).permissions(target).await, Answer::Permissions)
            }
        }
    }
}
