//! The built binary from the point of view of an operator and a newcomer.

use std::process::Command;

use serde_json::json;

use crate::harness::{Engine, Home, Server, forget_settings, member, on_every_engine, text};

on_every_engine!(
    the_first_start_gives_a_key_and_a_command_that_works_as_pasted,
    the_commands_that_the_first_start_proposes_work_in_another_directory,
    later_starts_print_no_secret_and_the_first_key_still_opens,
    no_secret_and_no_address_of_a_person_is_ever_logged,
    people_and_keys_are_made_beside_a_running_server,
    a_revoked_key_opens_nothing_from_the_next_request_on,
    exit_codes_distinguish_a_failure_from_a_usage_error,
);

/// Returns the first API key in a text.
fn key_in(text: &str) -> Option<&str> {
    let start = text.find("lga_")?;
    let key = &text[start..];
    Some(key.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or(key))
}

/// Returns the curl command in a text, with its continuation lines.
fn curl_in(text: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| !line.trim_start().starts_with("curl "));
    let mut command = lines.next()?.trim().to_owned();
    while command.ends_with('\\') {
        command.push('\n');
        command.push_str(lines.next()?);
    }
    Some(command)
}

fn is_live(server: &Server, key: &str) -> bool {
    match server.get("/api/v1/me", Some(key)).status {
        200 => true,
        401 => false,
        other => panic!("/api/v1/me answered {other}"),
    }
}

fn the_first_start_gives_a_key_and_a_command_that_works_as_pasted(home: Home) {
    let mut server = home.serve();
    let printed = server.printed_until(|text| curl_in(text).is_some()).to_owned();
    let curl = curl_in(&printed).unwrap();
    let database = home.database_url();
    let (_, name) = database.rsplit_once('/').unwrap();
    assert!(printed.contains(name), "it says where the data is: {printed}");

    let output = Command::new("bash").args(["-c", &curl]).current_dir(home.path()).output().unwrap();
    assert!(output.status.success(), "{curl}: {}", text(&output.stderr));
    let response: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(response.get("data").or_else(|| response.get("result")).is_some(), "{curl} gave {response}");
    let is_in_the_folder = home.path().join("loggia.db").is_file();
    assert_eq!(is_in_the_folder, home.engine() == Engine::Sqlite, "the data is where the settings say");

    let key = key_in(&printed).unwrap();
    assert!(is_live(&server, key));
    let organizations = server.get("/api/v1/organizations", Some(key)).json();
    assert_eq!(organizations["data"].as_array().map(Vec::len), Some(1));
}

/// Returns the text that follows some words on the same line.
fn shown_after<'a>(text: &'a str, words: &str) -> &'a str {
    let line = text.lines().map(str::trim_start).find_map(|line| line.strip_prefix(words));
    line.unwrap_or_else(|| panic!("{words} in {text}")).trim_start()
}

