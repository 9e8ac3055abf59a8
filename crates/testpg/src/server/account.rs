//! The account that the server runs as: Postgres refuses to run as root.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::ServerError;

/// An account without privileges.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Account {
    /// Returns `None` if the current account can run Postgres. For root, returns `postgres`, which packages create, or else `nobody`.
    pub(super) fn to_run_as() -> Result<Option<Self>, ServerError> {
        if id("-u", None)? != Some(0) {
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            if let (Some(uid), Some(gid)) = (id("-u", Some(name))?, id("-g", Some(name))?) {
                return Ok(Some(Self { uid, gid }));
            }
        }
        let none = std::io::Error::other("there is neither a user postgres nor a user nobody");
        Err(ServerError::io("Postgres does not run as root", none))
    }
}

/// Runs `id`, since the standard library has no such call; returns `None` if there is no such user.
fn id(which: &str, user: Option<&str>) -> Result<Option<u32>, ServerError> {
    let output = Command::new("id").arg(which).args(user).output();
    let output = output.map_err(|source| ServerError::io("starting id", source))?;
    Ok(std::str::from_utf8(&output.stdout).ok().and_then(|text| text.trim().parse().ok()))
}

/// Creates the command for a program that runs as an account, in a folder that the account can enter. It gets a process group of its own,
/// so the terminal's Ctrl-C does not reach it and the owner of the server ends it. Postgres's own environment variables are removed.
pub(super) fn command(program: &Path, folder: &Path, account: Option<&Account>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).process_group(0).env("LC_ALL", "C");
    for name in ["PGDATA", "PGPORT", "PGHOST", "PGUSER", "PGDATABASE", "PGOPTIONS", "PGTZ", "PGDATESTYLE"] {
        command.env_remove(name);
    }
    if let Some(Account { uid, gid }) = account {
        command.uid(*uid).gid(*gid);
    }
    command
}
