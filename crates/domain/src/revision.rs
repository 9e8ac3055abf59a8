//! Optimistic concurrency: the revision of a record that a change was made for, so that no caller overwrites the changes of others
//! unseen.

/// The revisions of a record at which a change may be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Any revision, as long as the record exists.
    #[default]
    Any,
    /// One of these revisions. An empty list admits no revision.
    OneOf(Vec<u64>),
}

impl Expected {
    /// Returns `true` if a record at this revision may be changed.
    pub fn admits(&self, revision: u64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(revisions) => revisions.contains(&revision),
        }
    }
}

/// The record's revision is not one of the expected ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record has changed since")]
pub struct Stale;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_revision_is_admitted_unless_some_are_named() {
        assert_eq!([0, 1, u64::MAX].map(|revision| Expected::Any.admits(revision)), [true; 3]);
        let two = Expected::OneOf(vec![7, 3]);
        assert_eq!([2, 3, 4, 7].map(|revision| two.admits(revision)), [false, true, false, true]);
        assert!(!Expected::OneOf(Vec::new()).admits(1), "of none, none fits");
        assert_eq!(Expected::default(), Expected::Any);
    }
}
