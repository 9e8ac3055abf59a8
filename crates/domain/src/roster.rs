//! Rosters: who works on a project, and the rules of coming and going.

use crate::event::{Change, Fields, changed};
use crate::id::{DisplayNumber, MembershipId, ProjectId, UserId};
use crate::instant::Timestamp;
use crate::organization::LastAdmin;
use crate::role::RosterRole;
use crate::user::Member;

/// A user's place on a project's roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Names the place, shown as `node_id`.
    pub id: MembershipId,
    /// Its number in the project, shown as `id`.
    pub number: DisplayNumber,
    /// The project.
    pub project: ProjectId,
    /// The user.
    pub user: UserId,
    /// What the user may do there.
    pub role: RosterRole,
    /// When the user came to the roster.
    pub created_at: Timestamp,
}

impl Membership {
    /// Gives the place another role and tells what changed.
    ///
    /// `admins` counts the roster's admins, this one included, under the lock of the project.
    ///
    /// # Errors
    /// [`LastAdmin`] if it would leave the roster without an admin.
    pub fn change_role(&mut self, role: RosterRole, admins: u64) -> Result<Vec<Change>, LastAdmin> {
        if self.role == RosterRole::Admin && role != RosterRole::Admin && admins <= 1 {
            return Err(LastAdmin);
        }
        let before = self.fields();
        self.role = role;
        Ok(changed(before, self.fields()))
    }

    /// What its events tell.
    pub(crate) fn fields(&self) -> Fields {
        vec![
            ("project", self.project.as_uuid().into()),
            ("user", self.user.as_uuid().into()),
            ("role", self.role.as_str().into()),
        ]
    }
}

/// Someone to be put on a roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewMembership {
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: RosterRole,
}

/// How many people one call may put on a roster, or add to an organization.
pub const MAX_BATCH: usize = 100;

/// One to [`MAX_BATCH`] different people to be put on a roster together, all or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMemberships(Vec<NewMembership>);

/// Why a batch is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// Nobody is in it.
    #[error("must name at least one person")]
    Empty,
    /// More than [`MAX_BATCH`] people.
    #[error("must name at most {MAX_BATCH} people")]
    TooMany,
    /// Somebody is named a second time, at this place (from 0).
    #[error("is already named in this list")]
    Duplicate(usize),
}

/// The places (from 0) at which somebody is named who was named before; `None` is nobody known, and repeats nobody.
///
/// For whoever shall tell all of them: [`NewMemberships::new`] tells the first.
pub fn repeated<T: Eq + std::hash::Hash>(people: impl Iterator<Item = Option<T>>) -> Vec<usize> {
    let mut seen = std::collections::HashSet::new();
    let mut again = Vec::new();
    for (place, person) in people.enumerate() {
        if person.is_some_and(|person| !seen.insert(person)) {
            again.push(place);
        }
    }
    again
}

impl NewMemberships {
    /// Checks the batch's length and that nobody is in it twice.
    ///
    /// # Errors
    /// [`BatchError`].
    pub fn new(people: Vec<NewMembership>) -> Result<Self, BatchError> {
        if people.is_empty() {
            return Err(BatchError::Empty);
        }
        if people.len() > MAX_BATCH {
            return Err(BatchError::TooMany);
        }
        match repeated(people.iter().map(|person| Some(person.user))).first() {
            Some(place) => Err(BatchError::Duplicate(*place)),
            None => Ok(Self(people)),
        }
    }

    /// The people, in the order in which they were named.
    pub fn as_slice(&self) -> &[NewMembership] {
        &self.0
    }
}

/// Why somebody cannot be taken off a roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemovalRefused {
    /// One cannot remove oneself.
    #[error("nobody can remove themselves from a project")]
    Oneself,
    /// The person is not on the roster.
    #[error("the person is not a member of this project")]
    NotAMember,
    /// The person is admin of the project by their role on the roster.
    #[error("an admin of the project cannot be removed; change the role on the roster first")]
    RosterAdmin,
    /// The person is admin of the project because they are admin of its scope.
    #[error("an admin of the scope cannot be removed; change the role in the scope first")]
    ScopeAdmin,
}

/// Decides whether `caller` may take `target` off the roster; `place` is the target's place on it, if any.
///
/// Every admin of the project is protected: those of the roster and those of the scope.
///
/// # Errors
/// [`RemovalRefused`], checked in the order of its variants.
pub fn judge_removal(
    caller: UserId,
    target: &Member,
    place: Option<Membership>,
) -> Result<Membership, RemovalRefused> {
    if caller == target.user {
        return Err(RemovalRefused::Oneself);
    }
    let place = place.ok_or(RemovalRefused::NotAMember)?;
    if place.role == RosterRole::Admin {
        return Err(RemovalRefused::RosterAdmin);
    }
    if target.is_active_admin() {
        return Err(RemovalRefused::ScopeAdmin);
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::event::Value;
    use crate::role::ScopeRole;
    use crate::samples::{ADA, GRACE, PROJECT, made, member};

    fn place(role: RosterRole) -> Membership {
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
        let changed = |role, to, admins| place(role).change_role(to, admins);
        assert_eq!(changed(RosterRole::Member, RosterRole::Admin, 0), Ok(change("member", "admin")));
        assert_eq!(changed(RosterRole::Admin, RosterRole::Member, 2), Ok(change("admin", "member")));
        assert_eq!(changed(RosterRole::Admin, RosterRole::Member, 1), Err(LastAdmin));
        assert_eq!(changed(RosterRole::Admin, RosterRole::Admin, 1), Ok(vec![]), "nothing is lost");
        assert_eq!(changed(RosterRole::Member, RosterRole::Member, 0), Ok(vec![]), "they were none");
    }

    #[test]
    fn a_refused_change_leaves_the_role() {
        let mut last = place(RosterRole::Admin);
        assert_eq!(last.change_role(RosterRole::Member, 1), Err(LastAdmin));
        assert_eq!(last, place(RosterRole::Admin));
    }

    #[test]
    fn removal_is_judged_in_the_order_of_the_contract() {
        let (lead, worker) = (place(RosterRole::Admin), place(RosterRole::Member));
        let grace = |role| Member { user: GRACE, ..member(role, true) };
        for role in [ScopeRole::Admin, ScopeRole::Member, ScopeRole::Viewer] {
            // Oneself comes before everything that could be said of the place.
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
        // The place that is named is the second mention's, whatever role it asks for.
        let twice = [person(1), person(2), NewMembership { role: RosterRole::Admin, ..person(1) }];
        assert_eq!(NewMemberships::new(twice.to_vec()), Err(BatchError::Duplicate(2)));
        let crowd = [people(100), people(1)].concat();
        assert_eq!(NewMemberships::new(crowd), Err(BatchError::TooMany), "length before content");
    }

    #[test]
    fn events_name_the_project_the_person_and_the_role() {
        let names: Vec<_> = place(RosterRole::Member).fields();
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
