//! The record that a call reads together with its key.

use loggia_domain::port::FirstRead;
use sqlx::{Postgres, QueryBuilder};

use super::membership::MembershipSource;
use super::{projects, spaces, tasks};
use crate::tenancy::key_lookup::FirstQuery;

/// Returns the query of a first read, as a part of the statement that looks up the key.
pub(crate) fn with_key(what: FirstRead) -> FirstQuery {
    FirstQuery { what, push }
}

/// Writes the query for the record.
fn push(query: &mut QueryBuilder<Postgres>, what: FirstRead) {
    let source = MembershipSource::Key;
    match what {
        // The key lookup itself returns the role.
        FirstRead::RoleInScope(_) => {}
        FirstRead::Space(id, includes) => spaces::push_one(query, source, id, includes),
        FirstRead::Project(id) => projects::push_one(query, source, id),
        FirstRead::ProjectStanding(id) => projects::push_standing(query, source, id),
        FirstRead::Task(id) => tasks::push_one(query, source, id),
    }
}
