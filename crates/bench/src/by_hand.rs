//! One call of a server that runs already, for whoever looks for something.

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::open_loop;
use crate::request::{Call, Request};

/// What is asked, and how often.
#[derive(Args, Debug)]
pub(crate) struct OpenArgs {
    /// Where the server listens, as `127.0.0.1:8080`
    address: String,
    /// The path of a GET
    path: String,
    /// The key
    key: String,
    /// How often in a second
    rate: f64,
    /// For how long
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

/// Asks, and prints what came of it.
#[expect(clippy::print_stdout, reason = "this is what the program is asked for")]
pub(crate) fn open(args: &OpenArgs) -> Result<()> {
    let requests = vec![Request::new("GET", &args.path, &args.key, "", None)];
    let call = Call { name: "by hand", requests, writes: false };
    let open = open_loop::run(&args.address, &call, args.rate, Duration::from_secs(args.seconds), 0)?;
    println!("{}", serde_json::to_string(&open)?);
    Ok(())
}
