//! The results, as they are stored.

use serde::{Deserialize, Serialize};

use super::copies::Size;
use crate::goals::{DEEP, GET, LIST, MEMBERS, PROJECT, PROJECTS, TASKS};
use crate::result::{Engine, Machine, Round, Summary};

/// The measured calls: reads, which the size of a store could slow down.
pub(super) const CALLS: [&str; 7] = [GET, LIST, DEEP, PROJECT, PROJECTS, MEMBERS, TASKS];

/// The results of a run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Growth {
    pub(crate) machine: Machine,
    pub(crate) load: GrowthLoad,
    pub(crate) backends: Vec<Backend>,
    pub(crate) sizes: Vec<Sized>,
    pub(crate) series: Vec<GrowthSeries>,
    pub(crate) memory: Vec<Memory>,
}

/// The parameters of the measurement.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct GrowthLoad {
    pub(crate) rounds: u32,
    pub(crate) seconds: u32,
    pub(crate) connections: u32,
    /// The arguments of `loggia demo` for the initial data.
    pub(crate) demo: Vec<String>,
    pub(crate) postgres_sessions: u32,
}

/// A store that is measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Backend {
    pub(crate) engine: Engine,
    /// The server's version, such as `15.20`; SQLite has no server.
    pub(crate) version: Option<String>,
}

impl Backend {
    /// Returns the backend of embedded SQLite.
    pub(super) fn sqlite() -> Self {
        Self { engine: Engine::Sqlite, version: None }
    }

    /// Returns its display name, such as `Postgres 15.20`.
    pub(crate) fn name(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.engine.name()),
            None => self.engine.name().to_owned(),
        }
    }

    /// Returns its name within file names, such as `postgres-15`. The minor version is left out, so that a later measurement writes files
    /// with the names of an earlier one's.
    pub(super) fn slug(&self) -> String {
        let major = self.version.as_ref().map(|version| version.split('.').next().unwrap_or_default());
        let parts = std::iter::once(self.engine.name()).chain(major);
        parts.collect::<Vec<_>>().join("-").to_lowercase()
    }
}

/// The contents of a store of one size.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Sized {
    /// The number of tasks in thousands, and of organizations.
    pub(crate) thousands: u32,
    pub(crate) projects: u64,
    pub(crate) spaces: u64,
    pub(crate) people: u64,
    /// The number of members of the caller's organization.
    pub(crate) members: u64,
    /// The number of the caller's memberships in organizations.
    pub(crate) memberships: u64,
}

impl Sized {
    pub(super) fn new(size: Size, demo_spaces: u64) -> Self {
        let thousands = u64::from(size.thousands);
        Self {
            thousands: size.thousands,
            projects: thousands * 2 * 25,
            spaces: size.spaces(demo_spaces),
            people: thousands * 50,
            members: thousands * 50,
            memberships: thousands,
        }
    }
}

/// The results of a call on a store of one size, over all rounds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct GrowthSeries {
    pub(crate) backend: Backend,
    pub(crate) call: String,
    /// The number of tasks in thousands.
    pub(crate) thousands: u32,
    pub(crate) rounds: Vec<Round>,
    /// The number of pages that a call reads: on SQLite those that a fresh process reads from the file, on Postgres all, cached or not.
    pub(crate) pages: f64,
    /// The number of rows that Postgres returns for a call, over all its statements; `None` on SQLite.
    pub(crate) rows: Option<f64>,
}

/// The resident memory of a service, in bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) backend: Backend,
    pub(crate) thousands: u32,
    pub(crate) at_rest: u64,
    pub(crate) after_load: u64,
}

impl Growth {
    pub(crate) fn find(&self, backend: &Backend, call: &str, thousands: u32) -> Option<&GrowthSeries> {
        self.series.iter().find(|series| {
            (&series.backend, series.call.as_str(), series.thousands) == (backend, call, thousands)
        })
    }
}

impl GrowthSeries {
    /// Returns the duration of a call in microseconds: the inverse of the rate.
    pub(crate) fn micros(&self) -> Option<f64> {
        let rate = Summary::from_samples(self.rounds.iter().map(|round| round.rate))?;
        Some(1_000_000.0 / rate.median.max(0.001))
    }

    /// Returns the processor time of server and store for a response, in microseconds.
    pub(crate) fn cpu(&self) -> Option<f64> {
        let all = Summary::from_samples(self.rounds.iter().map(|round| round.server_cpu + round.store_cpu));
        all.map(|summary| summary.median)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_is_named_with_its_version_and_its_files_with_its_major_version() {
        let postgres = Backend { engine: Engine::Postgres, version: Some("15.20".to_owned()) };
        assert_eq!(
            (postgres.name(), postgres.slug()),
            ("Postgres 15.20".to_owned(), "postgres-15".to_owned())
        );
        let sqlite = Backend::sqlite();
        assert_eq!((sqlite.name(), sqlite.slug()), ("SQLite".to_owned(), "sqlite".to_owned()));
    }
}
