//! One record by its id: read by itself, or together with the key of the call that asks for it.

use loggia_domain::port::{ReadAhead, StoreError};
use loggia_domain::scope::Viewer;
use sqlx::{Postgres, QueryBuilder};

use super::list::{fetch_one, push_place};
use super::{projects, spaces, tasks};
use crate::columns::Columns;
use crate::error::store_error;
use crate::key_lookup;
use crate::session::Readers;
use crate::tenancy::{Record, Target, TenantContext};

/// The user whose visibility applies to a statement.
#[derive(Clone, Copy)]
pub(crate) enum Eyes<'v> {
    /// This viewer.
    Of(&'v Viewer),
    /// The user of the key that the statement itself has looked up, as `e`.
    OfTheKey,
}

impl Eyes<'_> {
    /// Joins the viewer's active membership `me` in the scope of a record, if the viewer's key reaches that scope. The record is in the
    /// table with the alias `record`.
    ///
    /// `OFFSET 0` keeps the membership a subquery of its own, which is evaluated once the record is found. As a mere join, all
    /// memberships of the viewer might be read and sorted first.
    pub(super) fn push_membership(self, query: &mut QueryBuilder<Postgres>, record: &str) {
        match self {
            Self::Of(viewer) => {
                query.push(" JOIN LATERAL (SELECT me.user_id, me.role FROM members me WHERE me.scope_id = ");
                query.push(record).push(".scope_id AND ");
                push_place(query, viewer);
                query.push(" OFFSET 0) AS me ON true");
            }
            // The membership was looked up with the key.
            Self::OfTheKey => {
                query.push(" JOIN (SELECT e.scope_id, (e.key).user_id, e.role) AS me ON me.scope_id = ");
                query.push(record).push(".scope_id");
            }
        }
    }
}

/// Writes the query for the record.
pub(crate) fn push_record(query: &mut QueryBuilder<Postgres>, eyes: Eyes<'_>, what: ReadAhead) {
    match what {
        // The key lookup itself returns the role.
        ReadAhead::RoleInScope(_) => {}
        ReadAhead::Space(id, includes) => spaces::push_one(query, eyes, id, includes),
        ReadAhead::Project(id) => projects::push_one(query, eyes, id),
        ReadAhead::ProjectStanding(id) => projects::push_standing(query, eyes, id),
        ReadAhead::Task(id) => tasks::push_one(query, eyes, id),
    }
}

/// Finds the record, unless the key lookup has read it already.
pub(super) async fn record<T>(
    readers: &Readers,
    viewer: &Viewer,
    what: ReadAhead,
    read: impl FnOnce(&mut Columns<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    if let Some(row) = readers.first_read(viewer, what).await {
        let mut columns = Columns::after(&row, key_lookup::COLUMNS);
        // The first column of each record is never null.
        let is_missing = columns.next_is_null().map_err(store_error)?;
        return if is_missing { Ok(None) } else { read(&mut columns).map(Some) };
    }
    let target = Record::of(what).map_or(Target::None, Target::In);
    let mut query = QueryBuilder::new("");
    push_record(&mut query, Eyes::Of(viewer), what);
    let row = fetch_one(readers, &TenantContext::viewer(viewer, target), query).await?;
    row.map(|row| read(&mut Columns::of(&row))).transpose()
}
