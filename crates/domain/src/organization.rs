//! Organizations; each keeps an admin, see [`crate::user::Member::apply`].

use crate::event::{Change, Fields, changed};
use crate::id::OrganizationId;
use crate::instant::Timestamp;
use crate::text::OrganizationName;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{ORGANIZATION, later, made};

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
}
