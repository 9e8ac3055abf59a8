//! The committed figures, and the tolerance of a count.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Counts for each call.
pub(crate) struct Figures<'a> {
    /// The name of the committed file.
    pub(crate) file: &'static str,
    /// The unit of each count.
    pub(crate) units: &'a [&'static str],
    /// The tolerance, in percent, if the compiler and the processor are those of the committed figures.
    pub(crate) tolerance: u64,
    /// The names of the calls and their counts, in the order of the units.
    pub(crate) counts: Vec<(String, Vec<u64>)>,
}

/// The tolerance, in percent, for another compiler or processor, which compiles unchanged code to other instructions.
const FAR: u64 = 20;

impl Figures<'_> {
    /// Compares the counts with the committed ones, or first writes them if `UPDATE_COUNTS` is `1`.
    #[track_caller]
    pub(crate) fn compare(&self) {
        let compiler = compiler();
        #[expect(
            clippy::disallowed_methods,
            reason = "whether a test writes its figures is no setting of the service"
        )]
        let update = std::env::var("UPDATE_COUNTS").is_ok_and(|value| value == "1");
        if update {
            std::fs::write(self.path(), self.text(&compiler)).unwrap();
        }
        let committed = std::fs::read_to_string(self.path()).unwrap_or_default();
        let differences = self.differences(&committed, &compiler);
        assert!(
            differences.is_empty(),
            "these are not the committed figures of {}; if the change is meant, run `cargo xtask counts --update` and say \
             why in the commit:\n{}",
            self.file,
            differences.join("\n")
        );
    }

    fn path(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/work").join(self.file)
    }

    fn text(&self, compiler: &str) -> String {
        let mut text = format!("counted with {compiler}\n{:<20}", "for each request");
        text.extend(self.units.iter().map(|unit| format!("{unit:>14}")));
        for (name, counts) in &self.counts {
            text.push_str(&format!("\n{name:<20}"));
            text.extend(counts.iter().map(|count| format!("{count:>14}")));
        }
        text + "\n"
    }

    /// Returns the differences that exceed the tolerance.
    fn differences(&self, committed: &str, compiler: &str) -> Vec<String> {
        let with =
            committed.lines().next().and_then(|line| line.strip_prefix("counted with ")).unwrap_or("-");
        let tolerance = if with == compiler { self.tolerance } else { FAR };
        let mut differences = Vec::new();
        for (name, counts) in &self.counts {
            let line =
                committed.lines().find_map(|line| line.strip_prefix(name.as_str())).unwrap_or_default();
            let known: Vec<u64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
            for (at, (unit, count)) in self.units.iter().zip(counts).enumerate() {
                let Some(known) = known.get(at) else {
                    differences.push(format!("{name}: {count} {unit}, of which nothing is committed"));
                    continue;
                };
                if count.abs_diff(*known) * 100 > known * tolerance {
                    differences.push(format!(
                        "{name}: {count} {unit} instead of {known}, more than {tolerance} % apart (counted with {compiler}, \
                         then with {with})"
                    ));
                }
            }
        }
        differences
    }
}

/// Returns the compiler of this program and the architecture.
fn compiler() -> String {
    let output =
        Command::new("rustc").arg("--version").output().expect("rustc is there, for it made this program");
    format!("{} for {}", String::from_utf8_lossy(&output.stdout).trim(), std::env::consts::ARCH)
}

#[test]
fn a_count_may_be_three_hundredths_from_the_committed_one_and_no_more() {
    let figures = |count| Figures {
        file: "-",
        units: &["steps"],
        tolerance: 3,
        counts: vec![("list".to_owned(), vec![count])],
    };
    let committed = figures(1_000).text("c");
    let differences = |count, compiler| figures(count).differences(&committed, compiler).len();
    assert_eq!([970, 1_000, 1_030].map(|count| differences(count, "c")), [0, 0, 0]);
    assert_eq!([969, 1_031].map(|count| differences(count, "c")), [1, 1]);
    assert_eq!([1_200, 1_201].map(|count| differences(count, "d")), [0, 1], "another compiler");
    assert_eq!(figures(1).differences("", "c").len(), 1, "nothing is committed");
}
