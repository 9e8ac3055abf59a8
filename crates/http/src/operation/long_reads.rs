//! The reads that may run long: those that search, filter or skip. The number of rows that they inspect grows with the store, while every
//! other read goes by keys to as many rows as it returns. So they have permits of their own, and keep no quick read waiting.

use loggia_domain::policy::Action;

use crate::operation::Endpoint;
use crate::wire::query::Query;

/// The parameters with which a list is still read by keys.
const BY_KEYS: &[&str] =
    &["organizationId", "sort", "include", "dottie", "limit", "per_page", "cursor", "count"];

/// Returns `true` if a read may run long, judging by its parameters.
pub(crate) fn may_run_long(endpoint: &Endpoint, query: &Query) -> bool {
    let takes = |parameter| endpoint.parameters.contains(&parameter);
    // A user's own tasks lie scattered over the projects of a scope, and are counted for each page. All other totals are kept.
    let is_scattered = matches!(endpoint.action, Some(Action::ListOwnTasks));
    takes("cursor") && (is_scattered || query.pairs().any(runs_long))
}

/// Returns `true` if a parameter of a list makes it run long.
fn runs_long((name, value): (&str, &str)) -> bool {
    let says_nothing = matches!((name, value), ("offset", "0") | ("page", "1"));
    !says_nothing && !BY_KEYS.contains(&name)
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;

    use super::*;
    use crate::pipeline::router::Route;
    use crate::problem::validation::Findings;

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn long(path: &str, query: &str) -> bool {
        let path = path.replace("{id}", ID);
        let route = Route::find(&path).expect("a route");
        let endpoint = route.resource.endpoint(&Method::GET).expect("an endpoint");
        may_run_long(endpoint, &Query::parse(query, endpoint.parameters, &mut Findings::default()))
    }

    #[test]
    fn lists_run_long_where_they_do_more_than_go_by_keys() {
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
    fn single_records_and_lists_without_filters_never_do() {
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
