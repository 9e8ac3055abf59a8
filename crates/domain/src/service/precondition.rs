//! Preconditions of a change, in the type of the handle that makes it.

use crate::revision::Expected;

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::Unconditional {}
    impl Sealed for super::Expected {}
}

/// A precondition of a change: [`Unconditional`], or the [`Expected`] revisions of the record.
///
/// Use cases that compare the record's revision take any precondition. All others exist for [`Unconditional`] alone, so an expectation
/// that nothing checks does not compile. The trait is sealed.
pub trait Precondition: sealed::Sealed + Send + Sync {
    /// Returns the revisions at which the record may be changed.
    fn expected(&self) -> &Expected;
}

/// No precondition: a record is changed at any revision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unconditional;

impl Precondition for Unconditional {
    fn expected(&self) -> &Expected {
        &ANY
    }
}

impl Precondition for Expected {
    fn expected(&self) -> &Expected {
        self
    }
}

/// The expectation of attempts without a precondition.
pub(super) static ANY: Expected = Expected::Any;
