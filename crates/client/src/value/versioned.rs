//! Records with their versions, and the versions that a change expects.

use std::fmt;
use std::ops::Deref;

use super::{OrganizationId, ProjectId, SpaceId, TaskId, UserId};

/// The entity tag of a record, with its quotes (RFC 9110, section 8.8.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag(String);

impl ETag {
    /// Takes a tag as it stands in a header.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the tag as it stands in a header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A record with the version at which it was read. It derefs to the record.
///
/// Changing and deleting take it by reference, and are refused with [`Error::Stale`](crate::Error::Stale) if the record has changed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned<T> {
    record: T,
    etag: ETag,
}

impl<T> Versioned<T> {
    pub(crate) const fn new(record: T, etag: ETag) -> Self {
        Self { record, etag }
    }

    /// Returns the tag of this version.
    pub const fn etag(&self) -> &ETag {
        &self.etag
    }

    /// Returns the record without its version.
    pub fn into_record(self) -> T {
        self.record
    }
}

impl<T> Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.record
    }
}

/// A record that has versions.
pub trait Record: sealed::Sealed {
    /// The id of the record.
    type Id: Copy;

    /// Returns the id of the record.
    fn record_id(&self) -> Self::Id;
}

pub(crate) mod sealed {
    /// Keeps [`Record`](super::Record) to the records of this crate.
    pub trait Sealed {}
}

/// The record that a change is made to, and the version that it must have.
///
/// It is made `From` a reference to a [`Versioned`] record. To change a record whatever its version is, write
/// `id.unconditionally()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected<I> {
    pub(crate) id: I,
    pub(crate) etag: Option<ETag>,
}

impl<T: Record> From<&Versioned<T>> for Expected<T::Id> {
    fn from(versioned: &Versioned<T>) -> Self {
        Self { id: versioned.record_id(), etag: Some(versioned.etag.clone()) }
    }
}

macro_rules! unconditional {
    ($($id:ident)+) => {$(
        impl $id {
            /// Names the record for a change that is made whatever has happened to it since: the last writer wins.
            ///
            /// An instance may refuse such changes (428 `PRECONDITION_REQUIRED`).
            pub const fn unconditionally(self) -> Expected<Self> {
                Expected { id: self, etag: None }
            }
        }
    )+};
}

unconditional!(OrganizationId UserId SpaceId ProjectId TaskId);
