//! The change of a field that may be empty.

use serde::{Serialize, Serializer};

/// The change of a field that may be empty.
///
/// A merge patch (RFC 7396) tells an absent field from a null one. Bodies of this crate begin with [`Leave`](Self::Leave) everywhere, so no
/// field is cleared unless a program asks for it by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Change<T> {
    /// The field is absent from the request: its value stays, or is the service's default in a new record.
    #[default]
    Leave,
    /// The field gets this value.
    Set(T),
    /// The field is sent as null: it gets no value.
    Clear,
}

impl<T> Change<T> {
    /// Returns `true` if the field is absent from the request.
    pub const fn is_leave(&self) -> bool {
        matches!(self, Self::Leave)
    }
}

impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => value.serialize(serializer),
            // An absent field is skipped by the struct that has it.
            Self::Leave | Self::Clear => serializer.serialize_none(),
        }
    }
}
