//! The program `loggia`: it reads the settings, joins a store, the use cases and the HTTP side, and has the operator's commands.
//!
//! The program has no rules of its own: everything that it does to a store goes through the domain's use cases.

mod address;
mod cli;
mod commands;
mod database;
mod descriptors;
mod lifetime;
mod metrics;
mod observer;
mod output;
mod settings;
mod telemetry;
mod traces;
mod usage_errors;
mod version;
mod wiring;

use std::process::ExitCode;

use anyhow::Context;

use crate::cli::Invocation;
use crate::commands::Job;
use crate::commands::settings::Review;
use crate::settings::Settings;
use crate::usage_errors::UsageError;

/// The allocator. A response takes many small allocations, made and freed by the same thread.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The exit code of a command that failed.
const FAILED: u8 = 1;
/// The exit code of a command that makes no sense, which is also clap's.
const MISUSED: u8 = 2;

fn main() -> ExitCode {
    match run(Invocation::read()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::from(if error.is::<UsageError>() { MISUSED } else { FAILED })
        }
    }
}

/// Checks all settings and arguments before anything is done.
fn run(invocation: Invocation) -> anyhow::Result<()> {
    if let Some(review) = Review::from_invocation(&invocation) {
        return review.run();
    }
    let Invocation { settings, given, command } = invocation;
    let mut usage_errors = given.usage_errors();
    let settings = Settings::check(settings, command.database_source(&given), &given, &mut usage_errors);
    let job = Job::check(command, &mut usage_errors);
    let (settings, job) = usage_errors.settle(settings.zip(job))?;
    telemetry::install(&settings.log, job.default_log_filter())?;
    // Not an actix system: units of work run on this runtime, which outlives the HTTP workers and has several threads.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("threads cannot be started")?.block_on(job.run(&settings))
}
