//! The lookup of an API key: in one statement, the key is found, its user is granted a scope, and the first record of the
//! call is read.

use loggia_domain::key::{Caller, KeyHash};
use loggia_domain::port::FirstRead;
use loggia_domain::scope::ScopeChoice;
use sqlx::postgres::{PgExecutor, PgRow};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::columns::{Columns, Record as _, push_columns};
use crate::decode::keys::KeyRow;
use crate::tenancy::{Granted, Record, Target, TenantContext};
use crate::views::record::{Eyes, push_record};

/// What was found with a key.
pub(crate) struct KeyLookup {
    pub(crate) key: KeyRow,
    /// What the session was granted for the key's user.
    pub(crate) granted: Granted,
    /// What was read first: its columns, or nulls in their place, come after the [`COLUMNS`] of the lookup.
    pub(crate) first: Option<(FirstRead, PgRow)>,
}

/// How many columns are the lookup's own: the key's, the scope, and the role there.
pub(crate) const COLUMNS: usize = KeyRow::COLUMNS.len() + 2;

/// Looks for the key with that digest, and grants its user the scope that the call is about, as far as the key reaches. Without
/// such a key nothing is granted, and nothing is read.
///
/// What is read first depends on what `loggia_enter` has returned, so it is read in the context that was entered, whatever the
/// plan.
pub(crate) async fn enter(
    connection: impl PgExecutor<'_>,
    hash: &KeyHash,
    first: Option<FirstRead>,
) -> Result<Option<KeyLookup>, sqlx::Error> {
    let row = statement(hash, first).build().fetch_one(connection).await?;
    let mut columns = Columns::of(&row);
    let Some(key) = columns.optional()? else { return Ok(None) };
    let (scope, role): (Option<Uuid>, Option<String>) = (columns.next()?, columns.next()?);
    let granted = Granted::new(Vec::new(), scope.zip(role));
    Ok(Some(KeyLookup { key, granted, first: first.map(|what| (what, row)) }))
}

fn statement(hash: &KeyHash, first: Option<FirstRead>) -> QueryBuilder<Postgres> {
    let (target, sought) = match first {
        Some(FirstRead::RoleInScope(ScopeChoice::Default)) => ("default", None),
        Some(FirstRead::RoleInScope(ScopeChoice::Personal)) => ("personal", None),
        Some(FirstRead::RoleInScope(ScopeChoice::Organization(id))) => {
            Target::Scope(id.as_uuid()).arguments()
        }
        other => target_in(other).arguments(),
    };
    let mut query = QueryBuilder::new("SELECT ");
    push_columns::<KeyRow>(&mut query, "(e.key)");
    query.push(", e.scope_id, e.role");
    let record = first.filter(|what| Record::of(*what).is_some());
    if record.is_some() {
        query.push(", record.*");
    }
    query.push(" FROM loggia_enter(").push_bind(hash.as_bytes().to_vec());
    // The word stands in the statement: each has a plan of its own all the same.
    query
        .push(format_args!(", NULL, NULL, NULL, '{{}}', '{target}', "))
        .push_bind(sought)
        .push(", false) AS e");
    if let Some(what) = record {
        query.push(" LEFT JOIN LATERAL (");
        push_record(&mut query, Eyes::OfTheKey, what);
        query.push(" OFFSET 0) AS record ON true");
    }
    query
}

/// The scope of the record that is read first.
fn target_in(first: Option<FirstRead>) -> Target {
    first.and_then(Record::of).map_or(Target::None, Target::In)
}

/// The context that the lookup has entered for that caller.
pub(crate) fn context(caller: &Caller, first: Option<FirstRead>) -> TenantContext {
    match first {
        Some(FirstRead::RoleInScope(choice)) => {
            TenantContext::viewer_in(&caller.viewer(), caller.scope(choice))
        }
        other => TenantContext::viewer(&caller.viewer(), target_in(other)),
    }
}
