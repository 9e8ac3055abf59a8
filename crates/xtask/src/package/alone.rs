//! A workspace of everything that is compiled as others would: the unpacked packages, and the programs in `examples` on top of them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::metadata::{Metadata, Package};
use super::{LIBRARIES, PRIVATE, archives, lock};
use crate::workspace;

/// The name of a package without code that has the dependencies of this repository's private packages.
///
/// Cargo compiles a dependency with the features that all packages of one call ask for together. With this package they are the same as
/// for the workspace, so that what was compiled for the workspace is not compiled once more.
const UNIFIED: &str = "unified";

/// The workspace.
pub(super) struct Alone {
    pub(super) folder: PathBuf,
    /// The names of the programs.
    pub(super) examples: Vec<String>,
}

impl Alone {
    /// Makes the workspace in `folder`, whose contents are replaced.
    pub(super) fn make(metadata: &Metadata, folder: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
        }
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        let root = workspace::root()?;
        let examples = copy_examples(&root.join("examples"), folder)?;
        fs::create_dir_all(folder.join(UNIFIED).join("src"))?;
        fs::write(folder.join(UNIFIED).join("src/lib.rs"), "")?;
        fs::write(folder.join(UNIFIED).join("Cargo.toml"), unified(metadata)?)?;
        let mut members: Vec<_> = examples.iter().map(String::as_str).chain([UNIFIED]).collect();
        let packages = archives::unpack_all(metadata, folder)?;
        let mut patches = String::new();
        for (name, package) in &packages {
            members.push(package);
            writeln!(patches, "{name} = {{ path = {package:?} }}")?;
        }
        let read =
            |path: &str| fs::read_to_string(root.join(path)).with_context(|| format!("{path} is missing"));
        let inherited = sections(&read("examples/Cargo.toml")?, "workspace.package")?;
        // With other profiles, no compiled dependency could be shared.
        let profiles = sections(&read("Cargo.toml")?, "profile.dev")?;
        let manifest = format!(
            "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n[patch.crates-io]\n{patches}{inherited}{profiles}"
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        // Cargo takes out what is not used.
        fs::write(
            folder.join("Cargo.lock"),
            lock::join(&read("Cargo.lock")?, &read("examples/Cargo.lock")?),
        )?;
        Ok(Self { folder: folder.to_owned(), examples })
    }
}

/// Returns the sections of a manifest whose names begin with `name`.
fn sections(manifest: &str, name: &str) -> Result<String> {
    let found = manifest.split("\n[").filter(|section| section.starts_with(name));
    let found: String = found.map(|section| format!("\n[{section}\n")).collect();
    ensure!(!found.is_empty(), "a manifest has no section [{name}]");
    Ok(found)
}

/// Copies each program, with versions in place of the paths into this repository.
fn copy_examples(from: &Path, to: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(from).context("there is no folder of examples")? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str().filter(|_| path.join("Cargo.toml").exists()) else { continue };
        copy_folder(&path, &to.join(name))?;
        let manifest = to.join(name).join("Cargo.toml");
        let mut text = fs::read_to_string(&manifest)?;
        for library in LIBRARIES {
            let folder = library.trim_start_matches("loggia-");
            text = text.replace(&format!("path = \"../../crates/{folder}\""), "version = \"0.1.0\"");
        }
        ensure!(!text.contains("path = \"../"), "the example {name} leans on a package that is private");
        fs::write(manifest, text)?;
        names.push(name.to_owned());
    }
    names.sort();
    Ok(names)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Returns the manifest of [`UNIFIED`].
fn unified(metadata: &Metadata) -> Result<String> {
    let private: Vec<&Package> = PRIVATE.iter().map(|name| metadata.named(name)).collect::<Result<_>>()?;
    let mut manifest = format!("[package]\nname = {UNIFIED:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n");
    for (section, is_build) in [("dependencies", false), ("build-dependencies", true)] {
        write!(manifest, "\n[{section}]\n{}", dependencies(&private, is_build)?)?;
    }
    Ok(manifest)
}

/// Returns the entries of what the packages depend on together, apart from each other.
fn dependencies(packages: &[&Package], is_build: bool) -> Result<String> {
    let mut all: Vec<_> = packages.iter().flat_map(|package| &package.dependencies).collect();
    all.retain(|dependency| {
        (dependency.kind.as_deref() == Some("build")) == is_build
            && !PRIVATE.contains(&dependency.name.as_str())
    });
    all.sort_by(|one, other| one.name.cmp(&other.name));
    let mut entries = String::new();
    for same in all.chunk_by(|one, other| one.name == other.name) {
        let features: Vec<_> = same.iter().flat_map(|dependency| &dependency.features).collect();
        let defaults = same.iter().any(|dependency| dependency.uses_default_features);
        let Some(first) = same.first() else { continue };
        writeln!(
            entries,
            "{} = {{ version = {:?}, default-features = {defaults}, features = {features:?} }}",
            first.name, first.req
        )?;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_taken_whole_and_by_their_beginning() {
        let manifest = "[workspace]\nmembers = []\n\n[profile.dev]\ndebug = 1\n\n[profile.dev.package.a]\nx = 2\n\n[profile.release]\n";
        assert_eq!(
            sections(manifest, "profile.dev").unwrap(),
            "\n[profile.dev]\ndebug = 1\n\n\n[profile.dev.package.a]\nx = 2\n\n"
        );
        assert!(sections(manifest, "patch").is_err());
    }

    #[test]
    fn a_dependency_of_two_packages_has_the_features_of_both() {
        let package = |features: &str, defaults: bool| -> Package {
            let json = format!(
                r#"{{"id":"a","name":"a","version":"1.0.0","source":null,"rust_version":null,"description":null,"license":null,
                    "readme":null,"repository":null,"documentation":null,"keywords":[],"categories":[],"dependencies":[
                    {{"name":"time","req":"^0.3","kind":null,"features":[{features}],"uses_default_features":{defaults}}},
                    {{"name":"cc","req":"^1","kind":"build","features":[],"uses_default_features":true}},
                    {{"name":"xtask","req":"*","kind":"dev","features":[],"uses_default_features":true}}]}}"#
            );
            serde_json::from_str(&json).unwrap()
        };
        let (one, other) = (package(r#""std""#, false), package(r#""parsing""#, true));
        assert_eq!(
            dependencies(&[&one, &other], false).unwrap(),
            "time = { version = \"^0.3\", default-features = true, features = [\"std\", \"parsing\"] }\n"
        );
    }
}
