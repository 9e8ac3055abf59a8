//! What was measured, as it is kept.

use serde::{Deserialize, Serialize};

use super::copies::Size;
use crate::result::{Engine, Machine, Middle, Round};

/// All of a run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Growth {
    pub(crate) machine: Machine,
    pub(crate) load: GrowthLoad,
    pub(crate) sizes: Vec<Sized>,
    pub(crate) series: Vec<GrowthSeries>,
    pub(crate) memory: Vec<Memory>,
}

/// How it was measured.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct GrowthLoad {
    pub(crate) rounds: u32,
    pub(crate) seconds: u32,
    pub(crate) connections: u32,
    /// What the store began with.
    pub(crate) demo: Vec<String>,
    pub(crate) postgres_sessions: u32,
}

/// What a size consists of.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Sized {
    /// Of tasks; as many organizations.
    pub(crate) thousands: u32,
    pub(crate) projects: u64,
    pub(crate) spaces: u64,
    pub(crate) people: u64,
}

impl Sized {
    pub(super) fn new(size: Size, demo_spaces: u64) -> Self {
        let thousands = u64::from(size.thousands);
        Self {
            thousands: size.thousands,
            projects: thousands * 2 * 25,
            spaces: size.spaces(demo_spaces),
            people: thousands * 50,
        }
    }
}

/// One call on one store of one size, over all rounds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct GrowthSeries {
    pub(crate) engine: Engine,
    pub(crate) call: String,
    /// Of tasks.
    pub(crate) thousands: u32,
    pub(crate) rounds: Vec<Round>,
    /// Pages of the store that a call reads: on SQLite those that a fresh process reads from the file, on Postgres all that are looked at.
    pub(crate) pages: f64,
    /// Rows that Postgres gives for a call, over all of its statements.
    pub(crate) rows: Option<f64>,
}

/// What a service holds of memory, in bytes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) engine: Engine,
    pub(crate) thousands: u32,
    pub(crate) at_rest: u64,
    pub(crate) after_load: u64,
}

impl Growth {
    pub(crate) fn find(&self, engine: Engine, call: &str, thousands: u32) -> Option<&GrowthSeries> {
        self.series.iter().find(|series| {
            (series.engine, series.call.as_str(), series.thousands) == (engine, call, thousands)
        })
    }
}

impl GrowthSeries {
    /// What a call takes of the machine's time, in microseconds: the inverse of the rate.
    pub(crate) fn micros(&self) -> Option<f64> {
        let rate = Middle::of(self.rounds.iter().map(|round| round.rate))?;
        Some(1_000_000.0 / rate.median.max(0.001))
    }

    /// Processor time of server and store for an answer, in microseconds.
    pub(crate) fn cpu(&self) -> Option<f64> {
        let all = Middle::of(self.rounds.iter().map(|round| round.server_cpu + round.store_cpu));
        all.map(|middle| middle.median)
    }
}
