//! The two dialects, by version and resource. A file has one operation: its body, its view and its handler; the facts about the operations
//! of a resource are in its `mod.rs`.
//!
//! [`ENDPOINTS`] is the one table. It makes the routes and the published document, `loggia routes` prints it, and tests walk it: an endpoint
//! that is not in it does not exist, and one that is has its row in the table of permissions that the tests check.

pub(crate) mod service;
pub(crate) mod v1;
pub(crate) mod v2;

use crate::pipeline::endpoint::{Endpoint, Handler, Service};

macro_rules! endpoints {
    (
        without a key {$($open:path => $service:ident;)+}
        with a key {$($operation:path => $handler:path;)+}
    ) => {
        const COUNT: usize = [$(stringify!($open),)+ $(stringify!($operation),)+].len();

        static TABLE: [Endpoint; COUNT] = [
            $(Endpoint::new(&$open, Handler::Service(Service::$service)),)+
            $(Endpoint::new(&$operation, Handler::Call($handler)),)+
        ];
    };
}

/// Every endpoint.
pub static ENDPOINTS: &[Endpoint] = &TABLE;

endpoints! {
    without a key {
        service::LIVE => Liveness;
        service::READY => Readiness;
        service::DOCUMENT => Document;
        service::REFERENCE => Reference;
        service::TRY_PAGE => TryPage;
        service::TRY_FILE => TryFile;
        service::PROBLEM => ProblemPage;
    }
    with a key {
        v1::me::GET => v1::me::get::handle;
        v1::me::UPDATE => v1::me::update::handle;
        v1::permissions::GET => v1::permissions::get::handle;
        v1::organizations::LEAVE => v1::organizations::leave::handle;
        v1::api_keys::LIST => v1::api_keys::list::handle;
        v1::api_keys::CREATE => v1::api_keys::create::handle;
        v1::api_keys::REVOKE => v1::api_keys::revoke::handle;
        v1::api_keys::ROTATE => v1::api_keys::rotate::handle;
        v1::organizations::LIST => v1::organizations::list::handle;
        v1::organizations::CREATE => v1::organizations::create::handle;
        v1::organizations::GET => v1::organizations::get::handle;
        v1::organizations::UPDATE => v1::organizations::update::handle;
        v1::members::LIST => v1::members::list::handle;
        v1::members::ADD => v1::members::add::handle;
        v1::members::GET => v1::members::get::handle;
        v1::members::UPDATE => v1::members::update::handle;
        v1::members::DEACTIVATE => v1::members::deactivate::handle;
        v1::members::ERASE => v1::members::erase::handle;
        v1::member_keys::LIST => v1::member_keys::list::handle;
        v1::member_keys::CREATE => v1::member_keys::create::handle;
        v1::member_keys::REVOKE => v1::member_keys::revoke::handle;
        v1::invitations::LIST => v1::invitations::list::handle;
        v1::invitations::CREATE => v1::invitations::create::handle;
        v1::invitations::WITHDRAW => v1::invitations::withdraw::handle;
        v1::invitations::RESEND => v1::invitations::resend::handle;
        v1::invitations::ACCEPT => v1::invitations::accept::handle;
        v1::spaces::LIST => v1::spaces::list::handle;
        v1::spaces::CREATE => v1::spaces::create::handle;
        v1::spaces::GET => v1::spaces::get::handle;
        v1::spaces::UPDATE => v1::spaces::update::handle;
        v1::spaces::DELETE => v1::spaces::delete::handle;
        v2::projects::LIST => v2::projects::list::handle;
        v2::projects::CREATE => v2::projects::create::handle;
        v2::projects::GET => v2::projects::get::handle;
        v2::projects::GET_UNVERSIONED => v2::projects::get::handle;
        v2::projects::UPDATE => v2::projects::update::handle;
        v2::projects::UPDATE_WITH_SLASH => v2::projects::update::handle;
        v2::projects::DELETE => v2::projects::delete::handle;
        v2::rosters::LIST => v2::rosters::list::handle;
        v2::rosters::ADD => v2::rosters::add::handle;
        v2::rosters::REMOVE => v2::rosters::remove::handle;
        v2::rosters::UPDATE => v2::rosters::update::handle;
        v2::rosters::LEAVE => v2::rosters::leave::handle;
        v2::tasks::LIST => v2::tasks::list::handle;
        v2::tasks::CREATE => v2::tasks::create::handle;
        v2::tasks::MINE => v2::tasks::mine::handle;
        v2::tasks::GET => v2::tasks::get::handle;
        v2::tasks::UPDATE => v2::tasks::update::handle;
        v2::tasks::DELETE => v2::tasks::delete::handle;
    }
}

/// Returns the read of a path, and the values of the path's placeholders.
#[cfg(test)]
pub(crate) fn read(path: &str) -> Option<(&'static crate::operation::Operation, Vec<String>)> {
    static ROUTER: std::sync::LazyLock<crate::pipeline::router::Router> =
        std::sync::LazyLock::new(|| crate::pipeline::router::Router::new(ENDPOINTS));
    let route = ROUTER.find(path)?;
    let endpoint = route.resource.endpoint(&actix_web::http::Method::GET)?;
    Some((endpoint.operation, route.values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Subject;

    #[test]
    fn no_endpoint_is_listed_twice() {
        let mut seen = std::collections::HashSet::new();
        for endpoint in ENDPOINTS {
            assert!(seen.insert((endpoint.method, endpoint.path)), "{} {}", endpoint.method, endpoint.path);
        }
    }

    #[test]
    fn only_health_and_documents_need_no_key() {
        let open: Vec<_> = ENDPOINTS.iter().filter(|endpoint| endpoint.action.is_none()).collect();
        let paths: Vec<_> = open.iter().map(|endpoint| endpoint.path).collect();
        let documents = ["/openapi.json", "/docs", "/docs/try", "/docs/try/{file}", "/docs/errors/{code}"];
        assert_eq!(paths, [&["/livez", "/readyz"][..], &documents].concat());
        for endpoint in ENDPOINTS {
            let is_open = matches!(endpoint.handler, Handler::Service(_));
            assert_eq!(endpoint.action.is_none(), is_open, "{} {}", endpoint.method, endpoint.path);
        }
    }

    #[test]
    fn every_endpoint_writes_unless_its_method_is_get() {
        for endpoint in ENDPOINTS {
            assert_eq!(endpoint.writes(), endpoint.method != "GET", "{} {}", endpoint.method, endpoint.path);
        }
    }

    #[test]
    fn every_resource_that_takes_if_match_can_be_read_for_its_tag() {
        for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.takes_if_match()) {
            let path = endpoint.path.trim_end_matches('/');
            // A POST that changes a record has a verb after the path of the record.
            let path = match endpoint.method {
                "POST" => path.rsplit_once('/').expect("a verb").0,
                _ => path,
            };
            let reads = |other: &&Endpoint| other.path == path && other.takes_if_none_match();
            assert!(ENDPOINTS.iter().any(|other| reads(&other)), "{path}");
        }
    }

    #[test]
    fn a_record_is_removed_by_delete_only() {
        for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.subject == Subject::RemovedRecord) {
            assert_eq!(endpoint.method, "DELETE", "{}", endpoint.path);
        }
    }
}
