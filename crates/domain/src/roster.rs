//! Rosters: the members of a project, and the rules for adding, changing and removing them.

use crate::event::{Change, Fields, changed};
use crate::id::{DisplayNumber, MembershipId, ProjectId, UserId};
use crate::instant::Timestamp;
use crate::organization::LastAdmin;
use crate::role::RosterRole;
use crate::user::Member;

/// A user's membership of a project's roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The membership's id, shown as `node_id`.
    pub id: MembershipId,
    /// The membership's number in the project, shown as `id`.
    pub number: DisplayNumber,
    /// The project.
    pub project: ProjectId,
    /// The user.
    pub user: UserId,
    /// The role in the project.
    pub role: RosterRole,
    /// The time at which the user was added to the roster.
    pub created_at: Timestamp,
}

impl Membership {
    /// Changes the role and returns the changes.
    ///
    /// `admins` is the number of the roster's admins, this one included; it must be read under the project's lock.
    ///
    /// # Errors
    /// Fails with [`LastAdmin`] if the roster would be left without an admin.
    pub fn change_role(&mut self, role: RosterRole, admins: u64) -> Result<Vec<Change>, LastAdmin> {
        if role != RosterRole::Admin {
            self.judge_leaving(admins)?;
        }
        let before = self.fields();
        self.role = role;
        Ok(changed(before, self.fields()))
    }

    /// Decides whether the roster can do without this membership, or without this membership's admin role.
    ///
    /// `admins` is the number of the roster's admins, this one included; it must be read under the project's lock.
    ///
    /// # Errors
    /// Fails with [`LastAdmin`] if the roster would be left without an admin.
    pub fn judge_leaving(&self, admins: u64) -> Result<(), LastAdmin> {
        if self.role == RosterRole::Admin && admins <= 1 { Err(LastAdmin) } else { Ok(()) }
    }

    /// Returns the fields that events report.
    pub(crate) fn fields(&self) -> Fields {
        vec![
            ("project", self.project.as_uuid().into()),
            ("user", self.user.as_uuid().into()),
            ("role", self.role.as_str().into()),
        ]
    }
}

/// A user to be added to a roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewMembership {
    /// The user.
    pub user: UserId,
    /// The role on the roster.
    pub role: RosterRole,
}

/// The maximum number of people that one call may add to a roster or to an organization.
pub const MAX_BATCH: usize = 100;

/// One to [`MAX_BATCH`] different users to be added to a roster together, all or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMemberships(Vec<NewMembership>);

/// The reason why a list of people is not a valid batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The list is empty.
    #[error("must name at least one person")]
    Empty,
    /// The list has more than [`MAX_BATCH`] people.
    #[error("must name at most {MAX_BATCH} people")]
    TooMany,
    /// The person at this index (from 0) occurs earlier in the list.
    #[error("is already named in this list")]
    Duplicate(usize),
}

/// Returns the indices (from 0) of all people who occur earlier in `people`. A `None` stands for an unknown person and never counts as
/// repeated.
///
/// [`NewMemberships::new`] reports the first such index only.
pub fn repeated<T: Eq + std::hash::Hash>(people: impl Iterator<Item = Option<T>>) -> Vec<usize> {
    let mut seen = std::collections::HashSet::new();
    let mut again = Vec::new();
    for (index, person) in people.enumerate() {
        if person.is_some_and(|person| !seen.insert(person)) {
            again.push(index);
        }
    }
    again
}

impl NewMemberships {
    /// Checks that the list has 1 to [`MAX_BATCH`] people and that no user occurs twice.
    ///
    /// # Errors
    /// Fails with [`BatchError`] otherwise; the length is checked first.
    pub fn new(people: Vec<NewMembership>) -> Result<Self, BatchError> {
        if people.is_empty() {
            return Err(BatchError::Empty);
        }
        if people.len() > MAX_BATCH {
            return Err(BatchError::TooMany);
        }
        match repeated(people.iter().map(|person| Some(person.user))).first() {
            Some(index) => Err(BatchError::Duplicate(*index)),
            None => Ok(Self(people)),
        }
    }

    /// Returns the people, in the order in which they were given.
    pub fn as_slice(&self) -> &[NewMembership] {
        &self.0
    }
}

/// The reason why a person cannot be removed from a roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemovalRefused {
    /// The caller is the person to be removed.
    #[error("members cannot remove themselves from a project")]
    Oneself,
    /// The person is not on the roster.
    #[error("the person is not a member of this project")]
    NotAMember,
    /// The person is admin of the project by their role on the roster.
    #[error("an admin of the project cannot be removed; change the role on the roster first")]
    RosterAdmin,
    /// The person is admin of the project as an admin of its scope.
    #[error("an admin of the scope cannot be removed; change the role in the scope first")]
    ScopeAdmin,
}

