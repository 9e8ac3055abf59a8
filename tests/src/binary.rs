//! The built binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use cargo_metadata::Message;

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The binary, built once for all tests of a process. Cargo tells other packages' tests nothing about it, so it is asked.
///
/// # Panics
/// If it does not build.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| built("dev"))
}

/// The binary as it is released, with cargo's profile `dist`, as in the image: for what measures it.
///
/// # Panics
/// If it does not build.
pub fn release_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| built("dist"))
}

fn built(profile: &str) -> PathBuf {
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--package", "loggia", "--bin", "loggia", "--profile", profile]);
    build.arg("--message-format=json-render-diagnostics").current_dir(root());
    // What cargo tells this test of its own package would be a changed environment to build scripts, and build much anew.
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

/// Takes all variables whose names begin so from what a command inherits.
#[expect(clippy::disallowed_methods, reason = "they are read to be taken away")]
pub fn forget(command: &mut Command, prefix: &str) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with(prefix) {
            command.env_remove(name);
        }
    }
}
