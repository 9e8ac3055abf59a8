//! One record, known by its id: looked up by itself, or together with the key of the call that asks for it.

use loggia_domain::port::{FirstRead, StoreError};
use loggia_domain::scope::Viewer;
use sqlx::{Postgres, QueryBuilder};

use super::list::{fetch_one, push_place};
use super::{projects, spaces, tasks};
use crate::columns::Columns;
use crate::error::store_error;
use crate::key_lookup;
use crate::session::Readers;
use crate::tenancy::{Record, Target, TenantContext};

/// Whose visibility a statement is for.
#[derive(Clone, Copy)]
pub(crate) enum Eyes<'v> {
    /// The viewer's.
    Of(&'v Viewer),
    /// That of the user of the key that the same statement has looked up, as `e`.
    OfTheKey,
}

impl Eyes<'_> {
    /// Joins to a record, by its scope, the viewer's active membership as `me`, if the viewer's key reaches the scope. The record is
    /// of the table with that alias.
    ///
    /// `OFFSET 0` keeps the membership a subquery of its own, which is asked for once the record is found. As a mere join, all
    /// memberships of the viewer might be read and sorted first.
    pub(super) fn push_membership(self, query: &mut QueryBuilder<Postgres>, record: &str) {
        match self {
            Self::Of(viewer) => {
                query.push(" JOIN LATERAL (SELECT me.user_id, me.role FROM members me WHERE me.scope_id = ");
                query.push(record).push(".scope_id AND ");
                push_place(query, viewer);
                query.push(" OFFSET 0) AS me ON true");
            }
            // Looked up a moment ago, together with the key.
            Self::OfTheKey => {
                query.push(" JOIN (SELECT e.scope_id, (e.key).user_id, e.role) AS me ON me.scope_id = ");
                query.push(record).push(".scope_id");
            }
        }
    }
}

/// The statement that finds it.
pub(crate) fn push_record(query: &mut QueryBuilder<Postgres>, eyes: Eyes<'_>, what: FirstRead) {
    match what {
        // It comes with the key.
        FirstRead::RoleInScope(_) => {}
        FirstRead::Space(id, includes) => spaces::push_one(query, eyes, id, includes),
        FirstRead::Project(id) => projects::push_one(query, eyes, id),
        FirstRead::ProjectStanding(id) => projects::push_standing(query, eyes, id),
        FirstRead::Task(id) => tasks::push_one(query, eyes, id),
    }
}

/// Finds it, unless it was found together with the key.
pub(super) async fn record<T>(
    readers: &Readers,
    viewer: &Viewer,
    what: FirstRead,
    read: impl FnOnce(&mut Columns<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    if let Some(row) = readers.first_read(viewer, what).await {
        let mut columns = Columns::after(&row, key_lookup::COLUMNS);
        // Each begins with what is never null.
        let is_missing = columns.next_is_null().map_err(store_error)?;
        return if is_missing { Ok(None) } else { read(&mut columns).map(Some) };
    }
    let target = Record::of(what).map_or(Target::None, Target::In);
    let mut query = QueryBuilder::new("");
    push_record(&mut query, Eyes::Of(viewer), what);
    let row = fetch_one(readers, &TenantContext::viewer(viewer, target), query).await?;
    row.map(|row| read(&mut Columns::of(&row))).transpose()
}
