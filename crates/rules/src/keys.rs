//! API keys: until when they are live, and what a key may pass on.

use loggia_domain::id::KeyId;
use loggia_domain::key::{Ability, ApiKey, BeyondMaker, inherited_end};
use loggia_domain::scope::{Reach, Readmissions, Scope};
use loggia_domain::text::KeyName;
use loggia_domain::uuid::Uuid;

use crate::cases::Cases;
use crate::records::{ADA, day};

const DAYS: [Option<i64>; 4] = [None, Some(1), Some(2), Some(3)];

fn key(expires: Option<i64>, revoked: Option<i64>) -> ApiKey {
    ApiKey {
        id: KeyId::from_uuid(Uuid::from_u128(1)),
        user: ADA,
        name: KeyName::parse("laptop").expect("a name"),
        prefix: None,
        default_scope: Scope::Personal(ADA),
        reach: Reach::Everywhere,
        ability: Ability::Write,
        created_at: day(1),
        expires_at: expires.map(day),
        ends_unless_used: false,
        revoked_at: revoked.map(day),
        last_used_at: None,
        readmissions: Readmissions::NONE,
    }
}

pub(crate) fn lives() -> Cases {
    let mut cases = Cases::default();
    for expires in DAYS {
        for revoked in [None, Some(1)] {
            for now in 1..=4 {
                let is_live = revoked.is_none() && expires.is_none_or(|end| now < end);
                let name = format!("a key that expires at {expires:?}, revoked at {revoked:?}, on day {now}");
                cases.add(name, key(expires, revoked).is_live(day(now)), is_live);
            }
        }
        for wanted in DAYS {
            let outcome = inherited_end(expires.map(day), wanted.map(day));
            let expected = match (expires, wanted) {
                (Some(own), Some(wanted)) if wanted > own => Err(BeyondMaker::End(day(own))),
                (Some(own), None) => Ok(Some(day(own))),
                (_, wanted) => Ok(wanted.map(day)),
            };
            cases.add(
                format!("a key until {wanted:?} is created by one until {expires:?}"),
                outcome,
                expected,
            );
        }
    }
    cases
}

#[test]
fn a_key_lives_until_it_expires_or_is_revoked_and_no_key_outlives_its_maker() {
    lives().assert();
}
