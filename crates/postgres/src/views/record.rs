//! One record, known by its id: looked up by itself, or together with the key of the call that asks for it.

use loggia_domain::port::{FirstRead, StoreError};
use loggia_domain::scope::Viewer;
use sqlx::{Postgres, QueryBuilder};

use super::list::{fetch_one, push_place};
use super::{projects, spaces, tasks};
use crate::columns::Columns;
use crate::door::Door;
use crate::entry;
use crate::error::store_error;
use crate::session::Readers;

/// Whose eyes a statement is for.
#[derive(Clone, Copy)]
pub(crate) enum Eyes<'v> {
    /// The viewer's.
    Of(&'v Viewer),
    /// Those of the user of the key `k`, as far as it reaches; what the user may see is `opened` in the same statement.
    OfTheKey,
}

impl Eyes<'_> {
    /// Requires an active place in a scope, as `me`, and that the key reaches it.
    pub(super) fn push_place(self, query: &mut QueryBuilder<Postgres>) {
        match self {
            Self::Of(viewer) => push_place(query, viewer),
            Self::OfTheKey => {
                query.push(
                    "me.user_id = k.user_id AND me.active AND (k.confined_to IS NULL OR me.scope_id = k.confined_to)
                     AND opened.scopes IS NOT NULL",
                );
            }
        }
    }
}

/// The statement that finds it.
pub(crate) fn push_record(query: &mut QueryBuilder<Postgres>, eyes: Eyes<'_>, what: FirstRead) {
    match what {
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
        let mut columns = Columns::after(&row, entry::COLUMNS);
        // Each begins with what is never null.
        let is_missing = columns.next_is_null().map_err(store_error)?;
        return if is_missing { Ok(None) } else { read(&mut columns).map(Some) };
    }
    let mut query = QueryBuilder::new("");
    push_record(&mut query, Eyes::Of(viewer), what);
    let row = fetch_one(readers, &Door::viewer(viewer), query).await?;
    row.map(|row| read(&mut Columns::of(&row))).transpose()
}
