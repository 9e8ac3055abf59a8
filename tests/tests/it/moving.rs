//! Data is moved between stores: an organization as an archive, and a whole instance as a copy, between both engines.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{
    Engine, Home, Response, Server, connect, head, member, on_every_engine, response, text,
};

on_every_engine!(
    an_organization_is_exported_imported_on_the_other_engine_and_back_byte_for_byte_the_same,
    an_imported_organization_is_served_and_its_numbers_and_searches_go_on,
    a_damaged_archive_writes_nothing_and_makes_no_store,
    a_deleted_organization_is_imported_again_beside_its_account_and_a_server,
    an_address_that_another_account_has_is_refused_and_nothing_is_written,
    an_instance_is_copied_to_the_other_engine_and_back_with_the_same_checksums,
    a_copy_that_is_killed_continues_and_is_not_served_before,
    a_store_that_is_served_or_used_is_neither_source_nor_target,
);

const FIGURES: [&str; 8] = ["--people", "8", "--projects", "12", "--tasks", "300", "--spaces", "30"];

/// Fills an organization, and returns the output of the demo.
fn demo(home: &Home, more: &[&str]) -> Value {
    home.json(&[&["demo"], &FIGURES[..], more, &["--json"]].concat())
}

/// Returns the other engine.
fn other(engine: Engine) -> Engine {
    match engine {
        Engine::Sqlite => Engine::Postgres,
        Engine::Postgres => Engine::Sqlite,
    }
}

/// Exports an organization, and returns the archive.
fn export(home: &Home, organization: &str, name: &str) -> (PathBuf, Vec<u8>) {
    let path = home.path().join(name);
    let report = home.json(&["export", "--organization", organization, path.to_str().unwrap(), "--json"]);
    let archive = std::fs::read(&path).unwrap();
    assert_eq!(report["bytes"], json!(archive.len()));
    assert_eq!(report["formatVersion"], json!(1));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    (path, archive)
}

fn import(home: &Home, archive: &std::path::Path) -> Value {
    home.json(&["import", archive.to_str().unwrap(), "--json"])
}

fn copy(home: &Home, from: &Home, to: &Home) -> Output {
    let (from, to) = (from.database_url(), to.database_url());
    home.command(&["copy", "--json"])
        .env("LOGGIA_COPY_FROM", from)
        .env("LOGGIA_COPY_TO", to)
        .output()
        .unwrap()
}

