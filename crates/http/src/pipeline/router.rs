//! Routing: the table of endpoints as a tree, so that the cost of a lookup depends on the length of the path and not on the number of
//! endpoints. (actix's own router tries one pattern after the other, each a regular expression.)

use actix_web::http::Method;

use crate::pipeline::endpoint::{Endpoint, Handler};

/// A path with its endpoints. Endpoints share a path so that a wrong method is not an unknown route.
pub(crate) struct Resource {
    /// The path, with its placeholders in braces.
    pub(crate) path: &'static str,
    endpoints: Vec<&'static Endpoint>,
    /// The value of the header `Allow`.
    pub(crate) allow: String,
}

impl Resource {
    fn new(path: &'static str, table: &'static [Endpoint]) -> Self {
        let endpoints: Vec<_> = table.iter().filter(|endpoint| endpoint.path == path).collect();
        let mut allowed = Vec::new();
        for endpoint in &endpoints {
            allowed.push(endpoint.method);
            if endpoint.method == "GET" {
                allowed.push("HEAD");
            }
        }
        allowed.push("OPTIONS");
        Self { path, allow: allowed.join(", "), endpoints }
    }

    /// Returns the endpoint of a method. HEAD is served by GET.
    pub(crate) fn endpoint(&self, method: &Method) -> Option<&'static Endpoint> {
        let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
        self.endpoints.iter().copied().find(|endpoint| endpoint.method == method)
    }

    /// Returns `true` if the path is that of a health check.
    pub(crate) fn is_health_check(&self) -> bool {
        let is_health_check =
            |handler| matches!(handler, Handler::Service(service) if service.is_health_check());
        self.endpoints.iter().any(|endpoint| is_health_check(endpoint.handler))
    }
}

/// The route of a request.
pub(crate) struct Route {
    pub(crate) resource: &'static Resource,
    /// The values of the path's placeholders, in order. None of them is empty.
    pub(crate) values: Vec<String>,
}

/// The tree of all paths.
pub(crate) struct Router {
    resources: Vec<Resource>,
    tree: matchit::Router<usize>,
}

impl Router {
    /// Creates the tree of a table of endpoints.
    pub(crate) fn new(table: &'static [Endpoint]) -> Self {
        let (mut resources, mut tree) = (Vec::<Resource>::new(), matchit::Router::new());
        for endpoint in table {
            // A path that conflicts with another would be left out here; a test finds every endpoint by its path.
            if resources.iter().all(|resource| resource.path != endpoint.path)
                && tree.insert(endpoint.path, resources.len()).is_ok()
            {
                resources.push(Resource::new(endpoint.path, table));
            }
        }
        Self { resources, tree }
    }

    /// Finds the route of a path whose escapes are decoded, except those of `/`, `%` and `+`.
    pub(crate) fn find(&'static self, path: &str) -> Option<Route> {
        let found = self.tree.at(path).ok()?;
        let resource = self.resources.get(*found.value)?;
        Some(Route { resource, values: found.params.iter().map(|(_, value)| value.to_owned()).collect() })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::api::ENDPOINTS;

    fn find(path: &str) -> Option<Route> {
        static ROUTER: LazyLock<Router> = LazyLock::new(|| Router::new(ENDPOINTS));
        ROUTER.find(path)
    }

    #[test]
    fn every_endpoint_is_found_by_its_path() {
        for endpoint in ENDPOINTS {
            let (mut path, mut values) = (String::new(), Vec::new());
            for part in endpoint.path.split_inclusive('/') {
                let name = part.trim_end_matches('/');
                if name.starts_with('{') {
                    values.push(format!("value-{}", values.len()));
                    path += &part.replace(name, &values[values.len() - 1]);
                } else {
                    path += part;
                }
            }
            let route = find(&path).unwrap_or_else(|| panic!("{path}"));
            assert_eq!((route.resource.path, &route.values), (endpoint.path, &values));
            let method = endpoint.method.parse().expect("a method");
            let found = route.resource.endpoint(&method).expect("the method is answered");
            assert!(std::ptr::eq(found, endpoint), "{} {path}", endpoint.method);
        }
    }

    #[test]
    fn literal_segments_precede_placeholders() {
        let path = |path| find(path).map(|route| route.resource.path);
        assert_eq!(path("/v2/tasks/my-tasks-by-project"), Some("/v2/tasks/my-tasks-by-project"));
        assert_eq!(path("/v2/tasks/my-tasks-by-projects"), Some("/v2/tasks/{node_id}"));
        assert_eq!(path("/v2/tasks/my"), Some("/v2/tasks/{node_id}"));
        assert_eq!(path("/v2/projects/x/members/me"), Some("/v2/projects/{node_id}/members/me"));
        for user in ["/v2/projects/x/members/m", "/v2/projects/x/members/mee", "/v2/projects/x/members/ME"] {
            assert_eq!(path(user), Some("/v2/projects/{node_id}/members/{user_node_id}"), "{user}");
        }
    }

    #[test]
    fn an_unlisted_path_is_not_found() {
        for path in [
            "",
            "/",
            "/api/v1/spaces/",
            "/api/v1/spaces//",
            "/api/v1//spaces",
            "/v2/projects//",
            "/v2/projects//members",
            "/v2/projects/x/members/",
            "/v2/projects/x//",
            "/api/v1/spaces/x/y",
            "/API/v1/spaces",
            "/api/v1/spaces/{id}/x",
            "api/v1/spaces",
            "*",
        ] {
            assert!(find(path).is_none(), "{path:?}");
        }
    }

    #[test]
    fn head_is_routed_as_get_and_unlisted_methods_have_no_endpoint() {
        let route = find("/v2/projects/x").expect("a route");
        let method = |method: Method| route.resource.endpoint(&method).map(|endpoint| endpoint.method);
        assert_eq!(method(Method::HEAD), Some("GET"));
        assert_eq!(method(Method::PUT), None);
        assert_eq!(route.resource.allow, "GET, HEAD, PATCH, DELETE, OPTIONS");
    }
}
