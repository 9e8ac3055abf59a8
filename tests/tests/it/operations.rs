//! The pages of `docs/operations`: generated parts are up to date, and the commands and files that they show work.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::harness::{Home, Server, binary, forget_settings, member, root, text};

fn pages() -> PathBuf {
    root().join("docs/operations")
}

fn page(name: &str) -> String {
    std::fs::read_to_string(pages().join(name)).unwrap()
}

/// Returns the code blocks in that language, without the indentation that they have in a list.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let (mut blocks, mut open): (Vec<String>, Option<(bool, usize)>) = (Vec::new(), None);
    for line in text.lines() {
        let fence = line.trim_start().strip_prefix("```");
        match (fence, open) {
            (Some(found), None) => {
                open = Some((found == language, line.len() - line.trim_start().len()));
                if found == language {
                    blocks.push(String::new());
                }
            }
            (Some(_), Some(_)) => open = None,
            (None, Some((true, indentation))) => {
                let block = blocks.last_mut().unwrap();
                let _ = writeln!(block, "{}", line.get(indentation..).unwrap_or_default());
            }
            _ => {}
        }
    }
    blocks
}

const BEGIN: &str = "<!-- The table is generated from the program: `UPDATE_DOCS=1 cargo test -p loggia-tests --test it operations`. -->\n";
const END: &str = "<!-- End of the table. -->\n";

/// Returns the table of all settings, from the output of the program.
fn table() -> String {
    let shown = Home::new().json(&["settings", "--json"]);
    let mut text =
        String::from("\n| key | flag | variable | default | range | meaning |\n|---|---|---|---|---|---|\n");
    for setting in shown["settings"].as_array().unwrap() {
        let cell = |name: &str| member(setting, name).replace('|', "\\|");
        let _ = writeln!(
            text,
            "| `{}` | `{}` | `{}` | {} | {} | {} |",
            cell("key"),
            cell("flag"),
            cell("variable"),
            cell("default"),
            cell("range"),
            cell("meaning")
        );
    }
    text + "\n"
}

#[test]
fn the_documented_settings_are_those_of_the_program() {
    let text = page("settings.md");
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (known, after) = rest.split_once(END).unwrap();
    let table = table();
    #[expect(
        clippy::disallowed_methods,
        reason = "whether a test writes its document is no setting of the service"
    )]
    let update = std::env::var("UPDATE_DOCS").is_ok_and(|value| value == "1");
    if update && known != table {
        std::fs::write(pages().join("settings.md"), format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        known, table,
        "docs/operations/settings.md: run `UPDATE_DOCS=1 cargo test -p loggia-tests --test it operations`"
    );
}

#[test]
fn the_settings_file_of_the_page_is_valid() {
    let files = blocks(&page("settings.md"), "toml");
    assert_eq!(files.len(), 1);
    let home = Home::new();
    std::fs::write(home.path().join("loggia.toml"), &files[0]).unwrap();
    let mut command = home.command(&["settings", "--json"]);
    let output = command.env_remove("LOGGIA_DRAIN_SECONDS").output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    let settings = shown["settings"].as_array().unwrap();
    let set = settings.iter().filter(|setting| setting["source"]["kind"] == "file").count();
    assert_eq!(set, files[0].matches(" = ").count());
}

#[test]
fn the_page_about_the_doctor_lists_every_check() {
    let sources = [
        "crates/server/src/commands/doctor/mod.rs",
        "crates/server/src/commands/doctor/machine.rs",
        "crates/server/src/commands/doctor/contradictions.rs",
        "crates/sqlite/src/examine.rs",
        "crates/postgres/src/examine.rs",
        "crates/postgres/src/examine/roles.rs",
        "crates/postgres/src/examine/schema.rs",
    ];
    let mut checks = BTreeSet::new();
    for source in sources {
        let text = std::fs::read_to_string(root().join(source)).unwrap();
        let named = text.split(".begin(\"").skip(1).filter_map(|rest| rest.split('"').next());
        checks.extend(named.map(str::to_owned));
    }
    let text = page("doctor.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(rows.map(str::to_owned).collect::<BTreeSet<_>>(), checks);
}

/// A command of the program, as a page shows it.
#[derive(Debug)]
struct Shown {
    page: String,
    words: Vec<String>,
}

/// Returns the commands of the program in the code blocks of a page.
fn commands(page: &str, text: &str) -> Vec<Shown> {
    let mut commands = Vec::new();
    let blocks = blocks(text, "sh").into_iter().chain(blocks(text, "console"));
    for line in blocks.flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>()) {
        for part in line.split(" #").next().unwrap().split(" | ").flat_map(|part| part.split(" && ")) {
            let words = part.split_whitespace().filter(|word| *word != "$" && *word != "sudo");
            let mut words = words.skip_while(|word| word.contains('=') && !word.starts_with('-'));
            if words.next().is_some_and(|program| program == "loggia" || program.ends_with("/bin/loggia")) {
                commands.push(Shown { page: page.to_owned(), words: words.map(str::to_owned).collect() });
            }
        }
    }
    commands
}

