//! The dashboard, the alerts and the list of metrics: every named metric exists, and every metric is listed.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use super::Measured;
use super::page::Page;
use super::promtool::promtool;
use crate::harness::{Home, root};

fn operations(name: &str) -> PathBuf {
    root().join("docs/operations").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(operations(name)).unwrap()
}

/// Returns the page of a server on SQLite, which has every metric. A store on a server has no files and no commit groups.
fn page() -> Page {
    let home = Home::new();
    let measured = Measured::start(&home);
    measured.create_spaces(1);
    measured.page()
}

/// The beginnings of the names of our metrics.
const BEGINNINGS: [&str; 4] = ["http_server_", "loggia_", "process_", "db_client_"];

/// Returns the metrics that a text names: words that begin like ours, outside of `{…}`, `by (…)` and `on (…)`, where labels are.
fn named(text: &str) -> BTreeSet<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = String::new();
    let (mut in_labels, mut last) = (0_usize, String::new());
    for piece in text.split_inclusive(|c: char| !is_word(c)) {
        let (word, end) = match piece.char_indices().last() {
            Some((at, c)) if !is_word(c) => (&piece[..at], Some(c)),
            _ => (piece, None),
        };
        if in_labels == 0 {
            rest.push_str(word);
            rest.push(' ');
        }
        if !word.is_empty() {
            last = word.to_owned();
        }
        match end {
            Some('{') => in_labels += 1,
            Some('(') if in_labels > 0 || ["by", "on", "without", "ignoring"].contains(&last.as_str()) => {
                in_labels += 1
            }
            Some('}' | ')') => in_labels = in_labels.saturating_sub(1),
            Some('(') => last.clear(),
            _ => {}
        }
    }
    let ours = rest.split(' ').filter(|word| BEGINNINGS.iter().any(|beginning| word.starts_with(beginning)));
    ours.map(str::to_owned).collect()
}

/// Returns every query of a dashboard, wherever it is.
fn queries(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if name == "expr" || name == "definition" => found.push(text.clone()),
                    value => queries(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| queries(item, found)),
        _ => {}
    }
}

#[test]
fn the_names_in_a_query_are_found() {
    let query =
        "sum by (loggia_x) (rate(loggia_a_total{loggia_y=\"b\"}[5m])) / on (loggia_z) (process_b + up)";
    assert_eq!(named(query), ["loggia_a_total".to_owned(), "process_b".to_owned()].into());
}

#[test]
fn every_metric_of_the_dashboard_and_of_the_alerts_exists() {
    let exported = page().names();
    let mut of_the_dashboard = Vec::new();
    queries(&serde_json::from_str(&read("grafana-dashboard.json")).unwrap(), &mut of_the_dashboard);
    assert!(of_the_dashboard.len() > 10, "the dashboard has queries");
    let alerts = read("alerts.yml");
    let of_the_alerts = alerts.split("expr:").skip(1).filter_map(|rest| rest.split("labels:").next());
    for query in of_the_dashboard.iter().map(String::as_str).chain(of_the_alerts) {
        let named = named(query);
        assert!(!named.is_empty() || query.contains("up{"), "no metric in {query}");
        let missing: Vec<_> = named.difference(&exported).collect();
        assert!(missing.is_empty(), "{missing:?} in {query}");
    }
}

#[test]
fn every_alert_fires_in_its_test_and_the_rules_are_valid() {
    for arguments in [&["check", "rules", "alerts.yml"][..], &["test", "rules", "alerts.test.yml"]] {
        let (succeeded, said) = promtool(arguments, None);
        assert!(succeeded, "{said}");
    }
    let (alerts, tests) = (read("alerts.yml"), read("alerts.test.yml"));
    let alerts = alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: "));
    let untested: Vec<_> = alerts.filter(|alert| !tests.contains(&format!("alertname: {alert}\n"))).collect();
    assert!(untested.is_empty(), "{untested:?} are not tested");
}

#[test]
fn every_query_of_the_dashboard_is_valid() {
    let mut found = Vec::new();
    queries(&serde_json::from_str(&read("grafana-dashboard.json")).unwrap(), &mut found);
    let rules = found.iter().filter(|query| !query.starts_with("label_values(")).enumerate();
    let rules = rules.map(|(number, query)| {
        let query = query.replace("$__rate_interval", "5m");
        serde_json::json!({"record": format!("dashboard:{number}"), "expr": query})
    });
    let rules: Vec<Value> = rules.collect();
    assert!(rules.len() > 10, "the dashboard has queries");
    // JSON is YAML.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dashboard.yml");
    let groups = serde_json::json!({"groups": [{"name": "dashboard", "rules": rules}]});
    std::fs::write(&file, groups.to_string()).unwrap();
    let (succeeded, said) = promtool(&["check", "rules", file.to_str().unwrap()], None);
    assert!(succeeded, "{said}");
}

const BEGIN: &str =
    "<!-- The table is generated: `UPDATE_DOCS=1 cargo test -p loggia-tests --test it monitoring`. -->\n";
const END: &str = "<!-- End of the table. -->\n";

/// Returns the table of the metrics, as the page describes them.
fn table(page: &Page) -> String {
    let mut table = String::from("\n| metric | type | labels | what it tells |\n|---|---|---|---|\n");
    for (name, metric) in &page.0 {
        let labels = metric.values.iter().flat_map(|(_, labels, _)| labels.keys());
        let labels: BTreeSet<String> =
            labels.filter(|label| *label != "le").map(|label| format!("`{label}`")).collect();
        let labels = labels.into_iter().collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            table,
            "| `{name}` | {} | {labels} | {} |",
            metric.kind,
            metric.help.trim_end_matches('.')
        );
    }
    table + "\n"
}

#[test]
fn every_metric_is_documented_and_every_documented_one_exists() {
    let text = read("monitoring.md");
    let page = page();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (known, after) = rest.split_once(END).unwrap();
    let table = table(&page);
    #[expect(
        clippy::disallowed_methods,
        reason = "whether a test writes its document is no setting of the service"
    )]
    let update = std::env::var("UPDATE_DOCS").is_ok_and(|value| value == "1");
    if update && known != table {
        std::fs::write(operations("monitoring.md"), format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        known, table,
        "docs/operations/monitoring.md: run `UPDATE_DOCS=1 cargo test -p loggia-tests --test it monitoring`"
    );
    let exists = |name: &String| page.names().contains(name) || page.0.contains_key(name);
    let named = named(&format!("{before}{after}"));
    let missing: Vec<_> = named.iter().filter(|name| !exists(name)).collect();
    assert!(missing.is_empty(), "monitoring.md names {missing:?}");
}
