//! `loggia service`: the program as a service of systemd, with data and settings where the system keeps such things.

mod install;
mod systemd;
mod unit;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::output;
use crate::settings::Settings;

/// The path of the unit.
const UNIT: &str = "/etc/systemd/system/loggia.service";
/// The path of the settings file.
const SETTINGS: &str = "/etc/loggia/loggia.toml";
/// The folder of the store. systemd creates it when the service starts.
const DATA: &str = "/var/lib/loggia";

/// The commands about the service.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Install this program as a service of systemd, and start it
    ///
    /// Copies the program to /usr/local/bin unless it is below /usr or /opt, writes /etc/systemd/system/loggia.service, and
    /// /etc/loggia/loggia.toml if there is none; enables and restarts the service. The data is in /var/lib/loggia, and a user of the
    /// service's own is made by systemd. To upgrade, run the command of the new version.
    #[command(after_long_help = "\
Examples:
  sudo loggia service install
  loggia service install --print
  sudo loggia service install --root /mnt/image")]
    Install(InstallArgs),

    /// Print whether the service is installed, enabled and running
    ///
    /// The exit code is 1 unless it is running.
    Status(StatusArgs),

    /// Stop the service and remove its unit
    ///
    /// The data, the settings and the program are kept.
    Uninstall(UninstallArgs),
}

/// The arguments of `loggia service install`.
#[derive(Args, Clone, Debug)]
pub(crate) struct InstallArgs {
    /// Print the unit, and do nothing
    #[arg(long, conflicts_with = "root")]
    print: bool,
    /// Install into the tree of another system, such as an image: nothing is started
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
    /// Enable the service, and do not start it
    #[arg(long)]
    no_start: bool,
}

/// The arguments of `loggia service status`.
#[derive(Args, Clone, Debug)]
pub(crate) struct StatusArgs {
    /// Print {"installed","enabled","active","state","process","restarts"} instead of text
    #[arg(long)]
    json: bool,
}

/// The arguments of `loggia service uninstall`.
#[derive(Args, Clone, Debug)]
pub(crate) struct UninstallArgs {
    /// Remove the service from the tree of another system, such as an image
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
}

impl ServiceCommand {
    /// Runs the command.
    pub(crate) fn run(&self, settings: &Settings) -> anyhow::Result<()> {
        match self {
            Self::Install(args) => install::run(args, settings),
            Self::Status(args) => status(args),
            Self::Uninstall(args) => uninstall(args),
        }
    }
}

/// Returns where a path of the system is below a root.
fn below(root: Option<&Path>, path: &str) -> PathBuf {
    root.map_or_else(|| PathBuf::from(path), |root| root.join(path.trim_start_matches('/')))
}

#[derive(Serialize)]
struct StatusAnswer {
    installed: bool,
    enabled: bool,
    active: bool,
    state: String,
    process: Option<u32>,
    restarts: Option<u32>,
}

fn status(args: &StatusArgs) -> anyhow::Result<()> {
    systemd::require_running()?;
    let properties = systemd::properties(&[
        "LoadState",
        "UnitFileState",
        "ActiveState",
        "SubState",
        "MainPID",
        "NRestarts",
    ])?;
    let answer = StatusAnswer::new(|name| properties.get(name).map_or("", String::as_str));
    if args.json {
        output::json(&answer)?;
    } else {
        output::result(answer.in_words())?;
    }
    if answer.active {
        Ok(())
    } else {
        anyhow::bail!("the service is not running; `journalctl -u loggia` has its log")
    }
}

impl StatusAnswer {
    fn new<'a>(property: impl Fn(&str) -> &'a str) -> Self {
        Self {
            installed: property("LoadState") == "loaded",
            enabled: property("UnitFileState") == "enabled",
            active: property("ActiveState") == "active",
            state: format!("{} ({})", property("ActiveState"), property("SubState")),
            process: property("MainPID").parse().ok().filter(|process| *process != 0),
            restarts: property("NRestarts").parse().ok(),
        }
    }

    fn in_words(&self) -> String {
        let whether = |it| if it { "yes" } else { "no" };
        let number = |it: Option<u32>| it.map_or_else(|| "none".to_owned(), |it| it.to_string());
        format!(
            "installed  {}\nenabled    {}\nstate      {}\nprocess    {}\nrestarts   {}",
            whether(self.installed),
            whether(self.enabled),
            self.state,
            number(self.process),
            number(self.restarts)
        )
    }
}

fn uninstall(args: &UninstallArgs) -> anyhow::Result<()> {
    let root = args.root.as_deref();
    if root.is_none() {
        systemd::require_running()?;
        systemd::require_root("loggia service uninstall")?;
    }
    let unit = below(root, UNIT);
    if !unit.exists() {
        anyhow::bail!("there is no unit at {}: the service is not installed", unit.display());
    }
    systemd::disable(root)?;
    install::remove(&unit)?;
    if root.is_none() {
        systemd::reload()?;
    }
    output::result(format_args!(
        "The service was removed. The data is still in {}, and the settings in {}.",
        below(root, DATA).display(),
        below(root, SETTINGS).display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_from_the_properties_of_the_unit() {
        let running = |name: &str| match name {
            "LoadState" => "loaded",
            "UnitFileState" => "enabled",
            "ActiveState" => "active",
            "SubState" => "running",
            "MainPID" => "17",
            _ => "2",
        };
        let status = StatusAnswer::new(running);
        assert!(status.installed && status.enabled && status.active);
        assert_eq!(
            (status.state.as_str(), status.process, status.restarts),
            ("active (running)", Some(17), Some(2))
        );
        let missing = |name: &str| if name == "MainPID" { "0" } else { "not-found" };
        let status = StatusAnswer::new(missing);
        assert!(!status.installed && !status.enabled && !status.active && status.process.is_none());
        assert!(status.in_words().contains("process    none"));
    }
}
