//! Made-up people.

use loggia_domain::role::ScopeRole;
use loggia_domain::service::NewMember;
use loggia_domain::text::{EmailAddress, EmployeeNumber, PersonName, Username};
use loggia_domain::user::Profile;

use crate::names::{FIRST_NAMES, LAST_NAMES};
use crate::random::{Random, scattered_pair};

/// Returns the `nth` person. The first one is an admin, and an account that all demo organizations of a store share. The others are people
/// of each organization's own, with the same names and addresses in all of them. No real person has these addresses (example.com is
/// reserved by RFC 2606).
pub(crate) fn person(nth: usize, random: &mut Random) -> anyhow::Result<NewMember> {
    let (first, last, round) = scattered_pair(nth, FIRST_NAMES.len(), LAST_NAMES.len());
    let (first, last) = (FIRST_NAMES[first], LAST_NAMES[last]);
    let mut handle = format!("{}.{}", plain(first), plain(last));
    if round > 0 {
        handle = format!("{handle}{}", round + 1);
    }
    let profile = Profile {
        first_name: PersonName::parse(first)?,
        last_name: PersonName::parse(last)?,
        username: Some(Username::parse(&handle)?),
        employee_number: Some(EmployeeNumber::parse(&format!("HW-{:04}", nth + 1))?),
        avatar: None,
    };
    let email = EmailAddress::parse(&format!("{handle}@demo.example.com"))?;
    let drawn = random.weighted(&[(ScopeRole::Admin, 6), (ScopeRole::Member, 80), (ScopeRole::Viewer, 14)]);
    Ok(NewMember::person(email, profile, if nth == 0 { ScopeRole::Admin } else { drawn }))
}

/// Returns a name in the form that it has in an e-mail address.
fn plain(name: &str) -> String {
    name.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'á' => 'a',
            'ë' | 'é' => 'e',
            'í' => 'i',
            'ø' | 'ö' => 'o',
            'ü' => 'u',
            'ł' => 'l',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use loggia_domain::service::NewIdentity;

    use super::*;

    fn address(person: &NewMember) -> &EmailAddress {
        let NewIdentity::Person(email) = &person.identity else { panic!("a machine") };
        email
    }

    #[test]
    fn no_two_people_share_an_address() {
        let mut random = Random::new(1);
        let people: Vec<NewMember> =
            (0..4_000).map(|nth| person(nth, &mut random).expect("a person")).collect();
        let addresses: std::collections::HashSet<_> =
            people.iter().map(|person| address(person).key()).collect();
        assert_eq!(addresses.len(), people.len());
        assert!(people.iter().all(|person| address(person).as_str().is_ascii()));
        assert_eq!(people[0].role, ScopeRole::Admin);
    }
}
