//! The image, assembled by the script that the Dockerfile runs, and run as an engine would run it: by an unprivileged user who sees nothing
//! else. Without the privileges for that, it is at least run with the image's libraries only.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::dockerfile::last_stage;
use crate::harness::{Server, binary, forget_settings, root, text};

/// The root of the image.
struct Image {
    folder: TempDir,
    /// `true` if the test may change the root directory and the user.
    is_root: bool,
}

impl Image {
    fn assemble() -> Self {
        let folder = TempDir::new().unwrap();
        let image = Self {
            is_root: text(&Command::new("id").arg("-u").output().unwrap().stdout).trim() == "0",
            folder,
        };
        let script = root().join("docker/image-root.sh");
        let made = Command::new("sh").arg(script).args([binary(), image.folder.path()]).status().unwrap();
        assert!(made.success());
        let data = image.root().join("data");
        fs::rename(image.folder.path().join("data"), &data).unwrap();
        if image.is_root {
            std::os::unix::fs::chown(data, Some(10_001), Some(10_001)).unwrap();
        }
        image
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// Returns a command that runs the image's program with the settings of the Dockerfile.
    fn command(&self, arguments: &[&str]) -> Command {
        let root = self.root();
        let mut command;
        if self.is_root {
            command = Command::new("chroot");
            command.arg("--userspec=10001:10001").arg(&root).arg("/loggia");
        } else {
            let is_loader =
                |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("ld-linux");
            let libraries = files_under(&root);
            let folders: BTreeSet<_> =
                libraries.iter().map(|path| path.parent().unwrap().display().to_string()).collect();
            command = Command::new(libraries.iter().find(|path| is_loader(path)).unwrap());
            command.args(["--inhibit-cache", "--library-path"]);
            command.arg(folders.into_iter().collect::<Vec<_>>().join(":")).arg(root.join("loggia"));
        }
        forget_settings(&mut command);
        command.args(arguments).stdin(Stdio::null());
        for (name, value) in last_stage().environment() {
            command.env(name, value);
        }
        if !self.is_root {
            let data = root.join("data/loggia.db");
            command.env("LOGGIA_DATABASE_URL", format!("sqlite://{}", data.display()));
        }
        command
    }
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_under(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn the_image_holds_the_program_and_its_libraries_and_nothing_else() {
    let image = Image::assemble();
    let files = files_under(&image.root());
    for path in &files {
        let name = path.file_name().unwrap().to_string_lossy();
        assert!(name == "loggia" || name.contains(".so"), "{}", path.display());
    }
    assert!((3..10).contains(&files.len()), "{files:?}");
    assert!(image.root().join("data").is_dir());

    let output = image.command(&["--version"]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    // A commit may follow.
    let version = text(&output.stdout);
    assert_eq!(version.split_whitespace().take(2).collect::<Vec<_>>(), ["loggia", env!("CARGO_PKG_VERSION")]);
}

#[test]
fn the_image_is_not_assembled_without_a_linked_program() {
    let folder = TempDir::new().unwrap();
    let none = folder.path().join("script");
    fs::write(&none, "#!/bin/sh\n").unwrap();
    let output = Command::new("sh")
        .arg(root().join("docker/image-root.sh"))
        .args([none.as_path(), folder.path()])
        .output()
        .unwrap();
    assert!(
        !output.status.success(),
        "a file that is not linked is not the program: {}",
        text(&output.stdout)
    );
}

#[test]
fn the_program_of_the_image_serves_and_its_health_check_succeeds() {
    let image = Image::assemble();
    let mut serve = image.command(&["serve"]);
    serve.env("LOGGIA_LISTEN", "127.0.0.1:0");
    let server = Server::start(serve);
    let everywhere = server.address().replace("127.0.0.1", "0.0.0.0");
    let check = || {
        let output = image.command(&["healthcheck"]).env("LOGGIA_LISTEN", &everywhere).output().unwrap();
        (output.status.code(), text(&output.stderr))
    };
    assert_eq!(check(), (Some(0), String::new()));
    assert!(image.root().join("data/loggia.db").is_file());
    let (status, _) = server.terminate();
    assert!(status.success());
    let (code, message) = check();
    assert_eq!(code, Some(1));
    assert!(
        message.contains("is not ready: it cannot be reached") && message.lines().count() == 1,
        "{message}"
    );
}
