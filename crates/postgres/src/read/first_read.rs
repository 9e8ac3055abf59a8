//! The record that a call reads together with its key.

use loggia_domain::port::ReadAhead;
use sqlx::{Postgres, QueryBuilder};

use super::membership::MembershipSource;
use super::{projects, spaces, tasks};
use crate::tenancy::key_lookup::FirstQuery;

/// Returns the query of a first read, as a part of the statement that looks up the key.
pub(crate) fn with_key(what: ReadAhead) -> FirstQuery {
    FirstQuery { what, push }
}

/// Writes the query for the record.
fn push(query: &mut QueryBuilder<Postgres>, what: ReadAhead) {
    let source = MembershipSource::Key;
    match what {
        // The key lookup itself returns the role.
        ReadAhead::RoleInScope(_) => {}
        ReadAhead::Space(id, includes) => spaces::push_one(query, source, id, includes),
        ReadAhead::Project(id) => projects::push_one(query, source, id),
        ReadAhead::ProjectStanding(id) => projects::push_standing(query, source, id),
        ReadAhead::Task(id) => tasks::push_one(query, source, id),
    }
}
