//! The published table: `docs/isolation.md`.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::Observed;
use super::callers::Caller;

const INTRODUCTION: &str = include_str!("introduction.md");

/// The chapters, by the prefixes of their paths; the first match counts.
const CHAPTERS: &[(&str, &str)] = &[
    ("/api/v1/me", "Current user"),
    ("/api/v1/api-keys", "API keys of the current user"),
    ("/api/v1/organizations/{id}/invitations", "Invitations"),
    ("/api/v1/invitations", "Invitations"),
    ("/api/v1/organizations", "Organizations and their members"),
    ("/api/v1/spaces", "Spaces"),
    ("/v2/tasks", "Tasks"),
    ("/v2/projects/{node_id}/tasks", "Tasks"),
    ("/v2/projects", "Projects and their rosters"),
    ("/projects", "Projects and their rosters"),
    ("/", "Health and documents"),
];

fn chapter(path: &str) -> &'static str {
    let found = CHAPTERS.iter().find(|(start, _)| path.starts_with(start));
    found.map_or_else(|| panic!("{path} has no chapter in docs/isolation.md"), |(_, title)| title)
}

/// Renders the whole document.
pub(super) fn render(observed: &Observed) -> String {
    let cells = observed.iter().flat_map(|(_, statuses)| statuses);
    assert!(cells.clone().all(Option::is_some), "no cell is skipped");
    let cells = cells.count();
    assert!(cells >= 2_000, "{cells} cells are not thousands");
    assert_eq!(cells, observed.len() * Caller::ALL.len());
    let mut callers = String::new();
    for (head, meaning) in Caller::ALL.map(Caller::title) {
        let _ = writeln!(callers, "| {head} | {meaning} |");
    }
    let mut text = INTRODUCTION
        .replace("{rows}", &observed.len().to_string())
        .replace("{columns}", &Caller::ALL.len().to_string())
        .replace("{cells}", &cells.to_string())
        .replace("{callers}\n", &callers);
    let mut open = "";
    for (row, statuses) in observed {
        let title = chapter(row.endpoint.path);
        if title != open {
            let _ = write!(text, "\n## {title}\n\n| Endpoint | Record |");
            for (head, _) in Caller::ALL.map(Caller::title) {
                let _ = write!(text, " {head} |");
            }
            let _ = writeln!(text, "\n|---|---|{}", "---|".repeat(Caller::ALL.len()));
            open = title;
        }
        let _ = write!(text, "| `{} {}` | {} |", row.endpoint.method, row.endpoint.path, row.about());
        for status in statuses.iter().flatten() {
            let _ = write!(text, " {status} |");
        }
        text.push('\n');
    }
    text
}

/// Compares the document with the one in the repository, or writes it with `UPDATE_DOCS=1`.
pub(super) fn compare(rendered: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/isolation.md");
    #[expect(
        clippy::disallowed_methods,
        reason = "whether a test writes its document is no setting of the service"
    )]
    let update = std::env::var("UPDATE_DOCS").is_ok_and(|value| value == "1");
    if update {
        fs::write(&path, rendered).expect("docs/isolation.md can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let differing = committed.lines().zip(rendered.lines()).find(|(known, new)| known != new);
    assert!(
        committed == rendered,
        "docs/isolation.md differs from the observed responses, first at {differing:?}; look why, and if it shall be so run \
         `UPDATE_DOCS=1 cargo test -p loggia-tests --test http isolation`"
    );
}
