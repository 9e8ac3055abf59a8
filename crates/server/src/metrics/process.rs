//! The process as the system sees it, from `/proc`. Other systems than Linux report nothing.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::state::{Page, float};

/// Reads the state of this process for each page.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        if let Some(stat) = Stat::read() {
            page.counter("process_cpu_seconds", "Processor time of the process", stat.cpu_seconds)?;
            page.gauge("process_resident_memory_bytes", "Memory of the process", float(stat.resident_bytes))?;
            page.gauge(
                "process_virtual_memory_bytes",
                "Address space of the process",
                float(stat.virtual_bytes),
            )?;
            if let Some(start) = stat.start_seconds {
                page.gauge("process_start_time_seconds", "Start of the process, in Unix time", start)?;
            }
        }
        if let Some(open) = open_files() {
            page.gauge("process_open_fds", "Open file descriptors", float(open))?;
        }
        match file_limit() {
            Some(limit) => page.gauge("process_max_fds", "Maximum of open file descriptors", float(limit)),
            None => Ok(()),
        }
    }
}

/// The figures of `/proc/self/stat` (proc_pid_stat(5)).
#[derive(Debug, PartialEq)]
struct Stat {
    cpu_seconds: f64,
    /// The start in Unix time, if the system reports when it was booted.
    start_seconds: Option<f64>,
    virtual_bytes: u64,
    resident_bytes: u64,
}

impl Stat {
    fn parse(stat: &str, ticks_per_second: u64, page_bytes: u64, booted: Option<u64>) -> Option<Self> {
        // The second field is the program's name in parentheses, which may hold anything.
        let (_, fields) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        // The first of these fields is the third one of the file.
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        let seconds = |ticks: u64| float(ticks) / float(ticks_per_second);
        let since_boot = seconds(field(22)?);
        Some(Self {
            cpu_seconds: seconds(field(14)? + field(15)?),
            start_seconds: booted.map(|booted| float(booted) + since_boot),
            virtual_bytes: field(23)?,
            resident_bytes: field(24)? * page_bytes,
        })
    }

    #[cfg(target_os = "linux")]
    fn read() -> Option<Self> {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        let page_bytes = u64::try_from(rustix::param::page_size()).ok()?;
        let system = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        let booted = system.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok());
        Self::parse(&stat, rustix::param::clock_ticks_per_second(), page_bytes, booted)
    }

    #[cfg(not(target_os = "linux"))]
    fn read() -> Option<Self> {
        None
    }
}

/// Returns the number of open file descriptors, without the one that this takes.
#[cfg(target_os = "linux")]
fn open_files() -> Option<u64> {
    let number = std::fs::read_dir("/proc/self/fd").ok()?.count();
    u64::try_from(number.saturating_sub(1)).ok()
}

#[cfg(not(target_os = "linux"))]
fn open_files() -> Option<u64> {
    None
}

#[cfg(unix)]
fn file_limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
fn file_limit() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_found_behind_a_hostile_name() {
        let stat = "17 (a) R 1 (b) S 1 2 3 4 5 6 7 8 9 10 150 50 13 14 15 16 17 18 1000 4096 3 20";
        let expected = Stat {
            cpu_seconds: 2.0,
            start_seconds: Some(1_010.0),
            virtual_bytes: 4_096,
            resident_bytes: 12_288,
        };
        assert_eq!(Stat::parse(stat, 100, 4_096, Some(1_000)), Some(expected));
        assert_eq!(Stat::parse("17 (a) S 1 2", 100, 4_096, None), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_memory_and_files() {
        let stat = Stat::read().expect("the process is described");
        assert!(stat.resident_bytes > 100_000 && stat.virtual_bytes > stat.resident_bytes, "{stat:?}");
        assert!(stat.start_seconds.is_some_and(|start| start > 1_500_000_000.0), "{stat:?}");
        assert!(open_files().is_some_and(|open| open >= 3), "the standard streams");
    }
}
