//! Jobs that run side by side, because each of them leaves the processors idle for much of its time.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// The number of jobs that run at the same time. Each job runs several tests at once, as many as there are processors or more.
const AT_ONCE: usize = 2;

/// A job: it prints nothing while it runs, and returns its output.
pub(super) struct Job<'a> {
    name: String,
    run: Box<dyn FnOnce() -> Outcome + Send + 'a>,
}

/// The output of a job, and whether it succeeded.
pub(super) struct Outcome {
    pub(super) output: String,
    pub(super) result: Result<()>,
}

impl<'a> Job<'a> {
    pub(super) fn new(name: impl Into<String>, run: impl FnOnce() -> Outcome + Send + 'a) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }
}

/// The number of lines that are printed again of a failed job. A record of the run may keep its last lines only.
const LINES_AGAIN: usize = 100;

/// Runs the jobs, of which the first begin first. Prints the output of each when it has ended, then what the failed ones say of their
/// failures once more, and how long each took. Every job runs, even if others have failed; fails with the names of those.
pub(super) fn run(jobs: Vec<Job<'_>>) -> Result<()> {
    let ended = run_to(jobs, &Mutex::new(io::stdout()))?;
    let mut out = io::stdout();
    for End { name, failure, .. } in &ended {
        if let Some(failure) = failure {
            writeln!(out, "\n-- {name}, failures --\n{failure}")?;
        }
    }
    for End { name, took, .. } in &ended {
        writeln!(out, "{name:<32}{:>8.1} s", took.as_secs_f64())?;
    }
    let failed: Vec<_> = ended
        .iter()
        .filter_map(|end| Some(format!("{}: {:#}", end.name, end.result.as_ref().err()?)))
        .collect();
    ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

/// The end of a job.
struct End {
    name: String,
    took: Duration,
    result: Result<()>,
    /// The failures in its output, if it has failed.
    failure: Option<String>,
}

/// Returns the failures in the output of a test program, or else its end, without its first lines if there are too many.
fn failures(output: &str) -> String {
    let start = output.find("\nfailures:\n").map_or(0, |at| at + 1);
    let lines: Vec<&str> = output.get(start..).unwrap_or_default().lines().collect();
    let last = lines.len().saturating_sub(LINES_AGAIN);
    lines.get(last..).unwrap_or_default().join("\n")
}

fn run_to(jobs: Vec<Job<'_>>, out: &Mutex<impl Write + Send>) -> Result<Vec<End>> {
    let waiting = Mutex::new(VecDeque::from(jobs));
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let work = || -> Result<Vec<End>> {
        let mut ended = Vec::new();
        while let Some(Job { name, run }) = next() {
            let started = Instant::now();
            let Outcome { output, result } = run();
            writeln!(out.lock().unwrap_or_else(PoisonError::into_inner), "\n-- {name} --\n{output}")?;
            let failure = result.is_err().then(|| failures(&output));
            ended.push(End { name, took: started.elapsed(), result, failure });
        }
        Ok(ended)
    };
    thread::scope(|scope| {
        let workers = [(); AT_ONCE].map(|()| scope.spawn(work));
        let mut ended = Vec::new();
        for worker in workers {
            ended.extend(worker.join().ok().context("a job has panicked")??);
        }
        Ok(ended)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use anyhow::bail;

    use super::*;

    fn job<'a>(name: &str, act: impl FnOnce() -> Result<()> + Send + 'a) -> Job<'a> {
        let output = format!("{name} speaks");
        Job::new(name, move || Outcome { output, result: act() })
    }

    #[test]
    fn two_jobs_run_at_once_and_the_output_of_each_is_whole() {
        let both = Barrier::new(2);
        let meet = || {
            both.wait();
            Ok(())
        };
        let out = Mutex::new(Vec::new());
        let jobs = vec![job("one", meet), job("two", meet), job("three", || bail!("it is Monday"))];
        let ended = run_to(jobs, &out).unwrap();
        let failed: Vec<_> =
            ended.iter().filter(|end| end.result.is_err()).map(|end| end.name.as_str()).collect();
        assert_eq!(failed, ["three"]);
        let out = String::from_utf8(out.into_inner().unwrap()).unwrap();
        for name in ["one", "two", "three"] {
            assert!(out.contains(&format!("-- {name} --\n{name} speaks\n")), "{out}");
        }
    }

    #[test]
    fn of_a_failed_job_the_failures_are_printed_again() {
        let lines = |count: usize| vec!["test a::b ... ok"; count].join("\n");
        let output = format!("{}\nfailures:\n\n---- a::c ----\nit rained\n", lines(500));
        assert_eq!(failures(&output), "failures:\n\n---- a::c ----\nit rained");
        assert_eq!(failures(&lines(500)), lines(LINES_AGAIN));
        let jobs = vec![job("one", || Ok(())), job("two", || bail!("it is Monday"))];
        let ended = run_to(jobs, &Mutex::new(Vec::new())).unwrap();
        let failed: Vec<_> = ended.iter().filter_map(|end| end.failure.as_deref()).collect();
        assert_eq!(failed, ["two speaks"]);
    }

    #[test]
    fn all_jobs_run_and_the_failed_ones_are_named() {
        let ran = Mutex::new(0);
        let count = || {
            *ran.lock().unwrap() += 1;
            Ok(())
        };
        let error = run(vec![job("first", || bail!("it rains")), job("second", count), job("third", count)]);
        assert_eq!(error.unwrap_err().to_string(), "first: it rains");
        assert_eq!(*ran.lock().unwrap(), 2);
    }
}
