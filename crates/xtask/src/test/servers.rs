//! The servers of one run of the tests.

use std::io::{self, Write};

use anyhow::{Context, Result, ensure};
use loggia_testpg::{BINARIES_VARIABLE, Binaries, URL_VARIABLE};

use crate::postgres::versions::{self, TESTED};
use crate::postgres::{self, Postgres};

/// The servers that the tests run on.
pub(super) struct Servers {
    /// The programs of one server for each major version, the oldest first.
    of_each: Vec<Binaries>,
    newest: Binaries,
    /// The server for tests that run once: the one that the environment names, or else the newest of these.
    once: Postgres,
    /// Whether the environment names a server.
    is_given: bool,
}

impl Servers {
    /// Finds the servers, starts the one for tests that run once, and prints their versions.
    pub(super) fn get() -> Result<Self> {
        let is_given = loggia_testpg::url_from_env().is_some();
        if !is_given {
            postgres::ensure_installed()?;
        }
        let of_each = versions::find()?;
        let newest = of_each.last().context("there is no Postgres here")?.clone();
        let once = Postgres::get_or_start_from(&newest)?;
        let mut out = io::stdout();
        write!(out, "{}", versions::describe(&of_each))?;
        let whose = if is_given { format!("that {URL_VARIABLE} names") } else { "just started".to_owned() };
        writeln!(out, "What runs once runs on the server {whose}, Postgres {}.", once.version())?;
        writeln!(out, "{}", tested())?;
        Ok(Self { of_each, newest, once, is_given })
    }

    /// Returns the server for tests that run once.
    pub(super) fn once(&self) -> &Postgres {
        &self.once
    }

    /// Returns the environment of tests that run once.
    pub(super) fn environment(&self) -> Result<[(&str, &str); 2]> {
        let folder = self.newest.folder().to_str().context("the folder of Postgres is no text")?;
        Ok([(URL_VARIABLE, self.once.url()), (BINARIES_VARIABLE, folder)])
    }

    /// Returns the servers on which tests must run again: those of all versions except the one that the tests that run once use.
    pub(super) fn again(&self) -> impl Iterator<Item = &Binaries> {
        self.of_each.iter().filter(|binaries| self.is_given || **binaries != self.newest)
    }

    /// Prints the tested versions and the missing ones. Fails if one is missing and `must_be_all` is set.
    pub(super) fn conclude(&self, must_be_all: bool) -> Result<()> {
        let found: Vec<String> =
            self.of_each.iter().map(|binaries| binaries.full_version().to_string()).collect();
        let mut out = io::stdout();
        writeln!(out, "The store was tested on Postgres {}.", versions::in_words(&found))?;
        writeln!(out, "{}", tested())?;
        let missing: Vec<String> = versions::missing(&self.of_each).iter().map(u32::to_string).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let missing = format!(
            "NOT TESTED on Postgres {}: servers of all versions can be downloaded for Linux on x86-64 only; install them to test on them here",
            versions::in_words(&missing)
        );
        ensure!(!must_be_all, missing);
        writeln!(out, "{missing}")?;
        Ok(())
    }
}

fn tested() -> String {
    format!(
        "The project has been tested on Postgres {}.",
        versions::in_words(&TESTED.map(|version| version.to_string()))
    )
}

/// Returns `true` in continuous integration, which sets `CI` by convention.
#[expect(clippy::disallowed_methods, reason = "a setting of the machine, not of the service")]
pub(super) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}
