//! Lock files, joined.

use std::collections::BTreeSet;

/// The beginning of each entry.
const ENTRY: &str = "[[package]]\n";

/// Returns the entries of the first lock file, followed by those of the second one that the first does not have.
pub(super) fn join(first: &str, second: &str) -> String {
    let key = |entry: &str| entry.lines().take(2).map(str::to_owned).collect::<Vec<_>>();
    let known: BTreeSet<_> = first.split(ENTRY).skip(1).map(key).collect();
    let further = second.split(ENTRY).skip(1).filter(|entry| !known.contains(&key(entry)));
    further.fold(format!("{}\n", first.trim_end()), |joined, entry| {
        format!("{joined}\n{ENTRY}{}\n", entry.trim_end())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_entries_of_other_packages_or_versions_are_added() {
        let entry = |name: &str, version: &str| {
            format!("{ENTRY}name = \"{name}\"\nversion = \"{version}\"\nsource = \"registry\"\n")
        };
        let first = format!("version = 4\n\n{}\n{}", entry("a", "1.0.0"), entry("b", "1.0.0"));
        let second = format!(
            "version = 4\n\n{}\n{}\n{}",
            entry("a", "1.0.0"),
            entry("b", "2.0.0"),
            entry("c", "1.0.0")
        );
        let joined = format!("{first}\n{}\n{}", entry("b", "2.0.0"), entry("c", "1.0.0"));
        assert_eq!(join(&first, &second), joined);
    }
}
