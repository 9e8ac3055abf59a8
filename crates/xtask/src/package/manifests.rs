//! The facts that the manifest of a published package must state.

use anyhow::{Result, ensure};

use super::metadata::{Metadata, Package};
use super::{LIBRARIES, PRIVATE};

/// The maximum number of keywords that a registry takes.
const MAX_KEYWORDS: usize = 5;

/// Fails unless every package of the workspace is known to be a library or private and says so, and every library's manifest is complete.
pub(super) fn check(metadata: &Metadata) -> Result<()> {
    for package in metadata.own() {
        let name = package.name.as_str();
        let is_listed = LIBRARIES.contains(&name) || PRIVATE.contains(&name);
        ensure!(is_listed, "{name} is in neither list of packages: crates/xtask/src/package/mod.rs");
        let is_private = package.publish.as_ref().is_some_and(Vec::is_empty);
        ensure!(is_private == PRIVATE.contains(&name), "`publish` of {name} contradicts the list it is in");
    }
    for name in LIBRARIES {
        let missing = missing(metadata.named(name)?);
        ensure!(missing.is_empty(), "the manifest of {name} lacks {}", missing.join(", "));
    }
    Ok(())
}

/// Returns what the manifest lacks.
fn missing(package: &Package) -> Vec<&'static str> {
    let documentation = format!("https://docs.rs/{}", package.name);
    let facts = [
        ("a description", package.description.is_some()),
        ("a licence", package.license.is_some()),
        ("a README.md of its own", package.readme.as_deref() == Some("README.md")),
        ("the repository", package.repository.is_some()),
        ("its place at docs.rs", package.documentation.as_deref() == Some(documentation.as_str())),
        ("one to five keywords", (1..=MAX_KEYWORDS).contains(&package.keywords.len())),
        ("categories", !package.categories.is_empty()),
    ];
    facts.into_iter().filter(|(_, is_there)| !is_there).map(|(fact, _)| fact).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_that_a_manifest_lacks_is_named() {
        let bare = r#"{"id":"a","name":"a","version":"1.0.0","source":null,"rust_version":null,"description":"A","license":null,
            "readme":"../README.md","repository":null,"documentation":"https://docs.rs/b","keywords":[],"categories":["database"]}"#;
        let bare: Package = serde_json::from_str(bare).unwrap();
        let expected = [
            "a licence",
            "a README.md of its own",
            "the repository",
            "its place at docs.rs",
            "one to five keywords",
        ];
        assert_eq!(missing(&bare), expected);
    }
}
