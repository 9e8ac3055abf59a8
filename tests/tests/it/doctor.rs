//! `loggia doctor` on the built binary. Each single finding is tested where it is made: in the stores' crates and in the server's.

use serde_json::{Value, json};

use crate::harness::{Engine, Home, member, on_every_engine, text};

on_every_engine!(a_sound_store_is_examined_beside_a_server_and_at_rest, an_outdated_schema_is_found);

/// Runs the doctor. Returns its exit code and its findings other than those that the servers of tests have.
fn examined(home: &Home) -> (Option<i32>, Value, Vec<Value>) {
    let output = home.run(&["doctor", "--json"]);
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    let usual = ["is a superuser", "fsync", "full_page_writes"];
    let found = report["findings"].as_array().unwrap().clone().into_iter();
    let found = found.filter(|finding| !usual.iter().any(|usual| member(finding, "problem").contains(usual)));
    (output.status.code(), report.clone(), found.collect())
}

fn a_sound_store_is_examined_beside_a_server_and_at_rest(home: Home) {
    home.bootstrap("ada@example.com");
    let server = home.serve();
    for server in [Some(server), None] {
        let (code, report, found) = examined(&home);
        assert_eq!(found, Vec::<Value>::new(), "{report}");
        let checks: Vec<&str> =
            report["checks"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(
            checks.len() >= 8 && checks.contains(&"settings") && checks.contains(&"schema version"),
            "{checks:?}"
        );
        if home.engine() == Engine::Sqlite {
            assert_eq!(code, Some(0));
        }
        drop(server);
    }
}

#[test]
fn a_backup_that_cannot_be_restored_is_found() {
    let home = Home::new();
    home.bootstrap("ada@example.com");
    assert!(home.run(&["backup", "whole.db"]).status.success());
    std::fs::write(home.path().join("cut.db"), "SQLite format 3").unwrap();
    let of = |file: &str| {
        let output = home.run(&["doctor", "--json", "--dump", file]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(report["checks"].as_array().unwrap().contains(&json!("backup")), "{report}");
        (output.status.code(), report["findings"].as_array().unwrap().clone())
    };
    assert_eq!(of("whole.db"), (Some(0), Vec::new()));
    let (code, findings) = of("cut.db");
    assert_eq!((code, findings.len(), member(&findings[0], "check")), (Some(1), 1, "backup"), "{findings:?}");
    assert!(member(&findings[0], "problem").contains("cut.db"), "{findings:?}");
}

fn an_outdated_schema_is_found(home: Home) {
    let empty = home.run(&["doctor", "--json"]);
    assert_eq!(empty.status.code(), Some(1), "{}", text(&empty.stdout));
    assert!(text(&empty.stderr).contains("error"), "{}", text(&empty.stderr));
    let (_, _, found) = examined(&home);
    let expected = match home.engine() {
        Engine::Sqlite => ("store", "there is no store at "),
        Engine::Postgres => ("schema version", "the schema is at version 0"),
    };
    // A new server of Postgres has not even the role of the service.
    let fits = |finding: &&Value| {
        member(finding, "check") == "role"
            || (member(finding, "check") == expected.0 && member(finding, "problem").starts_with(expected.1))
    };
    assert!(found.iter().any(|finding| fits(&finding)), "{found:?}");
    if home.engine() == Engine::Sqlite {
        assert!(!home.path().join("loggia.db").exists(), "nothing was created");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_open_is_found_and_the_proposed_command_works() {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    let home = Home::new();
    home.bootstrap("ada@example.com");
    let file = home.path().join("loggia.db");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, _, found) = examined(&home);
    assert_eq!(code, Some(1));
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((&finding["check"], &finding["severity"]), (&json!("permissions"), &json!("error")));
    // SQLite makes the log beside a file at rest, with the mode of the file, and the second examination finds that.
    for _ in 0..2 {
        for finding in examined(&home).2 {
            let advice = member(&finding, "advice").split('`').nth(1).unwrap();
            assert!(Command::new("bash").args(["-c", advice]).status().unwrap().success(), "{advice}");
        }
    }
    let (code, _, found) = examined(&home);
    assert_eq!((code, found), (Some(0), Vec::new()));
}

#[test]
fn findings_are_printed_as_text_with_what_to_do() {
    let home = Home::new();
    home.bootstrap("ada@example.com");
    let output = home.run(&["doctor", "--listen=0.0.0.0:8080"]);
    assert_eq!(output.status.code(), Some(0), "a warning is no failure: {}", text(&output.stderr));
    let printed = text(&output.stdout);
    assert!(
        printed.contains("\nwarning (settings): the server listens on 0.0.0.0:8080 without TLS"),
        "{printed}"
    );
    assert!(printed.contains("\n  What to do: listen on 127.0.0.1 behind a proxy"), "{printed}");
    let output = home.run(&["doctor"]);
    assert!(output.status.success() && text(&output.stdout).ends_with("Nothing was found.\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_low_limit_of_open_files_is_found() {
    use std::process::Command;

    let home = Home::new();
    home.bootstrap("ada@example.com");
    let plain = home.command(&["doctor", "--json"]);
    let mut shell = Command::new("bash");
    shell.arg("-c").arg("ulimit -Sn 200 && ulimit -Hn 200 && exec \"$0\" \"$@\"").arg(plain.get_program());
    shell.args(plain.get_args()).current_dir(home.path());
    crate::harness::forget_settings(&mut shell);
    let report: Value = serde_json::from_slice(&shell.output().unwrap().stdout).unwrap();
    let checks: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|it| member(it, "check")).collect();
    assert_eq!(checks, ["open files"], "{report}");
}
