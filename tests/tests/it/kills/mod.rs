//! The process is killed with SIGKILL while one operation changes many records: all of the changes are stored afterwards, or none (promise
//! B5, with a real process).
//!
//! - **On Postgres** between any two statements: a proxy counts the statements and holds back the response to the nth of them once it has
//!   been executed; then the process is killed. The test runs for every n, from the statement of the key to that of the commit.
//! - **On SQLite**, whose statements cannot be intercepted, as soon as the log reports the nth statement.
//!
//! The stored records are counted afterwards on a new connection, while the next process begins to serve.

mod turnstile;
mod work;

use std::sync::mpsc::channel;
use std::thread;

use crate::harness::{
    Engine, Home, Picture, Response, Server, TIMEOUT, await_the_end_of_its_sessions, note_all_uses,
    on_every_engine, request,
};

use turnstile::Turnstile;
use work::{Order, Organization, Work};

on_every_engine!(
    a_deactivation_is_whole_or_not_at_all,
    a_bulk_add_is_whole_or_not_at_all,
    a_rotation_is_whole_or_not_at_all,
);

fn a_deactivation_is_whole_or_not_at_all(home: Home) {
    is_whole_or_not_at_all(&home, Work::Deactivation);
}

fn a_bulk_add_is_whole_or_not_at_all(home: Home) {
    is_whole_or_not_at_all(&home, Work::BulkAdd);
}

fn a_rotation_is_whole_or_not_at_all(home: Home) {
    is_whole_or_not_at_all(&home, Work::Rotation);
}

/// More statements than any of these operations has.
const MOST: usize = 200;

/// The outcome that was found after the process was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Whole,
}

fn is_whole_or_not_at_all(home: &Home, work: Work) {
    let made = home.bootstrap("ada@example.com");
    let organization = Organization::new(&home.serve(), &made);
    note_all_uses(home);
    let finds = match home.engine() {
        Engine::Postgres => after_each_statement(home, &organization, work),
        Engine::Sqlite => after_each_line(home, &organization, work),
    };
    assert!(finds.contains(&Found::Nothing), "it was never killed in time: nothing was tried");
}

/// Returns the outcome, which must be all of the changes or none.
fn found(home: &Home, work: Work, before: &Picture, when: &str) -> Found {
    let difference = Picture::take(home).since(before);
    if difference.is_empty() {
        return Found::Nothing;
    }
    assert_eq!(difference, work.difference(), "{work:?}, {when}");
    Found::Whole
}

/// Sends a request from a thread of its own, and passes on the response if there is one.
fn send(
    server: &Server,
    organization: &Organization,
    order: Order,
    receive: impl FnOnce(Option<Response>) + Send + 'static,
) {
    let (address, key) = (server.address().to_owned(), organization.key.clone());
    thread::spawn(move || {
        let Order { method, path, body } = order;
        receive(request(&address, method, &path, Some(&key), body.as_deref()).ok());
    });
}

#[derive(Debug)]
enum Event {
    /// A statement was executed, and its response held back.
    Executed(String),
    /// The request got a response, or its connection broke.
    Responded(Option<Response>),
}

fn after_each_statement(home: &Home, organization: &Organization, work: Work) -> Vec<Found> {
    let turnstile = Turnstile::before(&home.database_url());
    let (mut finds, mut statements) = (Vec::new(), Vec::new());
    for attempt in 0..MOST {
        turnstile.let_all_pass();
        let mut server = home.serve_with(|command| command.env("LOGGIA_DATABASE_URL", turnstile.url()));
        let order = work.prepare(&server, organization, attempt);
        let before = Picture::take(home);
        let (sender, events) = channel();
        turnstile.let_pass(finds.len() + 1, sender.clone(), Event::Executed);
        send(&server, organization, order, move |response| drop(sender.send(Event::Responded(response))));
        match events.recv_timeout(TIMEOUT).unwrap() {
            Event::Executed(statement) => {
                server.kill();
                drop(server);
                await_the_end_of_its_sessions(home);
                finds.push(found(home, work, &before, &format!("killed after {statement}")));
                statements.push(statement);
            }
            // Too slow for the program's own time limits: try again.
            Event::Responded(Some(Response { status: 503, .. })) => {}
            Event::Responded(response) => {
                let response = response.unwrap();
                assert!((200..300).contains(&response.status), "{response:?}");
                assert_eq!(found(home, work, &before, "undisturbed"), Found::Whole);
                break;
            }
        }
    }
    // The changes are visible as soon as the commit was executed, and not before.
    let commit = statements.iter().position(|statement| statement.ends_with("COMMIT")).unwrap();
    assert!(commit > 5, "{statements:?}");
    let expected = (0..finds.len()).map(|index| if index < commit { Found::Nothing } else { Found::Whole });
    assert_eq!(finds, expected.collect::<Vec<_>>(), "{statements:?}");
    finds
}

/// The log line that marks the end of the preparation: the one request of this kind.
const MARK: &str = "\"route\":\"/api/v1/me\"";

/// Returns the number of statements in the log since the mark, and whether the request after the mark has ended.
fn logged_since_the_mark(log: &str) -> (usize, bool) {
    let since =
        log.split_once(MARK).and_then(|(_, since)| since.split_once('\n')).map_or("", |(_, lines)| lines);
    (since.matches("\"sqlx::query\"").count(), since.contains("\"loggia::request\""))
}

fn after_each_line(home: &Home, organization: &Organization, work: Work) -> Vec<Found> {
    let begin = |number| {
        let log = "info,sqlx::query=debug";
        let settings = [("LOGGIA_LOG", log), ("LOGGIA_LOG_FORMAT", "json")];
        let mut server = home.serve_with(|command| command.envs(settings));
        let order = work.prepare(&server, organization, number);
        assert_eq!(server.get("/api/v1/me", Some(&organization.key)).status, 200);
        server.printed_until(|log| log.contains(MARK));
        (server, order, Picture::take(home))
    };
    let (mut server, order, before) = begin(0);
    send(&server, organization, order, |response| assert!(response.is_some()));
    let log = server.printed_until(|log| logged_since_the_mark(log).1);
    let (statements, _) = logged_since_the_mark(log);
    assert!(statements > 3, "{log}");
    assert_eq!(found(home, work, &before, "undisturbed"), Found::Whole);
    drop(server);
    let mut finds = Vec::new();
    for number in 1..=statements {
        let (mut server, order, before) = begin(number);
        send(&server, organization, order, drop);
        server.printed_until(|log| logged_since_the_mark(log).0 >= number);
        server.kill();
        drop(server);
        finds.push(found(home, work, &before, &format!("killed after statement {number}")));
    }
    finds
}
