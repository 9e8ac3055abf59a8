//! Verifies the rows of an archive: every value by the domain's own parsers, every reference, and the rules that span rows. Fills in the
//! columns that an archive leaves out.

mod people;
mod work;

use std::collections::{HashMap, HashSet};

use loggia_domain::id::OrganizationId;
use loggia_domain::port::StoreError;
use loggia_domain::scope::Scope;
use loggia_sql::moving::{Row, Table, Value};
use uuid::Uuid;

use super::accounts::Resolved;
use crate::archive::{ArchiveError, Rows};

/// An account of the archive.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) id: Uuid,
    pub(super) user: Row,
    pub(super) member: Row,
}

/// The accounts of an archive, and the organization's own users, each with the number of readmissions.
pub(super) type Users = (Vec<Account>, Vec<(Uuid, i64)>);

/// Returns the value of a column.
pub(super) fn get<'r>(table: &Table, row: &'r [Value], column: &str) -> &'r Value {
    table.index(column).and_then(|i| row.get(i)).unwrap_or(&Value::Null)
}

/// Returns the text of a column, or an empty one.
pub(super) fn text<'r>(table: &Table, row: &'r [Value], column: &str) -> &'r str {
    if let Value::Text(text) = get(table, row, column) { text } else { "" }
}

/// Replaces the value of a column.
pub(super) fn set(table: &Table, row: &mut [Value], column: &str, value: Value) {
    if let Some(slot) = table.index(column).and_then(|i| row.get_mut(i)) {
        *slot = value;
    }
}

fn id(table: &Table, row: &[Value], column: &str) -> Option<Uuid> {
    if let Value::Id(id) = get(table, row, column) { Some(*id) } else { None }
}

fn number(table: &Table, row: &[Value], column: &str) -> i64 {
    if let Value::Integer(number) = get(table, row, column) { *number } else { 0 }
}

/// The reason that a row is refused.
enum Refused {
    Value(StoreError),
    Rule(String),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Value(error)
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // The domain's error names the row and the column.
            Self::Value(StoreError::Corrupt(why)) | Self::Rule(why) => f.write_str(why),
            Self::Value(other) => other.fmt(f),
        }
    }
}

fn rule<T>(why: impl Into<String>) -> Result<T, Refused> {
    Err(Refused::Rule(why.into()))
}

/// The next numbers that a project gives.
struct Counters {
    membership: i64,
    task: i64,
}

/// Verifies rows in the order of an archive, each after those that it refers to.
pub(super) struct Checker {
    organization: OrganizationId,
    resolved: Resolved,
    next_member: Option<i64>,
    next_project: i64,
    has_organization: bool,
    has_admin: bool,
    users: HashMap<Uuid, Row>,
    /// The accounts whose address the archive does not have.
    without_address: HashSet<Uuid>,
    /// The members, with the row of those who have accounts.
    members: HashMap<Uuid, Option<Row>>,
    readmissions: HashMap<Uuid, i64>,
    projects: HashMap<Uuid, Counters>,
    invitations: HashSet<Uuid>,
}

impl Checker {
    pub(super) fn new(organization: OrganizationId, resolved: Resolved) -> Self {
        Self {
            organization,
            resolved,
            next_member: None,
            next_project: 0,
            has_organization: false,
            has_admin: false,
            users: HashMap::new(),
            without_address: HashSet::new(),
            members: HashMap::new(),
            readmissions: HashMap::new(),
            projects: HashMap::new(),
            invitations: HashSet::new(),
        }
    }

    /// Verifies the rows of a part.
    pub(super) fn check(&mut self, part: &mut Rows) -> Result<(), ArchiveError> {
        for (i, row) in part.rows.iter_mut().enumerate() {
            self.check_row(part.table, row)
                .map_err(|why| ArchiveError::invalid(format!("{} line {}", part.entry, i + 1), why))?;
        }
        Ok(())
    }

    /// Verifies what only the whole archive shows. Returns its accounts, and the organization's own users with their readmissions.
    pub(super) fn finish(mut self) -> Result<Users, ArchiveError> {
        let lacks = |what: &str| Err(ArchiveError::invalid("the archive", format!("has no {what}")));
        if self.next_member.is_none() || !self.has_organization {
            return lacks("organization");
        }
        if !self.has_admin {
            return lacks("active admin");
        }
        let (mut accounts, mut own_users) = (Vec::new(), Vec::new());
        for (id, user) in std::mem::take(&mut self.users) {
            match self.members.remove(&id) {
                None => return lacks(&format!("member {id}, although it has the user")),
                Some(Some(member)) => accounts.push(Account { id, user, member }),
                Some(None) => own_users.push((id, self.readmissions.get(&id).copied().unwrap_or_default())),
            }
        }
        // In the order of the ids, so that units of work lock them in the same order.
        accounts.sort_unstable_by_key(|account| account.id);
        own_users.sort_unstable();
        Ok((accounts, own_users))
    }

    fn check_row(&mut self, table: &'static Table, row: &mut Row) -> Result<(), Refused> {
        match table.name {
            "scopes" => self.scope(table, row),
            "users" => self.user(table, row),
            "organizations" => self.organization(table, row),
            "members" => self.member(table, row),
            "projects" => self.project(table, row),
            "project_members" => self.roster(table, row),
            "spaces" => self.space(table, row),
            "tasks" => self.task(table, row),
            "events" => self.event(table, row),
            "invitations" => self.invitation(table, row),
            "invitation_projects" => self.invited_project(table, row),
            other => rule(format!("the table {other} is not known")),
        }
    }

    fn scope_of_all(&self) -> Scope {
        Scope::Organization(self.organization)
    }

    fn is_a_member(&self, table: &Table, row: &[Value], column: &str) -> Result<(), Refused> {
        match get(table, row, column) {
            Value::Null => Ok(()),
            Value::Id(id) if self.members.contains_key(id) => Ok(()),
            _ => rule(format!("{column} is no member of the organization")),
        }
    }

    fn is_a_project(&self, table: &Table, row: &[Value], column: &str) -> Result<Option<&Counters>, Refused> {
        match get(table, row, column) {
            Value::Null => Ok(None),
            Value::Id(id) => match self.projects.get(id) {
                Some(counters) => Ok(Some(counters)),
                None => rule(format!("{column} is no project of the organization")),
            },
            _ => rule(format!("{column} is no project of the organization")),
        }
    }
}

/// Checks the revision, which begins at 1.
fn revision(table: &Table, row: &[Value]) -> Result<(), Refused> {
    if number(table, row, "revision") < 1 { rule("revision is less than 1") } else { Ok(()) }
}
