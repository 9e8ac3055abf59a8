//! A step of a plan.

use std::fmt::{self, Display, Formatter};

use serde_json::Value;

pub(super) struct Node {
    /// Such as "Index Scan".
    pub(super) kind: String,
    /// The table or the like that it reads; "" for none.
    pub(super) relation: String,
    alias: String,
    /// The index that it goes by; "" for none.
    pub(super) index: String,
    /// By which part of it.
    pub(super) condition: String,
    /// How many rows it is expected to give.
    pub(super) rows: u64,
    backward: bool,
    parts: Vec<Node>,
}

impl Node {
    /// From what `EXPLAIN (FORMAT JSON)` gives.
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

    /// Whether it only computes something: the settings that row-level security goes by are read by such steps.
    fn reads_nothing(&self) -> bool {
        self.kind == "Result" && self.parts.is_empty()
    }

    /// Whether it looks into what belongs to the server.
    pub(super) fn reads_the_catalogue(&self) -> bool {
        self.relation.starts_with("pg_") || self.parts.iter().any(Self::reads_the_catalogue)
    }

    /// The step and all those below it.
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
