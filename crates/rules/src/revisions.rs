//! Preconditions: at which revisions of a record a change is written.

use loggia_domain::revision::Expected;

use crate::cases::Cases;

pub(crate) fn cases() -> Cases {
    let mut cases = Cases::default();
    for revision in [1, 2, 7, u64::MAX] {
        cases.add(format!("revision {revision} is any"), Expected::Any.admits(revision), true);
        for expected in [vec![], vec![1], vec![2, 7], vec![7, 2], vec![u64::MAX], vec![1, 2, 7]] {
            let is_one = expected.contains(&revision);
            let name = format!("revision {revision} is one of {expected:?}");
            cases.add(name, Expected::OneOf(expected).admits(revision), is_one);
        }
    }
    cases
}

#[test]
fn a_change_is_written_at_an_expected_revision_only() {
    cases().assert();
}
