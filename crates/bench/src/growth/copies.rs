//! Makes a large store from a small one of `loggia demo`: its records are copied many times, as if they had been created earlier.
//!
//! The demo writes each record by its use case, which is correct and slow. A copy need not check any rules, since the original has passed
//! them all. The change of a column's values depends on its name. A copy with the number n is n times [`STEP`] older than the original,
//! and so are its ids, whose first half is a time. A copy has no events, which no read uses. Nothing may be written to such a store
//! afterwards, since the counters of numbers stay as they were.

use anyhow::{Context, Result};

/// The distance between two copies in microseconds: the time that one unit in the upper four bytes of an id stands for.
pub(super) const STEP: i64 = 65_536_000;
/// The number of the demo's spaces that a copy has. (The demo creates more of them, so that its organization has a 500th page at every
/// size.)
const SPACES: usize = 250;

/// The tables that a copy of the whole organization fills, each after those that it refers to.
const ALL: [&str; 8] =
    ["scopes", "users", "organizations", "members", "projects", "project_members", "tasks", "spaces"];
/// The tables that a copy within the same organization fills.
const WITHIN: [&str; 4] = ["projects", "project_members", "tasks", "spaces"];

/// Statements that run after the copies. They make the members of all organizations members of the demo's own one too, and the caller a
/// member of all organizations: the cost of a call depends on neither. Existing memberships stay unchanged. They run again whenever the
/// store has grown, so the new numbers begin behind those of the earlier runs.
pub(super) const JOIN: [&str; 2] = [
    "INSERT INTO members (scope_id, user_id, number, role, active, first_name, last_name, name_key, search_key, created_at,
         updated_at, revision)
     SELECT k.default_scope_id, m.user_id,
         1000000 + (SELECT count(*) FROM members WHERE scope_id IN (SELECT default_scope_id FROM api_keys))
             + row_number() OVER (ORDER BY m.user_id),
         'member', m.active, m.first_name, m.last_name, m.name_key, m.search_key, m.created_at, m.updated_at, 1
     FROM api_keys k, members m, organizations o
     WHERE o.id = m.scope_id AND NOT EXISTS (
         SELECT 1 FROM members own WHERE own.scope_id = k.default_scope_id AND own.user_id = m.user_id)",
    "INSERT INTO members (scope_id, user_id, number, role, active, first_name, last_name, name_key, search_key, created_at,
         updated_at, revision)
     SELECT o.id, m.user_id, 1000000, 'viewer', m.active, m.first_name, m.last_name, m.name_key, m.search_key, m.created_at,
         m.updated_at, 1
     FROM api_keys k, members m, organizations o
     WHERE m.scope_id = k.default_scope_id AND m.user_id = k.user_id AND NOT EXISTS (
         SELECT 1 FROM members own WHERE own.scope_id = o.id AND own.user_id = k.user_id)",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Copy {
    /// The number of the copy, which no other has.
    pub(super) number: u32,
    /// The index of the copy within the demo's own organization, from 1; `None` for another organization with people of its own.
    pub(super) within: Option<u32>,
}

impl Copy {
    pub(super) fn tables(self) -> &'static [&'static str] {
        if self.within.is_some() { &WITHIN } else { &ALL }
    }
}

/// The size of a store, from which its copies follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    /// The number of tasks in thousands, and the number of organizations.
    pub(super) thousands: u32,
}

impl Size {
    /// Returns the copies for this size beyond those for `after`. Half of the records are in the demo's own organization, since a
    /// caller's list grows with the store; the other organizations share the rest. Every part has 500 tasks: the demo, as many copies
    /// within it as there are thousands, and one less of other organizations.
    pub(super) fn copies(self, after: Option<Self>) -> Vec<Copy> {
        let done = after.map_or(0, |size| size.thousands);
        let pairs = done.max(1)..=self.thousands;
        pairs
            .flat_map(|pair| {
                let within = (pair > done).then_some(Copy { number: 2 * pair, within: Some(pair) });
                // The first thousand has no other organization.
                let other = (pair > done.max(1)).then_some(Copy { number: 2 * pair + 1, within: None });
                within.into_iter().chain(other)
            })
            .collect()
    }

    /// Returns the number of spaces in all organizations.
    pub(super) fn spaces(self, demo: u64) -> u64 {
        demo + u64::from(2 * self.thousands - 1) * SPACES as u64
    }
}

