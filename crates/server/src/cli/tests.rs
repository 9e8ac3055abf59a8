//! The command line, with words as a shell gives them.

use super::*;

fn listen(words: &[&str]) -> Option<String> {
    let words = [&["loggia"], words].concat();
    let mut command = Invocation::parse_from(words).ok()?.command;
    command.listen()?.listen.as_ref().ok().map(ToString::to_string)
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn without_a_command_it_serves() {
    assert_eq!(listen(&["--listen", "127.0.0.1:1"]).as_deref(), Some("127.0.0.1:1"));
    assert_eq!(listen(&["serve", "--listen", "127.0.0.1:2"]).as_deref(), Some("127.0.0.1:2"));
    assert_eq!(listen(&["--listen", "127.0.0.1:3", "serve"]).as_deref(), Some("127.0.0.1:3"));
}

#[test]
fn a_health_check_asks_where_a_server_would_listen() {
    assert_eq!(listen(&["healthcheck", "--listen", "127.0.0.1:4"]).as_deref(), Some("127.0.0.1:4"));
    assert_eq!(listen(&["--listen", "127.0.0.1:5", "healthcheck"]).as_deref(), Some("127.0.0.1:5"));
}

#[test]
fn only_a_migration_accepts_another_login() {
    let url = "postgres://o@example.com/l";
    let invocation =
        Invocation::parse_from(["loggia", "migrate", "--migrate-database-url", url]).expect("understood");
    let DatabaseSource::Migrate(Ok(database)) = invocation.command.database_source(&invocation.given) else {
        panic!("the login of the migration is not used");
    };
    assert_eq!(database.to_string(), "example.com:5432/l");
    for words in [
        ["loggia", "serve", "--migrate-database-url", url],
        ["loggia", "--migrate-database-url", url, "migrate"],
    ] {
        assert_eq!(Invocation::parse_from(words).expect_err("not understood").exit_code(), 2, "{words:?}");
    }
}

#[test]
fn an_address_is_never_silently_ignored() {
    for words in [
        ["loggia", "--listen", "127.0.0.1:1", "migrate"].as_slice(),
        &["loggia", "migrate", "--listen", "127.0.0.1:1"],
        &["loggia", "--listen", "127.0.0.1:1", "serve", "--listen", "127.0.0.1:2"],
        &["loggia", "--listen", "127.0.0.1:1", "healthcheck", "--listen", "127.0.0.1:2"],
    ] {
        let error = Invocation::parse_from(words.iter().copied()).expect_err("not understood");
        assert_eq!(error.exit_code(), 2, "{words:?}");
    }
}

#[test]
fn options_are_accepted_before_and_after_the_command() {
    for words in [
        ["loggia", "--database-url", "sqlite://x.db", "migrate"],
        ["loggia", "migrate", "--database-url", "sqlite://x.db"],
    ] {
        let invocation = Invocation::parse_from(words).expect("understood");
        let database = invocation.settings.database_url.expect("a database");
        assert_eq!(database.to_string(), "x.db");
    }
}

#[test]
fn every_command_explains_itself() {
    fn walk(command: &clap::Command) {
        assert!(command.get_about().is_some(), "{}", command.get_name());
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
        }
        command.get_subcommands().for_each(walk);
    }
    walk(&Cli::command());
}
