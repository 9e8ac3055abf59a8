//! Five times as many requests as can be answered (promise B38), sent when they are due and not when there is an answer: whoever
//! waits for answers before they send more is no overload.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::time::sleep_until;

use crate::Pace;
use crate::client::{Client, Outcome, percentile, those};
use crate::report::{Report, ms};
use crate::server::Server;

/// For the capacity: as many clients as there are turns, each waiting for its answer.
const CLOSED: usize = 16;

/// How many are answered in a second if each client waits, and what they see.
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

/// Sends so many in a second, each when it is due, on as many connections as that takes.
pub(crate) async fn open_loop(
    server: &Server,
    request: &[u8],
    rate: f64,
    time: Duration,
) -> (Vec<Outcome>, usize) {
    let idle: Arc<Mutex<Vec<Client>>> = Arc::default();
    let outcomes: Arc<Mutex<Vec<Outcome>>> = Arc::default();
    let most = Arc::new(AtomicUsize::new(0));
    let under_way = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let request: Arc<[u8]> = request.into();
    let mut tasks = Vec::new();
    for number in 0.. {
        let due = begun + Duration::from_secs_f64(count(number) / rate);
        if due.duration_since(begun) >= time {
            break;
        }
        sleep_until(due.into()).await;
        let (idle, outcomes, most, under_way) =
            (idle.clone(), outcomes.clone(), most.clone(), under_way.clone());
        let (address, request) = (server.address.clone(), request.clone());
        tasks.push(tokio::spawn(async move {
            most.fetch_max(under_way.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            let free = idle.lock().unwrap().pop();
            let mut client = free.unwrap_or_default();
            let outcome = client.call(&address, &request, due).await;
            outcomes.lock().unwrap().push(outcome);
            idle.lock().unwrap().push(client);
            under_way.fetch_sub(1, Ordering::Relaxed);
        }));
    }
    for task in tasks {
        task.await.expect("a request");
    }
    let outcomes = std::mem::take(&mut *outcomes.lock().unwrap());
    (outcomes, most.load(Ordering::Relaxed))
}

pub(crate) async fn measure(server: &Server, pace: Pace, report: &mut Report) {
    let request = server.request("GET", "/api/v1/spaces?limit=20", "", b"");
    let (calibration, overload) = (pace.seconds(10), pace.seconds(60));
    report.table(
        "Overload",
        &format!(
            "Pages of 20 spaces, all with one key: {CLOSED} clients that wait for their answers, then five times as many requests as they \
             got answers to, for {} s, each sent when it is due, then the {CLOSED} again.",
            overload.as_secs()
        ),
        &["load", "sent in a second", "answered 200", "p50", "p99", "refused", "p99", "with `Retry-After`", "no answer"],
    );
    let (alone, unloaded) = capacity(server, &request, 1, pace.seconds(5)).await;
    report.row(&cells("one client", alone, &unloaded, pace.seconds(5)));
    let (peak, at_peak) = capacity(server, &request, CLOSED, calibration).await;
    report.row(&cells(&format!("{CLOSED} clients"), peak, &at_peak, calibration));
    let (outcomes, most) = open_loop(server, &request, 5.0 * peak, overload).await;
    let sent = count(outcomes.len()) / overload.as_secs_f64();
    report.row(&cells("five times that", sent, &outcomes, overload));
    let (after, calm) = capacity(server, &request, CLOSED, pace.seconds(2)).await;
    report.row(&cells(&format!("{CLOSED} clients, in the 2 s after"), after, &calm, pace.seconds(2)));
    let good = those(&outcomes, |status| status == 200);
    report.say(&format!(
        "Under overload {:.0} % of the peak were answered (promised: at least 80), with a p99 of {:.1} times that of one client (promised: at \
         most 5). At most {most} requests were under way; the process had at most {} MB.",
        100.0 * count(good.len()) / overload.as_secs_f64() / peak,
        percentile(&good, 990) / percentile(&unloaded, 990),
        server.memory("VmHWM"),
    ));
}

fn cells(load: &str, sent: f64, outcomes: &[Outcome], time: Duration) -> [String; 9] {
    let good = those(outcomes, |status| status == 200);
    let refused = those(outcomes, |status| status == 503 || status == 429);
    let in_a_second = |outcomes: &[Outcome]| format!("{:.0}", count(outcomes.len()) / time.as_secs_f64());
    let says_when = refused.iter().filter(|outcome| outcome.says_when).count();
    [
        load.to_owned(),
        format!("{sent:.0}"),
        in_a_second(&good),
        ms(percentile(&good, 500)),
        ms(percentile(&good, 990)),
        in_a_second(&refused),
        if refused.is_empty() { "–".to_owned() } else { ms(percentile(&refused, 990)) },
        format!("{says_when} of {}", refused.len()),
        (outcomes.len() - good.len() - refused.len()).to_string(),
    ]
}
