//! The rate limits of users and of organizations.
//!
//! A request counts for its user, whichever of the user's keys sends it, and for the organization of the key: the one that the key
//! is confined to, or else that of its default scope. An organization with many users, machines among them, has one limit.

use actix_web::http::header::{HeaderName, HeaderValue};
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::key::Caller;

use crate::buckets::{self, Buckets, Level};
use crate::limits::USERS_PER_ORGANIZATION_RATE;
use crate::problem::{Code, Problem};
use crate::tenant::organization;

/// Counts the requests of each user and of each organization.
#[derive(Debug)]
pub(crate) struct RateLimits {
    users: Buckets<UserId>,
    organizations: Buckets<OrganizationId>,
}

/// The state of the limits that a request counts for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    user: Level,
    organization: Option<Level>,
}

impl Rate {
    /// Returns the headers `RateLimit-Policy` and `RateLimit`.
    pub(crate) fn headers(self) -> [(HeaderName, HeaderValue); 2] {
        buckets::headers(std::iter::once(self.user).chain(self.organization))
    }
}

impl RateLimits {
    /// Creates limits by which each user sends at most `per_user` requests in a minute.
    pub(crate) fn new(per_user: u32) -> Self {
        let per_organization = per_user.saturating_mul(USERS_PER_ORGANIZATION_RATE);
        Self {
            users: Buckets::new("user", per_user),
            organizations: Buckets::new("organization", per_organization),
        }
    }

    /// Counts a request for its user and its organization.
    ///
    /// Fails with 429 if one of the two has used up its limit; the request then counts for neither.
    pub(crate) fn count(&self, caller: &Caller, at: Timestamp) -> Result<Rate, Problem> {
        let refuse = |who: &str, level: Level| {
            let detail = format!("{who} sent too many requests within a minute; nothing was written.");
            level.refuse(Problem::new(Code::RATE_LIMITED, detail))
        };
        let user = self.users.take(caller.user, at).map_err(|level| refuse("This user's keys", level))?;
        let counted = organization(caller).map(|id| self.organizations.take(id, at)).transpose();
        let organization = counted.map_err(|level| {
            self.users.put_back(caller.user);
            refuse("The users of this key's organization", level)
        })?;
        Ok(Rate { user, organization })
    }
}

#[cfg(test)]
mod tests {
    use loggia_domain::scope::Scope;
    use uuid::Uuid;

    use super::*;

    const AT: i64 = 1_000_000_000;

    fn caller(user: u128, organization: Option<u128>) -> Caller {
        let user = UserId::from_uuid(Uuid::from_u128(user));
        let organization = organization.map(|id| OrganizationId::from_uuid(Uuid::from_u128(id)));
        let default_scope = organization.map_or(Scope::Personal(user), Scope::Organization);
        Caller::unchecked(user, default_scope).reading_only()
    }

    fn told(limits: &RateLimits, caller: &Caller) -> Result<[String; 2], Problem> {
        let rate = limits.count(caller, Timestamp::from_micros(AT).expect("a time"))?;
        Ok(rate.headers().map(|(_, value)| value.to_str().expect("text").to_owned()))
    }

    #[test]
    fn a_user_has_one_limit_in_all_scopes() {
        let limits = RateLimits::new(3);
        for organization in [Some(1), Some(2), None] {
            assert!(told(&limits, &caller(7, organization)).is_ok());
        }
        for organization in [Some(1), Some(3), None] {
            assert!(told(&limits, &caller(7, organization)).is_err());
        }
        assert!(told(&limits, &caller(8, Some(1))).is_ok());
    }

    #[test]
    fn an_organization_has_one_limit_for_all_users() {
        let limits = RateLimits::new(2);
        for user in 0..20 {
            assert!(told(&limits, &caller(user, Some(1))).is_ok(), "{user}");
        }
        assert!(told(&limits, &caller(0, Some(1))).is_err());
        // The refused request did not count for the user, who may send one more.
        assert!(told(&limits, &caller(0, Some(2))).is_ok());
        assert!(told(&limits, &caller(0, Some(2))).is_err());
    }

    #[test]
    fn a_key_that_is_confined_to_an_organization_counts_there() {
        let limits = RateLimits::new(1);
        let organization = OrganizationId::from_uuid(Uuid::from_u128(1));
        for user in 0..10 {
            let caller = caller(user, None).confined_to(organization);
            assert!(told(&limits, &caller).is_ok(), "{user}");
        }
        assert!(told(&limits, &caller(10, Some(1))).is_err());
    }

    #[test]
    fn the_headers_name_both_limits() {
        let limits = RateLimits::new(20);
        assert_eq!(
            told(&limits, &caller(7, Some(1))).expect("the first"),
            [
                "\"user\";q=20;w=60, \"organization\";q=200;w=60",
                "\"user\";r=19;t=3, \"organization\";r=199;t=1"
            ]
        );
        assert_eq!(
            told(&limits, &caller(7, None)).expect("the second"),
            ["\"user\";q=20;w=60", "\"user\";r=18;t=6"]
        );
    }
}
