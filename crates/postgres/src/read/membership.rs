//! The viewer's membership in the scope of a record that is read by its id.

use loggia_domain::scope::Viewer;
use sqlx::{Postgres, QueryBuilder};

use super::list::push_membership;

/// The source of the viewer's membership in a statement.
#[derive(Clone, Copy)]
pub(crate) enum MembershipSource<'v> {
    /// The table of members, for this viewer.
    Viewer(&'v Viewer),
    /// The lookup of the viewer's key in the same statement, as `e`.
    Key,
}

impl MembershipSource<'_> {
    /// Joins the viewer's active membership `me` in the scope of a record, if the viewer's key reaches that scope. The record is in the
    /// table with the alias `record`.
    ///
    /// `OFFSET 0` keeps the membership a subquery of its own, which is evaluated once the record is found. As a mere join, all
    /// memberships of the viewer might be read and sorted first.
    pub(crate) fn push_join(self, query: &mut QueryBuilder<Postgres>, record: &str) {
        match self {
            Self::Viewer(viewer) => {
                query.push(" JOIN LATERAL (SELECT me.user_id, me.role FROM members me WHERE me.scope_id = ");
                query.push(record).push(".scope_id AND ");
                push_membership(query, viewer);
                query.push(" OFFSET 0) AS me ON true");
            }
            // The membership was looked up with the key.
            Self::Key => {
                query.push(" JOIN (SELECT e.scope_id, (e.key).user_id, e.role) AS me ON me.scope_id = ");
                query.push(record).push(".scope_id");
            }
        }
    }
}
