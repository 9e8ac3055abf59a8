//! `loggia service`: the unit, judged by systemd's own tools, and the installation into a folder.
#![cfg(target_os = "linux")]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::harness::{Home, binary, text};

/// The maximum exposure, in tenths, that `systemd-analyze security` may find.
const MOST_EXPOSURE: &str = "--threshold=20";

fn analyze(arguments: &[&str]) -> Output {
    Command::new("systemd-analyze").args(arguments).output().unwrap_or_else(|error| {
        panic!("systemd-analyze cannot be run ({error}): `cargo xtask test` installs it, or says how")
    })
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode()
        & 0o7777
}

/// Installs the service into a folder.
fn installed() -> TempDir {
    let root = TempDir::new().unwrap();
    let output = Home::new().command(&["service", "install", "--root"]).arg(root.path()).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("was installed and enabled"), "{}", text(&output.stdout));
    root
}

#[test]
fn the_unit_is_hardened_and_valid() {
    let root = installed();
    let unit = root.path().join("etc/systemd/system/loggia.service");
    let security = analyze(&["security", "--offline=yes", MOST_EXPOSURE, unit.to_str().unwrap()]);
    let judged = text(&security.stdout);
    assert!(security.status.success(), "{judged}{}", text(&security.stderr));
    assert!(judged.contains("Overall exposure level for loggia.service"), "{judged}");
    // The program is looked for where the unit names it: in the folder, and not on this machine.
    let program = root.path().join("usr/local/bin/loggia").display().to_string();
    let text_of_unit = std::fs::read_to_string(&unit).unwrap();
    std::fs::write(&unit, text_of_unit.replace("/usr/local/bin/loggia", &program)).unwrap();
    let verified = analyze(&["verify", "--man=no", unit.to_str().unwrap()]);
    assert!(verified.status.success() && verified.stderr.is_empty(), "{}", text(&verified.stderr));

    // Without one of the lines it would not pass: the threshold is judged, and not only the form.
    std::fs::write(
        &unit,
        text_of_unit
            .replace("CapabilityBoundingSet=\n", "")
            .replace("PrivateUsers=yes\n", "")
            .replace("SystemCallFilter", "#"),
    )
    .unwrap();
    assert!(!analyze(&["security", "--offline=yes", MOST_EXPOSURE, unit.to_str().unwrap()]).status.success());
}

#[test]
fn an_installation_is_complete_and_a_second_one_keeps_the_settings() {
    let root = installed();
    let program = root.path().join("usr/local/bin/loggia");
    assert_eq!(std::fs::read(&program).unwrap(), std::fs::read(binary()).unwrap());
    let settings = root.path().join("etc/loggia/loggia.toml");
    let unit = root.path().join("etc/systemd/system/loggia.service");
    assert_eq!([mode(&program), mode(&settings), mode(&unit)], [0o755, 0o600, 0o644]);
    let wanted = root.path().join("etc/systemd/system/multi-user.target.wants/loggia.service");
    assert!(std::fs::symlink_metadata(&wanted).unwrap().is_symlink(), "it is enabled");
    let shown =
        Command::new(&program).args(["settings", "--check", "--config"]).arg(&settings).output().unwrap();
    assert!(shown.status.success(), "{}", text(&shown.stderr));

    std::fs::write(&settings, "log = \"debug\"\n").unwrap();
    let again = Home::new().command(&["service", "install", "--root"]).arg(root.path()).output().unwrap();
    assert!(
        again.status.success() && text(&again.stdout).contains("left as it was"),
        "{}",
        text(&again.stderr)
    );
    assert_eq!(std::fs::read_to_string(&settings).unwrap(), "log = \"debug\"\n");

    let removed = Home::new().command(&["service", "uninstall", "--root"]).arg(root.path()).output().unwrap();
    assert!(removed.status.success(), "{}", text(&removed.stderr));
    assert!(!unit.exists() && std::fs::symlink_metadata(&wanted).is_err() && settings.exists());
    let twice = Home::new().command(&["service", "uninstall", "--root"]).arg(root.path()).output().unwrap();
    assert_eq!(twice.status.code(), Some(1));
    assert!(text(&twice.stderr).contains("is not installed"), "{}", text(&twice.stderr));
}

#[test]
fn the_unit_is_printed_and_nothing_is_written() {
    let home = Home::new();
    let output = home.command(&["service", "install", "--print", "--drain-seconds=600"]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let unit = text(&output.stdout);
    assert!(unit.starts_with("[Unit]\n") && unit.contains("\nTimeoutStopSec=626\n"), "{unit}");
    assert!(
        unit.contains(
            "\nExecStart=/usr/local/bin/loggia --config ${CREDENTIALS_DIRECTORY}/loggia.toml serve\n"
        )
    );
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn without_systemd_the_service_commands_fail_with_the_reason() {
    if Path::new("/run/systemd/system").is_dir() {
        // A test must not change the services of the machine that it runs on.
        return;
    }
    for arguments in [&["service", "install"][..], &["service", "status"], &["service", "uninstall"]] {
        let output = Home::new().run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let complaint = text(&output.stderr);
        assert!(complaint.contains("systemd does not manage this machine"), "{complaint}");
    }
}

#[test]
fn the_command_of_the_unit_starts_the_server() {
    // The command of the unit, with the folder of credentials that systemd would make.
    let root = installed();
    let credentials = TempDir::new().unwrap();
    let settings = "database_url = \"sqlite://loggia.db\"\nlisten = \"127.0.0.1:0\"\ndrain_seconds = 0\n";
    std::fs::write(credentials.path().join("loggia.toml"), settings).unwrap();
    let unit = std::fs::read_to_string(root.path().join("etc/systemd/system/loggia.service")).unwrap();
    let command = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let home = Home::new();
    let mut shell = Command::new("bash");
    crate::harness::forget_settings(&mut shell);
    let command = command.replace("/usr/local/bin/loggia", &binary().display().to_string());
    shell.args(["-c", &format!("exec {command}")]).env("CREDENTIALS_DIRECTORY", credentials.path());
    let server = crate::harness::Server::start({
        shell.current_dir(home.path());
        shell
    });
    let (status, _) = server.terminate();
    assert!(status.success());
    assert!(home.path().join("loggia.db").is_file());
}
