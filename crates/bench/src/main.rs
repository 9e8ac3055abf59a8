//! Measures Loggia beside the bare stack and the stores' own limits. `cargo xtask bench` builds and starts what this needs.

mod bare;
mod by_hand;
mod cell;
mod connection;
mod curves;
mod goals;
mod growth;
mod limit;
mod machine;
mod observed;
mod open_loop;
mod process;
mod report;
mod request;
mod result;
mod run;
mod scene;
mod soak;
mod stage;
mod svg;
mod warm_up;
mod wrk;

use std::process::ExitCode;

use clap::Parser;

/// Measures Loggia.
#[derive(Debug, Parser)]
#[command(name = "loggia-bench")]
enum Job {
    /// Measure everything, alternating, and write the results
    Run(run::RunArgs),
    /// Measure reads of stores of a thousand to a million tasks, alternating, and write the results
    Growth(growth::GrowthArgs),
    /// Measure what metrics and traces cost, alternating
    Observed(observed::ObservedArgs),
    /// Load the service to half of its capacity for half an hour
    Soak(soak::SoakArgs),
    /// Send one request to a running server repeatedly, in an open loop
    Open(by_hand::OpenArgs),
    /// Serve three reads with actix-web and sqlx, and nothing else
    Bare(bare::BareArgs),
    /// Serve bodies from memory
    Ceiling(bare::CeilingArgs),
}

fn main() -> ExitCode {
    let outcome = match Job::parse() {
        Job::Run(args) => run::run(&args),
        Job::Growth(args) => growth::run(&args),
        Job::Observed(args) => observed::run(&args),
        Job::Soak(args) => soak::run(&args),
        Job::Open(args) => by_hand::open(&args),
        Job::Bare(args) => serve(bare::serve(args)),
        Job::Ceiling(args) => serve(bare::ceiling(args)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn serve(server: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(server)
}

/// Prints the progress.
#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}
