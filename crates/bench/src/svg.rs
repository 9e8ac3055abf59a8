//! Bar charts as handwritten SVG, so that changes show as a text diff.

use std::fmt::Write as _;

/// A group of bars with a common name.
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) bars: Vec<Bar>,
}

pub(crate) struct Bar {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
}

const COLOURS: [&str; 3] = ["#2f6f9f", "#9fb8c8", "#d9c9a3"];
const NAMES: f64 = 250.0;
const WIDEST: f64 = 360.0;
const WIDTH: f64 = 720.0;
const BAR: f64 = 14.0;
const GAP: f64 = 8.0;
const HEAD: f64 = 34.0;

/// Draws horizontal bars, the longest as wide as the plot allows.
pub(crate) fn bars(title: &str, groups: &[Group]) -> String {
    let values = groups.iter().flat_map(|group| &group.bars).map(|bar| bar.value);
    let max = values.fold(f64::MIN_POSITIVE, f64::max);
    let mut body = String::new();
    let mut y = HEAD;
    // Writing to a `String` does not fail.
    for group in groups {
        let _ = writeln!(
            body,
            r#"<text x="{:.0}" y="{:.0}" text-anchor="end">{}</text>"#,
            NAMES - 8.0,
            y + BAR - 3.0,
            escaped(&group.name)
        );
        for (bar, colour) in group.bars.iter().zip(COLOURS) {
            let width = (bar.value / max * WIDEST).max(1.0);
            let _ = writeln!(
                body,
                r#"<rect x="{NAMES:.0}" y="{y:.0}" width="{width:.1}" height="{:.0}" fill="{colour}"/><text x="{:.0}" y="{:.0}">{} {:.0}</text>"#,
                BAR - 2.0,
                NAMES + width + 6.0,
                y + BAR - 3.0,
                bar.name,
                bar.value,
            );
            y += BAR;
        }
        y += GAP;
    }
    frame(title, y, &body)
}

/// Wraps the parts of a plot into an SVG document of this height.
pub(crate) fn frame(title: &str, height: f64, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" width=\"{WIDTH:.0}\" height=\"{height:.0}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"8\" y=\"20\" font-size=\"14\">{}</text>\n{body}</svg>\n",
        escaped(title)
    )
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_has_full_width_and_the_others_are_proportional() {
        let bar = |value| Bar { name: "x", value };
        let groups = [Group { name: "a < b".to_owned(), bars: vec![bar(50.0), bar(100.0)] }];
        let plot = bars("t", &groups);
        assert!(plot.contains(r#"width="180.0""#) && plot.contains(r#"width="360.0""#), "{plot}");
        assert!(plot.contains("a &lt; b"), "{plot}");
    }
}
