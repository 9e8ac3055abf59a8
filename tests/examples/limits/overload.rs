//! Five times as many requests as can be answered (promise B38), sent when they are due and not when there is an answer: whoever
//! waits for answers before they send more is no overload.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::time::sleep_until;

use crate::client::{Client, Outcome, percentile, those};
use crate::server::Server;

/// For the capacity: as many clients as there are turns, each waiting for its answer.
const CLOSED: usize = 16;
const CALIBRATION: Duration = Duration::from_secs(10);
const OVERLOAD: Duration = Duration::from_secs(60);

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
    let good = those(&outcomes, |status| status == 200);
    (count(good.len()) / time.as_secs_f64(), good)
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Sends so many in a second, each when it is due, on as many connections as that takes.
async fn open_loop(server: &Server, request: &[u8], rate: f64, time: Duration) -> (Vec<Outcome>, usize) {
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

pub(crate) async fn measure(server: &Server) {
    let request = server.request("GET", "/api/v1/spaces?limit=20", "", b"");
    println!("\nOverload: pages of 20 spaces, all with one key");
    let (_, unloaded) = capacity(server, &request, 1, Duration::from_secs(5)).await;
    println!(
        "  one client alone: p50 {:.1} ms, p99 {:.1} ms",
        percentile(&unloaded, 500),
        percentile(&unloaded, 990)
    );
    let (peak, at_peak) = capacity(server, &request, CLOSED, CALIBRATION).await;
    println!(
        "  {CLOSED} clients that wait for their answers: {peak:.0} a second, p99 {:.1} ms",
        percentile(&at_peak, 990)
    );
    let seconds = OVERLOAD.as_secs();
    let (outcomes, most) = open_loop(server, &request, 5.0 * peak, OVERLOAD).await;
    let good = those(&outcomes, |status| status == 200);
    let refused = those(&outcomes, |status| status == 503 || status == 429);
    let lost = outcomes.len() - good.len() - refused.len();
    let goodput = count(good.len()) / OVERLOAD.as_secs_f64();
    println!(
        "  {:.0} a second for {seconds} s: {goodput:.0} a second answered ({:.0} % of the peak), {:.0} refused, {lost} without an answer; at most {most} at once",
        count(outcomes.len()) / OVERLOAD.as_secs_f64(),
        100.0 * goodput / peak,
        count(refused.len()) / OVERLOAD.as_secs_f64(),
    );
    println!(
        "    answered: p50 {:.1} ms, p99 {:.1} ms; refused: p50 {:.1} ms, p99 {:.1} ms, {} of {} with Retry-After; {} MB",
        percentile(&good, 500),
        percentile(&good, 990),
        percentile(&refused, 500),
        percentile(&refused, 990),
        refused.iter().filter(|outcome| outcome.says_when).count(),
        refused.len(),
        server.memory("VmHWM"),
    );
    let (after, calm) = capacity(server, &request, CLOSED, Duration::from_secs(2)).await;
    println!("  in the two seconds after: {after:.0} a second, p99 {:.1} ms", percentile(&calm, 990));
}
