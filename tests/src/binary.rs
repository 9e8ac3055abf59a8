//! The built binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use cargo_metadata::Message;

/// Returns the root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the binary, built once for all tests of a process, with the profile that `TEST_PROFILE` names or else without optimizations. Cargo
/// passes its path only to tests of its own package, so cargo is called.
///
/// # Panics
/// Panics if the build fails.
#[expect(
    clippy::disallowed_methods,
    reason = "a setting of the tests, which the program's settings do not concern"
)]
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| built(std::env::var("TEST_PROFILE").as_deref().unwrap_or("dev")))
}

/// Returns the binary of a release, built with cargo's profile `dist` as in the image, for measurements.
///
/// # Panics
/// Panics if the build fails.
pub fn release_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| built("dist"))
}

fn built(profile: &str) -> PathBuf {
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--package", "loggia", "--bin", "loggia", "--profile", profile]);
    build.arg("--message-format=json-render-diagnostics").current_dir(root());
    // Cargo's variables about this test's package would look like a changed environment to build scripts, and cause a rebuild.
    forget(&mut build, "CARGO_PKG_");
    forget(&mut build, "CARGO_MANIFEST_");
    let output = build.stderr(Stdio::inherit()).output().expect("cargo");
    assert!(output.status.success(), "the binary builds");
    let built =
        Message::parse_stream(&*output.stdout).find_map(|message| match message.expect("a message") {
            Message::CompilerArtifact(artifact) if artifact.target.name == "loggia" => artifact.executable,
            _ => None,
        });
    built.expect("the binary's place").into_std_path_buf()
}

/// Removes all variables with that prefix from the environment that a command inherits.
#[expect(clippy::disallowed_methods, reason = "they are read to be taken away")]
pub fn forget(command: &mut Command, prefix: &str) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with(prefix) {
            command.env_remove(name);
        }
    }
}
