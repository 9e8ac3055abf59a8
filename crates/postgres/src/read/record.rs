//! One record by its id: read by itself, or together with the key of the call that asks for it.

use loggia_domain::port::{ReadAhead, StoreError};
use loggia_domain::scope::Viewer;
use sqlx::{Postgres, QueryBuilder};

use super::list::fetch_one;
use super::membership::MembershipSource;
use crate::columns::Columns;
use crate::tenancy::context::{Record, Target, TenantContext};
use crate::tenancy::key_lookup;
use crate::tenancy::readers::Readers;

/// Finds the record and returns what `read` makes of it. `push` writes the query, unless the key lookup has read the record already.
pub(super) async fn record<T>(
    readers: &Readers,
    viewer: &Viewer,
    what: ReadAhead,
    push: impl FnOnce(&mut QueryBuilder<Postgres>, MembershipSource<'_>),
    read: impl FnOnce(&mut Columns<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    if let Some(row) = readers.first_read(viewer, what).await {
        let mut columns = Columns::after(&row, key_lookup::COLUMNS);
        // The first column of each record is never null.
        let is_missing = columns.next_is_null()?;
        return if is_missing { Ok(None) } else { read(&mut columns).map(Some) };
    }
    let target = Record::from_read_ahead(what).map_or(Target::None, Target::In);
    let mut query = QueryBuilder::new("");
    push(&mut query, MembershipSource::Viewer(viewer));
    let row = fetch_one(readers, &TenantContext::viewer(viewer, target), query).await?;
    row.map(|row| read(&mut Columns::new(&row))).transpose()
}
