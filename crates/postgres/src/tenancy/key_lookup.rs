//! The lookup of an API key: one statement finds the key, grants its user a scope, and reads the first record of the call.

use loggia_domain::key::{Caller, KeyHash};
use loggia_domain::port::{ReadAhead, StoreError};
use loggia_domain::scope::ScopeChoice;
use loggia_sql::{KeyRow, Record as _};
use sqlx::postgres::{PgExecutor, PgRow};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::columns::{Columns, push_columns};
use crate::tenancy::context::{Granted, Record, Target, TenantContext};

/// The result of a key lookup.
pub(crate) struct KeyLookup {
    pub(crate) key: KeyRow,
    /// The scopes that the session was granted for the key's user.
    pub(crate) granted: Granted,
    /// The first read and its row: its columns, or nulls if nothing was found, follow the [`COLUMNS`] of the lookup.
    pub(crate) first: Option<(ReadAhead, PgRow)>,
}

/// The first read of a call, as a query that is part of the lookup's statement.
#[derive(Clone, Copy)]
pub(crate) struct FirstQuery {
    pub(crate) what: ReadAhead,
    /// Writes the query for a record, as the user of the key sees it. The statement has the result of `loggia_enter` as `e`.
    pub(crate) push: fn(&mut QueryBuilder<Postgres>, ReadAhead),
}

/// The number of the lookup's own columns: the key's, the scope, and the role there.
pub(crate) const COLUMNS: usize = KeyRow::COLUMNS.len() + 2;

/// Looks up the key with this digest, and grants its user the scope that the call is about, if the key reaches it. Without such a key
/// nothing is granted and nothing is read.
///
/// The first read refers to the result of `loggia_enter`, so it runs in the new tenant context, whatever the plan.
pub(crate) async fn enter(
    connection: impl PgExecutor<'_>,
    hash: &KeyHash,
    first: Option<FirstQuery>,
) -> Result<PgRow, sqlx::Error> {
    statement(hash, first).build().fetch_one(connection).await
}

impl KeyLookup {
    /// Reads the row of [`enter`]; returns `None` if there is no such key.
    pub(crate) fn read(row: PgRow, first: Option<ReadAhead>) -> Result<Option<Self>, StoreError> {
        let mut columns = Columns::new(&row);
        let Some(key) = columns.optional()? else { return Ok(None) };
        let (scope, role): (Option<Uuid>, Option<String>) = (columns.value()?, columns.value()?);
        let granted = Granted::new(Vec::new(), scope.zip(role));
        Ok(Some(Self { key, granted, first: first.map(|what| (what, row)) }))
    }
}

fn statement(hash: &KeyHash, first: Option<FirstQuery>) -> QueryBuilder<Postgres> {
    let (target, sought) = match first.map(|first| first.what) {
        Some(ReadAhead::RoleInScope(ScopeChoice::Default)) => ("default", None),
        Some(ReadAhead::RoleInScope(ScopeChoice::Personal)) => ("personal", None),
        Some(ReadAhead::RoleInScope(ScopeChoice::Organization(id))) => {
            Target::Scope(id.as_uuid()).arguments()
        }
        other => target_in(other).arguments(),
    };
    let mut query = QueryBuilder::new("SELECT ");
    push_columns::<KeyRow>(&mut query, "(e.key)");
    query.push(", e.scope_id, e.role");
    let record = first.filter(|first| Record::from_read_ahead(first.what).is_some());
    if record.is_some() {
        query.push(", record.*");
    }
    query.push(" FROM loggia_enter(").push_bind(hash.as_bytes().to_vec());
    // The target is a literal in the statement, since each target has a statement and a plan of its own anyway.
    query
        .push(format_args!(", NULL, NULL, NULL, '{{}}', '{target}', "))
        .push_bind(sought)
        .push(", false) AS e");
    if let Some(FirstQuery { what, push }) = record {
        query.push(" LEFT JOIN LATERAL (");
        push(&mut query, what);
        query.push(" OFFSET 0) AS record ON true");
    }
    query
}

/// Returns the target of the first read: the scope of its record.
fn target_in(first: Option<ReadAhead>) -> Target {
    first.and_then(Record::from_read_ahead).map_or(Target::None, Target::In)
}

/// Returns the tenant context that the lookup has set for the caller.
pub(crate) fn context(caller: &Caller, first: Option<ReadAhead>) -> TenantContext {
    match first {
        Some(ReadAhead::RoleInScope(choice)) => {
            TenantContext::viewer_in(&caller.viewer(), caller.scope(choice))
        }
        other => TenantContext::viewer(&caller.viewer(), target_in(other)),
    }
}
