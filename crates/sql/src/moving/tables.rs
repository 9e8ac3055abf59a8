//! The tables and their columns.

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A UUID.
    Id,
    /// A whole number.
    Integer,
    /// Microseconds since 1970 in UTC.
    Time,
    /// A truth value.
    Flag,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// The sort key of an outline number, four bytes a part.
    Outline,
    /// The changes of an event, as the JSON text that [`crate::encode_changes`] returns.
    Changes,
}

/// The purpose of a column, which decides whether an organization's archive contains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A part of the record: in an archive.
    Kept,
    /// The scope of the row: the same in all rows of an archive, which therefore leaves it out.
    Scope,
    /// A form of other columns for comparing, searching or ordering: computed again when an archive is imported.
    Folded,
    /// A secret or its digest, or a fact about the instance: copied with the instance, and never in an archive.
    Instance,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name.
    pub name: &'static str,
    /// The type.
    pub kind: Kind,
    /// Whether the value may be null.
    pub is_nullable: bool,
    /// The purpose of the column.
    pub purpose: Purpose,
}

impl Column {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, is_nullable: false, purpose: Purpose::Kept }
    }

    const fn id(name: &'static str) -> Self {
        Self::new(name, Kind::Id)
    }

    const fn integer(name: &'static str) -> Self {
        Self::new(name, Kind::Integer)
    }

    const fn time(name: &'static str) -> Self {
        Self::new(name, Kind::Time)
    }

    const fn flag(name: &'static str) -> Self {
        Self::new(name, Kind::Flag)
    }

    const fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text)
    }

    const fn bytes(name: &'static str) -> Self {
        Self::new(name, Kind::Bytes)
    }

    const fn scope() -> Self {
        Self { purpose: Purpose::Scope, ..Self::id("scope_id") }
    }

    const fn or_null(self) -> Self {
        Self { is_nullable: true, ..self }
    }

    const fn folded(self) -> Self {
        Self { purpose: Purpose::Folded, ..self }
    }

    const fn of_the_instance(self) -> Self {
        Self { purpose: Purpose::Instance, ..self }
    }
}

/// The source of the rows of a table, and their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The rows of the table, ordered by the key.
    Rows,
    /// The rows of `events`, ordered by scope and, within a scope, as the events happened. Positions belong to a store and are not columns
    /// here: a store numbers the events anew in the order in which they are written.
    Events,
    /// The totals of lists that are not zero, with their parts added up. Triggers keep them, so they are compared and never written.
    Totals,
}

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// The name.
    pub name: &'static str,
    /// The columns of the primary key, or of the unique key that identifies a row in every store.
    pub key: &'static [&'static str],
    /// The columns, in the order of the values of a [`super::Row`].
    pub columns: &'static [Column],
    /// The source of the rows.
    pub source: Source,
}

impl Table {
    const fn new(name: &'static str, key: &'static [&'static str], columns: &'static [Column]) -> Self {
        Self { name, key, columns, source: Source::Rows }
    }

    /// Returns the index of the column with this name, or `None` if there is no such column.
    pub fn index(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|it| it.name == column)
    }

    /// Returns the key's columns with their indexes.
    pub fn key_columns(&self) -> impl Iterator<Item = (usize, &'static Column)> {
        let columns = self.columns;
        self.key.iter().filter_map(move |name| columns.iter().enumerate().find(|(_, it)| it.name == *name))
    }

    /// Returns the columns that an archive contains, with their indexes.
    pub fn archived(&self) -> impl Iterator<Item = (usize, &'static Column)> {
        self.columns.iter().enumerate().filter(|(_, column)| column.purpose == Purpose::Kept)
    }
}

const SCOPED_KEY: &[&str] = &["scope_id", "id"];

/// The scopes: organizations, and the personal scopes of accounts.
pub static SCOPES: Table = Table::new(
    "scopes",
    &["id"],
    &[
        Column::id("id"),
        Column::text("kind"),
        Column::integer("next_member_number"),
        Column::integer("next_project_number"),
    ],
);

