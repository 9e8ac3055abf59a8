//! The files in which the query macros describe statements, by name and content.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::Result;

/// Files by name.
pub(super) type Descriptions = BTreeMap<String, String>;

/// Reads the described statements by file name; none if the folder does not exist.
pub(super) fn read_all(folder: &Path) -> Result<Descriptions> {
    let mut files = BTreeMap::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name.starts_with("query-") && name.ends_with(".json") {
            files.insert(name, fs::read_to_string(&path)?);
        }
    }
    Ok(files)
}

/// Makes the folder contain exactly these files. Files that are right already are not touched.
pub(super) fn replace(folder: &Path, new: &Descriptions) -> Result<()> {
    let old = read_all(folder)?;
    fs::create_dir_all(folder)?;
    for stale in old.keys().filter(|name| !new.contains_key(*name)) {
        fs::remove_file(folder.join(stale))?;
    }
    for (name, text) in new.iter().filter(|(name, text)| old.get(*name) != Some(text)) {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}

/// Describes the difference between the committed files of several crates and new ones as numbers of files; `None` if there is none.
///
/// A statement of two crates is described once, as one of them has it: the macros write into the same file.
pub(super) fn difference(committed: &[Descriptions], new: &Descriptions) -> Option<String> {
    let of_all = |name: &String| committed.iter().filter_map(|files| files.get(name)).collect::<Vec<_>>();
    let names: BTreeSet<&String> = committed.iter().flat_map(BTreeMap::keys).collect();
    let stale = names.iter().filter(|name| !new.contains_key(**name)).count();
    let missing = new.keys().filter(|name| !names.contains(name)).count();
    let is_changed = |(name, text): &(&String, &String)| names.contains(name) && !of_all(name).contains(text);
    let changed = new.iter().filter(is_changed).count();
    (stale + missing + changed > 0).then(|| format!("{missing} missing, {changed} changed, {stale} stale"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(entries: &[(&str, &str)]) -> Descriptions {
        entries.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_replacement_updates_the_statements_and_leaves_other_files() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join(".sqlx");
        assert!(read_all(&folder).unwrap().is_empty());
        let first = files(&[("query-a.json", "1"), ("query-b.json", "1")]);
        replace(&folder, &first).unwrap();
        fs::write(folder.join("README"), "not a statement").unwrap();
        let second = files(&[("query-b.json", "2"), ("query-c.json", "1")]);
        assert_eq!(
            difference(std::slice::from_ref(&first), &second).unwrap(),
            "1 missing, 1 changed, 1 stale"
        );
        replace(&folder, &second).unwrap();
        assert_eq!(read_all(&folder).unwrap(), second);
        assert_eq!(difference(&[second], &files(&[("query-b.json", "2"), ("query-c.json", "1")])), None);
        assert!(folder.join("README").exists());
    }

    #[test]
    fn a_statement_of_two_crates_is_described_as_either_has_it() {
        let committed =
            [files(&[("query-a.json", "1")]), files(&[("query-a.json", "2"), ("query-b.json", "1")])];
        for text in ["1", "2"] {
            assert_eq!(
                difference(&committed, &files(&[("query-a.json", text), ("query-b.json", "1")])),
                None
            );
        }
        let changed = difference(&committed, &files(&[("query-a.json", "3"), ("query-b.json", "2")]));
        assert_eq!(changed.unwrap(), "0 missing, 2 changed, 0 stale");
    }
}