/// The change of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Keep,
    /// The id becomes earlier by the copy's number of steps.
    Id,
    /// The time becomes earlier by the copy's number of steps.
    Time,
    /// The number, which is unique within the organization, becomes larger by [`Table::offset`].
    Number,
    /// The text becomes unique to the copied person.
    Own,
}

/// Returns the change of a column's values.
pub(super) fn change(table: &str, column: &str, copy: Copy) -> Change {
    let own = copy.within.is_none();
    let if_own = |change| if own { change } else { Change::Keep };
    match (table, column) {
        (_, "created_at" | "updated_at") => Change::Time,
        (_, "id" | "project_id") => Change::Id,
        (_, "scope_id" | "home_scope" | "user_id" | "created_by" | "assignee_id") => if_own(Change::Id),
        ("users", "email" | "email_key") => Change::Own,
        ("projects", "number") if !own => Change::Number,
        _ => Change::Keep,
    }
}

/// The rows of a table that are copied; `V` is a value in the store's form.
pub(super) struct Table<V> {
    pub(super) name: &'static str,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<V>>,
}

impl<V> Table<V> {
    pub(super) fn new(name: &'static str, columns: Vec<String>, rows: Vec<Vec<V>>) -> Self {
        Self { name, columns, rows }
    }

    /// Returns the query for a table's rows, with `columns` as the select list.
    pub(super) fn query(name: &str, columns: &str) -> String {
        let few = if name == "spaces" { format!(" ORDER BY id LIMIT {SPACES}") } else { String::new() };
        format!("SELECT {columns} FROM {name}{few}")
    }

    /// Returns the tables that a copy fills.
    pub(super) fn filled_by(tables: &[Self], copy: Copy) -> impl Iterator<Item = Result<&Self>> {
        copy.tables().iter().map(|name| {
            tables.iter().find(|table| table.name == *name).with_context(|| format!("{name} was not read"))
        })
    }

    /// Returns the change of each of its columns.
    pub(super) fn changes(&self, copy: Copy) -> Vec<Change> {
        self.columns.iter().map(|column| change(self.name, column, copy)).collect()
    }

    /// Returns the amount by which a number of the organization becomes larger: the number of copied rows for each copy.
    pub(super) fn offset(&self, copy: Copy) -> i64 {
        i64::from(copy.within.unwrap_or_default())
            .saturating_mul(self.rows.len().try_into().unwrap_or(i64::MAX))
    }
}

/// Every table that is copied.
pub(super) const TABLES: [&str; 8] = ALL;

/// Returns the upper four bytes of an id, earlier by the copy's number of steps.
pub(super) fn earlier(upper: u32, copy: Copy) -> u32 {
    upper.wrapping_sub(copy.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tasks(size: Size) -> u32 {
        500 * (1 + u32::try_from(size.copies(None).len()).unwrap())
    }

    #[test]
    fn half_of_the_copies_of_each_size_are_in_the_demos_own_organization() {
        for thousands in [1, 10, 100, 1_000] {
            let size = Size { thousands };
            assert_eq!(tasks(size), 1_000 * thousands);
            let copies = size.copies(None);
            let within = copies.iter().filter(|copy| copy.within.is_some()).count();
            assert_eq!((within, copies.len() - within), (thousands as usize, thousands as usize - 1));
        }
    }

    #[test]
    fn growing_in_steps_makes_the_same_copies_as_growing_at_once() {
        let [small, large] = [1, 10].map(|thousands| Size { thousands });
        let steps = [small.copies(None), large.copies(Some(small))].concat();
        assert_eq!(steps, large.copies(None));
        let mut numbers: Vec<u32> = steps.iter().map(|copy| copy.number).collect();
        numbers.dedup();
        assert!(numbers.len() == steps.len() && numbers.is_sorted(), "{numbers:?}");
        assert_eq!(large.spaces(10_040), 10_040 + 19 * 250);
    }

    #[test]
    fn copies_within_the_organization_keep_its_people() {
        let within = Copy { number: 2, within: Some(1) };
        let other = Copy { number: 3, within: None };
        let of = |table, column| (change(table, column, within), change(table, column, other));
        assert_eq!(of("tasks", "assignee_id"), (Change::Keep, Change::Id));
        assert_eq!(of("users", "home_scope"), (Change::Keep, Change::Id));
        assert_eq!(of("tasks", "project_id"), (Change::Id, Change::Id));
        assert_eq!(of("projects", "number"), (Change::Number, Change::Keep));
        assert_eq!(of("tasks", "number"), (Change::Keep, Change::Keep));
        assert_eq!(of("projects", "start_date"), (Change::Keep, Change::Keep));
    }
}
