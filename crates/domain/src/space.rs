//! Spaces: cross-cutting areas of work.

use crate::event::{Change, Fields, changed, set};
use crate::id::{ProjectId, SpaceId, UserId};
use crate::instant::Timestamp;
use crate::literal::literals;
use crate::scope::Scope;
use crate::text::{SpaceDescription, SpaceName};

literals! {
    /// Where a space stands; any change is allowed.
    SpaceStatus {
        /// Being thought about.
        Draft = "Draft",
        /// Worked in.
        Active = "Active",
        /// Kept for the record.
        Archived = "Archived",
    }
}

literals! {
    /// How urgent a space is, most urgent first.
    Priority {
        /// Before everything.
        Urgent = "urgent",
        /// Soon.
        High = "high",
        /// In its turn.
        Medium = "medium",
        /// When there is time.
        Low = "low",
        /// Not said.
        None = "none",
    }
}

impl Priority {
    /// How it is ordered: `none` 0 to `urgent` 4, so that descending order begins with the most urgent.
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

/// A strength from 0 to 10.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Strength(u8);

/// The strength is not a whole number from 0 to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 0 to {}", Strength::MAX)]
pub struct InvalidStrength;

impl Strength {
    /// The greatest strength.
    pub const MAX: u8 = 10;

    /// Takes a whole number from 0 to 10.
    ///
    /// # Errors
    /// [`InvalidStrength`].
    pub fn new(value: i64) -> Result<Self, InvalidStrength> {
        u8::try_from(value).ok().filter(|value| *value <= Self::MAX).map(Self).ok_or(InvalidStrength)
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// An area of work in a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// Names it.
    pub id: SpaceId,
    /// Who owns it; never changes.
    pub scope: Scope,
    /// What people call it.
    pub name: SpaceName,
    /// What it is about, in Markdown.
    pub description: Option<SpaceDescription>,
    /// A project of the same scope that it points at.
    pub project: Option<ProjectId>,
    /// Where it stands.
    pub status: SpaceStatus,
    /// How urgent it is.
    pub priority: Priority,
    /// How strong it is at present.
    pub strength: Strength,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes, from 1.
    pub revision: u64,
}

/// What a new space is made of; the rest is the service's to fill in.
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
    /// A space with a name, and every other field at its default.
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
}

/// Which fields of a space to change (RFC 7396): `None` leaves a field alone, `Some(None)` empties it.
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
    /// Changes what the patch names and tells what became different. Where nothing did, nothing is touched.
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

    /// What its events tell.
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