/// Decides whether `caller` may remove `target` from the roster; `membership` is the target's membership of the roster, if any. Returns
/// that membership.
///
/// Every admin of the project is protected: those on the roster and those of the scope.
///
/// # Errors
/// Fails with [`RemovalRefused`], checked in the order of its variants.
pub fn judge_removal(
    caller: UserId,
    target: &Member,
    membership: Option<Membership>,
) -> Result<Membership, RemovalRefused> {
    if caller == target.user {
        return Err(RemovalRefused::Oneself);
    }
    let membership = membership.ok_or(RemovalRefused::NotAMember)?;
    if membership.role == RosterRole::Admin {
        return Err(RemovalRefused::RosterAdmin);
    }
    if target.is_active_admin() {
        return Err(RemovalRefused::ScopeAdmin);
    }
    Ok(membership)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::event::Value;
    use crate::role::ScopeRole;
    use crate::samples::{ADA, GRACE, PROJECT, made, member};

    fn membership(role: RosterRole) -> Membership {
        let id = MembershipId::from_uuid(Uuid::from_u128(1));
        Membership {
            id,
            number: DisplayNumber::new(1),
            project: PROJECT,
            user: GRACE,
            role,
            created_at: made(),
        }
    }

    #[test]
    fn a_role_changes_unless_no_admin_would_be_left() {
        let change =
            |from: &str, to: &str| vec![Change { field: "role".into(), from: from.into(), to: to.into() }];
        let changed = |role, to, admins| membership(role).change_role(to, admins);
        assert_eq!(changed(RosterRole::Member, RosterRole::Admin, 0), Ok(change("member", "admin")));
        assert_eq!(changed(RosterRole::Admin, RosterRole::Member, 2), Ok(change("admin", "member")));
        assert_eq!(changed(RosterRole::Admin, RosterRole::Member, 1), Err(LastAdmin));
        assert_eq!(changed(RosterRole::Admin, RosterRole::Admin, 1), Ok(vec![]), "nothing is lost");
        assert_eq!(changed(RosterRole::Member, RosterRole::Member, 0), Ok(vec![]), "they were none");
    }

    #[test]
    fn only_the_last_admin_cannot_leave() {
        for (role, admins, outcome) in [
            (RosterRole::Admin, 1, Err(LastAdmin)),
            (RosterRole::Admin, 2, Ok(())),
            (RosterRole::Member, 1, Ok(())),
            (RosterRole::Member, 0, Ok(())),
        ] {
            assert_eq!(
                membership(role).judge_leaving(admins),
                outcome,
                "{role}, where there are {admins} admins"
            );
        }
    }

    #[test]
    fn a_refused_change_leaves_the_role() {
        let mut last = membership(RosterRole::Admin);
        assert_eq!(last.change_role(RosterRole::Member, 1), Err(LastAdmin));
        assert_eq!(last, membership(RosterRole::Admin));
    }

    #[test]
    fn removal_is_judged_in_the_order_of_the_contract() {
        let (lead, worker) = (membership(RosterRole::Admin), membership(RosterRole::Member));
        let grace = |role| Member { user: GRACE, ..member(role, true) };
        for role in [ScopeRole::Admin, ScopeRole::Member, ScopeRole::Viewer] {
            // A caller who names themselves is refused whatever their membership.
            for own in [None, Some(worker.clone()), Some(lead.clone())] {
                assert_eq!(judge_removal(GRACE, &grace(role), own), Err(RemovalRefused::Oneself));
            }
            assert_eq!(judge_removal(ADA, &grace(role), None), Err(RemovalRefused::NotAMember));
            let refused = judge_removal(ADA, &grace(role), Some(lead.clone()));
            assert_eq!(refused, Err(RemovalRefused::RosterAdmin));
        }
        let refused = judge_removal(ADA, &grace(ScopeRole::Admin), Some(worker.clone()));
        assert_eq!(refused, Err(RemovalRefused::ScopeAdmin));
        for role in [ScopeRole::Member, ScopeRole::Viewer] {
            assert_eq!(judge_removal(ADA, &grace(role), Some(worker.clone())), Ok(worker.clone()));
        }
    }

    #[test]
    fn a_batch_is_one_to_a_hundred_different_people() {
        let person = |number: u128| NewMembership {
            user: UserId::from_uuid(Uuid::from_u128(number)),
            role: RosterRole::Member,
        };
        let people = |count: u128| (0..count).map(person).collect::<Vec<_>>();
        assert_eq!(NewMemberships::new(vec![]), Err(BatchError::Empty));
        assert_eq!(NewMemberships::new(people(1)).map(|batch| batch.as_slice().len()), Ok(1));
        let full = NewMemberships::new(people(100)).expect("a full batch");
        assert_eq!(full.as_slice(), people(100), "in the order in which they were named");
        assert_eq!(NewMemberships::new(people(101)), Err(BatchError::TooMany));
        // The error names the index of the second mention, whatever role it asks for.
        let twice = [person(1), person(2), NewMembership { role: RosterRole::Admin, ..person(1) }];
        assert_eq!(NewMemberships::new(twice.to_vec()), Err(BatchError::Duplicate(2)));
        let too_many = [people(100), people(1)].concat();
        assert_eq!(NewMemberships::new(too_many), Err(BatchError::TooMany), "length before content");
    }

    #[test]
    fn events_name_the_project_the_person_and_the_role() {
        let names: Vec<_> = membership(RosterRole::Member).fields();
        assert_eq!(
            names,
            [
                ("project", Value::Id(PROJECT.as_uuid())),
                ("user", Value::Id(GRACE.as_uuid())),
                ("role", "member".into())
            ]
        );
    }
}
