use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::samples::{ADA, ORGANIZATION, SCOPE, later, made};

#[test]
fn a_key_reads_back_and_a_typo_does_not() {
    let secret = KeySecret::from_entropy([0xa5; 32]);
    let text = secret.expose().to_owned();
    assert_eq!(text.len(), 53);
    assert_eq!(KeySecret::parse(&text), Ok(secret));
    for index in 0..text.len() {
        let mut typo = text.clone().into_bytes();
        typo[index] = if typo[index] == b'x' { b'y' } else { b'x' };
        let typo = String::from_utf8(typo).expect("ASCII");
        assert_eq!(KeySecret::parse(&typo), Err(MalformedKey), "{typo}");
    }
    for other in ["", "lga_", &text[1..], &format!("{text}0"), &text.replace("lga_", "LGA_")] {
        assert_eq!(KeySecret::parse(other), Err(MalformedKey), "{other}");
    }
}

#[test]
fn a_secret_does_not_show_itself() {
    assert_eq!(format!("{:?}", KeySecret::from_entropy([1; 32])), "KeySecret(…)");
}

#[test]
fn a_key_without_randomness_is_padded() {
    // The key is a literal, so that no later change of the format goes unnoticed: issued keys must stay valid.
    let secret = KeySecret::from_entropy([0; 32]);
    assert_eq!(secret.expose(), "lga_00000000000000000000000000000000000000000002FvOOQ");
}

proptest! {
    #[test]
    fn every_key_reads_back(entropy: [u8; 32]) {
        let secret = KeySecret::from_entropy(entropy);
        prop_assert_eq!(secret.expose().len(), 53);
        prop_assert_eq!(KeySecret::parse(secret.expose()), Ok(secret));
    }

    #[test]
    fn different_randomness_makes_different_keys(one: [u8; 32], other: [u8; 32]) {
        let same = KeySecret::from_entropy(one) == KeySecret::from_entropy(other);
        prop_assert_eq!(same, one == other);
    }

    #[test]
    fn two_neighbouring_digits_cannot_be_swapped(entropy: [u8; 32], index in 4usize..52) {
        let mut text = KeySecret::from_entropy(entropy).expose().to_owned().into_bytes();
        prop_assume!(text[index] != text[index + 1]);
        text.swap(index, index + 1);
        let text = String::from_utf8(text).expect("ASCII");
        prop_assert_eq!(KeySecret::parse(&text), Err(MalformedKey));
    }

    #[test]
    fn no_text_makes_reading_a_key_panic(text: String, tail in "lga_\\PC{0,60}") {
        prop_assert_eq!(KeySecret::parse(&text), Err(MalformedKey));
        prop_assert_eq!(KeySecret::parse(&tail), Err(MalformedKey));
    }
}

fn key() -> ApiKey {
    ApiKey {
        prefix: None,
        id: KeyId::from_uuid(Uuid::from_u128(0x6e)),
        user: ADA,
        name: KeyName::parse("laptop").expect("a name"),
        default_scope: SCOPE,
        reach: Reach::Only(ORGANIZATION),
        ability: Ability::Read,
        created_at: made(),
        expires_at: None,
        ends_unless_used: false,
        revoked_at: None,
        last_used_at: None,
        readmissions: Readmissions::new(3),
    }
}

#[test]
fn a_key_ends_at_the_very_instant_it_names() {
    let ending = ApiKey { expires_at: Some(later()), ..key() };
    let just_before = Timestamp::from_micros(later().micros() - 1).expect("a time");
    assert!(ending.is_live(just_before));
    assert!(!ending.is_live(later()));
    assert!(!ending.is_live(later().plus_seconds(1)));
    assert!(key().is_live(later().plus_seconds(i64::MAX)), "without an end it never ends");
}

