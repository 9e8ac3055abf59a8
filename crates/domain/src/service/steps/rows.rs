//! Rows that were loaded together.

use crate::id::UserId;
use crate::page::PageRequest;
use crate::port::StoreError;
use crate::user::Member;

/// Returns the number of rows of a list if its page was requested with a count: as the page determines it, or else as the store counts.
pub(in crate::service) async fn total<T, C>(
    page: &PageRequest,
    rows: &[T],
    count: impl FnOnce() -> C,
) -> Result<Option<u64>, StoreError>
where
    C: Future<Output = Result<u64, StoreError>>,
{
    match page.total(rows) {
        _ if !page.count => Ok(None),
        Some(total) => Ok(Some(total)),
        None => count().await.map(Some),
    }
}

/// Returns one of the members that were loaded together.
///
/// Authors and assignees are bound to their scope by the store, so a missing one is a corrupt row.
pub(in crate::service) fn pick(members: &[Member], user: UserId) -> Result<Member, StoreError> {
    let found = members.iter().find(|member| member.user == user).cloned();
    found.ok_or_else(|| StoreError::Corrupt(format!("members: no row for the user {user}")))
}
