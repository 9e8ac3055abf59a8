//! The use of a store's pools and the sizes of its commit groups, read from time to time.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The connections of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolUsage {
    /// The name of the pool.
    pub name: &'static str,
    /// The greatest number of connections.
    pub max: usize,
    /// The connections in use.
    pub used: usize,
    /// The open connections that are not in use.
    pub idle: usize,
    /// The calls that wait for a connection.
    pub waiting: usize,
}

/// Counts the calls that wait for something.
#[derive(Debug, Default)]
pub struct Waiting(AtomicUsize);

/// A waiting call. Dropping it ends the wait.
#[derive(Debug)]
pub struct Wait<'a>(&'a Waiting);

impl Waiting {
    /// Counts a call until the value is dropped.
    #[must_use = "the wait ends when this is dropped"]
    pub fn begin(&self) -> Wait<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Wait(self)
    }

    /// Returns the number of waiting calls.
    pub fn number(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts sizes, such as those of commit groups, by powers of two.
#[derive(Debug, Default)]
pub struct Sizes {
    /// The number of sizes up to 1, 2, 4 and so on, and of the greater ones.
    counts: [AtomicU64; SIZE_BOUNDS.len() + 1],
    sum: AtomicU64,
}

/// The upper bounds by which [`Sizes`] counts. A greater size is counted apart.
pub const SIZE_BOUNDS: [u32; 7] = [1, 2, 4, 8, 16, 32, 64];

/// The sizes that were counted until now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SizeCounts {
    /// The number of sizes up to each of [`SIZE_BOUNDS`] and above the bound before, and then of the greater ones.
    pub counts: [u64; SIZE_BOUNDS.len() + 1],
    /// The sum of all sizes.
    pub sum: u64,
}

impl Sizes {
    /// Counts a size.
    pub fn count(&self, size: u32) {
        let bucket = SIZE_BOUNDS.iter().position(|bound| size <= *bound).unwrap_or(SIZE_BOUNDS.len());
        if let Some(count) = self.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(u64::from(size), Ordering::Relaxed);
    }

    /// Returns the counts.
    pub fn counts(&self) -> SizeCounts {
        let counts = self.counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        SizeCounts { counts, sum: self.sum.load(Ordering::Relaxed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_counted_at_the_smallest_bound_that_is_not_below_it() {
        let sizes = Sizes::default();
        for size in [1, 1, 2, 3, 64, 65] {
            sizes.count(size);
        }
        assert_eq!(sizes.counts(), SizeCounts { counts: [2, 1, 1, 0, 0, 0, 1, 1], sum: 136 });
    }

    #[test]
    fn a_call_waits_until_its_wait_is_dropped() {
        let waiting = Waiting::default();
        let wait = waiting.begin();
        assert_eq!(waiting.number(), 1);
        drop(wait);
        assert_eq!(waiting.number(), 0);
    }
}
