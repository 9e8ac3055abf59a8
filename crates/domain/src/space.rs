//! Spaces: cross-cutting areas of work.

use crate::event::{Change, Fields, changed, set};
use crate::id::{ProjectId, SpaceId, UserId};
use crate::instant::Timestamp;
use crate::literal::literals;
use crate::scope::Scope;
use crate::serialization::as_number;
use crate::text::{SpaceDescription, SpaceName};

literals! {
    /// The status of a space; every change of status is allowed.
    SpaceStatus {
        /// Being planned.
        Draft = "Draft",
        /// In use.
        Active = "Active",
        /// Closed and kept for reference.
        Archived = "Archived",
    }
}

literals! {
    /// The priority of a space, from the most to the least urgent.
    Priority {
        /// Urgent: rank 4, the highest.
        Urgent = "urgent",
        /// High: rank 3.
        High = "high",
        /// Medium: rank 2.
        Medium = "medium",
        /// Low: rank 1.
        Low = "low",
        /// No priority set: rank 0, the lowest.
        None = "none",
    }
}

impl Priority {
    /// Returns the rank in lists: 0 for `none` to 4 for `urgent`, so that descending order begins with the most urgent.
    pub const fn rank(self) -> i64 {
        match self {
            Self::Urgent => 4,
            Self::High => 3,
            Self::Medium => 2,
            Self::Low => 1,
            Self::None => 0,
        }
    }
}

/// The strength of a space: a whole number from 0 to 10.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Strength(u8);

/// The strength is not a whole number from 0 to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 0 to {}", Strength::MAX)]
pub struct InvalidStrength;

impl Strength {
    /// The maximum strength.
    pub const MAX: u8 = 10;

    /// Creates a strength from 0 to 10.
    ///
    /// # Errors
    /// Fails with [`InvalidStrength`] for any other number.
    pub fn new(value: i64) -> Result<Self, InvalidStrength> {
        u8::try_from(value).ok().filter(|value| *value <= Self::MAX).map(Self).ok_or(InvalidStrength)
    }

    /// Returns the number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

as_number!(Strength: i64, get, Strength::new);

/// A cross-cutting area of work in a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// The space's id.
    pub id: SpaceId,
    /// The owner; never changes.
    pub scope: Scope,
    /// The display name.
    pub name: SpaceName,
    /// The description, in Markdown.
    pub description: Option<SpaceDescription>,
    /// The project that the space is linked to, of the same scope.
    pub project: Option<ProjectId>,
    /// The status.
    pub status: SpaceStatus,
    /// The priority.
    pub priority: Priority,
    /// The current strength.
    pub strength: Strength,
    /// The user who created the space.
    pub created_by: UserId,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// The revision: 1 at creation, incremented by each change.
    pub revision: u64,
}

/// The fields of a new space that a caller chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSpace {
    /// See [`Space::name`].
    pub name: SpaceName,
    /// See [`Space::description`].
    pub description: Option<SpaceDescription>,
    /// See [`Space::project`].
    pub project: Option<ProjectId>,
    /// See [`Space::status`].
    pub status: SpaceStatus,
    /// See [`Space::priority`].
    pub priority: Priority,
    /// See [`Space::strength`].
    pub strength: Strength,
}

impl NewSpace {
    /// Creates a space with a name: status `Draft`, priority `none`, strength 0, no description and no project.
    pub const fn named(name: SpaceName) -> Self {
        Self {
            name,
            description: None,
            project: None,
            status: SpaceStatus::Draft,
            priority: Priority::None,
            strength: Strength(0),
        }
    }

    /// Returns these fields with those that the patch sets.
    #[must_use]
    pub fn with(mut self, patch: SpacePatch) -> Self {
        set(&mut self.name, patch.name);
        set(&mut self.description, patch.description);
        set(&mut self.project, patch.project);
        set(&mut self.status, patch.status);
        set(&mut self.priority, patch.priority);
        set(&mut self.strength, patch.strength);
        self
    }

    /// Creates the space in a scope, at its first revision.
    pub fn create(self, id: SpaceId, scope: Scope, created_by: UserId, now: Timestamp) -> Space {
        Space {
            id,
            scope,
            name: self.name,
            description: self.description,
            project: self.project,
            status: self.status,
            priority: self.priority,
            strength: self.strength,
            created_by,
            created_at: now,
            updated_at: now,
            revision: 1,
        }
    }
}

/// A partial update of a space (RFC 7396): `None` leaves a field unchanged, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpacePatch {
    /// See [`Space::name`].
    pub name: Option<SpaceName>,
    /// See [`Space::description`].
    pub description: Option<Option<SpaceDescription>>,
    /// See [`Space::project`].
    pub project: Option<Option<ProjectId>>,
    /// See [`Space::status`].
    pub status: Option<SpaceStatus>,
    /// See [`Space::priority`].
    pub priority: Option<Priority>,
    /// See [`Space::strength`].
    pub strength: Option<Strength>,
}

impl Space {
    /// Applies a patch and returns the changes. If there are none, the time of the last change and the revision stay.
    pub fn apply(&mut self, patch: SpacePatch, now: Timestamp) -> Vec<Change> {
        let before = self.fields();
        set(&mut self.name, patch.name);
        set(&mut self.description, patch.description);
        set(&mut self.project, patch.project);
        set(&mut self.status, patch.status);
        set(&mut self.priority, patch.priority);
        set(&mut self.strength, patch.strength);
        let changes = changed(before, self.fields());
        if !changes.is_empty() {
            self.updated_at = now;
            self.revision += 1;
        }
        changes
    }

    /// Returns the fields that events report.
    pub(crate) fn fields(&self) -> Fields {
        vec![
            ("name", self.name.as_str().into()),
            ("description", self.description.as_ref().map(SpaceDescription::as_str).into()),
            ("project", self.project.map(ProjectId::as_uuid).into()),
            ("status", self.status.as_str().into()),
            ("priority", self.priority.as_str().into()),
            ("strength", i64::from(self.strength.get()).into()),
        ]
    }
}

#[cfg(test)]
mod tests;
