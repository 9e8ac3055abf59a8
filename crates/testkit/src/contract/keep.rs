//! The test of one promise, and what a failure says.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

/// Tests one promise on a runtime of its own, with two worker threads so that contention is real.
///
/// # Panics
/// Panics if the promise panics: with the promise in words, its documentation, and the message of its panic.
pub fn keep(topic: &str, name: &str, promise: impl Future<Output = ()>) {
    // Boxed, so that the runtime is compiled once and not for each promise.
    keep_boxed(topic, name, Box::pin(promise));
}

fn keep_boxed(topic: &str, name: &str, promise: Pin<Box<dyn Future<Output = ()> + '_>>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let Err(seen) = catch_unwind(AssertUnwindSafe(|| runtime.block_on(promise))) else { return };
    let (sentence, documented, seen) = (name.replace('_', " "), documentation(topic, name), message(&*seen));
    panic!(
        "the store broke a promise: {sentence}\n  promised: {documented}\n  seen: {seen}\n  in: {topic}::{name}\n"
    );
}

/// Returns the documentation of a promise, without line breaks.
fn documentation(topic: &str, name: &str) -> String {
    let lines: Vec<&str> = source(topic).lines().collect();
    let declared = format!("pub async fn {name}(");
    let end = lines.iter().position(|line| line.starts_with(&declared)).unwrap_or_default();
    let doc: Vec<&str> = lines[..end].iter().rev().map_while(|line| line.strip_prefix("/// ")).collect();
    doc.into_iter().rev().collect::<Vec<_>>().join(" ")
}

/// Returns the file in which the promises of a topic are documented.
fn source(topic: &str) -> &'static str {
    crate::__promises! { core @sources topic; }
    crate::__promises! { keys @sources topic; }
    crate::__promises! { stored_responses @sources topic; }
    crate::__promises! { invitations @sources topic; }
    crate::__promises! { deletion @sources topic; }
    ""
}

/// Returns the message of a panic.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref().cloned()).unwrap_or_else(|| "a panic without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_promise_is_reported_with_its_documentation_and_the_failure() {
        let broken = catch_unwind(|| {
            keep("instance", "the_instance_keeps_its_secret", async {
                assert_eq!(1, 2, "a secret");
            });
        });
        let report = message(&*broken.expect_err("a broken promise"));
        let (first, seen) = report.split_once("\n  seen: ").expect("what was seen");
        assert_eq!(
            first,
            "the store broke a promise: the instance keeps its secret\n  \
             promised: The secret of the instance exists from the start and never changes."
        );
        assert!(seen.contains("a secret") && seen.contains("left: 1"), "{seen}");
        assert!(seen.ends_with("  in: instance::the_instance_keeps_its_secret\n"), "{seen}");
    }

    #[test]
    fn every_promise_is_documented() {
        for promise in crate::contract::forgotten::all() {
            assert!(
                !documentation(promise.topic, promise.name).is_empty(),
                "{}::{}",
                promise.topic,
                promise.name
            );
        }
        assert_ne!(documentation("instance", "two_instances_have_different_secrets"), "");
    }
}
