//! Curves over the size of a store, with logarithmic axes.

use std::fmt::Write as _;

use crate::svg::{escaped, frame};

pub(crate) struct Curve {
    pub(crate) name: String,
    /// The value for each position on the horizontal axis; `None` if nothing was measured there.
    pub(crate) values: Vec<Option<f64>>,
}

const COLOURS: [&str; 7] = ["#2f6f9f", "#c0603a", "#4f8f4f", "#8a5aa8", "#b08d2a", "#5f6b73", "#c2477f"];
const LEFT: f64 = 70.0;
const TOP: f64 = 40.0;
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 260.0;
const LEGEND: f64 = 510.0;

/// Draws curves over these positions of the horizontal axis.
pub(crate) fn curves(title: &str, labels: &[String], curves: &[Curve]) -> String {
    let values =
        || curves.iter().flat_map(|curve| &curve.values).flatten().map(|value| value.max(0.1).log10());
    let (low, high) = (values().fold(f64::MAX, f64::min).floor(), values().fold(f64::MIN, f64::max).ceil());
    // Without curves, or if all values are equal, the range must still not be empty.
    let (low, high) = if low < high { (low, high) } else { (low.min(0.0), low.min(0.0) + 1.0) };
    let steps = u32::try_from(labels.len().saturating_sub(1).max(1)).unwrap_or(u32::MAX);
    let across =
        |at: usize| LEFT + WIDTH * f64::from(u32::try_from(at).unwrap_or(u32::MAX)) / f64::from(steps);
    let up = |log: f64| TOP + HEIGHT * (1.0 - (log - low) / (high - low));
    let mut body = String::new();
    // Writing to a `String` does not fail.
    let mut power = low;
    while power <= high {
        let y = up(power);
        let _ = writeln!(
            body,
            r##"<line x1="{LEFT:.0}" y1="{y:.1}" x2="{:.0}" y2="{y:.1}" stroke="#d8dde0"/><text x="{:.0}" y="{:.1}" text-anchor="end">{}</text>"##,
            LEFT + WIDTH,
            LEFT - 6.0,
            y + 4.0,
            10_f64.powf(power),
        );
        power += 1.0;
    }
    for (at, label) in labels.iter().enumerate() {
        let (x, y) = (across(at), TOP + HEIGHT + 18.0);
        let _ =
            writeln!(body, r#"<text x="{x:.1}" y="{y:.0}" text-anchor="middle">{}</text>"#, escaped(label));
    }
    for (number, (curve, colour)) in curves.iter().zip(COLOURS.iter().cycle()).enumerate() {
        let known = curve.values.iter().enumerate().filter_map(|(at, value)| Some((at, (*value)?)));
        let points: Vec<String> =
            known.map(|(at, value)| format!("{:.1},{:.1}", across(at), up(value.max(0.1).log10()))).collect();
        let _ = writeln!(
            body,
            r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="2"/>"#,
            points.join(" ")
        );
        let y = TOP + 8.0 + 18.0 * f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        let _ = writeln!(
            body,
            r#"<rect x="{LEGEND:.0}" y="{:.0}" width="14" height="4" fill="{colour}"/><text x="{:.0}" y="{y:.0}">{}</text>"#,
            y - 6.0,
            LEGEND + 20.0,
            escaped(&curve.name)
        );
    }
    frame(title, TOP + HEIGHT + 34.0, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_drawn_on_a_log_scale_and_missing_ones_are_omitted() {
        let labels = ["1", "10", "100"].map(str::to_owned);
        let curve = Curve { name: "a < b".to_owned(), values: vec![Some(10.0), None, Some(1_000.0)] };
        let plot = curves("t", &labels, &[curve]);
        assert!(plot.contains(r#"points="70.0,300.0 490.0,40.0""#), "{plot}");
        assert!(plot.contains("a &lt; b") && plot.contains(">100</text>"), "{plot}");
        assert!(!curves("t", &labels, &[]).contains("NaN"));
    }
}
