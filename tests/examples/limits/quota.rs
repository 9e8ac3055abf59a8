//! A user who sends ten times the quota, beside polite clients of another organization (promise B40).

use std::time::Duration;

use crate::Pace;
use crate::client::{Outcome, percentile, those};
use crate::overload::{count, open_loop};
use crate::report::{Report, ms};
use crate::server::Instance;
use crate::slow::beside;

/// The number of requests that a user may send in a minute: more than all polite clients send together.
const QUOTA: u32 = 30_000;
/// The number of rounds. Both sides are measured in turn, so that other work of the machine affects both.
const ROUNDS: usize = 3;

/// Returns the median.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

pub(crate) async fn measure(instance: &Instance, pace: Pace, report: &mut Report) {
    let server = instance.serve(&[("LOGGIA_RATE_LIMIT_PER_MINUTE", &QUOTA.to_string())]);
    let quota = f64::from(QUOTA) / 60.0;
    let page = "/api/v1/spaces?limit=20";
    let greedy = server.request_with(&instance.eve, "GET", page, "", b"");
    report.table(
        "A quota",
        &format!(
            "`LOGGIA_RATE_LIMIT_PER_MINUTE={QUOTA}`: polite clients of one organization read pages of 20 spaces, alone and beside a client of \
             another organization that sends ten times the quota ({:.0} a second), {ROUNDS} times alternately.",
            10.0 * quota
        ),
        &["round", "polite p50, alone", "p99", "beside ten times the quota", "p99", "not 200", "the other client: 200 per second", "429"],
    );
    // The bucket is full at first, so its tokens are used up before anything is measured.
    open_loop(&server, &greedy, 10.0 * quota, Duration::from_secs_f64(f64::from(QUOTA) / (9.0 * quota)))
        .await;
    let (mut alone_p99, mut beside_p99) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let time = pace.seconds(15);
        // Each round begins with the greedy client, so that the bucket stays empty.
        let (loaded, (others, ..)) = beside(&server, open_loop(&server, &greedy, 10.0 * quota, time)).await;
        let (alone, ()) = beside(&server, tokio::time::sleep(time)).await;
        let refilled = time.mul_f64(0.1).mul_f64(10.0 / 9.0);
        open_loop(&server, &greedy, 10.0 * quota, refilled).await;
        let good = those(&others, |status| status == 200).len();
        let refused = those(&others, |status| status == 429).len();
        let in_a_second = |number: usize| format!("{:.0}", count(number) / time.as_secs_f64());
        let not_200 = |outcomes: &[Outcome]| those(outcomes, |status| status != 200).len();
        alone_p99.push(percentile(&alone, 990));
        beside_p99.push(percentile(&loaded, 990));
        report.row(&[
            round.to_string(),
            ms(percentile(&alone, 500)),
            ms(percentile(&alone, 990)),
            ms(percentile(&loaded, 500)),
            ms(percentile(&loaded, 990)),
            (not_200(&alone) + not_200(&loaded)).to_string(),
            in_a_second(good),
            in_a_second(refused),
        ]);
    }
    report.say(&format!(
        "By the medians, the polite clients' p99 is {:.2} times what it is alone (promised: at most 1.2).",
        median(beside_p99) / median(alone_p99)
    ));
}
