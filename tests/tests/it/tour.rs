//! Runs `examples/tour.sh` against the built binary, so that the documentation stays correct.

use std::process::{Command, Output};

use crate::harness::{Home, Server, binary, forget_settings, on_every_engine, root, text};

on_every_engine!(
    the_tour_passes_on_a_fresh_store,
    the_tour_passes_on_a_store_that_the_demo_filled,
    the_tour_ends_at_once_if_the_database_is_not_that_of_the_server,
);

/// The minimum number of checks of the tour: a tour that skips a part must not pass.
const CHECKS: u32 = 2_000;

fn tour(home: &Home, server: &Server, database_url: &str) -> Output {
    let mut shell = Command::new("bash");
    forget_settings(&mut shell);
    shell
        .arg(root().join("examples/tour.sh"))
        .env("LOGGIA_URL", format!("http://{}", server.address()))
        .env("LOGGIA_BIN", binary())
        .env("LOGGIA_DATABASE_URL", database_url)
        .current_dir(home.path())
        .output()
        .unwrap()
}

fn passes(home: &Home) {
    let output = tour(home, &home.serve(), &home.database_url());
    let (said, complained) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    let passed = said.lines().last().and_then(|line| line.strip_suffix(" checks passed"));
    let passed: u32 = passed.unwrap_or_else(|| panic!("{said}")).parse().unwrap();
    assert!(passed >= CHECKS, "only {passed} checks");
}

fn the_tour_passes_on_a_fresh_store(home: Home) {
    passes(&home);
}

fn the_tour_passes_on_a_store_that_the_demo_filled(home: Home) {
    let made = home.json(&["demo", "--json"]);
    assert_eq!(made["tasks"], 20_000, "the default figures");
    passes(&home);
}

fn the_tour_ends_at_once_if_the_database_is_not_that_of_the_server(home: Home) {
    let another = Home::on(home.engine());
    let output = tour(&home, &home.serve(), &another.database_url());
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("set LOGGIA_DATABASE_URL"), "{}", text(&output.stderr));
}
