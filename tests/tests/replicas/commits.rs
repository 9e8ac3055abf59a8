//! A connection that breaks during a commit: the outcome is unknown, and the response says so (rule C5).

use serde_json::json;

use crate::proxy::{Cut, Proxy};
use crate::running_service::{self, RunningService};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_lost_during_a_commit_gets_outcome_unknown() {
    let server = running_service::server(false).await;
    let proxy = Proxy::to(server.port()).await;
    let service = RunningService::patient(server.url("postgres"), proxy.port).await;
    let mut client = service.serving.client(&service.key).await;
    let mut expected = Vec::new();
    for (cut, is_written) in [(Cut::Before, false), (Cut::After, true)] {
        for number in 0..3 {
            let (lost, kept) = (format!("{cut:?} {number}"), format!("Kept {cut:?} {number}"));
            proxy.cut(cut);
            let response = client.post("/api/v1/spaces", &json!({"name": lost})).await;
            assert_eq!((response.status, response.code()), (503, "OUTCOME_UNKNOWN"), "{response:?}");
            proxy.cut(Cut::Never);
            // The service did not retry the write, so the space exists at most once. The next write succeeds as usual.
            let response = client.post("/api/v1/spaces", &json!({"name": kept})).await;
            assert_eq!(response.status, 201, "{response:?}");
            expected.extend(is_written.then_some(lost));
            expected.push(kept);
        }
    }
    let mut found = service.spaces().await;
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    service.serving.end().await;
}
