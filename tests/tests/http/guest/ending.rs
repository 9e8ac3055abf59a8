//! The readiness and the end of a mounted API, which its host awaits.

use std::time::Duration;

use loggia_http::problem::Code;
use loggia_http::{CutOff, Limits};

use super::hosted::Hosted;
use crate::wire::request;

const LONG: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_begun_before_the_drain_is_finished_by_it() {
    let hosted = Hosted::with(Limits::default()).await;
    let mut wire = hosted.connect().await;
    wire.send(&hosted.new_space("last-one")).await;
    hosted.commits.arrival().await;
    // Nobody waits for the response, and the host's server ends without it.
    wire.reset();
    hosted.handle.drain();
    hosted.server.stop(true).await;
    assert!(!hosted.has_space("last-one").await);
    let CutOff { writes, .. } = hosted.handle.finish(Duration::ZERO).await.unwrap_err();
    assert_eq!(writes, 1, "it is in flight");
    hosted.commits.let_one_through();
    hosted.handle.finish(LONG).await.unwrap();
    assert!(hosted.has_space("last-one").await);
    hosted.ended.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mount_that_drains_serves_on_reports_it_and_closes_connections() {
    let hosted = Hosted::with(Limits::default()).await;
    let ready = hosted.request("GET", "/readyz", None);
    assert_eq!(hosted.response_to(&ready).await.status, 200);
    assert!(hosted.handle.ready().await.is_ok());
    hosted.handle.drain();
    let refused = hosted.response_to(&ready).await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "STOPPING"));
    assert_eq!(hosted.handle.ready().await.unwrap_err().code(), Code::STOPPING);
    let me = hosted.response_to(&hosted.request("GET", "/api/v1/me", None)).await;
    assert_eq!((me.status, me.header("connection")), (200, Some("close")));
    let page = hosted.response_to(&request("GET", "/", "", None)).await;
    assert_eq!((page.status, page.header("connection")), (200, None), "the host's own pages are its own");
    hosted.handle.finish(LONG).await.unwrap();
    hosted.server.stop(true).await;
}
