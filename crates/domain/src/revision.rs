//! Which revision of a record a change was made for: how a caller keeps from overwriting what others wrote meanwhile.

/// The revisions at which a change may be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Whatever the record is at, as long as it is there.
    #[default]
    Any,
    /// One of these; none at all if there are none.
    OneOf(Vec<u64>),
}

impl Expected {
    /// Whether a record at that revision may be changed.
    pub fn admits(&self, revision: u64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(revisions) => revisions.contains(&revision),
        }
    }
}

/// The record is at another revision than those that were expected.
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
