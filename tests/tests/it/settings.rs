//! Settings from flags, the environment and a file: their order, their errors, and their display.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::harness::{Home, binary, forget_settings, member, root, text};

/// Three valid values of each setting, for the file, the environment and the command line.
const VALUES: &[(&str, [&str; 3])] = &[
    ("connections_per_address", ["50", "60", "off"]),
    ("cors_headers", ["X-One", "X-Two", "X-Three"]),
    ("cors_origins", ["https://one.example.com", "https://two.example.com", "https://three.example.com"]),
    ("database_connections", ["10", "11", "12"]),
    (
        "database_url",
        ["postgres://one.example.com/l", "postgres://two.example.com/l", "postgres://three.example.com/l"],
    ),
    ("database_url_file", ["one.url", "two.url", "three.url"]),
    ("drain_seconds", ["1", "2", "3"]),
    ("failed_authentications_per_minute", ["30", "40", "off"]),
    ("keep_alive_seconds", ["80", "90", "100"]),
    ("listen", ["127.0.0.1:8001", "127.0.0.1:8002", "127.0.0.1:8003"]),
    ("log", ["debug", "warn", "error"]),
    ("log_format", ["text", "json", "auto"]),
    ("max_keys_per_user", ["1", "2", "3"]),
    ("max_organizations_per_user", ["4", "5", "6"]),
    ("metrics_listen", ["127.0.0.1:9001", "127.0.0.1:9002", "127.0.0.1:9003"]),
    (
        "migrate_database_url",
        ["postgres://four.example.com/l", "postgres://five.example.com/l", "postgres://six.example.com/l"],
    ),
    ("migrate_database_url_file", ["one.url", "two.url", "three.url"]),
    ("organization_creation", ["operators", "everyone", "operators"]),
    ("otlp_endpoint", ["http://one.example.com", "http://two.example.com", "http://three.example.com"]),
    (
        "otlp_traces_endpoint",
        ["http://one.example.com", "http://two.example.com", "http://three.example.com"],
    ),
    (
        "public_url",
        ["https://one.example.com/loggia", "https://two.example.com", "https://three.example.com"],
    ),
    ("rate_limit_per_minute", ["100", "200", "off"]),
    ("require_if_match", ["yes", "no", "yes"]),
    ("trusted_proxies", ["127.0.0.1,10.0.0.0/8", "192.0.2.1", "::1"]),
];

/// Returns a command in the folder, without the settings that the harness makes.
fn command(home: &Home, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).current_dir(home.path());
    forget_settings(&mut command);
    command
}

fn write(home: &Home, name: &str, text: &str, mode: u32) {
    let path = home.path().join(name);
    std::fs::write(&path, text).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    #[cfg(not(unix))]
    let _ = mode;
}

fn shown(mut command: Command) -> Value {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn setting<'a>(shown: &'a Value, key: &str) -> &'a Value {
    let all = shown["settings"].as_array().unwrap();
    all.iter().find(|setting| setting["key"] == key).unwrap_or_else(|| panic!("{key} in {shown}"))
}

fn complaint(output: &Output, code: i32) -> String {
    let complaint = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{complaint}");
    complaint
}

/// Returns every variable that the sources of the program declare.
fn declared(folder: &Path, variables: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            declared(&path, variables);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            let named = source.split("env = \"").skip(1).filter_map(|rest| rest.split('"').next());
            variables.extend(named.map(str::to_owned));
        }
    }
}

#[test]
fn every_setting_can_be_given_by_file_by_variable_and_by_flag_in_this_order() {
    let home = Home::new();
    for name in ["one", "two", "three"] {
        write(&home, &format!("{name}.url"), &format!("postgres://{name}.example.com/l\n"), 0o600);
    }
    let all = shown(command(&home, &["settings", "--json"]));
    let listed = all["settings"].as_array().unwrap();
    let keys: Vec<&str> = listed.iter().map(|setting| member(setting, "key")).collect();
    assert_eq!(keys, VALUES.iter().map(|(key, _)| *key).collect::<Vec<_>>(), "each one has values here");
    let mut variables = BTreeSet::new();
    declared(&root().join("crates/server/src"), &mut variables);
    for of_one_run in ["LOGGIA_CONFIG", "LOGGIA_COPY_FROM", "LOGGIA_COPY_TO", "LOGGIA_SCRATCH_DATABASE_URL"] {
        assert!(variables.remove(of_one_run), "{of_one_run}");
    }
    assert_eq!(listed.iter().map(|it| member(it, "variable").to_owned()).collect::<BTreeSet<_>>(), variables);
    for setting in listed {
        assert_eq!(setting["source"], json!({"kind": "built-in"}), "{setting}");
        assert!(
            ["default", "range", "meaning"].iter().all(|name| !member(setting, name).is_empty()),
            "{setting}"
        );
    }

    let file: String = VALUES.iter().map(|(key, [value, ..])| format!("{key} = \"{value}\"\n")).collect();
    write(&home, "loggia.toml", &file, 0o600);
    let in_file = shown(command(&home, &["settings", "--json"]));
    let mut with_variables = command(&home, &["settings", "--json"]);
    let mut with_flags = command(&home, &["settings", "--json"]);
    for (key, [_, variable, flag]) in VALUES {
        let name = member(setting(&all, key), "variable");
        with_variables.env(name, variable);
        with_flags.env(name, variable).arg(format!("--{}={flag}", key.replace('_', "-")));
    }
    let (with_variables, with_flags) = (shown(with_variables), shown(with_flags));
    for (line, (key, values)) in VALUES.iter().enumerate() {
        let expected = [
            json!({"kind": "file", "line": line + 1}),
            json!({"kind": "environment"}),
            json!({"kind": "flag"}),
        ];
        for ((shown, value), source) in
            [&in_file, &with_variables, &with_flags].into_iter().zip(values).zip(expected)
        {
            let setting = setting(shown, key);
            let value = match *key {
                // The address is shown, and not the URL itself.
                _ if key.ends_with("database_url") => value.replacen("/l", ":5432/l", 1),
                // A collector's URL may hold a password.
                _ if key.starts_with("otlp_") => "(hidden)".to_owned(),
                _ => (*value).to_owned(),
            };
            assert_eq!((&setting["value"], &setting["source"]), (&json!(value), &source), "{key}");
        }
    }
}

