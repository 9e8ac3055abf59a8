//! The rate limits of users and of organizations.
//!
//! A request counts for its user, whichever of the user's credentials it has, and for the organization of its tenant. An organization with
//! many users, machines among them, has one limit.

use actix_web::http::header::{HeaderName, HeaderValue};
use uuid::Uuid;

use super::buckets::{self, Buckets, Level};
use super::tenant::{Member, Tenant};

/// Counts the requests of each user and of each organization.
#[derive(Debug)]
pub struct RateLimits {
    users: Buckets<Member>,
    organizations: Buckets<Uuid>,
}

/// The state of the limits that a request counts for.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    user: Level,
    organization: Option<Level>,
}

/// The limit that a request exceeds, and its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// The limit of the user.
    User(Level),
    /// The limit of the organization.
    Organization(Level),
}

impl Rate {
    /// Returns the headers `RateLimit-Policy` and `RateLimit`.
    pub fn headers(self) -> [(HeaderName, HeaderValue); 2] {
        buckets::headers(std::iter::once(self.user).chain(self.organization))
    }
}

impl RateLimits {
    /// Creates limits by which each user sends at most `per_user` requests in a minute, and each organization `per_organization`.
    pub fn new(per_user: u32, per_organization: u32) -> Self {
        Self {
            users: Buckets::new("user", per_user),
            organizations: Buckets::new("organization", per_organization),
        }
    }

    /// Counts a request for its user and its organization, at a time in microseconds.
    ///
    /// Fails if one of the two has used up its limit; the request then counts for neither.
    pub fn count(&self, tenant: Tenant, now: i64) -> Result<Rate, Exceeded> {
        let user = self.users.take(tenant.member, now).map_err(Exceeded::User)?;
        let counted = tenant.organization.map(|id| self.organizations.take(id, now)).transpose();
        let organization = counted.map_err(|level| {
            self.users.put_back(tenant.member);
            Exceeded::Organization(level)
        })?;
        Ok(Rate { user, organization })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_000_000_000;

    fn tenant(user: u128, organization: Option<u128>) -> Tenant {
        Tenant {
            member: Member::User(Uuid::from_u128(user)),
            organization: organization.map(Uuid::from_u128),
        }
    }

    fn headers_of(limits: &RateLimits, tenant: Tenant) -> Result<[String; 2], Exceeded> {
        let rate = limits.count(tenant, AT)?;
        Ok(rate.headers().map(|(_, value)| value.to_str().expect("text").to_owned()))
    }

    #[test]
    fn a_user_has_one_limit_in_all_scopes() {
        let limits = RateLimits::new(3, 30);
        for organization in [Some(1), Some(2), None] {
            assert!(headers_of(&limits, tenant(7, organization)).is_ok());
        }
        for organization in [Some(1), Some(3), None] {
            assert!(headers_of(&limits, tenant(7, organization)).is_err());
        }
        assert!(headers_of(&limits, tenant(8, Some(1))).is_ok());
    }

    #[test]
    fn an_organization_has_one_limit_for_all_users() {
        let limits = RateLimits::new(2, 20);
        for user in 0..20 {
            assert!(headers_of(&limits, tenant(user, Some(1))).is_ok(), "{user}");
        }
        assert!(headers_of(&limits, tenant(0, Some(1))).is_err());
        // The refused request did not count for the user, who may send one more.
        assert!(headers_of(&limits, tenant(0, Some(2))).is_ok());
        assert!(headers_of(&limits, tenant(0, Some(2))).is_err());
    }

    #[test]
    fn the_headers_name_both_limits() {
        let limits = RateLimits::new(20, 200);
        assert_eq!(
            headers_of(&limits, tenant(7, Some(1))).expect("the first"),
            [
                "\"user\";q=20;w=60, \"organization\";q=200;w=60",
                "\"user\";r=19;t=3, \"organization\";r=199;t=1"
            ]
        );
        assert_eq!(
            headers_of(&limits, tenant(7, None)).expect("the second"),
            ["\"user\";q=20;w=60", "\"user\";r=18;t=6"]
        );
    }
}
