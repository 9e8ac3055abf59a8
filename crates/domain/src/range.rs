//! Whole numbers from a range.

/// The number is not a valid page size, offset or duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from {min} to {max}")]
pub struct OutOfRange {
    /// The minimum.
    pub min: u32,
    /// The maximum.
    pub max: u32,
}
