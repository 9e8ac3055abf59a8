//! Where the programs of an installed Postgres are.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest major version that Loggia is made for.
pub const OLDEST_VERSION: u32 = 15;

/// The folder with the programs of one installed Postgres.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    version: u32,
}

/// No Postgres that could be used was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no Postgres {OLDEST_VERSION} or later with initdb is on the PATH or where packages put it{}", describe(.too_old))]
pub struct NotFound {
    /// Those that were found and are too old, with their versions.
    pub too_old: Vec<(PathBuf, u32)>,
}

fn describe(too_old: &[(PathBuf, u32)]) -> String {
    let found = too_old.iter().map(|(folder, version)| format!("{version} in {}", folder.display()));
    match found.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => none,
        some => format!(" (too old: {some})"),
    }
}

/// Folders that differ in a version: what they lie in, how their names begin, and where below them the programs are.
const USUAL_PLACES: [(&str, &str, &str); 8] = [
    ("/usr/lib/postgresql", "", "bin"),         // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),                  // the PostgreSQL project's packages for Fedora and its kin
    ("/usr", "bin", ""),                        // Fedora's own
    ("/usr/libexec", "postgresql", ""),         // Alpine
    ("/opt/homebrew/opt", "postgresql", "bin"), // Homebrew on Apple's processors
    ("/usr/local/opt", "postgresql", "bin"),    // Homebrew on Intel's
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

impl Binaries {
    /// Looks on the PATH, then where distributions put their packages, the newest version first.
    pub fn find() -> Result<Self, NotFound> {
        let mut folders = folders_of_path();
        for (parent, prefix, below) in USUAL_PLACES {
            folders.extend(versioned_folders(Path::new(parent), prefix, below));
        }
        first_usable(folders, installed_version)
    }

    /// The folder that the programs are in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The major version.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// A program of this Postgres, such as `initdb`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// A setting of the machine, not of the service: where its programs are.
#[expect(clippy::disallowed_methods, reason = "programs are looked up on the PATH")]
fn folders_of_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect()
}

/// The folders that are there for each version, the highest first; what names no version comes last.
fn versioned_folders(parent: &Path, prefix: &str, below: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<(Option<u32>, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name();
            let rest = name.to_str()?.strip_prefix(prefix)?;
            Some((leading_number(rest.trim_start_matches('@')), entry.path().join(below)))
        })
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, folder)| folder).collect()
}

fn first_usable(
    folders: Vec<PathBuf>,
    version_in: impl Fn(&Path) -> Option<u32>,
) -> Result<Binaries, NotFound> {
    let mut too_old = Vec::new();
    for folder in folders {
        match version_in(&folder) {
            Some(version) if version >= OLDEST_VERSION => return Ok(Binaries { folder, version }),
            Some(version) => too_old.push((folder, version)),
            None => {}
        }
    }
    too_old.dedup();
    Err(NotFound { too_old })
}

/// The version of the server in a folder, if `initdb` is there too: packages of clients alone lack both.
fn installed_version(folder: &Path) -> Option<u32> {
    let postgres = folder.join("postgres");
    if !(postgres.is_file() && folder.join("initdb").is_file()) {
        return None;
    }
    let output = Command::new(postgres).arg(OsStr::new("--version")).output().ok()?;
    major_version(std::str::from_utf8(&output.stdout).ok()?)
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major_version(output: &str) -> Option<u32> {
    let (_, rest) = output.split_once("(PostgreSQL) ")?;
    leading_number(rest)
}

fn leading_number(text: &str) -> Option<u32> {
    let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    text.get(..digits)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_postgres_prints_them() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(major_version("postgres (PostgreSQL) 9.6.24\n"), Some(9));
        assert_eq!(major_version("something else 15"), None);
    }

    #[test]
    fn the_highest_version_comes_first_as_a_number() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["postgresql@9", "postgresql", "postgresql@16", "postgresql@15", "redis"] {
            fs::create_dir(parent.path().join(name)).unwrap();
        }
        let found = versioned_folders(parent.path(), "postgresql", "bin");
        let expected = ["postgresql@16/bin", "postgresql@15/bin", "postgresql@9/bin", "postgresql/bin"];
        assert_eq!(found, expected.map(|name| parent.path().join(name)));
        assert!(versioned_folders(&parent.path().join("absent"), "", "bin").is_empty());
    }

    #[test]
    fn what_is_too_old_is_passed_over_and_named_if_there_is_nothing_else() {
        let version_in = |folder: &Path| leading_number(folder.to_str()?.trim_start_matches("/pg/"));
        let folders = |names: &[&str]| names.iter().map(|name| Path::new("/pg").join(name)).collect();
        let found = first_usable(folders(&["client-only", "14", "15", "16"]), version_in).unwrap();
        assert_eq!(found, Binaries { folder: "/pg/15".into(), version: 15 });
        let none = first_usable(folders(&["client-only", "14"]), version_in).unwrap_err();
        assert!(none.to_string().ends_with("packages put it (too old: 14 in /pg/14)"), "{none}");
    }
}
