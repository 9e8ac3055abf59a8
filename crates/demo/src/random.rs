//! Pseudo-random numbers that can be repeated: the same seed gives the same data, on every machine.

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators). For made-up data only, never for
/// anything that must not be guessed.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Starts the sequence of a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Returns a number from 0 up to but not including `limit`, or 0 for a limit of 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        // The high half of a product is uniform enough for a demo.
        let wide = u128::from(self.next()) * limit as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// Returns a number from `low` to `high`, inclusive.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = usize::try_from(high.saturating_sub(low).saturating_add(1)).unwrap_or(0);
        low + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// Returns `true` in that many of a hundred cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Returns one of the values.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Returns one of the values, each with a probability in proportion to its weight.
    pub(crate) fn weighted<T: Copy>(&mut self, from: &[(T, usize)]) -> T {
        let mut left = self.below(from.iter().map(|(_, weight)| weight).sum());
        for (value, weight) in from {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *value,
            }
        }
        from[0].0
    }
}

/// Returns the `nth` of all pairs of a row and a column, in a scattered order that has every pair once before any of them again, and the
/// number of times that all pairs are through.
pub(crate) fn scattered_pair(nth: usize, rows: usize, columns: usize) -> (usize, usize, usize) {
    let pairs = rows * columns;
    // A prime that divides the size of no such table, so that its multiples have every remainder.
    let position = nth % pairs * 7_919 % pairs;
    (position / columns, position % columns, nth / pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        // The first outputs of the published reference implementation for the seed 1234567.
        let mut random = Random::new(1_234_567);
        let first = [random.next(), random.next(), random.next()];
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn numbers_stay_in_their_bounds() {
        let mut random = Random::new(1);
        assert!((0..1_000).all(|_| random.below(7) < 7));
        assert!((0..1_000).all(|_| (-3..=3).contains(&random.between(-3, 3))));
        assert_eq!(random.below(0), 0);
        assert!((0..1_000).all(|_| random.weighted(&[('a', 1), ('b', 0)]) == 'a'));
    }

    #[test]
    fn pairs_recur_only_after_all_of_them() {
        let pairs: std::collections::HashSet<_> =
            (0..60 * 50).map(|nth| scattered_pair(nth, 60, 50)).collect();
        assert_eq!(pairs.len(), 3_000);
        assert_eq!(scattered_pair(3_000, 60, 50), (0, 0, 1));
    }
}
