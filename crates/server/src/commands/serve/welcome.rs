//! The message of the first start, which is the only one that shows the key.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::{self, Display};
use std::net::SocketAddr;
use std::path::Path;

use loggia_domain::service::Bootstrapped;
use loggia_domain::text::EmailAddress;

use crate::address::reachable;
use crate::wiring::Location;

/// The message of the first start.
pub(super) struct Welcome<'a> {
    /// The address that the server listens on.
    pub(super) address: SocketAddr,
    /// The location of the data.
    pub(super) data: &'a Location,
    /// The organization, its admin and the admin's key.
    pub(super) first: &'a Bootstrapped,
    /// The command by which a shell runs this program.
    pub(super) program: &'a str,
}

impl Display for Welcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = reachable(self.address);
        let key = self.first.issued.secret.expose();
        let email = self.first.member.email.as_ref().map(EmailAddress::as_str).unwrap_or_default();
        let program = self.program;
        write!(
            f,
            "\
Welcome to Loggia. The store was empty, so an organization and an account for its admin were created.

  Organization  {} ({})
  Admin         {email}
  API key       {key}
  Data          {data}

The key is shown only once and is not stored. It expires in 24 hours unless it is used before. Try it in another shell:

  curl -H 'Authorization: Bearer {key}' http://{address}/api/v1/me

Next steps: set the location of the data in the other shell; these commands work while the server runs:

  {setting}

  endpoints and who may call them     {program} routes
  an organization with sample data    {program} demo
  give the account your address       {program} accounts update --help
  add people of the organization      {program} people add --help
  invite people with an account       {program} invitations create --help
  create and revoke keys              {program} keys --help
",
            self.first.organization.name,
            self.first.organization.id,
            data = data(self.data),
            setting = setting_for_a_shell(self.data),
        )
    }
}

/// Returns the location of the data for an operator who has just configured it: of a server, the name of the database is enough.
fn data(location: &Location) -> String {
    match location {
        Location::File(path) => path.display().to_string(),
        Location::Server(location) => {
            let database = location.rsplit_once('/').map_or(location.as_str(), |(_, database)| database);
            format!("the Postgres database {database}")
        }
    }
}

/// Returns how to set the location of the data in another shell.
fn setting_for_a_shell(location: &Location) -> String {
    match location {
        Location::File(path) => {
            let url = format!("sqlite://{}", path.display());
            format!("export LOGGIA_DATABASE_URL={}", quoted(&url))
        }
        // The URL may hold a password, and everyone who reads the log may read this.
        Location::Server(_) => {
            "set LOGGIA_DATABASE_URL to the value that this server uses (it is not printed here)".to_owned()
        }
    }
}

/// Returns the command by which a shell runs this program: its name if it was called by its name, or else its whole path, since after
/// `cargo run` no shell finds it by name.
pub(super) fn program() -> String {
    let typed = std::env::args_os().next();
    program_of(typed.as_deref(), std::env::current_exe().ok().as_deref())
}

fn program_of(typed: Option<&OsStr>, running: Option<&Path>) -> String {
    let typed = typed.map(Path::new);
    let by_name = typed.filter(|typed| typed.components().count() == 1);
    let shown = by_name.or(running).or(typed).unwrap_or(Path::new("loggia"));
    quoted(&shown.to_string_lossy()).into_owned()
}

/// Quotes a word for a shell, if that is necessary.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_no_shell_finds_by_its_name_is_shown_with_its_path() {
        let shown =
            |typed: &str, running: &str| program_of(Some(OsStr::new(typed)), Some(Path::new(running)));
        assert_eq!(shown("loggia", "/usr/bin/loggia"), "loggia");
        assert_eq!(
            shown("target/release/loggia", "/home/ada/target/release/loggia"),
            "/home/ada/target/release/loggia"
        );
        assert_eq!(shown("./loggia", "/home/ada's work/loggia"), r"'/home/ada'\''s work/loggia'");
    }
}
