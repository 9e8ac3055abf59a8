//! Cargo's metadata of the workspace's packages and their dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::workspace;

/// The packages of the workspace and of the registry, as the lock file has them for this machine.
#[derive(Deserialize)]
pub(super) struct Metadata {
    pub(super) packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
pub(super) struct Package {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) version: String,
    /// The registry; `None` for a package of the workspace.
    pub(super) source: Option<String>,
    /// The registries that it may be published in; `None` for all.
    #[serde(default)]
    pub(super) publish: Option<Vec<String>>,
    pub(super) rust_version: Option<String>,
    pub(super) description: Option<String>,
    pub(super) license: Option<String>,
    pub(super) readme: Option<String>,
    pub(super) repository: Option<String>,
    pub(super) documentation: Option<String>,
    pub(super) keywords: Vec<String>,
    pub(super) categories: Vec<String>,
    #[serde(default)]
    pub(super) dependencies: Vec<Declared>,
}

/// A dependency as a manifest declares it.
#[derive(Deserialize)]
pub(super) struct Declared {
    pub(super) name: String,
    pub(super) req: String,
    /// `None` for a dependency of the code itself.
    pub(super) kind: Option<String>,
    pub(super) features: Vec<String>,
    pub(super) uses_default_features: bool,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// `None` for a dependency of the code itself.
    kind: Option<String>,
}

impl Metadata {
    /// Reads those of a workspace in this repository, whose lock file must be up to date.
    pub(super) fn read(manifest: &str) -> Result<Self> {
        let mut cargo = Command::new("cargo");
        cargo.args(["metadata", "--format-version", "1", "--locked", "--manifest-path", manifest]);
        cargo.args(["--filter-platform", &host()?]);
        let output = cargo.current_dir(workspace::root()?).output().context("cargo could not be started")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).context("cargo says what is not understood")
    }

    /// Returns the packages of the workspace.
    pub(super) fn own(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.source.is_none())
    }

    /// Returns a package of the workspace.
    pub(super) fn named(&self, name: &str) -> Result<&Package> {
        self.own().find(|package| package.name == name).with_context(|| format!("there is no package {name}"))
    }

    /// Returns everything that is compiled for a package that others depend on: without what only its tests need.
    pub(super) fn tree(&self, package: &Package) -> Vec<&Package> {
        let nodes: BTreeMap<_, _> = self.resolve.nodes.iter().map(|node| (&node.id, &node.deps)).collect();
        let (mut found, mut waiting) = (BTreeSet::new(), vec![&package.id]);
        while let Some(id) = waiting.pop() {
            if found.insert(id) {
                let dependencies = nodes.get(id).copied().into_iter().flatten();
                waiting.extend(dependencies.filter(|dependency| dependency.ships()).map(|found| &found.pkg));
            }
        }
        self.packages.iter().filter(|package| found.contains(&package.id)).collect()
    }
}

impl Dependency {
    fn ships(&self) -> bool {
        self.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev"))
    }
}

/// Returns the name of this machine's target.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("rustc could not be started")?;
    let said = String::from_utf8(output.stdout)?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not name its host")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_of_a_package_has_no_dependencies_of_tests() {
        let package = |id: &str| {
            format!(
                r#"{{"id":"{id}","name":"{id}","version":"1.0.0","source":null,"rust_version":null,"description":null,"license":null,
                    "readme":null,"repository":null,"documentation":null,"keywords":[],"categories":[]}}"#
            )
        };
        let node = |id: &str, dependencies: &[(&str, &str)]| {
            let dependencies: Vec<_> = dependencies
                .iter()
                .map(|(id, kind)| format!(r#"{{"pkg":"{id}","dep_kinds":[{{"kind":{kind}}}]}}"#))
                .collect();
            format!(r#"{{"id":"{id}","deps":[{}]}}"#, dependencies.join(","))
        };
        let json = format!(
            r#"{{"packages":[{}],"resolve":{{"nodes":[{}]}}}}"#,
            ["a", "b", "c", "d", "e"].map(package).join(","),
            [
                node("a", &[("b", "null"), ("c", r#""dev""#), ("d", r#""build""#)]),
                node("b", &[("e", "null")]),
                node("c", &[]),
                node("d", &[]),
                node("e", &[("a", r#""dev""#)]),
            ]
            .join(",")
        );
        let metadata: Metadata = serde_json::from_str(&json).unwrap();
        let tree = metadata.tree(metadata.named("a").unwrap());
        assert_eq!(
            tree.iter().map(|package| package.name.as_str()).collect::<Vec<_>>(),
            ["a", "b", "d", "e"]
        );
    }
}
