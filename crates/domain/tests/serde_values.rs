//! The feature `serde`: values are the text or the number that they are, and are parsed when they are read.
#![expect(clippy::expect_used, clippy::panic, reason = "the helpers fail loudly, as the tests do")]

use loggia_domain::event::{SubjectKind, Verb};
use loggia_domain::id::{DisplayNumber, InvalidId, OrganizationId, ProjectId, UserId};
use loggia_domain::instant::{InvalidTimestamp, Timestamp};
use loggia_domain::key::{Ability, KeyPrefix, KeySecret, Overlap};
use loggia_domain::once::{IdempotencyKey, MalformedIdempotencyKey};
use loggia_domain::page::{Offset, PageSize};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Reach, Scope, ScopeChoice};
use loggia_domain::space::{InvalidStrength, SpaceStatus, Strength};
use loggia_domain::task::{InvalidOutlineNumber, OutlineNumber, TaskStatus};
use loggia_domain::text::{
    AvatarUrl, EmailAddress, ProjectName, SpaceDescription, SpaceName, TextError, Username,
};
use serde_json::{Value, from_str, from_value, json, to_value};

/// Asserts that the value is written as this JSON and read from it.
fn is<T>(value: &T, json: &Value)
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    assert_eq!(&to_value(value).expect("a value"), json);
    let read: T = from_value(json.clone()).unwrap_or_else(|error| panic!("{json}: {error}"));
    assert_eq!(&read, value);
}

/// Asserts that this JSON is refused with the message of the domain's own error.
fn refused<T>(json: &Value, error: &impl std::error::Error)
where
    T: serde::de::DeserializeOwned + std::fmt::Debug,
{
    let refusal = from_value::<T>(json.clone()).expect_err("an invalid value");
    assert_eq!(refusal.to_string(), error.to_string(), "{json}");
}

const ID: &str = "0193a5b0-7c1e-7000-8000-00000000abcd";

#[test]
fn an_id_is_its_canonical_text() {
    is(&ProjectId::parse(ID).expect("an id"), &json!(ID));
    is(&UserId::parse(ID).expect("an id"), &json!(ID));
    refused::<ProjectId>(&json!(ID.to_uppercase()), &InvalidId);
    refused::<ProjectId>(&json!("25"), &InvalidId);
}

#[test]
fn a_text_is_trimmed_and_checked_when_it_is_read() {
    is(&SpaceName::parse("Quay 7").expect("a name"), &json!("Quay 7"));
    is(&SpaceDescription::parse("").expect("a text"), &json!(""));
    is(&EmailAddress::parse("ada@example.com").expect("an address"), &json!("ada@example.com"));
    is(&AvatarUrl::parse("https://example.com/a").expect("a URL"), &json!("https://example.com/a"));
    assert_eq!(from_str::<SpaceName>(r#""  Quay\t""#).expect("a name").as_str(), "Quay");
    refused::<ProjectName>(&json!("ab"), &TextError::TooShort { min: 3 });
    refused::<Username>(&json!("\u{202e}ada"), &TextError::Character('\u{202e}'));
    refused::<SpaceName>(&json!("\u{200b}"), &TextError::Invisible);
    let refusal = EmailAddress::parse("ada").expect_err("no address");
    refused::<EmailAddress>(&json!("ada"), &refusal);
}

#[test]
fn an_enum_is_serialized_as_its_word() {
    for role in ScopeRole::ALL {
        is(role, &json!(role.as_str()));
    }
    is(&RosterRole::Member, &json!("member"));
    is(&SpaceStatus::Archived, &json!("Archived"));
    is(&TaskStatus::InProgress, &json!("in_progress"));
    is(&Ability::Write, &json!("write"));
    is(&(SubjectKind::Key, Verb::Created), &json!(["api_key", "created"]));
    let error = RosterRole::parse("viewer").expect_err("no role on a roster");
    refused::<RosterRole>(&json!("viewer"), &error);
    assert_eq!(error.to_string(), "must be one of admin, member");
}

#[test]
fn a_time_keeps_its_microseconds() {
    let micros = |micros| Timestamp::from_micros(micros).expect("a time");
    is(&micros(0), &json!("1970-01-01T00:00:00.000000Z"));
    is(&micros(1_769_846_400_123_456), &json!("2026-01-31T08:00:00.123456Z"));
    is(&micros(-1), &json!("1969-12-31T23:59:59.999999Z"));
    let noon: Timestamp = from_value(json!("2026-01-31T13:00:00+01:00")).expect("a time");
    assert_eq!(noon.to_rfc3339(), "2026-01-31T12:00:00.000Z");
    refused::<Timestamp>(&json!("2026-02-29"), &InvalidTimestamp);
}

#[test]
fn a_number_is_checked_against_its_range() {
    is(&DisplayNumber::new(7), &json!(7));
    is(&Strength::new(10).expect("a strength"), &json!(10));
    is(&PageSize::new(100).expect("a size"), &json!(100));
    is(&Offset::default(), &json!(0));
    is(&Overlap::default(), &json!(86_400));
    refused::<Strength>(&json!(11), &InvalidStrength);
    refused::<Strength>(&json!(-1), &InvalidStrength);
    refused::<PageSize>(&json!(0), &PageSize::new(0).expect_err("too few"));
    refused::<Overlap>(&json!(604_801), &Overlap::new(604_801).expect_err("too long"));
}

#[test]
fn an_outline_number_and_a_key_are_texts() {
    is(&OutlineNumber::parse("1.10").expect("a position"), &json!("1.10"));
    refused::<OutlineNumber>(&json!("1.01"), &InvalidOutlineNumber);
    is(&IdempotencyKey::parse("a-1").expect("a key"), &json!("a-1"));
    refused::<IdempotencyKey>(&json!("a b"), &MalformedIdempotencyKey::NotVisibleAscii);
    let prefix: KeyPrefix = KeySecret::from_entropy([7; 32]).prefix();
    is(&prefix, &json!(prefix.as_str()));
}

#[test]
fn a_scope_names_its_kind_and_its_owner() {
    let (organization, user) = (OrganizationId::parse(ID).expect("an id"), UserId::parse(ID).expect("an id"));
    is(&Scope::Organization(organization), &json!({"organization": ID}));
    is(&Scope::Personal(user), &json!({"personal": ID}));
    is(&ScopeChoice::Default, &json!("default"));
    is(&ScopeChoice::Personal, &json!("personal"));
    is(&ScopeChoice::Organization(organization), &json!({"organization": ID}));
    is(&Reach::Everywhere, &json!("everywhere"));
    is(&Reach::Only(organization), &json!({"only": ID}));
    refused::<Scope>(&json!({"organization": "25"}), &InvalidId);
    assert!(from_value::<Scope>(json!({"team": ID})).is_err());
}

#[test]
fn another_type_is_refused_by_name() {
    let refusal = from_value::<SpaceName>(json!(5)).expect_err("no text");
    assert_eq!(refusal.to_string(), "invalid type: integer `5`, expected a string");
    assert!(from_value::<Strength>(json!("5")).is_err());
}