fn the_commands_that_the_first_start_proposes_work_in_another_directory(home: Home) {
    let elsewhere = Home::new();
    let mut server = home.serve();
    let printed = server.printed_until(|text| text.contains("keys --help")).to_owned();
    let paste = |lines: &str| {
        let mut shell = Command::new("bash");
        forget_settings(&mut shell);
        let output = shell.args(["-c", lines]).current_dir(elsewhere.path()).output().unwrap();
        assert!(output.status.success(), "{lines}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    assert!(paste(shown_after(&printed, "endpoints and who may call them")).contains("/api/v1/spaces"));

    // The URL of a server is not printed, since it may hold a password.
    let data = match home.engine() {
        Engine::Sqlite => shown_after(&printed, "export ").to_owned(),
        Engine::Postgres => format!("LOGGIA_DATABASE_URL='{}'", home.database_url()),
    };
    let demo = shown_after(&printed, "an organization with sample data");
    let few = "--people 2 --projects 1 --tasks 1 --spaces 1 --json";
    let made = paste(&format!("export {data}\n{demo} {few}"));
    assert!(is_live(&server, key_in(&made).unwrap()), "it filled the store that is served");
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

fn later_starts_print_no_secret_and_the_first_key_still_opens(home: Home) {
    let mut server = home.serve();
    let key = key_in(server.printed_until(|text| curl_in(text).is_some())).unwrap().to_owned();
    let (status, _) = server.terminate();
    assert!(status.success());

    let server = home.serve();
    assert!(is_live(&server, &key));
    let (status, printed) = server.terminate();
    assert!(status.success());
    assert!(!printed.contains("lga_"), "{printed}");
}

fn no_secret_and_no_address_of_a_person_is_ever_logged(home: Home) {
    let made = home.bootstrap("ada@example.com");
    // Everything that can be logged, including the events of the libraries.
    let server = home.serve_with(|command| command.env("LOGGIA_LOG", "trace"));
    let key = member(&made, "apiKey");
    assert_eq!(server.send("POST", "/api/v1/spaces", Some(key), Some(r#"{"name":"Unspoken"}"#)).status, 201);
    assert_eq!(server.get("/api/v1/spaces?search=whisper", Some(key)).status, 200);
    assert_eq!(server.get("/api/v1/me", Some("lga_wrong")).status, 401);
    let (_, printed) = server.terminate();
    for secret in ["lga_", "ada@example.com", "Unspoken", "whisper"] {
        assert!(!printed.contains(secret), "{secret} is in {printed}");
    }
    assert!(printed.contains("TRACE"), "the libraries are heard, too: {printed}");
    let requests = printed.lines().filter(|line| line.contains("/api/v1/spaces")).count();
    assert_eq!(requests, 2, "one line for each request: {printed}");
}

fn people_and_keys_are_made_beside_a_running_server(home: Home) {
    let server = home.serve();
    let made = home.bootstrap("grace@example.com");
    let organization = member(&made, "organizationId");
    let me = server.get("/api/v1/me", Some(member(&made, "apiKey"))).json();
    assert_eq!(me["data"]["user"]["id"], made["userId"]);

    let arguments = [
        "people",
        "add",
        "--organization",
        organization,
        "--email",
        "alan@example.com",
        "--first-name",
        "Alan",
        "--last-name",
        "Turing",
        "--employee-no",
        "7",
        "--role",
        "viewer",
        "--json",
    ];
    let added = home.json(&arguments);
    let email = ["keys", "create", "--email", "alan@example.com", "--json"];
    let created = home.json(&[&email[..], &["--organization", organization, "--expires", "90d"]].concat());
    let key = member(&created, "apiKey");
    assert_eq!(server.get("/api/v1/me", Some(key)).json()["data"]["user"]["id"], added["userId"]);
    let refused = server.send("POST", "/api/v1/spaces", Some(key), Some(r#"{"name":"No"}"#));
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("FORBIDDEN")), "a viewer only reads");

    let account = ["keys", "create", "--email", "grace@example.com", "--json"];
    let own = home.json(&[&account[..], &["--personal", "--ability", "read"]].concat());
    let refused =
        server.send("POST", "/api/v1/spaces", Some(member(&own, "apiKey")), Some(r#"{"name":"No"}"#));
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("INSUFFICIENT_SCOPE")));
}

fn a_revoked_key_opens_nothing_from_the_next_request_on(home: Home) {
    let server = home.serve();
    home.bootstrap("grace@example.com");
    let created = home.json(&["keys", "create", "--email", "grace@example.com", "--personal", "--json"]);
    let key = member(&created, "apiKey");
    assert!(is_live(&server, key));
    let revoked = home.run(&["keys", "revoke", member(&created, "keyId")]);
    assert!(revoked.status.success(), "{}", text(&revoked.stderr));
    assert!(!is_live(&server, key));
    let listed = home.run(&["keys", "list", "--email", "grace@example.com"]);
    assert!(listed.status.success());
    let listed = text(&listed.stdout);
    assert!(listed.contains(member(&created, "keyId")) && !listed.contains("lga_"), "{listed}");
}

fn exit_codes_distinguish_a_failure_from_a_usage_error(home: Home) {
    home.bootstrap("ada@example.com");
    let code = |arguments: &[&str]| home.run(arguments).status.code();
    let nothing = "0193a5b0-7c1e-7000-8000-00000000abcd";
    for arguments in
        [&["--help"][..], &["--version"], &["serve", "--help"], &["keys", "create", "--help"], &["routes"]]
    {
        assert_eq!(code(arguments), Some(0), "{arguments:?}");
    }
    assert_eq!(code(&["keys", "revoke", nothing]), Some(1), "there is no such key");
    assert_eq!(code(&["keys", "list", "--email", "nobody@example.com"]), Some(1), "there is no such account");
    for arguments in
        [&["dance"][..], &["keys", "revoke"], &["keys", "revoke", "7"], &["serve", "--listen", "here"]]
    {
        assert_eq!(code(arguments), Some(2), "{arguments:?}");
    }
}

#[test]
fn errors_in_the_settings_are_reported_together_and_nothing_is_done() {
    let home = Home::new();
    let mut command = home.command(&["serve"]);
    command.env("LOGGIA_DATABASE_URL", "mysql://ada:hunter2@example.com/loggia");
    command.env("LOGGIA_LISTEN", "everywhere").env("LOGGIA_LOG", "loudly");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let complaint = text(&output.stderr);
    for setting in ["LOGGIA_DATABASE_URL", "LOGGIA_LISTEN", "LOGGIA_LOG"] {
        assert!(complaint.contains(setting), "{setting} is not in {complaint}");
    }
    assert!(!complaint.contains("hunter2"), "{complaint}");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_command_that_opens_no_store_ignores_the_database_url() {
    let output =
        Home::new().command(&["routes"]).env("LOGGIA_DATABASE_URL", "mysql://nowhere").output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn a_taken_port_is_reported_with_its_address() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let home = Home::new();
    let output = home.run(&["serve", "--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains(&address), "{}", text(&output.stderr));
}
