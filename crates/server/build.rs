//! Sets `LOGGIA_VERSION`, the version of the package with the commit that it is built from, and `LOGGIA_COMMIT`, that commit alone.
//!
//! The commit is that of `LOGGIA_COMMIT`, for builds without a repository, such as those of an image; or else that of the repository
//! whose root has this package at `crates/server`. A package in an archive or in another repository has no commit. Nothing else of the
//! machine or the time goes into the program, so builds of one commit are the same.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=LOGGIA_COMMIT");
    println!("cargo::rerun-if-changed=build.rs");
    let version = env!("CARGO_PKG_VERSION");
    let version = match commit() {
        Some(commit) => {
            println!("cargo::rustc-env=LOGGIA_COMMIT={commit}");
            format!("{version} ({commit})")
        }
        None => version.to_owned(),
    };
    println!("cargo::rustc-env=LOGGIA_VERSION={version}");
}

fn commit() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "it is a setting of the build, and none of the service")]
    let given = std::env::var("LOGGIA_COMMIT").ok().filter(|commit| !commit.is_empty());
    let commit = given.or_else(of_the_repository)?;
    let is_commit = commit.len() >= 7 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_commit.then(|| commit.chars().take(12).collect())
}

fn of_the_repository() -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2)?.canonicalize().ok()?;
    if Path::new(&git(&["rev-parse", "--show-toplevel"])?).canonicalize().ok()? != root {
        return None;
    }
    // The log of HEAD grows with every commit and checkout. Cargo would build anew each time for a file that does not exist.
    let log = git(&["rev-parse", "--path-format=absolute", "--git-path", "logs/HEAD"])?;
    if Path::new(&log).exists() {
        println!("cargo::rerun-if-changed={log}");
    }
    git(&["rev-parse", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().ok()?;
    let text = output.status.success().then(|| String::from_utf8(output.stdout).ok())??;
    Some(text.trim_end().to_owned())
}
