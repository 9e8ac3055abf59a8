//! A node of a query plan.

use std::fmt::{self, Display, Formatter};

use serde_json::Value;

pub(super) struct Node {
    /// The type of the node, such as "Index Scan".
    pub(super) kind: String,
    /// The table, CTE or function that it reads; "" for none.
    pub(super) relation: String,
    alias: String,
    /// The index that it uses; "" for none.
    pub(super) index: String,
    /// The index condition.
    pub(super) condition: String,
    /// The estimated number of rows.
    pub(super) rows: u64,
    backward: bool,
    parts: Vec<Node>,
}

impl Node {
    /// Reads a node from the JSON of `EXPLAIN (FORMAT JSON)`.
    pub(super) fn read(plan: &Value) -> Self {
        let word = |name: &str| plan[name].as_str().unwrap_or_default().to_owned();
        let parts = plan["Plans"].as_array().into_iter().flatten();
        let relation = ["Relation Name", "CTE Name", "Function Name"].map(word).concat();
        Self {
            kind: word("Node Type"),
            relation,
            alias: word("Alias"),
            index: word("Index Name"),
            condition: word("Index Cond"),
            rows: plan["Plan Rows"].as_u64().unwrap_or_default(),
            backward: plan["Scan Direction"] == "Backward",
            parts: parts
                .map(Self::read)
                .filter(|part| !part.reads_nothing() && !part.reads_the_catalogue())
                .collect(),
        }
    }

    /// Returns `true` if the node only computes values: such nodes read the settings on which row-level security depends.
    fn reads_nothing(&self) -> bool {
        self.kind == "Result" && self.parts.is_empty()
    }

    /// Returns `true` if the plan reads the system catalogue.
    pub(super) fn reads_the_catalogue(&self) -> bool {
        self.relation.starts_with("pg_") || self.parts.iter().any(Self::reads_the_catalogue)
    }

    /// Returns the node and all those below it.
    pub(super) fn all(&self) -> Vec<&Self> {
        let mut all = vec![self];
        for part in &self.parts {
            all.extend(part.all());
        }
        all
    }

    fn write(&self, f: &mut Formatter<'_>, depth: usize) -> fmt::Result {
        write!(f, "{:1$}{2}", "", 4 + 2 * depth, self.kind)?;
        if self.backward {
            write!(f, " backward")?;
        }
        if !self.index.is_empty() {
            write!(f, " by {}", self.index)?;
        }
        if !self.relation.is_empty() {
            write!(f, " on {} {}", self.relation, self.alias)?;
        }
        writeln!(f)?;
        self.parts.iter().try_for_each(|part| part.write(f, depth + 1))
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}
