//! Five times as many requests as the service can serve (promise B38). Each is sent when it is due and not after the previous response:
//! clients that wait for responses cannot cause an overload.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::time::sleep_until;

use crate::Pace;
use crate::client::{Client, Outcome, percentile, those};
use crate::report::{Report, ms};
use crate::server::Server;

/// The number of clients that measure the capacity: enough to keep all processors busy, each waiting for its response. A single key has
/// fewer permits.
const CLOSED: usize = 16;

/// Returns the number of responses per second if each client waits for them, and the outcomes.
async fn capacity(server: &Server, request: &[u8], clients: usize, time: Duration) -> (f64, Vec<Outcome>) {
    let end = Instant::now() + time;
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (address, request) = (server.address.clone(), request.to_vec());
            tokio::spawn(async move {
                let (mut client, mut outcomes) = (Client::default(), Vec::new());
                while Instant::now() < end {
                    outcomes.push(client.call(&address, &request, Instant::now()).await);
                }
                outcomes
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.extend(task.await.expect("a client"));
    }
    let good = those(&outcomes, |status| status == 200).len();
    (count(good) / time.as_secs_f64(), outcomes)
}

pub(crate) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The maximum number of connections, as many as a busy proxy has. Requests that are due while all connections wait are not sent.
const CONNECTIONS: usize = 1_000;

/// Sends requests at a rate per second, each when it is due, on as many connections as that takes up to the maximum. Returns the outcomes,
/// the maximum number of requests in flight, and the number of requests that were due and not sent.
pub(crate) async fn open_loop(
    server: &Server,
    request: &[u8],
    rate: f64,
    time: Duration,
) -> (Vec<Outcome>, usize, usize) {
    let idle: Arc<Mutex<Vec<Client>>> = Arc::default();
    let outcomes: Arc<Mutex<Vec<Outcome>>> = Arc::default();
    let most = Arc::new(AtomicUsize::new(0));
    let in_flight = Arc::new(AtomicUsize::new(0));
    let mut kept_back = 0;
    let begun = Instant::now();
    let request: Arc<[u8]> = request.into();
    let mut tasks = Vec::new();
    for number in 0.. {
        let due = begun + Duration::from_secs_f64(count(number) / rate);
        if due.duration_since(begun) >= time {
            break;
        }
        sleep_until(due.into()).await;
        if in_flight.load(Ordering::Relaxed) >= CONNECTIONS {
            kept_back += 1;
            // Lets the requests in flight make progress even on a single thread.
            tokio::task::consume_budget().await;
            continue;
        }
        most.fetch_max(in_flight.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        let (idle, outcomes, in_flight) = (idle.clone(), outcomes.clone(), in_flight.clone());
        let (address, request) = (server.address.clone(), request.clone());
        tasks.push(tokio::spawn(async move {
            let free = idle.lock().unwrap().pop();
            let mut client = free.unwrap_or_default();
            let outcome = client.call(&address, &request, due).await;
            outcomes.lock().unwrap().push(outcome);
            idle.lock().unwrap().push(client);
            in_flight.fetch_sub(1, Ordering::Relaxed);
        }));
    }
    for task in tasks {
        task.await.expect("a request");
    }
    let outcomes = std::mem::take(&mut *outcomes.lock().unwrap());
    (outcomes, most.load(Ordering::Relaxed), kept_back)
}

/// The calls to measure: one that is cheap, and one that takes many times as long as a refusal.
const CALLS: [(&str, &str); 2] =
    [("a page of 20", "/api/v1/spaces?limit=20"), ("a search in all of them, with the total", SEARCH)];

/// A search that reads all spaces.
pub(crate) const SEARCH: &str = "/api/v1/spaces?limit=20&search=nothing-has-it&count=true";

pub(crate) async fn measure(server: &Server, pace: Pace, report: &mut Report) {
    let overload = pace.seconds(60);
    report.table(
        "Overload",
        &format!(
            "All with one key: {CLOSED} clients that wait for their responses, then five times as many requests as they got responses, for {} s, \
             each sent when it is due while fewer than {CONNECTIONS} are in flight, then the {CLOSED} again.",
            overload.as_secs()
        ),
        &["load", "due per second", "sent", "200", "p50", "p99", "refused", "p99", "with `Retry-After`", "no response"],
    );
    let mut sayings = Vec::new();
    for (name, path) in CALLS {
        sayings.push(one(server, pace, report, name, path).await);
    }
    for saying in sayings {
        report.say(&saying);
    }
    report.say(&format!("Peak memory: {} MB.", server.memory("VmHWM")));
}

async fn one(server: &Server, pace: Pace, report: &mut Report, name: &str, path: &str) -> String {
    let request = server.request("GET", path, "", b"");
    let (short, calibration, overload) = (pace.seconds(5), pace.seconds(10), pace.seconds(60));
    let (alone, unloaded) = capacity(server, &request, 1, short).await;
    report.row(&cells(&format!("{name}: one client"), alone, &unloaded, short));
    let (peak, at_peak) = capacity(server, &request, CLOSED, calibration).await;
    report.row(&cells(&format!("{CLOSED} clients"), peak, &at_peak, calibration));
    let (outcomes, most, kept_back) = open_loop(server, &request, 5.0 * peak, overload).await;
    let due = count(outcomes.len() + kept_back) / overload.as_secs_f64();
    report.row(&cells("five times that", due, &outcomes, overload));
    let (after, calm) = capacity(server, &request, CLOSED, pace.seconds(2)).await;
    report.row(&cells(&format!("{CLOSED} clients, in the 2 s after"), after, &calm, pace.seconds(2)));
    let good = those(&outcomes, |status| status == 200);
    let (slow, usual) = (percentile(&good, 990), percentile(&unloaded, 990));
    format!(
        "Under overload by {name}, {:.0} % of the peak succeeded (promised: at least 80), with a p99 of {:.1} times that of one client and \
         {:.1} times that of {CLOSED} (promised: at most 5 times that of one). At most {most} were in flight.",
        100.0 * count(good.len()) / overload.as_secs_f64() / peak,
        slow / usual,
        slow / percentile(&at_peak, 990),
    )
}

fn cells(load: &str, due: f64, outcomes: &[Outcome], time: Duration) -> [String; 10] {
    let good = those(outcomes, |status| status == 200);
    let refused = those(outcomes, |status| status == 503 || status == 429);
    let in_a_second = |outcomes: &[Outcome]| format!("{:.0}", count(outcomes.len()) / time.as_secs_f64());
    let says_when = refused.iter().filter(|outcome| outcome.says_when).count();
    [
        load.to_owned(),
        format!("{due:.0}"),
        in_a_second(outcomes),
        in_a_second(&good),
        ms(percentile(&good, 500)),
        ms(percentile(&good, 990)),
        in_a_second(&refused),
        if refused.is_empty() { "–".to_owned() } else { ms(percentile(&refused, 990)) },
        format!("{says_when} of {}", refused.len()),
        (outcomes.len() - good.len() - refused.len()).to_string(),
    ]
}
