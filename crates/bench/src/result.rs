//! The results, as they are stored.

use serde::{Deserialize, Serialize};

use crate::open_loop::Open;

/// The results of a run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) load: Load,
    pub(crate) series: Vec<Series>,
    pub(crate) footprint: Footprint,
}

/// The machine of the measurement.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) kernel: String,
    pub(crate) postgres: String,
}

/// The parameters of the measurement.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Load {
    pub(crate) rounds: u32,
    pub(crate) seconds: u32,
    pub(crate) connections: Vec<u32>,
    pub(crate) open_seconds: u32,
    pub(crate) demo: Vec<String>,
    /// The number of sessions that the service and the bare stack may each open on Postgres.
    pub(crate) postgres_sessions: u32,
}

/// The program that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    Service,
    BareStack,
    Limit,
    Ceiling,
}

/// The store that it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "Postgres",
        }
    }
}

/// The results of a cell, over all rounds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Series {
    pub(crate) engine: Engine,
    pub(crate) side: Side,
    pub(crate) call: String,
    pub(crate) connections: u32,
    pub(crate) rounds: Vec<Round>,
    /// The result of the open loop in each round; empty if there was none.
    pub(crate) opens: Vec<Open>,
}

/// The results of a cell in one round.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Round {
    /// Successful responses per second.
    pub(crate) rate: f64,
    pub(crate) failures: u64,
    /// Processor time of the server and of the database for each successful response, in microseconds.
    pub(crate) server_cpu: f64,
    pub(crate) store_cpu: f64,
    /// Latencies in the closed loop, in microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Sizes in bytes, times in milliseconds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Footprint {
    pub(crate) binary: u64,
    /// The times from the start on SQLite to the first response with status 200.
    pub(crate) cold_starts: Vec<f64>,
    pub(crate) at_rest_sqlite: u64,
    pub(crate) at_rest_postgres: u64,
    pub(crate) after_load_sqlite: u64,
    pub(crate) after_load_postgres: u64,
}

/// The median of some numbers, and their range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Summary {
    /// Computes the median and the range; `None` without numbers.
    pub(crate) fn from_samples(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut numbers: Vec<f64> = numbers.into_iter().collect();
        numbers.sort_by(f64::total_cmp);
        let upper = *numbers.get(numbers.len() / 2)?;
        let lower = *numbers.get((numbers.len() - 1) / 2)?;
        Some(Self { median: f64::midpoint(lower, upper), min: *numbers.first()?, max: *numbers.last()? })
    }
}

impl Results {
    pub(crate) fn find(&self, engine: Engine, side: Side, call: &str, connections: u32) -> Option<&Series> {
        self.series.iter().find(|series| {
            (series.engine, series.side, series.call.as_str(), series.connections)
                == (engine, side, call, connections)
        })
    }

    /// Returns the ratios of the rates of one series to those of another, round by round.
    pub(crate) fn ratio(&self, one: Option<&Series>, other: Option<&Series>) -> Option<Summary> {
        let pairs = one?.rounds.iter().zip(&other?.rounds);
        Summary::from_samples(pairs.map(|(one, other)| one.rate / other.rate.max(0.001)))
    }
}

impl Series {
    pub(crate) fn rate(&self) -> Option<Summary> {
        Summary::from_samples(self.rounds.iter().map(|round| round.rate))
    }

    /// Returns the open loop with the median ratio of p99 to p50.
    pub(crate) fn open(&self) -> Option<&Open> {
        let mut opens: Vec<&Open> = self.opens.iter().collect();
        opens.sort_by(|one, other| one.tail().total_cmp(&other.tail()));
        opens.get(opens.len() / 2).copied()
    }

    /// Returns the processor time of server and store for a response, in microseconds.
    pub(crate) fn cpu(&self) -> Option<f64> {
        Summary::from_samples(self.rounds.iter().map(|round| round.server_cpu + round.store_cpu))
            .map(|summary| summary.median)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_count_is_the_midpoint() {
        let summary = Summary::from_samples([4.0, 1.0, 2.0, 3.0]).unwrap();
        assert_eq!((summary.median, summary.min, summary.max), (2.5, 1.0, 4.0));
        assert_eq!(Summary::from_samples([]), None);
    }
}
