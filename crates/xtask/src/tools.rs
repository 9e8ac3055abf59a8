//! The programs that tests need beside Rust's toolchain, and their installation: curl and jq for the tour (a shell script), valgrind, which
//! counts instructions, a browser with its WebDriver, the proxies of `docs/operations/proxies`, systemd's check of units, promtool, which
//! checks metrics and alerts, and faketime, which steps a process's clock.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The programs, each with the argument that it answers and its Debian package. The package of the driver depends on the browser of the
/// same version.
const NEEDED: [(&str, &str, &str); 10] = [
    ("curl", "--version", "curl"),
    ("jq", "--version", "jq"),
    ("valgrind", "--version", "valgrind"),
    ("chromium", "--version", "chromium"),
    ("chromedriver", "--version", "chromium-driver"),
    ("nginx", "-v", "nginx-light"),
    ("haproxy", "-v", "haproxy"),
    ("systemd-analyze", "--version", "systemd"),
    ("promtool", "--version", "prometheus"),
    ("faketime", "--version", "faketime"),
];

/// Installs missing programs if that needs no confirmation. Otherwise fails with the command that installs them.
pub(crate) fn ensure() -> Result<()> {
    // Other systems have no units to check, and load libraries in other ways.
    let is_needed =
        |program: &str| cfg!(target_os = "linux") || !["systemd-analyze", "faketime"].contains(&program);
    let missing = NEEDED
        .into_iter()
        .filter(|(program, argument, _)| is_needed(program) && !is_there(program, argument));
    let (programs, packages): (Vec<&str>, Vec<&str>) =
        missing.map(|(program, _, package)| (program, package)).unzip();
    if programs.is_empty() {
        return Ok(());
    }
    if !can_install() {
        // Most other systems name their packages after the programs.
        let names = if answers("apt-get", "--version") { &packages } else { &programs };
        let advice = advice(&names.join(" "), |manager| answers(manager, "--version"));
        bail!("the tests need {}: {advice}", programs.join(" "));
    }
    install(&packages, "the tests need them")
}

/// Ensures that Python can create virtual environments, for which Debian has a separate package.
pub(crate) fn ensure_python() -> Result<()> {
    let answers_python = |code: &str| {
        let quiet =
            Command::new("python3").args(["-c", code]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        quiet.is_ok_and(|status| status.success())
    };
    if answers_python("import venv, ensurepip, sys; sys.exit(sys.version_info < (3, 11))") {
        return Ok(());
    }
    const WHY: &str = "conformance needs Python 3.11 or later with its module venv";
    if !can_install() {
        bail!(
            "{WHY}: {}",
            advice("python3-venv", |manager| manager == "apt-get" && answers(manager, "--version"))
        );
    }
    install(&["python3", "python3-venv"], WHY)
}

/// Ensures that wrk is installed. (`wrk -v` exits with a failure, so only the start is checked.)
pub(crate) fn ensure_wrk() -> Result<()> {
    if Command::new("wrk").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok() {
        return Ok(());
    }
    if !can_install() {
        bail!("the benchmark needs wrk: {}", advice("wrk", |manager| answers(manager, "--version")));
    }
    install(&["wrk"], "the benchmark makes its load with it")
}

/// Returns `true` if packages can be installed without a confirmation: on Debian and its derivatives, as root.
pub(crate) fn can_install() -> bool {
    answers("apt-get", "--version") && is_root()
}

/// Installs Debian packages, after printing which and why.
pub(crate) fn install(packages: &[&str], why: &str) -> Result<()> {
    say(&format!("installing {}: {why}", packages.join(" ")));
    run("apt-get", &["update", "--quiet"])?;
    run("apt-get", &[&["install", "--quiet", "--yes", "--no-install-recommends"], packages].concat())
}

/// Returns the command that helps on this system.
fn advice(names: &str, is_there: impl Fn(&str) -> bool) -> String {
    let ways = [
        ("apt-get", "sudo apt-get install --yes"),
        ("dnf", "sudo dnf install --assumeyes"),
        ("apk", "sudo apk add"),
        ("brew", "brew install"),
    ];
    match ways.iter().find(|(manager, _)| is_there(manager)) {
        Some((_, command)) => format!("run `{command} {names}`"),
        None => "install them with your system's package manager".to_owned(),
    }
}

/// Returns `true` if the program is installed and exits successfully with this argument.
pub(crate) fn answers(program: &str, argument: &str) -> bool {
    let quiet = Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// Returns `true` if the program is installed, also where only the search path of root leads.
fn is_there(program: &str, argument: &str) -> bool {
    answers(program, argument) || answers(&format!("/usr/sbin/{program}"), argument)
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let status = Command::new(program)
        .args(arguments)
        // Some packages ask questions during installation.
        .env("DEBIAN_FRONTEND", "noninteractive")
        .status()
        .with_context(|| format!("{program} could not be started"))?;
    if status.success() { Ok(()) } else { bail!("`{program} {}` ended with {status}", arguments.join(" ")) }
}

#[expect(clippy::print_stderr, reason = "nothing is installed unannounced")]
fn say(what: &str) {
    eprintln!("{what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_is_one_command_of_the_system_at_hand() {
        assert_eq!(advice("curl jq", |manager| manager == "brew"), "run `brew install curl jq`");
        assert_eq!(advice("jq", |manager| manager == "apt-get"), "run `sudo apt-get install --yes jq`");
        assert!(advice("jq", |_| false).contains("package manager"));
    }
}