#[test]
fn the_first_use_removes_a_conditional_expiry_and_later_uses_change_nothing() {
    let unused = ApiKey { expires_at: Some(later()), ends_unless_used: true, ..key() };
    let just_before = Timestamp::from_micros(later().micros() - 1).expect("a time");
    let mut used = unused.clone();
    assert_eq!(used.keep(just_before).map(|changes| changes.len()), Ok(1));
    assert_eq!(used, key(), "it has no end");
    assert_eq!(used.keep(later().plus_seconds(9)), Ok(Vec::new()), "there is nothing to take away");
    let mut late = unused.clone();
    assert_eq!(late.keep(later()), Err(KeyNotLive));
    let mut revoked = ApiKey { revoked_at: Some(made()), ..unused.clone() };
    assert_eq!(revoked.keep(just_before), Err(KeyNotLive));
    assert_eq!(late, unused, "a dead key stays as it is");
    let mut usual = ApiKey { ends_unless_used: false, ..unused.clone() };
    assert_eq!(usual.keep(just_before), Ok(Vec::new()), "the end that somebody chose stays");
    let mut retired = unused;
    retired.retire(Overlap::new(60).expect("a minute"), made()).expect("it was live");
    assert_eq!(retired.keep(made()), Ok(Vec::new()));
    assert_eq!(retired.expires_at, Some(made().plus_seconds(60)), "a key that was retired ends");
}

#[test]
fn a_revoked_key_is_never_live() {
    let revoked = ApiKey { revoked_at: Some(later()), expires_at: Some(later().plus_seconds(9)), ..key() };
    for now in [made(), later(), later().plus_seconds(60)] {
        assert!(!revoked.is_live(now));
    }
}

#[test]
fn writing_comes_with_reading_and_not_the_other_way_round() {
    assert_eq!(Ability::Read.included(), [Ability::Read]);
    assert_eq!(Ability::Write.included(), [Ability::Read, Ability::Write]);
    assert!(Ability::Read < Ability::Write);
}

#[test]
fn a_caller_has_the_attributes_of_its_key() {
    let caller = Caller::from(&key());
    let expected = Caller {
        user: ADA,
        key: Some(key().id),
        default_scope: SCOPE,
        reach: Reach::Only(ORGANIZATION),
        ability: Ability::Read,
        readmissions: Readmissions::new(3),
    };
    assert_eq!(caller, expected);
    assert_eq!(caller.actor(), Actor::User { user: ADA, key: Some(key().id) });
    let readmissions = Readmissions::new(3);
    assert_eq!(caller.viewer(), Viewer { user: ADA, reach: Reach::Only(ORGANIZATION), readmissions });
}

#[test]
fn an_unchecked_caller_has_everything_of_one_user_unless_it_is_limited() {
    let caller = Caller::unchecked(ADA, SCOPE);
    assert_eq!((caller.reach, caller.ability), (Reach::Everywhere, Ability::Write));
    let confined = caller.confined_to(ORGANIZATION);
    assert_eq!((confined.reach, confined.ability), (Reach::Only(ORGANIZATION), Ability::Write));
    let reading = caller.reading_only();
    assert_eq!((reading.reach, reading.ability), (Reach::Everywhere, Ability::Read));
    assert_eq!(caller.actor(), Actor::User { user: ADA, key: None });
}

#[test]
fn a_choice_of_scope_has_three_states() {
    let other = crate::id::OrganizationId::from_uuid(Uuid::from_u128(0xfe));
    let caller = Caller::from(&key());
    assert_eq!(caller.scope(ScopeChoice::Default), SCOPE);
    assert_eq!(caller.scope(ScopeChoice::Personal), Scope::Personal(ADA));
    // A scope that the key does not reach is returned as well: access is decided by the policy.
    assert_eq!(caller.scope(ScopeChoice::Organization(other)), Scope::Organization(other));

    let at_home = Caller::unchecked(ADA, Scope::Personal(ADA));
    assert_eq!(at_home.scope(ScopeChoice::Default), Scope::Personal(ADA));
}

#[test]
fn a_key_prefix_has_the_first_twelve_characters_and_no_more() {
    let prefix = KeySecret::from_entropy([0xa5; 32]).prefix();
    assert_eq!(prefix.as_str(), &KeySecret::from_entropy([0xa5; 32]).expose()[..12]);
    assert_eq!(KeyPrefix::parse(prefix.as_str()), Ok(prefix.clone()));
    let (shorter, longer) = (&prefix.as_str()[..11], format!("{}0", prefix.as_str()));
    for other in ["", "lga_", shorter, &longer, "LGA_00000000", "lga_0000000_", "lga_000000é0"] {
        assert_eq!(KeyPrefix::parse(other), Err(MalformedKey), "{other}");
    }
}