/// The users: accounts, and organizations' own people and machines.
pub static USERS: Table = Table::new(
    "users",
    &["id"],
    &[
        Column::id("id"),
        Column::id("home_scope").or_null(),
        Column::text("kind"),
        Column::text("email"),
        Column::text("email_key").folded(),
        Column::time("created_at"),
        Column::integer("organizations_made").of_the_instance(),
        Column::integer("readmissions").of_the_instance(),
        Column::time("erased_at").or_null(),
    ],
);

/// The organizations.
pub static ORGANIZATIONS: Table = Table::new(
    "organizations",
    &["id"],
    &[
        Column::id("id"),
        Column::text("name"),
        Column::text("name_key").folded(),
        Column::time("created_at"),
        Column::time("updated_at"),
        Column::integer("revision"),
        Column::time("closed_at").or_null().of_the_instance(),
    ],
);

/// The members of scopes.
pub static MEMBERS: Table = Table::new(
    "members",
    &["scope_id", "user_id"],
    &[
        Column::scope(),
        Column::id("user_id"),
        Column::integer("number"),
        Column::text("role"),
        Column::flag("active"),
        Column::text("first_name"),
        Column::text("last_name"),
        Column::text("name_key").folded(),
        Column::text("search_key").folded(),
        Column::text("username").or_null(),
        Column::text("username_key").or_null().folded(),
        Column::text("employee_number").or_null(),
        Column::text("employee_number_key").or_null().folded(),
        Column::text("avatar").or_null(),
        Column::time("created_at"),
        Column::time("updated_at"),
        Column::integer("revision"),
        Column::integer("readmissions"),
    ],
);

/// The projects.
pub static PROJECTS: Table = Table::new(
    "projects",
    SCOPED_KEY,
    &[
        Column::scope(),
        Column::id("id"),
        Column::integer("number"),
        Column::text("name"),
        Column::text("name_key").folded(),
        Column::text("description").or_null(),
        Column::time("start_date").or_null(),
        Column::time("end_date").or_null(),
        Column::text("visibility"),
        Column::id("created_by"),
        Column::time("created_at"),
        Column::time("updated_at"),
        Column::integer("revision"),
        Column::integer("next_membership_number"),
        Column::integer("next_task_number"),
        Column::integer("next_top_number"),
    ],
);

/// The rosters of projects.
pub static PROJECT_MEMBERS: Table = Table::new(
    "project_members",
    &["scope_id", "project_id", "user_id"],
    &[
        Column::scope(),
        Column::id("project_id"),
        Column::id("user_id"),
        Column::id("id"),
        Column::integer("number"),
        Column::text("role"),
        Column::time("created_at"),
    ],
);

/// The spaces.
pub static SPACES: Table = Table::new(
    "spaces",
    SCOPED_KEY,
    &[
        Column::scope(),
        Column::id("id"),
        Column::text("name"),
        Column::text("name_key").folded(),
        Column::text("description").or_null(),
        Column::id("project_id").or_null(),
        Column::text("status"),
        Column::integer("priority"),
        Column::integer("strength"),
        Column::id("created_by"),
        Column::time("created_at"),
        Column::time("updated_at"),
        Column::integer("revision"),
    ],
);

/// The tasks.
pub static TASKS: Table = Table::new(
    "tasks",
    SCOPED_KEY,
    &[
        Column::scope(),
        Column::id("id"),
        Column::id("project_id"),
        Column::integer("number"),
        Column::new("outline", Kind::Outline),
        Column::text("name"),
        Column::text("description").or_null(),
        Column::text("status"),
        Column::time("start_date").or_null(),
        Column::time("end_date").or_null(),
        Column::id("assignee_id").or_null(),
        Column::id("created_by"),
        Column::time("created_at"),
        Column::time("updated_at"),
        Column::integer("revision"),
    ],
);

