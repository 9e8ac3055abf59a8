//! A developer's machine: one URL is enough if its login may create tables.

use std::process::{Command, Stdio};

use loggia_testpg::TestDatabase;

use super::scalar;
use crate::harness::{Home, request, text};

fn empty_database() -> TestDatabase {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(loggia_tests::postgres::empty_database())
}

#[test]
fn the_first_start_creates_the_schema_and_opens_no_more_sessions_than_set() {
    let (database, home) = (empty_database(), Home::new());
    let mut server = home.serve_with(|command| {
        command.env("LOGGIA_DATABASE_URL", database.url()).env("LOGGIA_DATABASE_CONNECTIONS", "2")
    });
    let printed = server.printed_until(|text| text.contains("keys --help")).to_owned();
    assert!(!printed.contains(database.url()), "the URL may hold a password: {printed}");
    let store = format!("the Postgres database {}\n", database.name());
    assert!(printed.contains(&store), "{store} is not in {printed}");
    let key = printed.split_whitespace().find(|word| word.starts_with("lga_")).unwrap();
    std::thread::scope(|scope| {
        for name in ["one", "two", "three", "four", "five", "six"] {
            let address = server.address();
            scope.spawn(move || {
                let body = format!(r#"{{"name":"{name}"}}"#);
                // With more simultaneous requests than sessions, some may get 503.
                let written = request(address, "POST", "/api/v1/spaces", Some(key), Some(&body)).unwrap();
                assert!([201, 503].contains(&written.status), "{written:?}");
                let read = request(address, "GET", "/api/v1/spaces", Some(key), None).unwrap();
                assert!([200, 503].contains(&read.status), "{read:?}");
            });
        }
    });
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'loggia'";
    assert_eq!(scalar(database.url(), sessions).as_deref(), Ok("2"), "one reads and one writes");
}

#[test]
fn the_same_demo_can_be_made_several_times_at_once() {
    let (database, home) = (empty_database(), Home::new());
    let demo = || {
        let figures = ["--people", "40", "--projects", "6", "--tasks", "30", "--spaces", "3", "--json"];
        let mut command: Command = home.command(&[&["demo"], &figures[..]].concat());
        command.env("LOGGIA_DATABASE_URL", database.url()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    for demo in [demo(), demo(), demo()] {
        let output = demo.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    assert_eq!(scalar(database.url(), "SELECT count(*) FROM organizations").as_deref(), Ok("3"));
    // The admin is one account, and each organization has 39 people of its own.
    assert_eq!(scalar(database.url(), "SELECT count(*) FROM users").as_deref(), Ok("118"));
    assert_eq!(scalar(database.url(), "SELECT count(*) FROM tasks").as_deref(), Ok("90"));
}
