//! The common form of both catalogues, so that one rule can check either of them and both can be compared.

use std::collections::{BTreeMap, BTreeSet};

/// A table with its constraints.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    /// `true` if a column holds values of its type only.
    pub(super) strict: bool,
    pub(super) columns: BTreeMap<String, Column>,
    pub(super) keys: Vec<Key>,
    pub(super) references: Vec<Reference>,
    /// The conditions of its CHECKs, as the engine returns them.
    pub(super) checks: BTreeSet<String>,
}

#[derive(Debug)]
pub(super) struct Column {
    /// The type's name, as the engine returns it.
    pub(super) declared: String,
    /// The class of the type that both engines share: `integer`, `text` or `bytes`.
    pub(super) class: &'static str,
    pub(super) nullable: bool,
    /// The default: an expression, or [`COUNTED`].
    pub(super) default: Option<String>,
}

/// The default of a column that the engine counts itself, without ever repeating a number.
pub(super) const COUNTED: &str = "counted";

/// A primary key, a unique key, or an index.
#[derive(Debug)]
pub(super) struct Key {
    /// The name of an index. The names of keys mean nothing and are left out.
    pub(super) name: Option<String>,
    pub(super) is_primary: bool,
    pub(super) is_unique: bool,
    /// The columns in order. A column that is not ordered by bytes and ascending says so.
    pub(super) columns: Vec<String>,
    /// The condition of the rows in a partial index.
    pub(super) predicate: Option<String>,
}

#[derive(Debug)]
pub(super) struct Reference {
    pub(super) columns: Vec<String>,
    pub(super) target: String,
    pub(super) target_columns: Vec<String>,
    pub(super) on_delete: String,
    pub(super) on_update: String,
}

impl Table {
    pub(super) fn is_scoped(&self) -> bool {
        self.columns.contains_key("scope_id")
    }

    /// Returns everything that is known about the table but its checks, one line for each fact.
    pub(super) fn facts(&self) -> BTreeSet<String> {
        let columns = self.columns.iter().map(|(name, column)| format!("column {name}: {}", column.fact()));
        let facts = columns.chain(self.keys.iter().map(Key::fact));
        facts
            .chain(self.references.iter().map(Reference::fact))
            .map(|fact| format!("{}: {fact}", self.name))
            .collect()
    }
}

impl Column {
    fn fact(&self) -> String {
        let null = if self.nullable { "or null" } else { "never null" };
        let default = self.default.as_ref().map(|default| format!(", else {default}"));
        format!("{}, {null}{}", self.class, default.unwrap_or_default())
    }
}

impl Key {
    /// Returns the name, or the columns of a key without a name.
    pub(super) fn label(&self, table: &Table) -> String {
        self.name.clone().unwrap_or_else(|| format!("{}.{}", table.name, self.columns.join(".")))
    }

    fn fact(&self) -> String {
        let columns = self.columns.join(", ");
        let kind = match (self.is_primary, self.is_unique, &self.name) {
            (true, ..) => "primary key".to_owned(),
            (_, true, None) => "unique key".to_owned(),
            (_, true, Some(name)) => format!("unique index {name}"),
            (_, false, name) => format!("index {}", name.as_deref().unwrap_or("without a name")),
        };
        let predicate = self.predicate.as_ref().map(|predicate| format!(" where {predicate}"));
        format!("{kind} ({columns}){}", predicate.unwrap_or_default())
    }
}

impl Reference {
    fn fact(&self) -> String {
        let Self { columns, target, target_columns, on_delete, on_update } = self;
        let (columns, target_columns) = (columns.join(", "), target_columns.join(", "));
        format!("({columns}) refers to {target} ({target_columns}), delete: {on_delete}, update: {on_update}")
    }
}

/// Describes a column of a key, with everything that makes its order differ from the other engine's.
pub(super) fn ordered(column: Option<String>, collation: Option<&str>, descending: bool) -> String {
    let mut shown = column.unwrap_or_else(|| "an expression".to_owned());
    if let Some(collation) = collation {
        shown.push_str(" by ");
        shown.push_str(collation);
    }
    if descending {
        shown.push_str(" downwards");
    }
    shown
}
