//! Organizations, and the rule that each keeps an admin.

use crate::event::{Change, Fields, changed};
use crate::id::OrganizationId;
use crate::instant::Timestamp;
use crate::role::ScopeRole;
use crate::text::OrganizationName;
use crate::user::Member;

/// A group of people with its own spaces, projects and tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Names it.
    pub id: OrganizationId,
    /// What people call it.
    pub name: OrganizationName,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes, from 1.
    pub revision: u64,
}

impl Organization {
    /// Gives it another name and tells what changed: nothing, if the name is the same.
    pub fn rename(&mut self, name: OrganizationName, now: Timestamp) -> Vec<Change> {
        let before = self.fields();
        self.name = name;
        let changes = changed(before, self.fields());
        if !changes.is_empty() {
            self.updated_at = now;
            self.revision += 1;
        }
        changes
    }

    /// What its events tell.
    pub(crate) fn fields(&self) -> Fields {
        vec![("name", self.name.as_str().into())]
    }
}

/// It would leave without an admin what must always have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the last admin must stay")]
pub struct LastAdmin;

/// A member's new standing in the scope: another role, or in or out.
///
/// `active_admins` counts the scope's active admins, this member included, under the lock of the scope.
///
/// # Errors
/// [`LastAdmin`] if it would leave none.
pub fn change_standing(
    member: &mut Member,
    role: ScopeRole,
    active: bool,
    active_admins: u64,
    now: Timestamp,
) -> Result<Vec<Change>, LastAdmin> {
    let stays_admin = active && role == ScopeRole::Admin;
    if member.is_active_admin() && !stays_admin && active_admins <= 1 {
        return Err(LastAdmin);
    }
    let before = member.fields();
    (member.role, member.active) = (role, active);
    let changes = changed(before, member.fields());
    if !changes.is_empty() {
        member.updated_at = now;
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{ORGANIZATION, later, made, member};

    #[test]
    fn a_new_name_is_told_and_the_same_name_is_no_change() {
        let name = |text| OrganizationName::parse(text).expect("a name");
        let before = Organization {
            id: ORGANIZATION,
            name: name("Harbour Works"),
            created_at: made(),
            updated_at: made(),
            revision: 1,
        };
        let mut organization = before.clone();
        assert_eq!(organization.rename(name(" Harbour Works "), later()), []);
        assert_eq!(organization, before);

        let told = organization.rename(name("Port Works"), later());
        assert_eq!(
            told,
            [Change { field: "name".into(), from: "Harbour Works".into(), to: "Port Works".into() }]
        );
        let after = Organization { name: name("Port Works"), updated_at: later(), revision: 2, ..before };
        assert_eq!(organization, after);
    }

    /// Every change of standing, beside the last admin and beside others.
    #[test]
    fn only_the_last_active_admin_cannot_step_down_or_leave() {
        for was in ScopeRole::ALL.iter().flat_map(|role| [(*role, true), (*role, false)]) {
            for to in ScopeRole::ALL.iter().flat_map(|role| [(*role, true), (*role, false)]) {
                for others in 0..2 {
                    let counts = was == (ScopeRole::Admin, true);
                    let stays = to == (ScopeRole::Admin, true);
                    let mut person = member(was.0, was.1);
                    let outcome =
                        change_standing(&mut person, to.0, to.1, others + u64::from(counts), later());
                    let case = format!("{was:?} to {to:?} beside {others}");
                    if counts && !stays && others == 0 {
                        assert_eq!(outcome, Err(LastAdmin), "{case}");
                        assert_eq!(person, member(was.0, was.1), "{case}");
                    } else {
                        let told: Vec<_> =
                            outcome.expect(&case).into_iter().map(|change| change.field).collect();
                        let differs = [("role", was.0 != to.0), ("active", was.1 != to.1)];
                        let expected: Vec<_> = differs
                            .into_iter()
                            .filter(|(_, differs)| *differs)
                            .map(|(name, _)| name)
                            .collect();
                        assert_eq!(told, expected, "{case}");
                        assert_eq!((person.role, person.active), to, "{case}");
                        let touched = if expected.is_empty() { made() } else { later() };
                        assert_eq!(person.updated_at, touched, "{case}");
                    }
                }
            }
        }
    }
}