/// The API keys. `parent_id` refers to another row of the table, so it is written after all rows are.
pub static API_KEYS: Table = Table::new(
    "api_keys",
    &["id"],
    &[
        Column::id("id"),
        Column::bytes("hash").of_the_instance(),
        Column::text("prefix"),
        Column::id("user_id"),
        Column::text("name"),
        Column::id("default_scope_id"),
        Column::id("confined_to").or_null(),
        Column::text("ability"),
        Column::id("parent_id").or_null(),
        Column::flag("issued"),
        Column::integer("readmissions"),
        Column::time("created_at"),
        Column::time("expires_at").or_null(),
        Column::flag("ends_unless_used"),
        Column::time("last_used_at").or_null(),
        Column::time("revoked_at").or_null(),
    ],
);

/// The events.
pub static EVENTS: Table = Table {
    source: Source::Events,
    ..Table::new(
        "events",
        SCOPED_KEY,
        &[
            Column::scope(),
            Column::id("id"),
            Column::text("actor"),
            Column::id("actor_user_id").or_null(),
            Column::id("actor_key_id").or_null(),
            Column::time("at"),
            Column::text("subject_kind"),
            Column::id("subject_id"),
            Column::text("verb"),
            Column::new("changes", Kind::Changes),
        ],
    )
};

/// The stored responses of requests with an idempotency key.
pub static STORED_RESPONSES: Table = Table::new(
    "stored_responses",
    &["user_id", "reach", "operation", "key"],
    &[
        Column::id("user_id"),
        Column::id("reach"),
        Column::text("operation"),
        Column::text("key"),
        Column::bytes("fingerprint"),
        Column::id("done_in").or_null(),
        Column::bytes("answer").or_null(),
        Column::time("made_at"),
        Column::time("expires_at"),
    ],
);

/// The invitations.
pub static INVITATIONS: Table = Table::new(
    "invitations",
    SCOPED_KEY,
    &[
        Column::scope(),
        Column::id("id"),
        Column::text("email"),
        Column::text("email_key").folded(),
        Column::text("role"),
        Column::bytes("token_hash").of_the_instance(),
        Column::id("invited_by").or_null(),
        Column::time("created_at"),
        Column::time("expires_at"),
    ],
);

/// The projects of invitations.
pub static INVITATION_PROJECTS: Table = Table::new(
    "invitation_projects",
    &["scope_id", "invitation_id", "project_id"],
    &[Column::scope(), Column::id("invitation_id"), Column::id("project_id"), Column::text("role")],
);

/// The totals of lists, which triggers keep. They are compared after a copy and never written.
pub static TOTALS: Table = Table {
    source: Source::Totals,
    ..Table::new(
        "list_totals",
        &["scope_id", "list", "owner_id"],
        &[Column::scope(), Column::text("list"), Column::id("owner_id"), Column::integer("total")],
    )
};

/// All tables with rows to move, each after those that its rows refer to.
pub static TABLES: [&Table; 13] = [
    &SCOPES,
    &USERS,
    &ORGANIZATIONS,
    &MEMBERS,
    &PROJECTS,
    &PROJECT_MEMBERS,
    &SPACES,
    &TASKS,
    &API_KEYS,
    &EVENTS,
    &STORED_RESPONSES,
    &INVITATIONS,
    &INVITATION_PROJECTS,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_made_of_columns_that_are_never_null() {
        for table in TABLES.iter().copied().chain([&TOTALS]) {
            let key: Vec<_> = table.key_columns().collect();
            assert_eq!(key.len(), table.key.len(), "{}", table.name);
            assert!(key.iter().all(|(_, column)| !column.is_nullable), "{}", table.name);
        }
    }

    #[test]
    fn no_digest_of_a_secret_is_archived() {
        for table in [&API_KEYS, &INVITATIONS] {
            assert!(table.archived().all(|(_, column)| column.kind != Kind::Bytes), "{}", table.name);
        }
    }
}
