//! Finds the programs of an installed Postgres.

use std::ffi::OsStr;
use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest major version that Loggia supports.
pub const OLDEST_VERSION: u32 = 15;

/// The environment variable with the folder of the programs that [`Binaries::find`] then uses, whatever else is installed.
pub const BINARIES_VARIABLE: &str = "TEST_POSTGRES_BIN";

/// The version of a server. Later versions compare as greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The major version, such as 15 of 15.20.
    pub major: u32,
    /// The minor version, such as 20 of 15.20; 0 for a version that was not released yet.
    pub minor: u32,
}

impl Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The folder with the programs of one installed Postgres.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    version: Version,
}

/// No usable Postgres was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no Postgres {OLDEST_VERSION} or later with initdb is {}{}", location(.only_in.as_deref()), describe(.too_old))]
pub struct NotFound {
    /// The one folder that was searched; `None` if all usual locations were.
    pub only_in: Option<PathBuf>,
    /// The folders with a version that is too old, and their major versions.
    pub too_old: Vec<(PathBuf, u32)>,
}

fn location(only_in: Option<&Path>) -> String {
    match only_in {
        Some(folder) => format!("in {}", folder.display()),
        None => "on the PATH or where packages put it".to_owned(),
    }
}

fn describe(too_old: &[(PathBuf, u32)]) -> String {
    let found = too_old.iter().map(|(folder, version)| format!("{version} in {}", folder.display()));
    match found.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => none,
        some => format!(" (too old: {some})"),
    }
}

/// Locations of versioned folders: the parent folder, the prefix of their names, and the subfolder with the programs.
const USUAL_LOCATIONS: [(&str, &str, &str); 8] = [
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
    /// Takes the folder that [`BINARIES_VARIABLE`] names. If it is not set, looks on the PATH, then where distributions put their
    /// packages, the newest version first.
    pub fn find() -> Result<Self, NotFound> {
        match folder_from_env() {
            Some(folder) => Self::in_folder(&folder),
            None => first_usable(usual_folders(), installed_version),
        }
    }

    /// Takes the programs in this folder.
    ///
    /// Fails with [`NotFound`] if it has no usable Postgres.
    pub fn in_folder(folder: &Path) -> Result<Self, NotFound> {
        first_usable(vec![folder.to_owned()], installed_version)
            .map_err(|not_found| NotFound { only_in: Some(folder.to_owned()), ..not_found })
    }

    /// Returns every usable Postgres of the machine, in the order in which [`Self::find`] looks; [`BINARIES_VARIABLE`] is ignored.
    pub fn installed() -> Vec<Self> {
        let found = usual_folders().into_iter().filter_map(|folder| Self::in_folder(&folder).ok());
        found.collect()
    }

    /// Returns the folder with the programs.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the major version.
    pub fn version(&self) -> u32 {
        self.version.major
    }

    /// Returns the major and the minor version.
    pub fn full_version(&self) -> Version {
        self.version
    }

    /// Returns the path of a program of this Postgres, such as `initdb`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Returns the folders of the PATH: a setting of the machine, not of the service.
#[expect(clippy::disallowed_methods, reason = "programs are looked up on the PATH")]
fn folders_of_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect()
}

/// Returns the folder in [`BINARIES_VARIABLE`], a setting of the tests.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests; the service has nothing of it")]
fn folder_from_env() -> Option<PathBuf> {
    std::env::var_os(BINARIES_VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// Returns the folders of the PATH, then those of packages.
fn usual_folders() -> Vec<PathBuf> {
    let mut folders = folders_of_path();
    for (parent, prefix, below) in USUAL_LOCATIONS {
        folders.extend(versioned_folders(Path::new(parent), prefix, below));
    }
    folders
}

/// Returns the folders for each version, the highest first; a folder without a version in its name comes last.
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
    version_in: impl Fn(&Path) -> Option<Version>,
) -> Result<Binaries, NotFound> {
    let mut too_old = Vec::new();
    for folder in folders {
        match version_in(&folder) {
            Some(version) if version.major >= OLDEST_VERSION => return Ok(Binaries { folder, version }),
            Some(version) => too_old.push((folder, version.major)),
            None => {}
        }
    }
    too_old.dedup();
    Err(NotFound { only_in: None, too_old })
}

/// Returns the version of the server in a folder, or `None` without a server and `initdb`: packages of clients lack both.
fn installed_version(folder: &Path) -> Option<Version> {
    let postgres = folder.join("postgres");
    if !(postgres.is_file() && folder.join("initdb").is_file()) {
        return None;
    }
    let output = Command::new(postgres).arg(OsStr::new("--version")).output().ok()?;
    version(std::str::from_utf8(&output.stdout).ok()?)
}

/// Parses an output such as `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn version(output: &str) -> Option<Version> {
    let (_, rest) = output.split_once("(PostgreSQL) ")?;
    let after_major = rest.trim_start_matches(|character: char| character.is_ascii_digit());
    let minor = after_major.strip_prefix('.').and_then(leading_number).unwrap_or(0);
    Some(Version { major: leading_number(rest)?, minor })
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
        let read = |output| version(output).map(|version| version.to_string());
        assert_eq!(read("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n").as_deref(), Some("15.18"));
        assert_eq!(read("postgres (PostgreSQL) 17.10\n").as_deref(), Some("17.10"));
        assert_eq!(read("postgres (PostgreSQL) 19beta1\n").as_deref(), Some("19.0"));
        assert_eq!(read("postgres (PostgreSQL) 9.6.24\n").as_deref(), Some("9.6"));
        assert_eq!(read("something else 15"), None);
    }

    #[test]
    fn versions_compare_as_numbers() {
        let version = |major, minor| Version { major, minor };
        assert!(version(15, 9) < version(15, 10) && version(15, 20) < version(16, 1));
    }

    #[test]
    fn a_folder_without_the_programs_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let not_found = Binaries::in_folder(folder.path()).unwrap_err().to_string();
        let expected = format!("no Postgres 15 or later with initdb is in {}", folder.path().display());
        assert_eq!(not_found, expected);
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
    fn versions_that_are_too_old_are_skipped_and_named_if_no_other_is_found() {
        let version_in = |folder: &Path| {
            let major = leading_number(folder.to_str()?.trim_start_matches("/pg/"))?;
            Some(Version { major, minor: 3 })
        };
        let folders = |names: &[&str]| names.iter().map(|name| Path::new("/pg").join(name)).collect();
        let found = first_usable(folders(&["client-only", "14", "15", "16"]), version_in).unwrap();
        assert_eq!(found, Binaries { folder: "/pg/15".into(), version: Version { major: 15, minor: 3 } });
        let none = first_usable(folders(&["client-only", "14"]), version_in).unwrap_err();
        assert!(none.to_string().ends_with("packages put it (too old: 14 in /pg/14)"), "{none}");
    }
}
