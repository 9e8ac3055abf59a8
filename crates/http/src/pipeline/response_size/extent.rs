//! The maximum length of JSON that a schema allows.

use serde_json::{Map, Value};

/// The maximum length of a response in bytes, by the number of rows that it shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The bytes that do not depend on the number of rows.
    fixed: usize,
    /// The bytes that each row adds.
    row: usize,
    /// The bytes that each row of a list within a row adds.
    nested: usize,
}

impl Extent {
    /// The extent of a response whose schema has no bound: more than there ever is memory for.
    pub(super) const UNBOUNDED: Self = Self::fixed(usize::MAX);

    const fn fixed(bytes: usize) -> Self {
        Self { fixed: bytes, row: 0, nested: 0 }
    }

    /// Returns the maximum length with `rows` rows, each with `nested` rows of its own.
    pub(crate) const fn bytes(self, rows: usize, nested: usize) -> usize {
        self.fixed.saturating_add(self.row_bytes(nested).saturating_mul(rows))
    }

    /// Returns the maximum length of one row with `nested` rows of its own.
    pub(crate) const fn row_bytes(self, nested: usize) -> usize {
        self.row.saturating_add(self.nested.saturating_mul(nested))
    }

    /// Returns `true` if the response has a list in it.
    #[cfg(test)]
    pub(super) const fn has_rows(self) -> bool {
        self.row > 0
    }

    fn plus(self, other: Self) -> Self {
        Self {
            fixed: self.fixed + other.fixed,
            row: self.row + other.row,
            nested: self.nested + other.nested,
        }
    }

    fn max(self, other: Self) -> Self {
        Self {
            fixed: self.fixed.max(other.fixed),
            row: self.row.max(other.row),
            nested: self.nested.max(other.nested),
        }
    }
}

/// The maximum number of bytes of a character: four in UTF-8, or two if JSON escapes it.
const CHARACTER: usize = 4;
/// The maximum number of characters of an integer of 64 bits.
const INTEGER: usize = 20;
const UUID: usize = 36;
/// The number of characters of a time in UTC with milliseconds.
const TIME: usize = 24;
const QUOTES: usize = 2;

/// Reads extents from schemas.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    /// The schemas that others refer to.
    pub(super) definitions: &'a Map<String, Value>,
    /// `true` to leave out the relations that `include` asks for: members that are not required, and all forms of a member but the first.
    pub(super) is_plain: bool,
}

impl Reader<'_> {
    /// Returns the extent of a schema. Fails with the part that has no bound.
    pub(super) fn extent(self, schema: &Value) -> Result<Extent, String> {
        if let Some(Value::String(reference)) = schema.get("$ref") {
            let name = reference.rsplit('/').next().unwrap_or_default();
            let target = self.definitions.get(name).ok_or_else(|| format!("no schema {name}"))?;
            return self.extent(target).map_err(|part| format!("{name}: {part}"));
        }
        if let Some(value) = schema.get("const") {
            return Ok(Extent::fixed(value.to_string().len()));
        }
        if let Some(Value::Array(values)) = schema.get("enum") {
            let longest = values.iter().map(|value| value.to_string().len()).max();
            return Ok(Extent::fixed(longest.unwrap_or_default()));
        }
        if let Some(Value::Array(forms)) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
            let forms = if self.is_plain { &forms[..forms.len().min(1)] } else { forms };
            return self.greatest(forms, |form| self.extent(form));
        }
        match schema.get("type") {
            Some(Value::Array(types)) => self.greatest(types, |kind| self.of_type(kind, schema)),
            Some(kind) => self.of_type(kind, schema),
            None => Err(format!("no type in {schema}")),
        }
    }

    fn greatest<'v>(
        self,
        values: &'v [Value],
        extent: impl Fn(&'v Value) -> Result<Extent, String>,
    ) -> Result<Extent, String> {
        values.iter().try_fold(Extent::default(), |greatest, value| Ok(greatest.max(extent(value)?)))
    }

    fn of_type(self, kind: &Value, schema: &Value) -> Result<Extent, String> {
        match kind.as_str() {
            Some("string") => string(schema).map(Extent::fixed),
            Some("integer") => Ok(Extent::fixed(INTEGER)),
            Some("boolean") => Ok(Extent::fixed("false".len())),
            Some("null") => Ok(Extent::fixed("null".len())),
            Some("array") => self.array(schema),
            Some("object") => self.object(schema),
            _ => Err(format!("the type {kind}")),
        }
    }

    fn array(self, schema: &Value) -> Result<Extent, String> {
        let items = schema.get("items").ok_or("an array of anything")?;
        let item = self.extent(items)?;
        let brackets = Extent::fixed("[]".len());
        // Each item with the comma behind it.
        let length = item.fixed + 1;
        if let Some(most) = number(schema, "maxItems") {
            return Ok(brackets.plus(Extent::fixed(most.saturating_mul(length))));
        }
        if item.nested > 0 {
            return Err("lists in each other in each other".to_owned());
        }
        Ok(brackets.plus(Extent { fixed: 0, row: length, nested: item.row }))
    }

    fn object(self, schema: &Value) -> Result<Extent, String> {
        let mut extent = Extent::fixed("{}".len());
        let required = schema.get("required").and_then(Value::as_array);
        let is_required = |name: &String| required.is_some_and(|names| names.iter().any(|one| one == name));
        for (name, value) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if !self.is_plain || is_required(name) {
                let value = self.extent(value).map_err(|part| format!("{name}: {part}"))?;
                extent = extent.plus(Extent::fixed(member(name))).plus(value);
            }
        }
        if let Some(others) = schema.get("additionalProperties").filter(|others| others.is_object()) {
            let names = schema.pointer("/propertyNames/enum").and_then(Value::as_array);
            for name in names.ok_or("members of any names")?.iter().filter_map(Value::as_str) {
                extent = extent.plus(Extent::fixed(member(name))).plus(self.extent(others)?);
            }
        }
        Ok(extent)
    }
}

/// Returns the length of a member's name with its quotes, the colon and the comma.
const fn member(name: &str) -> usize {
    name.len() + QUOTES + ":,".len()
}

fn number(schema: &Value, keyword: &str) -> Option<usize> {
    schema.get(keyword)?.as_u64().and_then(|number| usize::try_from(number).ok())
}

fn string(schema: &Value) -> Result<usize, String> {
    let length = match (number(schema, "maxLength"), schema.get("format").and_then(Value::as_str)) {
        (Some(characters), _) => characters.saturating_mul(CHARACTER),
        (None, Some("uuid")) => UUID,
        (None, Some("date-time")) => TIME,
        (None, _) => return Err("a text of any length".to_owned()),
    };
    Ok(length + QUOTES)
}
