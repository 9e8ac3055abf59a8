//! Projects: dated work with a roster.

use crate::event::{Change, Fields, changed, set};
use crate::id::{DisplayNumber, ProjectId, UserId};
use crate::instant::{DateRange, StartAfterEnd, Timestamp};
use crate::literal::literals;
use crate::scope::Scope;
use crate::text::{ProjectDescription, ProjectName};

literals! {
    /// The visibility of a project.
    Visibility {
        /// Visible to every member of the project's scope.
        Organization = "organization",
        /// Visible to the project's roster and to the admins of its scope.
        Private = "private",
    }
}

/// A piece of work with dates, a roster and tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The project's id, shown as `node_id`.
    pub id: ProjectId,
    /// The project's number in its scope, shown as `id`.
    pub number: DisplayNumber,
    /// The owner; never changes.
    pub scope: Scope,
    /// The display name.
    pub name: ProjectName,
    /// The description.
    pub description: Option<ProjectDescription>,
    /// The start and the end.
    pub dates: DateRange,
    /// The visibility.
    pub visibility: Visibility,
    /// The user who created the project.
    pub created_by: UserId,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// The revision: 1 at creation, incremented by each change.
    pub revision: u64,
}

/// The fields of a new project that a caller chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProject {
    /// See [`Project::name`].
    pub name: ProjectName,
    /// See [`Project::description`].
    pub description: Option<ProjectDescription>,
    /// See [`Project::dates`].
    pub dates: DateRange,
    /// See [`Project::visibility`].
    pub visibility: Visibility,
}

impl NewProject {
    /// Creates a project with a name, visible to the organization, and with no other field set.
    pub fn named(name: ProjectName) -> Self {
        Self { name, description: None, dates: DateRange::default(), visibility: Visibility::Organization }
    }
}

/// A partial update of a project (RFC 7396): `None` leaves a field unchanged, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectPatch {
    /// See [`Project::name`].
    pub name: Option<ProjectName>,
    /// See [`Project::description`].
    pub description: Option<Option<ProjectDescription>>,
    /// The start of [`Project::dates`].
    pub start: Option<Option<Timestamp>>,
    /// The end of [`Project::dates`].
    pub end: Option<Option<Timestamp>>,
    /// See [`Project::visibility`].
    pub visibility: Option<Visibility>,
}

impl Project {
    /// Applies a patch and returns the changes. If there are none, the time of the last change and the revision stay. The dates are
    /// checked as they are after the patch.
    ///
    /// # Errors
    /// Fails with [`StartAfterEnd`] if the start would be later than the end; the project is unchanged then.
    pub fn apply(&mut self, patch: ProjectPatch, now: Timestamp) -> Result<Vec<Change>, StartAfterEnd> {
        let dates = merge_dates(self.dates, patch.start, patch.end)?;
        let before = self.fields();
        self.dates = dates;
        set(&mut self.name, patch.name);
        set(&mut self.description, patch.description);
        set(&mut self.visibility, patch.visibility);
        let changes = changed(before, self.fields());
        if !changes.is_empty() {
            self.updated_at = now;
            self.revision += 1;
        }
        Ok(changes)
    }

    /// Returns the fields that events report.
    pub(crate) fn fields(&self) -> Fields {
        vec![
            ("name", self.name.as_str().into()),
            ("description", self.description.as_ref().map(ProjectDescription::as_str).into()),
            ("start_date", self.dates.start().into()),
            ("end_date", self.dates.end().into()),
            ("visibility", self.visibility.as_str().into()),
        ]
    }
}

/// Returns the dates after a patch, checked together.
pub(crate) fn merge_dates(
    dates: DateRange,
    start: Option<Option<Timestamp>>,
    end: Option<Option<Timestamp>>,
) -> Result<DateRange, StartAfterEnd> {
    DateRange::new(start.unwrap_or(dates.start()), end.unwrap_or(dates.end()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::Value;
    use crate::samples::{later, made, project, time};

    #[test]
    fn a_patch_reports_the_old_and_the_new_value_of_each_change() {
        let mut harbour = project();
        let patch = ProjectPatch {
            name: ProjectName::parse("Port").ok(),
            description: Some(ProjectDescription::parse("Quays and cranes").ok()),
            start: Some(None),
            end: Some(Some(time("2026-03-31"))),
            visibility: Some(Visibility::Private),
        };
        let changes = harbour.apply(patch, later()).expect("dates in order");
        let change = |field: &'static str, from: Value, to: Value| Change { field: field.into(), from, to };
        assert_eq!(
            changes,
            [
                change("name", "Harbour".into(), "Port".into()),
                change("description", Value::Empty, "Quays and cranes".into()),
                change("start_date", time("2026-02-01").into(), Value::Empty),
                change("end_date", time("2026-02-28").into(), time("2026-03-31").into()),
                change("visibility", "organization".into(), "private".into()),
            ]
        );
        assert_eq!((harbour.revision, harbour.created_at, harbour.updated_at), (2, made(), later()));
        assert_eq!((harbour.dates.start(), harbour.dates.end()), (None, Some(time("2026-03-31"))));
    }

    #[test]
    fn a_patch_without_changes_leaves_the_record_unchanged() {
        let before = project();
        let same = ProjectPatch {
            name: Some(before.name.clone()),
            description: Some(None),
            start: Some(before.dates.start()),
            end: Some(before.dates.end()),
            visibility: Some(before.visibility),
        };
        for patch in [ProjectPatch::default(), same] {
            let mut harbour = before.clone();
            assert_eq!(harbour.apply(patch, later()), Ok(vec![]));
            assert_eq!(harbour, before);
        }
    }

    #[test]
    fn refused_dates_leave_the_rest_of_the_patch_undone_too() {
        let mut harbour = project();
        let patch = ProjectPatch {
            name: ProjectName::parse("Port").ok(),
            start: Some(Some(time("2026-03-01"))),
            ..ProjectPatch::default()
        };
        assert_eq!(harbour.apply(patch, later()), Err(StartAfterEnd));
        assert_eq!(harbour, project());
    }

    proptest! {
        /// Checks the dates as they are after the patch, whichever end it changes.
        #[test]
        fn dates_are_judged_as_they_will_be_together(
            ends in proptest::array::uniform2(proptest::option::of(0i64..4)),
            patch in proptest::array::uniform2(proptest::option::of(proptest::option::of(0i64..4))),
        ) {
            let day = |day: i64| made().plus_seconds(day * 86_400);
            let [start, end] = ends.map(|end| end.map(day));
            prop_assume!(DateRange::new(start, end).is_ok());
            let mut harbour = Project { dates: DateRange::new(start, end).expect("in order"), ..project() };
            let before = harbour.clone();
            let [new_start, new_end] = patch.map(|end| end.map(|end| end.map(day)));
            let (start, end) = (new_start.unwrap_or(start), new_end.unwrap_or(end));
            let patch = ProjectPatch { start: new_start, end: new_end, ..ProjectPatch::default() };

            let in_order = match (start, end) {
                (Some(start), Some(end)) => start <= end,
                _ => true,
            };
            let outcome = harbour.apply(patch, later());
            prop_assert_eq!(outcome.is_ok(), in_order);
            if in_order {
                prop_assert_eq!((harbour.dates.start(), harbour.dates.end()), (start, end));
                prop_assert_eq!(harbour.revision == 2, harbour.dates != before.dates);
            } else {
                prop_assert_eq!(harbour, before);
            }
        }
    }
}
