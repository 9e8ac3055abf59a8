//! Load on one call of a running server, for manual investigations.

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::open_loop;
use crate::request::{Call, Request};

/// The request and its rate.
#[derive(Args, Debug)]
pub(crate) struct OpenArgs {
    /// The address of the server, such as `127.0.0.1:8080`
    address: String,
    /// The path of a GET
    path: String,
    /// The key
    key: String,
    /// The number of requests per second
    rate: f64,
    /// The duration in seconds
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

/// Sends the requests and prints the result.
#[expect(clippy::print_stdout, reason = "this is what the program is asked for")]
pub(crate) fn open(args: &OpenArgs) -> Result<()> {
    let requests = vec![Request::new("GET", &args.path, &args.key, "", None)];
    let call = Call { name: "by hand", requests, writes: false };
    let open = open_loop::run(&args.address, &call, args.rate, Duration::from_secs(args.seconds), 0)?;
    println!("{}", serde_json::to_string(&open)?);
    Ok(())
}
