//! The files in which the query macros describe statements, by name and content.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;

/// Reads the described statements by file name; none if the folder does not exist.
pub(super) fn read_all(folder: &Path) -> Result<BTreeMap<String, String>> {
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
pub(super) fn replace(folder: &Path, new: &BTreeMap<String, String>) -> Result<()> {
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

/// Describes the difference as numbers of files; `None` if there is none.
pub(super) fn difference(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Option<String> {
    let stale = old.keys().filter(|name| !new.contains_key(*name)).count();
    let missing = new.keys().filter(|name| !old.contains_key(*name)).count();
    let changed = new.iter().filter(|(name, text)| old.get(*name).is_some_and(|old| old != *text)).count();
    (stale + missing + changed > 0).then(|| format!("{missing} missing, {changed} changed, {stale} stale"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn the_folder_comes_to_hold_what_is_new_and_other_files_stay() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join(".sqlx");
        assert!(read_all(&folder).unwrap().is_empty());
        let first = files(&[("query-a.json", "1"), ("query-b.json", "1")]);
        replace(&folder, &first).unwrap();
        fs::write(folder.join("README"), "not a statement").unwrap();
        let second = files(&[("query-b.json", "2"), ("query-c.json", "1")]);
        assert_eq!(difference(&first, &second).unwrap(), "1 missing, 1 changed, 1 stale");
        replace(&folder, &second).unwrap();
        assert_eq!(read_all(&folder).unwrap(), second);
        assert_eq!(difference(&second, &second), None);
        assert!(folder.join("README").exists());
    }
}
