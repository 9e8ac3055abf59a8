//! The results as Markdown: printed as they come and, if that was asked for, written into the document at the end.

use std::fmt::Write as _;
use std::fs;

const BEGIN: &str =
    "<!-- The figures are made by `cargo run --release -p loggia-tests --example limits -- write`. -->\n";
const END: &str = "<!-- End of the figures. -->\n";

/// The report so far.
#[derive(Default)]
pub(crate) struct Report(String);

impl Report {
    fn line(&mut self, line: &str) {
        println!("{line}");
        let _ = writeln!(self.0, "{line}");
    }

    /// Adds a paragraph.
    pub(crate) fn say(&mut self, text: &str) {
        self.line("");
        self.line(text);
    }

    /// Begins a table under a heading.
    pub(crate) fn table(&mut self, title: &str, about: &str, columns: &[&str]) {
        self.say(&format!("### {title}"));
        self.say(about);
        self.line("");
        self.line(&format!("| {} |", columns.join(" | ")));
        self.line(&format!("|{}", "---|".repeat(columns.len())));
    }

    /// Adds a row to the table.
    pub(crate) fn row(&mut self, cells: &[String]) {
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    /// Writes the report into `docs/limits.md`, in the place of the previous one.
    pub(crate) fn write(&self) {
        let path = loggia_tests::binary::root().join("docs/limits.md");
        let text = fs::read_to_string(&path).expect("the document");
        let (before, rest) = text.split_once(BEGIN).expect("where the figures begin");
        let (_, after) = rest.split_once(END).expect("where they end");
        fs::write(&path, format!("{before}{BEGIN}{}\n{END}{after}", self.0)).expect("it can be written");
    }
}

/// Formats milliseconds for a cell.
pub(crate) fn ms(time: f64) -> String {
    format!("{time:.1} ms")
}
