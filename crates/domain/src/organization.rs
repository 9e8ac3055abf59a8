//! Organizations. Each has at least one active admin, see [`crate::user::Member::apply`].

use crate::event::{Change, Fields, changed};
use crate::id::OrganizationId;
use crate::instant::Timestamp;
use crate::text::OrganizationName;

/// A tenant: a group of members with its own spaces, projects and tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// The organization's id.
    pub id: OrganizationId,
    /// The display name.
    pub name: OrganizationName,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// The revision: 1 at creation, incremented by each change.
    pub revision: u64,
}

impl Organization {
    /// Renames the organization. Returns the changes: none if the name is equal.
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

    /// Returns the fields that events report.
    pub(crate) fn fields(&self) -> Fields {
        vec![("name", self.name.as_str().into())]
    }
}

/// The operation would leave an organization or a roster without an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the last admin must stay")]
pub struct LastAdmin;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{ORGANIZATION, later, made};

    #[test]
    fn a_new_name_is_reported_and_an_equal_name_is_no_change() {
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

        let changes = organization.rename(name("Port Works"), later());
        assert_eq!(
            changes,
            [Change { field: "name".into(), from: "Harbour Works".into(), to: "Port Works".into() }]
        );
        let after = Organization { name: name("Port Works"), updated_at: later(), revision: 2, ..before };
        assert_eq!(organization, after);
    }
}
