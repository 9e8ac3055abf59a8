//! The state that is read for each page: connections, admission, the store.

use std::fmt;

use loggia_domain::service::Loggia;
use loggia_http::HttpApp;
use loggia_observe::usage::SIZE_BOUNDS;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use crate::version;
use crate::wiring::OpenStore;

/// The parts of the program whose state is read.
pub(crate) struct State {
    pub(crate) app: HttpApp,
    pub(crate) loggia: Loggia,
    pub(crate) store: OpenStore,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}

/// Writes metrics whose values are known at once.
pub(super) struct Page<'a>(pub(super) DescriptorEncoder<'a>);

/// The labels of one value.
type Labels<'a, const N: usize> = [(&'static str, &'a str); N];

impl Page<'_> {
    /// Writes a gauge without labels.
    pub(super) fn gauge(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        self.0.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)
    }

    /// Writes a gauge with a value for each set of labels.
    pub(super) fn gauges<'l, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (Labels<'l, N>, f64)>,
    ) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (labels, value) in values {
            metric.encode_family(&labels)?.encode_gauge(&value)?;
        }
        Ok(())
    }

    /// Writes a counter without labels. Its name gets the suffix `_total`.
    pub(super) fn counter(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        metric.encode_counter::<NoLabelSet, _, f64>(&value, None)
    }

    /// Writes a counter with a value for each set of labels. Its name gets the suffix `_total`.
    pub(super) fn counters<'l, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (Labels<'l, N>, f64)>,
    ) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, value) in values {
            metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, f64>(&value, None)?;
        }
        Ok(())
    }
}

/// Returns a number as a metric has it.
#[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^53")]
pub(super) const fn float(number: u64) -> f64 {
    number as f64
}

fn count(number: usize) -> f64 {
    float(u64::try_from(number).unwrap_or(u64::MAX))
}

impl Collector for State {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        self.build(&mut page)?;
        self.admission(&mut page)?;
        self.pools(&mut page)?;
        self.units_of_work(&mut page)?;
        self.files(&mut page)
    }
}

impl State {
    fn build(&self, page: &mut Page<'_>) -> fmt::Result {
        let labels = [
            ("version", version::NUMBER),
            ("commit", version::COMMIT.unwrap_or_default()),
            ("store", self.store.engine()),
        ];
        page.gauges("loggia_build_info", "The program: always 1", [(labels, 1.0)])
    }

    fn admission(&self, page: &mut Page<'_>) -> fmt::Result {
        let usage = self.app.usage();
        let connections = usage.connections;
        page.gauge("loggia_http_connections", "Open connections", count(connections.open))?;
        page.gauge("loggia_http_connections_max", "Maximum of open connections", count(connections.max))?;
        page.counter(
            "loggia_http_refused_connections",
            "Connections that were closed at once, since there were too many",
            float(connections.refused),
        )?;
        page.counters(
            "loggia_admission_calls",
            "Calls that asked for permits, by kind of permit; admitted: at once, queued: had to wait, refused: got none",
            usage.permits.iter().flat_map(|(kind, of_kind)| {
                [
                    ([("permits", *kind), ("outcome", "admitted")], float(of_kind.admitted)),
                    ([("permits", *kind), ("outcome", "queued")], float(of_kind.queued)),
                    ([("permits", *kind), ("outcome", "refused")], float(of_kind.refused)),
                ]
            }),
        )?;
        page.gauges(
            "loggia_admission_permits",
            "Permits by kind and state; those of memory are KiB",
            usage.permits.iter().flat_map(|(kind, of_kind)| {
                let used = of_kind.permits.saturating_sub(of_kind.free);
                [
                    ([("permits", *kind), ("state", "used")], count(used)),
                    ([("permits", *kind), ("state", "free")], count(of_kind.free)),
                ]
            }),
        )?;
        page.gauges(
            "loggia_admission_waiting_calls",
            "Calls that wait for permits, by kind of permit",
            usage.permits.iter().map(|(kind, of_kind)| ([("permits", *kind)], count(of_kind.waiting))),
        )?;
        page.counters(
            "loggia_rate_limited_requests",
            "Requests that were refused with 429, by the rate that was exceeded",
            usage.rate_refusals.iter().map(|(rate, number)| ([("rate", *rate)], float(*number))),
        )
    }

    fn pools(&self, page: &mut Page<'_>) -> fmt::Result {
        const POOL: &str = "db_client_connection_pool_name";
        const STATE: &str = "db_client_connection_state";
        let pools = self.store.pools();
        page.gauges(
            "db_client_connection_count",
            "Connections to the store, by pool and state",
            pools.iter().flat_map(|pool| {
                [
                    ([(POOL, pool.name), (STATE, "used")], count(pool.used)),
                    ([(POOL, pool.name), (STATE, "idle")], count(pool.idle)),
                ]
            }),
        )?;
        page.gauges(
            "db_client_connection_max",
            "Maximum of connections to the store, by pool",
            pools.iter().map(|pool| ([(POOL, pool.name)], count(pool.max))),
        )?;
        page.gauges(
            "db_client_connection_pending_requests",
            "Calls that wait for a connection to the store, by pool",
            pools.iter().map(|pool| ([(POOL, pool.name)], count(pool.waiting))),
        )
    }

    fn units_of_work(&self, page: &mut Page<'_>) -> fmt::Result {
        page.counter(
            "loggia_use_case_retries",
            "Attempts at a use case that followed a contended one",
            float(self.loggia.retries()),
        )?;
        let Some(groups) = self.store.commit_groups() else { return Ok(()) };
        let bounds = SIZE_BOUNDS.map(f64::from).into_iter().chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = bounds.zip(groups.counts).collect();
        let number = groups.counts.iter().sum();
        let help = "Units of work that were committed together (SQLite)";
        let mut metric =
            page.0.encode_descriptor("loggia_commit_group_units", help, None, MetricType::Histogram)?;
        metric.encode_histogram::<NoLabelSet>(float(groups.sum), number, &buckets, None)
    }

    fn files(&self, page: &mut Page<'_>) -> fmt::Result {
        let Some(files) = self.store.files() else { return Ok(()) };
        page.gauges(
            "loggia_store_file_size_bytes",
            "Size of the store's files: the database and its write-ahead log (SQLite)",
            [([("file", "main")], float(files.main)), ([("file", "wal")], float(files.log))],
        )?;
        match files.available {
            Some(available) => page.gauge(
                "loggia_store_filesystem_available_bytes",
                "Room on the file system of the store (SQLite)",
                float(available),
            ),
            None => Ok(()),
        }
    }
}