fn copied(from: &Home, to: &Home) -> Value {
    let output = copy(from, from, to);
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Sends a request with an idempotency key.
fn post_once(server: &Server, path: &str, key: Option<&str>, once: &str, body: &str) -> Response {
    let mut stream = connect(server.address()).unwrap();
    let head = head(server.address(), "POST", path, key, Some(body));
    stream.write_all(format!("{head}Idempotency-Key: \"{once}\"\r\n\r\n{body}").as_bytes()).unwrap();
    response(&mut stream, "POST").unwrap()
}

fn an_organization_is_exported_imported_on_the_other_engine_and_back_byte_for_byte_the_same(home: Home) {
    let filled = demo(&home, &[]);
    let id = member(&filled, "organizationId");
    // A task that was changed, an own person erased, and an invitation.
    let invited = home.run(&[
        "invitations",
        "create",
        "--organization",
        id,
        "--email",
        "jean@example.com",
        "--role",
        "member",
    ]);
    assert!(invited.status.success(), "{}", text(&invited.stderr));
    let (path, archive) = export(&home, id, "first.tar.gz");

    let there = Home::on(other(home.engine()));
    let imported = import(&there, &path);
    assert_eq!((&imported["organizationId"], &imported["newAccounts"]), (&json!(id), &json!(1)));
    assert_eq!(imported["rows"]["tasks"], json!(300));
    let (path, again) = export(&there, id, "second.tar.gz");
    assert!(again == archive, "the archives of the two engines are the same bytes");

    let back = Home::on(home.engine());
    import(&back, &path);
    assert!(export(&back, id, "third.tar.gz").1 == archive, "and so is the third");

    // No file is overwritten, and no organization imported twice.
    let output = back.run(&["export", "--organization", id, "third.tar.gz"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("exists already"), "{output:?}");
    let output = back.run(&["import", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains(&format!("the organization {id} exists here already")),
        "{output:?}"
    );
    let left: Vec<_> = std::fs::read_dir(back.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("unfinished")), "{left:?}");
}

fn an_imported_organization_is_served_and_its_numbers_and_searches_go_on(home: Home) {
    let filled = demo(&home, &[]);
    let (id, user) = (member(&filled, "organizationId"), member(&filled, "userId"));
    let (path, _) = export(&home, id, "archive.tar.gz");
    let there = Home::on(other(home.engine()));
    import(&there, &path);
    let key =
        there.json(&["keys", "create", "--user", user, "--organization", id, "--name", "moved", "--json"]);
    let keys = [member(&filled, "apiKey").to_owned(), member(&key, "apiKey").to_owned()];
    let servers = [home.serve(), there.serve()];
    let responses: Vec<_> = servers
        .iter()
        .zip(&keys)
        .map(|(server, key)| {
            let key = Some(key.as_str());
            let got = |path: &str| {
                let response = server.get(path, key);
                assert_eq!(response.status, 200, "{path}");
                response.json()
            };
            let spaces = got(&format!("/api/v1/spaces?organizationId={id}&limit=100"));
            let members = got(&format!("/api/v1/organizations/{id}/members?search=a&limit=100"));
            (spaces["data"].clone(), members["data"].clone())
        })
        .collect();
    assert_eq!(responses[0], responses[1], "both servers show the same");
    assert!(responses[0].0.as_array().is_some_and(|spaces| spaces.len() == 30));
    let stranger = there.bootstrap("grace@example.com");
    let path = format!("/api/v1/organizations/{id}");
    assert_eq!(servers[1].get(&path, Some(member(&stranger, "apiKey"))).status, 404);
    assert_eq!(servers[1].get(&path, Some(&keys[0])).status, 401, "no key has moved");
}

fn a_damaged_archive_writes_nothing_and_makes_no_store(home: Home) {
    let filled = demo(&home, &[]);
    let (path, mut archive) = export(&home, member(&filled, "organizationId"), "archive.tar.gz");
    let middle = archive.len() / 2;
    archive[middle] ^= 1;
    let damaged = path.with_file_name("damaged.tar.gz");
    std::fs::write(&damaged, &archive).unwrap();
    let there = Home::on(other(home.engine()));
    let output = there.run(&["import", damaged.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("damaged.tar.gz was not imported"), "{output:?}");
    let output = there.run(&["organizations", "list"]);
    assert_eq!(output.status.code(), Some(1), "there is no store: {output:?}");
}

fn a_deleted_organization_is_imported_again_beside_its_account_and_a_server(home: Home) {
    let filled = demo(&home, &[]);
    let (id, key) = (member(&filled, "organizationId"), Some(member(&filled, "apiKey")));
    let (path, archive) = export(&home, id, "archive.tar.gz");
    let server = home.serve();
    home.json(&["organizations", "delete", id, "--yes", "--json"]);
    let organization = format!("/api/v1/organizations/{id}");
    assert_eq!(server.get(&organization, key).status, 404);
    let imported = import(&home, &path);
    assert_eq!((&imported["newAccounts"], &imported["knownAccounts"]), (&json!(0), &json!(1)));
    assert_eq!(server.get(&organization, key).status, 200, "the account has stayed, with its key");
    assert!(export(&home, id, "again.tar.gz").1 == archive);
}

fn an_address_that_another_account_has_is_refused_and_nothing_is_written(home: Home) {
    let filled = demo(&home, &[]);
    let (id, email) = (member(&filled, "organizationId"), member(&filled, "email"));
    let (path, _) = export(&home, id, "archive.tar.gz");
    let there = Home::on(other(home.engine()));
    there.bootstrap(email);
    let before = there.json(&["organizations", "list", "--json"]);
    let output = there.run(&["import", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let message = text(&output.stderr);
    assert!(message.contains(&format!("the address {email} belongs to the account")), "{message}");
    assert!(
        message.contains(member(&filled, "userId")) && message.contains("nothing was written"),
        "{message}"
    );
    assert_eq!(there.json(&["organizations", "list", "--json"]), before);
    // Once the other account has another address, nothing is in the way.
    let moved = there.run(&["accounts", "update", "--email", email, "--new-email", "other@example.com"]);
    assert!(moved.status.success(), "{moved:?}");
    assert_eq!(import(&there, &path)["newAccounts"], json!(1));
}

fn an_instance_is_copied_to_the_other_engine_and_back_with_the_same_checksums(home: Home) {
    let filled = demo(&home, &[]);
    let (id, key) = (member(&filled, "organizationId"), Some(member(&filled, "apiKey")));
    // A stored response, a key that descends from another one, and the personal scope of an account.
    {
        let server = home.serve();
        let body = json!({"name": "Stored"}).to_string();
        let response = post_once(&server, "/api/v1/spaces", key, "first", &body);
        assert_eq!(response.status, 201);
        let body = json!({"name": "narrow"}).to_string();
        assert_eq!(post_once(&server, "/api/v1/api-keys", key, "second", &body).status, 201);
    }
    let (there, back) = (Home::on(other(home.engine())), Home::on(home.engine()));
    let first = copied(&home, &there);
    let second = copied(&there, &back);
    assert_eq!(first["tables"], second["tables"]);
    assert!(first["tables"]["tasks"]["rows"] == json!(300) && first["continued"] == json!(false), "{first}");
    for table in ["api_keys", "stored_responses", "events", "list_totals"] {
        assert!(first["tables"][table]["rows"].as_u64().is_some_and(|rows| rows > 0), "{table}: {first}");
    }
    assert!(export(&home, id, "1.tar.gz").1 == export(&back, id, "2.tar.gz").1);
    for copy in [&there, &back] {
        let server = copy.serve();
        assert_eq!(server.get("/api/v1/me", key).status, 200, "the key works on the copy");
        let body = json!({"name": "Stored"}).to_string();
        let replayed = post_once(&server, "/api/v1/spaces", key, "first", &body);
        assert_eq!(replayed.status, 201);
        let all = server.get("/api/v1/spaces?limit=100", key).json();
        let stored = all["data"].as_array().unwrap().iter().filter(|space| space["name"] == json!("Stored"));
        assert_eq!(stored.count(), 1, "the request was not done again");
    }
}

fn a_copy_that_is_killed_continues_and_is_not_served_before(home: Home) {
    demo(&home, &["--seed", "2"]);
    let there = Home::on(other(home.engine()));
    let mut delay = Duration::from_millis(40);
    let mut was_killed = false;
    // The copy takes longer than the first delays, and shorter than the last.
    for _ in 0..40 {
        let mut running = home
            .command(&["copy", "--json"])
            .env("LOGGIA_COPY_FROM", home.database_url())
            .env("LOGGIA_COPY_TO", there.database_url())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let began = Instant::now();
        while began.elapsed() < delay && running.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        if running.try_wait().unwrap().is_some() {
            break;
        }
        running.kill().unwrap();
        running.wait().unwrap();
        let served = there.run(&["organizations", "list"]);
        if text(&served.stderr).contains("unfinished copy") {
            was_killed = true;
            break;
        }
        delay += Duration::from_millis(30);
    }
    assert!(was_killed, "it was killed between its beginning and its end");
    let continued = copied(&home, &there);
    assert_eq!(continued["continued"], json!(true));
    let whole = Home::on(other(home.engine()));
    assert_eq!(continued["tables"], copied(&home, &whole)["tables"]);
    assert!(there.run(&["organizations", "list"]).status.success());
}

fn a_store_that_is_served_or_used_is_neither_source_nor_target(home: Home) {
    demo(&home, &[]);
    let there = Home::on(other(home.engine()));
    {
        let _server = home.serve();
        let output = copy(&home, &home, &there);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(text(&output.stderr).contains("stop"), "{output:?}");
    }
    there.bootstrap("grace@example.com");
    let before = there.json(&["organizations", "list", "--json"]);
    let output = copy(&home, &home, &there);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("has data already"), "{output:?}");
    assert_eq!(there.json(&["organizations", "list", "--json"]), before);
    let output = copy(&home, &home, &home);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}
