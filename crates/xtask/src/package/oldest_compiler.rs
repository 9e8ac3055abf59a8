//! The oldest compiler of each library, as its manifest names it (`rust-version`).
//!
//! A library names the greatest version that the edition asks for, or a dependency of it in the lock file: with less it could not be built,
//! and clippy's `incompatible_msrv` finds what of the standard library is newer than that. No older compiler runs here, so a feature of the
//! language itself that is newer would not be found.

use anyhow::{Context, Result, ensure};

use super::LIBRARIES;
use super::metadata::{Metadata, Package};

/// The oldest compiler of the edition that the workspace is written in, 2024.
const OF_THE_EDITION: (u32, u32) = (1, 85);

/// Fails unless every library names the version that its dependencies ask for.
pub(super) fn check(metadata: &Metadata) -> Result<()> {
    for name in LIBRARIES {
        let package = metadata.named(name)?;
        let (needed, by) = needed(&metadata.tree(package), &package.id)?;
        let named = version(package.rust_version.as_deref().unwrap_or_default())?;
        let text = format!("{}.{}", needed.0, needed.1);
        ensure!(named == needed, "the `rust-version` of {name} has to be {text}, which {by} asks for");
    }
    Ok(())
}

/// Returns the greatest version that the edition or a package of the tree asks for, apart from the one at its root, and the name of that
/// package.
fn needed<'a>(tree: &[&'a Package], root: &str) -> Result<((u32, u32), &'a str)> {
    let mut needed = (OF_THE_EDITION, "the edition");
    for package in tree.iter().filter(|package| package.id != root) {
        if let Some(text) = &package.rust_version {
            needed = needed.max((version(text)?, package.name.as_str()));
        }
    }
    Ok(needed)
}

/// Parses a version without its third number, which no compiler's features depend on.
fn version(text: &str) -> Result<(u32, u32)> {
    let mut numbers = text.split('.').map(str::parse);
    let pair = numbers.next().zip(numbers.next()).and_then(|(major, minor)| Some((major.ok()?, minor.ok()?)));
    pair.with_context(|| format!("`{text}` is not the version of a compiler"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(id: &str, rust_version: &str) -> Package {
        let json = format!(
            r#"{{"id":"{id}","name":"{id}","version":"1.0.0","source":null,"rust_version":"{rust_version}","description":null,
                "license":null,"readme":null,"repository":null,"documentation":null,"keywords":[],"categories":[]}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn the_newest_compiler_that_a_dependency_asks_for_is_needed() {
        let tree = [package("root", "1.95"), package("old", "1.9.0"), package("new", "1.88.0")];
        assert_eq!(needed(&tree.iter().collect::<Vec<_>>(), "root").unwrap(), ((1, 88), "new"));
        let old = [package("root", "1.95"), package("old", "1.37")];
        assert_eq!(needed(&old.iter().collect::<Vec<_>>(), "root").unwrap(), ((1, 85), "the edition"));
        assert!(needed(&[&package("odd", "edition 2024")], "root").is_err());
    }
}