#[test]
fn a_setting_in_the_file_is_used_and_no_default_replaces_it() {
    let home = Home::new();
    let settings = "\
# Comments and other values than texts.
listen = \"127.0.0.1:0\"
database_url = \"sqlite://elsewhere.db\"
log_format = \"text\"
public_url = \"https://example.com/loggia\"
require_if_match = true
trusted_proxies = [\"127.0.0.1\", \"::1\"]
drain_seconds = 0
";
    write(&home, "loggia.toml", settings, 0o644);
    let mut serve = command(&home, &["serve"]);
    serve.stdin(std::process::Stdio::null());
    let mut server = crate::harness::Server::start(serve);
    let printed =
        server.printed_until(|text| text.contains("keys --help") && text.contains("listening")).to_owned();
    // Without a terminal it would be JSON.
    assert!(!printed.lines().any(|line| line.starts_with('{')), "the log is text: {printed}");
    assert!(home.path().join("elsewhere.db").is_file() && !home.path().join("loggia.db").exists());
    let start = printed.find("lga_").unwrap();
    let key: String =
        printed[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let made = server.send("POST", "/api/v1/spaces", Some(&key), Some(r#"{"name":"Harbour"}"#));
    assert_eq!(made.status, 201);
    let location = made.head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    let path = location.strip_prefix("https://example.com/loggia").unwrap_or_else(|| panic!("{location}"));
    let changed = server.send("PATCH", path, Some(&key), Some(r#"{"name":"Pier"}"#));
    assert_eq!(changed.status, 428, "If-Match is required");
}

#[test]
fn all_errors_are_reported_together_with_their_locations_and_nothing_is_started() {
    let home = Home::new();
    let settings = "\
drain_second = 5
keep_alive_seconds = 0
log = { level = \"info\" }
database_url = \"mysql://ada:hunter2@example.com/l\"
max_keys_per_user = 3
max_keys_per_user = 4
require_if_match = \"perhaps\"
public_url = \"https://\"
this is no line of it
";
    write(&home, "loggia.toml", settings, 0o600);
    for arguments in [&["serve", "--check"][..], &["settings", "--check"]] {
        let mut command = command(&home, &[arguments, &["--rate-limit-per-minute=none"]].concat());
        let output = command.env("LOGGIA_LISTEN", "everywhere").output().unwrap();
        let complaint = complaint(&output, 1);
        for expected in [
            "loggia.toml:1: drain_second is not a setting",
            "loggia.toml:2: keep_alive_seconds must be a whole number from 1 to 3600",
            "loggia.toml:3: log must be a text",
            "loggia.toml:4: database_url must begin with sqlite:// or postgres://",
            "loggia.toml:6: not TOML: duplicate key",
            "loggia.toml:7: require_if_match must be yes or no",
            "loggia.toml:9: not TOML: ",
            "loggia.toml:8: public_url must be an http:// or https:// URL",
            "--listen (LOGGIA_LISTEN) must be an IP address and a port",
            "--rate-limit-per-minute (LOGGIA_RATE_LIMIT_PER_MINUTE) must be a whole number",
        ] {
            assert!(complaint.contains(expected), "{expected} is not in {complaint}");
        }
        assert!(!complaint.contains("hunter2"), "{complaint}");
        assert!(output.stdout.is_empty());
    }
    // Without --check they are usage errors, as wrong flags are.
    let output = command(&home, &["serve"]).output().unwrap();
    assert!(complaint(&output, 2).contains("loggia.toml:2: "));
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1, "there is the settings file alone");
}

#[test]
fn settings_without_an_error_are_checked_and_nothing_is_started() {
    let home = Home::new();
    for arguments in [&["serve", "--check"][..], &["settings", "--check"]] {
        let output = command(&home, arguments).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "the settings have no errors\n");
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_missing_file_is_an_error_if_it_is_named() {
    let home = Home::new();
    let named = command(&home, &["settings", "--check", "--config", "missing.toml"]).output().unwrap();
    assert!(complaint(&named, 1).contains("missing.toml cannot be read"));
    let mut by_variable = command(&home, &["routes"]);
    let by_variable = by_variable.env("LOGGIA_CONFIG", "missing.toml").output().unwrap();
    assert!(complaint(&by_variable, 2).contains("missing.toml cannot be read"));

    write(&home, "named.toml", "log = \"debug\"", 0o600);
    write(&home, "loggia.toml", "log = \"error\"", 0o600);
    let shown = shown(command(&home, &["settings", "--json", "--config", "named.toml"]));
    assert_eq!((&shown["file"], &setting(&shown, "log")["value"]), (&json!("named.toml"), &json!("debug")));
}

#[cfg(unix)]
#[test]
fn a_file_with_a_password_that_others_can_read_is_refused() {
    let home = Home::new();
    let with_password = "database_url = \"postgres://ada:hunter2@example.com/l\"\n";
    let check = || command(&home, &["settings", "--check"]).output().unwrap();
    for mode in [0o644, 0o604] {
        write(&home, "loggia.toml", with_password, mode);
        let complaint = complaint(&check(), 1);
        assert!(complaint.contains("contains a password and can be read by other users"), "{complaint}");
        assert!(!complaint.contains("hunter2"), "{complaint}");
    }
    write(&home, "loggia.toml", with_password, 0o600);
    assert!(check().status.success());
    write(&home, "loggia.toml", "database_url = \"postgres://ada@example.com/l\"\n", 0o644);
    assert!(check().status.success(), "without a password anybody may read it");
    write(&home, "loggia.toml", "log = \"info\"\n", 0o666);
    assert!(complaint(&check(), 1).contains("can be written by every user"));
}

#[test]
fn passwords_are_not_shown() {
    let home = Home::new();
    write(&home, "loggia.toml", "migrate_database_url = \"postgres://owner:hunter2@example.com/l\"\n", 0o600);
    for arguments in [&["settings"][..], &["settings", "--json"]] {
        let mut command = command(&home, arguments);
        command.env("LOGGIA_DATABASE_URL", "postgres://byron:hunter3@example.com/l?password=hunter4");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let shown = text(&output.stdout);
        assert!(shown.contains("postgres://example.com:5432/l"), "{shown}");
        assert!(!shown.contains("hunter") && !shown.contains("byron"), "{shown}");
    }
    let mut command = command(&home, &["settings"]);
    let output = command.env("LOGGIA_DATABASE_URL", "mysql://ada:hunter5@example.com/l").output().unwrap();
    assert!(
        complaint(&output, 1).contains("LOGGIA_DATABASE_URL") && !complaint(&output, 1).contains("hunter")
    );
    assert!(text(&output.stdout).contains("(hidden)") && !text(&output.stdout).contains("hunter"));
}

#[test]
fn a_file_supplies_the_database_url_and_keeps_it_out_of_messages() {
    let home = Home::new();
    write(&home, "secret", "sqlite://hidden.db\n", 0o600);
    let bootstrap = [
        "bootstrap",
        "--organization=Harbour",
        "--email=ada@example.com",
        "--first-name=Ada",
        "--last-name=Byron",
    ];
    let made = command(&home, &bootstrap).env("LOGGIA_DATABASE_URL_FILE", "secret").output().unwrap();
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(home.path().join("hidden.db").is_file() && !home.path().join("loggia.db").exists());

    let by_flag = command(&home, &["migrate", "--database-url=sqlite://plain.db"])
        .env("LOGGIA_DATABASE_URL_FILE", "secret")
        .output();
    assert!(
        by_flag.unwrap().status.success() && home.path().join("plain.db").is_file(),
        "a flag is before a variable"
    );
    let mut both = command(&home, &["migrate", "--json"]);
    both.env("LOGGIA_DATABASE_URL", "sqlite://other.db").env("LOGGIA_DATABASE_URL_FILE", "secret");
    assert!(
        both.output().unwrap().status.success() && !home.path().join("other.db").exists(),
        "the file is taken"
    );

    write(&home, "secret", "mysql://ada:hunter2@example.com/l\n", 0o600);
    let refused = command(&home, &["settings", "--check", "--database-url-file=secret"]).output().unwrap();
    let complaint = complaint(&refused, 1);
    assert!(
        complaint.contains("names a file whose URL must begin with") && !complaint.contains("hunter2"),
        "{complaint}"
    );
}