/// Returns the help of the command that the first words name.
fn help(words: &[String]) -> String {
    let names = words.iter().take_while(|word| !word.starts_with('-')).count();
    let home = Home::new();
    for length in (0..=names.min(2)).rev() {
        let named: Vec<&str> = words[..length].iter().map(String::as_str).chain(["--help"]).collect();
        let output = home.run(&named);
        if output.status.success() {
            assert!(length > 0 || names == 0, "there is no command {words:?}");
            return text(&output.stdout);
        }
    }
    panic!("there is no help for {words:?}");
}

#[test]
fn the_commands_of_the_pages_exist_with_their_options() {
    let mut shown = commands("README.md", &std::fs::read_to_string(root().join("README.md")).unwrap());
    for entry in std::fs::read_dir(pages()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            shown.extend(commands(&name, &std::fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(shown.len() >= 15, "only {} commands are found", shown.len());
    for Shown { page, words } in shown {
        let help = help(&words);
        for option in words.iter().filter(|word| word.starts_with("--")) {
            let name = option.split('=').next().unwrap();
            assert!(help.contains(name), "{page}: {words:?} has no option {name}");
        }
    }
}

/// Returns the part of a page below a heading.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    rest.split("\n## ").next().unwrap()
}

#[test]
fn the_installation_on_one_machine_works_as_documented() {
    let text_of_page = page("README.md");
    let all = blocks(section(&text_of_page, "One machine"), "sh");
    let (install, rest) = all.split_first().unwrap();
    assert!(install.contains("loggia service install") && rest.len() == 2, "{all:?}");

    let home = Home::new();
    let system = home.path().join("system");
    let installed = home.command(&["service", "install", "--root"]).arg(&system).output().unwrap();
    assert!(installed.status.success(), "{}", text(&installed.stderr));
    // The settings of the installation, with a folder and a port of this test, and the settings that the page asks for.
    let file = system.join("etc/loggia/loggia.toml");
    let settings = std::fs::read_to_string(&file).unwrap();
    let settings = settings
        .replace("sqlite:///var/lib/loggia", &format!("sqlite://{}", home.path().display()))
        .replace("127.0.0.1:8080", "127.0.0.1:0")
        .replace("# public_url", "public_url")
        .replace("# trusted_proxies", "trusted_proxies");
    std::fs::write(&file, settings).unwrap();
    let config = file.display().to_string();
    let mut serve = Command::new(binary());
    forget_settings(&mut serve);
    serve.args(["serve", "--config", &config]).env("LOGGIA_DRAIN_SECONDS", "0").current_dir(home.path());
    let server = Server::start(serve);

    let listed = home.json(&["organizations", "list", "--config", &config, "--json"]);
    let organization = member(&listed["organizations"][0], "organizationId").to_owned();
    let functions = "set -euo pipefail
        sudo() { \"$@\"; }
        systemctl() { test \"$*\" = 'restart loggia'; }
        loggia() { \"$PROGRAM\" \"$@\"; }\n";
    let lines = rest
        .concat()
        .replace("/etc/loggia/loggia.toml", &config)
        .replace(" ID ", &format!(" {organization} "));
    let mut shell = Command::new("bash");
    forget_settings(&mut shell);
    shell.args(["-c", &format!("{functions}{lines}")]).env("PROGRAM", binary()).current_dir(home.path());
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    let printed = text(&output.stdout);
    assert!(
        printed.contains("the settings have no errors") && printed.contains("Nothing was found."),
        "{printed}"
    );
    drop(server);
}

#[test]
fn the_version_names_the_commit_that_was_built() {
    let version = text(&Home::new().run(&["--version"]).stdout);
    let version = version.trim_end().strip_prefix("loggia ").unwrap_or_else(|| panic!("{version}"));
    let git = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(root()).output();
    // An archive of the sources has no repository, and then the version stands alone.
    let commit =
        git.ok().filter(|git| git.status.success() && is_own_repository()).map(|git| text(&git.stdout));
    let expected = match commit {
        Some(commit) => format!("{} ({})", env!("CARGO_PKG_VERSION"), &commit[..12]),
        None => env!("CARGO_PKG_VERSION").to_owned(),
    };
    assert_eq!(version, expected);
}

fn is_own_repository() -> bool {
    let git =
        Command::new("git").args(["rev-parse", "--show-toplevel"]).current_dir(root()).output().unwrap();
    Path::new(text(&git.stdout).trim_end()).canonicalize().ok() == root().canonicalize().ok()
}
