//! Statistics of two samples.

use std::time::Duration;

/// Returns the median.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// Returns the two-sided p-value of the Mann-Whitney U test: the probability of samples that differ at least as much if both come from the
/// same distribution. Uses the normal approximation, corrected for ties, which is close for more than about twenty values.
pub(crate) fn mann_whitney(one: &[Duration], other: &[Duration]) -> f64 {
    let mut values: Vec<_> = one.iter().map(|time| (*time, true)).collect();
    values.extend(other.iter().map(|time| (*time, false)));
    values.sort_unstable();
    let (mut rank_sum, mut ties, mut below) = (0.0, 0.0, 0);
    for tied in values.chunk_by(|a, b| a.0 == b.0) {
        // Ranks begin at 1, and tied values share the mean of their ranks.
        let rank = number(below) + (number(tied.len()) + 1.0) / 2.0;
        rank_sum += rank * number(tied.iter().filter(|(_, is_one)| *is_one).count());
        ties += number(tied.len()).powi(3) - number(tied.len());
        below += tied.len();
    }
    let (n, m) = (number(one.len()), number(other.len()));
    let all = n + m;
    let u = rank_sum - n * (n + 1.0) / 2.0;
    let deviation = (n * m / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)))).sqrt();
    both_tails((u - n * m / 2.0) / deviation)
}

/// Returns the probability that a normal value lies at least as far from the mean, on either side: the complementary error function of
/// |z|/√2, by the approximation of Numerical Recipes, whose relative error is below 1.2e-7.
fn both_tails(z: f64) -> f64 {
    const COEFFICIENTS: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x);
    let polynomial = COEFFICIENTS.iter().rev().fold(0.0, |sum, coefficient| sum * t + coefficient);
    t * (polynomial - x * x).exp()
}
