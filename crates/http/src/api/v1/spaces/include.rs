//! The parameter `include`.

use loggia_domain::port::Includes;
use schemars::{Schema, SchemaGenerator, json_schema};

use crate::problem::FieldErrorCode;
use crate::problem::validation::ValueError;
use crate::wire::parameter::Parameter;

const NAMES: &str = "project, organization, createdBy, all";

pub(crate) static INCLUDE: Parameter<Includes> = Parameter::new(
    "include",
    "A comma-separated list of relations to include under their own names; null if there is none or the caller may not see it. `createdBy` becomes an object instead of an id.",
    schema,
    parse,
)
.adding_relations();

/// Returns the schema of some of the names, separated by commas, each at most once.
fn schema(_: &mut SchemaGenerator) -> Schema {
    let names = NAMES.replace(", ", "|");
    json_schema!({"type": "string", "pattern": format!("^(?!.*({names}).*\\1)({names})(,({names}))*$")})
}

/// Parses names separated by commas, each at most once.
fn parse(text: &str) -> Result<Includes, ValueError> {
    let mut includes = Includes::default();
    let mut seen: Vec<&str> = Vec::new();
    for name in text.split(',') {
        if seen.contains(&name) {
            return Err(ValueError::new(
                FieldErrorCode::DUPLICATE_VALUE,
                format!("must not name {name} twice"),
            ));
        }
        seen.push(name);
        match name {
            "project" => includes.project = true,
            "organization" => includes.organization = true,
            "createdBy" => includes.creator = true,
            "all" => includes = Includes { project: true, organization: true, creator: true },
            _ => {
                return Err(ValueError::new(
                    FieldErrorCode::NOT_ALLOWED,
                    format!("must be a comma-separated list of names out of {NAMES}"),
                ));
            }
        }
    }
    Ok(includes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        let all = Includes { project: true, organization: true, creator: true };
        assert_eq!(parse("all"), Ok(all));
        assert_eq!(parse("createdBy,project,organization"), Ok(all));
        for text in ["", "projects", "project,", "project, organization", "project,project", "ALL"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