#[test]
fn a_key_is_revoked_once() {
    let mut revoked = key();
    assert_eq!(revoked.revoke(later()).len(), 1);
    assert_eq!(revoked.revoked_at, Some(later()));
    assert_eq!(revoked.revoke(later().plus_seconds(1)), []);
    assert_eq!(revoked.revoked_at, Some(later()), "the first time counts");
}

#[test]
fn an_overlap_is_at_most_seven_days_and_by_default_one() {
    assert_eq!(Overlap::default().seconds(), 86_400);
    assert_eq!(Overlap::new(0).map(Overlap::seconds), Ok(0));
    assert_eq!(Overlap::new(604_800).map(Overlap::seconds), Ok(604_800));
    assert_eq!(Overlap::new(604_801), Err(OutOfRange { min: 0, max: 604_800 }));
}

#[test]
fn a_retired_key_lives_for_the_overlap_but_never_longer_than_it_would_have() {
    let overlap = |seconds| Overlap::new(seconds).expect("an overlap");
    let retired = |end: Option<Timestamp>, seconds| {
        let mut old = ApiKey { expires_at: end, revoked_at: None, ..key() };
        let changes = old.retire(overlap(seconds), later()).expect("it lived");
        (old.expires_at, changes.len())
    };
    assert_eq!(retired(None, 60), (Some(later().plus_seconds(60)), 1));
    assert_eq!(retired(None, 0), (Some(later()), 1));
    assert_eq!(retired(Some(later().plus_seconds(61)), 60), (Some(later().plus_seconds(60)), 1));
    assert_eq!(retired(Some(later().plus_seconds(59)), 60), (Some(later().plus_seconds(59)), 0));
    let mut ended = ApiKey { expires_at: None, revoked_at: None, ..key() };
    ended.retire(overlap(0), later()).expect("it lived");
    assert!(!ended.is_live(later()), "at once");

    for dead in [
        ApiKey { revoked_at: Some(made()), expires_at: None, ..key() },
        ApiKey { expires_at: Some(later()), revoked_at: None, ..key() },
    ] {
        let mut old = dead.clone();
        assert_eq!(old.retire(overlap(60), later()), Err(KeyNotLive));
        assert_eq!(old, dead);
    }
}

#[test]
fn the_last_use_is_recorded_once_an_hour() {
    let time = |text: &str| Timestamp::parse(text).expect("a time");
    let used = |recorded: Option<&str>| ApiKey { last_used_at: recorded.map(time), ..key() };
    let (hour, end) = (time("2026-01-31T09:00:00Z"), time("2026-01-31T09:59:59.999999Z"));
    for now in [hour, end] {
        assert_eq!(used(None).unrecorded_use(now), Some(hour));
        assert_eq!(used(Some("2026-01-31T08:00:00Z")).unrecorded_use(now), Some(hour));
        assert_eq!(used(Some("2026-01-31T09:00:00Z")).unrecorded_use(now), None);
        assert_eq!(used(Some("2026-01-31T10:00:00Z")).unrecorded_use(now), None, "a clock that went back");
    }
}

#[test]
fn events_of_a_key_contain_neither_its_secret_nor_its_digest() {
    let fields: Vec<_> = key().fields().into_iter().map(|(name, _)| name).collect();
    assert_eq!(fields, ["user", "name", "ability", "expires_at", "revoked_at"]);
    assert_eq!(format!("{:?}", KeyHash::from_bytes([7; 32])), "KeyHash(…)");
}

#[test]
fn an_expiry_defaults_to_that_of_the_parent_and_is_never_later() {
    let (sooner, end) = (made(), later());
    let later = end.plus_seconds(1);
    assert_eq!(inherited_end(None, None), Ok(None));
    assert_eq!(inherited_end(None, Some(end)), Ok(Some(end)));
    assert_eq!(inherited_end(Some(end), None), Ok(Some(end)));
    assert_eq!(inherited_end(Some(end), Some(sooner)), Ok(Some(sooner)));
    assert_eq!(inherited_end(Some(end), Some(end)), Ok(Some(end)));
    assert_eq!(inherited_end(Some(end), Some(later)), Err(BeyondMaker::End(end)));
}
