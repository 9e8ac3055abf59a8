//! `loggia service install`: the program, the settings file and the unit, each written whole or not at all.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use loggia_http::Limits;

use super::{DATA, InstallArgs, SETTINGS, UNIT, below, systemd, unit};
use crate::output;
use crate::settings::Settings;

/// The first settings file.
const FIRST_SETTINGS: &str = include_str!("loggia.toml");
/// The path of the program, if it is not in a folder for programs already.
const PROGRAM: &str = "/usr/local/bin/loggia";

/// Prints the unit, or installs the service.
pub(super) fn run(args: &InstallArgs, settings: &Settings) -> anyhow::Result<()> {
    let root = args.root.as_deref();
    let this = std::env::current_exe().context("the path of this program cannot be found out")?;
    let program = if root.is_none() { installed_path(&this) } else { PathBuf::from(PROGRAM) };
    let unit = unit::text(&program, settings.serving.stop_seconds(Limits::default().server))?;
    if args.print {
        return output::result(unit.trim_end());
    }
    if root.is_none() {
        systemd::require_running()?;
        systemd::require_root("loggia service install")?;
    }
    if program != this {
        let bytes = fs::read(&this).with_context(|| format!("{} cannot be read", this.display()))?;
        write(&below(root, PROGRAM), &bytes, 0o755)?;
    }
    let settings_file = below(root, SETTINGS);
    let is_first = !settings_file.exists();
    if is_first {
        write(&settings_file, FIRST_SETTINGS.as_bytes(), 0o600)?;
    }
    write(&below(root, UNIT), unit.as_bytes(), 0o644)?;
    if root.is_none() {
        systemd::reload()?;
    }
    systemd::enable(root)?;
    let starts = root.is_none() && !args.no_start;
    if starts {
        systemd::restart()?;
    }
    report(root, &program, is_first, starts)
}

fn report(root: Option<&Path>, program: &Path, is_first: bool, started: bool) -> anyhow::Result<()> {
    let what = if started { "was installed, enabled and started" } else { "was installed and enabled" };
    let first = if is_first { "created" } else { "left as it was" };
    output::result(format_args!(
        "\
The service loggia {what}.

  program   {}
  unit      {}
  settings  {} ({first})
  data      {DATA}

`journalctl -u loggia` shows its log, in which the first start prints an API key. `loggia service status` shows whether it runs, and
`sudo loggia doctor --config {SETTINGS}` examines it.",
        program.display(),
        below(root, UNIT).display(),
        below(root, SETTINGS).display(),
    ))
}

/// Returns the path from which the service runs the program: a folder of a user is hidden from it, and may be emptied.
fn installed_path(this: &Path) -> PathBuf {
    if ["/usr", "/opt"].iter().any(|folder| this.starts_with(folder)) {
        this.to_owned()
    } else {
        PathBuf::from(PROGRAM)
    }
}

/// Writes a file and the folders above it. The file has its old content or the new one at any time.
fn write(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be created", folder.display()))?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    // One that an earlier attempt left may have another mode.
    let _ = fs::remove_file(&new);
    create(&new, mode)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&new, path))
        .inspect_err(|_| {
            let _ = fs::remove_file(&new);
        })
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// Creates a file with a mode, whatever the mask of this process is.
#[cfg(unix)]
fn create(path: &Path, mode: u32) -> std::io::Result<fs::File> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

    let file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    Ok(file)
}

/// Creates a file.
#[cfg(not(unix))]
fn create(path: &Path, _mode: u32) -> std::io::Result<fs::File> {
    fs::OpenOptions::new().write(true).create_new(true).open(path)
}

/// Removes a file.
pub(super) fn remove(path: &Path) -> anyhow::Result<()> {
    fs::remove_file(path).with_context(|| format!("{} cannot be removed", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_in_a_folder_of_a_user_is_copied() {
        for (path, expected) in [
            ("/root/.cargo/bin/loggia", PROGRAM),
            ("/home/ada/loggia", PROGRAM),
            ("/usr/bin/loggia", "/usr/bin/loggia"),
            ("/opt/loggia/bin/loggia", "/opt/loggia/bin/loggia"),
        ] {
            assert_eq!(installed_path(Path::new(path)), PathBuf::from(expected), "{path}");
        }
    }

    #[test]
    fn the_first_settings_file_is_one_that_the_program_reads() {
        use crate::settings::file::SettingsFile;

        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("loggia.toml");
        write(&path, FIRST_SETTINGS.as_bytes(), 0o600).expect("a file");
        let file = SettingsFile::find(Some(&path), &crate::cli::catalogue());
        assert_eq!(file.errors(), Vec::<String>::new());
        assert_eq!(
            file.get("database_url").map(|entry| entry.text.as_str()),
            Some("sqlite:///var/lib/loggia/loggia.db")
        );
        // The lines that are to be taken in by removing the sign before them.
        let all = FIRST_SETTINGS
            .replace("# public_url", "public_url")
            .replace("# trusted_proxies", "trusted_proxies");
        write(&path, all.as_bytes(), 0o600).expect("a file");
        let file = SettingsFile::find(Some(&path), &crate::cli::catalogue());
        assert_eq!(file.errors(), Vec::<String>::new());
        assert_eq!(file.get("trusted_proxies").map(|entry| entry.text.as_str()), Some("127.0.0.1,::1"));
    }
}
