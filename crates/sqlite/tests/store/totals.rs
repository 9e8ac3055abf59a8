//! Tests of the stored totals: the contract's tests notice a wrong one.

use loggia_testkit::totals::{LISTS, seeded, wrong};

use crate::support::Temporary;

/// The contract's tests of totals compare them with the lists, and so notice a wrong total.
#[tokio::test]
async fn a_total_that_is_wrong_by_one_is_detected() {
    let temporary = Temporary::new().await;
    let (world, projects) = seeded(&temporary.ports).await;
    assert_eq!(wrong(&temporary.store, &world, &projects).await.expect("totals"), Vec::<String>::new());
    for list in LISTS {
        let change = async |by: &str| {
            let sql = format!("UPDATE list_totals SET total = total {by} WHERE list = '{list}'");
            assert!(temporary.execute(sql).await.expect("a change") > 0, "{list} has a total");
        };
        change("+ 1").await;
        assert_ne!(
            wrong(&temporary.store, &world, &projects).await.expect("totals"),
            Vec::<String>::new(),
            "{list}"
        );
        change("- 1").await;
        assert_eq!(
            wrong(&temporary.store, &world, &projects).await.expect("totals"),
            Vec::<String>::new(),
            "{list}"
        );
    }
}

#[tokio::test]
async fn only_a_partial_total_may_be_negative() {
    let temporary = Temporary::new().await;
    seeded(&temporary.ports).await;
    for list in LISTS {
        let sql = format!("UPDATE list_totals SET total = -1 WHERE list = '{list}'");
        assert_eq!(temporary.execute(sql).await.is_ok(), list == "spaces", "{list}");
    }
}
