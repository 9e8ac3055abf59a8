//! The reads that may run long: those that search, filter or skip. The number of rows that they inspect grows with the store, while every
//! other read goes by keys to as many rows as it returns. So they have permits of their own, and keep no quick read waiting.

use super::Operation;
use crate::wire::query::Query;

impl Operation {
    /// Returns `true` if a read may run long, judging by its parameters.
    pub(crate) fn may_run_long(&self, query: &Query) -> bool {
        let runs_long = |(name, value): (&str, &str)| {
            self.parameters.iter().any(|parameter| parameter.name == name && parameter.runs_long(value))
        };
        self.is_scattered || query.pairs().any(runs_long)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api;
    use crate::problem::validation::ValidationErrors;

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn long(path: &str, query: &str) -> bool {
        let (operation, _) = api::read(&path.replace("{id}", ID)).expect("an operation");
        operation.may_run_long(&Query::parse(query, operation.parameters, &mut ValidationErrors::default()))
    }

    #[test]
    fn lists_that_filter_or_skip_rows_are_long_reads() {
        for path in ["/api/v1/spaces", "/api/v1/organizations/{id}/members"] {
            assert!(!long(path, ""), "{path}");
            assert!(!long(path, "limit=20&sort=-createdAt&cursor=x"), "{path}");
            assert!(!long(path, "offset=0&count=false"), "{path}");
            assert!(!long(path, "limit=20&count=true"), "{path}");
            for query in ["search=quay", "offset=20", "count=true&search=quay", "limit=20&search=quay"] {
                assert!(long(path, query), "{path} {query}");
            }
        }
        assert!(!long("/api/v1/spaces", "organizationId=&include=all"));
        for query in ["status=active", "priority=high", "projectId=x"] {
            assert!(long("/api/v1/spaces", query), "{query}");
        }
        for path in ["/v2/projects", "/v2/projects/{id}/members", "/v2/projects/{id}/tasks"] {
            assert!(!long(path, "per_page=20"), "{path}");
            assert!(!long(path, "per_page=20&page=1"), "{path}");
            assert!(!long(path, "cursor=x"), "{path}");
            assert!(long(path, "page=2"), "{path}");
        }
        assert!(long("/v2/projects", "search=quay"));
        assert!(!long("/v2/projects/{id}/tasks", "cursor=x&dottie=true"));
        assert!(long("/v2/projects/{id}/tasks", "cursor=x&status=todo"));
        assert!(long("/v2/tasks/my-tasks-by-project", ""));
        assert!(long("/v2/tasks/my-tasks-by-project", "cursor=x"));
    }

    #[test]
    fn single_records_and_lists_without_filters_are_never_long_reads() {
        for path in ["/api/v1/spaces/{id}", "/v2/tasks/{id}"] {
            assert!(!long(path, "include=all&dottie=true"), "{path}");
        }
        for path in ["/api/v1/me", "/api/v1/organizations", "/api/v1/api-keys"] {
            assert!(!long(path, ""), "{path}");
            assert!(!long(path, "limit=20&cursor=x"), "{path}");
        }
        assert!(!long("/api/v1/me/permissions", "projectId=x"));
    }
}
