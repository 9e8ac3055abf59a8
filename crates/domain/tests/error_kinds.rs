//! The kind of every error of a use case, as one text: a change shows as a diff.
#![expect(clippy::expect_used, reason = "writing to a String does not fail")]

use std::fmt::Write as _;

use loggia_domain::error::{DomainError, ErrorKind};
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::instant::{StartAfterEnd, Timestamp};
use loggia_domain::key::{Ability, BeyondMaker, KeyNotLive};
use loggia_domain::organization::LastAdmin;
use loggia_domain::policy::{Denied, Forbidden};
use loggia_domain::port::{Capability, StoreError};
use loggia_domain::revision::Stale;
use loggia_domain::roster::RemovalRefused;
use loggia_domain::service::{
    AuthenticationError, DeletionError, InvitationError, KeyError, OrganizationError, PermissionError,
    ProjectError, RecognitionError, RosterError, SpaceError, TaskError,
};
use loggia_domain::task::OutlineTooGreat;
use loggia_domain::user::MemberRefused;
use loggia_domain::uuid::Uuid;

/// Declares one error of each variant. The match names every variant, so a new one does not compile until it is listed.
macro_rules! samples {
    ($($error:ident { $($variant:ident => $sample:expr),+ $(,)? })+) => {
        /// Returns the name of each error, and the kinds that its samples have.
        fn kinds() -> Vec<(String, Vec<ErrorKind>)> {
            let mut kinds = Vec::new();
            $(
                let name = |error: &$error| match error {
                    $($error::$variant { .. } => stringify!($variant),)+
                };
                $(
                    let samples: Vec<$error> = $sample;
                    for sample in &samples {
                        assert_eq!(name(sample), stringify!($variant));
                    }
                    let of = samples.iter().map(DomainError::kind).collect();
                    kinds.push((format!("{}::{}", stringify!($error), stringify!($variant)), of));
                )+
            )+
            kinds
        }
    };
}

fn all<I, E: From<I>>(inner: Vec<I>) -> Vec<E> {
    inner.into_iter().map(E::from).collect()
}

fn denials() -> Vec<Denied> {
    let forbidden = [
        Forbidden::NotInScope,
        Forbidden::Role,
        Forbidden::Ability(Ability::Write),
        Forbidden::Reach,
        Forbidden::CreationClosed,
    ];
    [Denied::Hidden].into_iter().chain(forbidden.map(Denied::Forbidden)).collect()
}

fn failures() -> Vec<StoreError> {
    vec![
        StoreError::Contended(None),
        StoreError::Unavailable(None),
        StoreError::OutcomeUnknown(None),
        StoreError::UnknownCaller,
        StoreError::Unsupported(Capability::Keys),
        StoreError::Corrupt("space 1".into()),
        StoreError::Failed("a bug".into()),
    ]
}

fn later() -> Timestamp {
    Timestamp::from_micros(0).expect("a time")
}

fn inactive() -> OrganizationError {
    let (organization, user) = (OrganizationId::from_uuid(Uuid::nil()), UserId::from_uuid(Uuid::nil()));
    OrganizationError::InactiveMember { index: 0, organization, user }
}

samples! {
    Denied {
        Hidden => vec![Denied::Hidden],
        Forbidden => denials().into_iter().filter(|denied| *denied != Denied::Hidden).collect(),
    }
    StoreError {
        Contended => vec![StoreError::Contended(None)],
        Unavailable => vec![StoreError::Unavailable(None)],
        OutcomeUnknown => vec![StoreError::OutcomeUnknown(None)],
        UnknownCaller => vec![StoreError::UnknownCaller],
        Corrupt => vec![StoreError::Corrupt("space 1".into())],
        Unsupported => vec![StoreError::Unsupported(Capability::Keys)],
        Failed => vec![StoreError::Failed("a bug".into())],
    }
    RemovalRefused {
        Oneself => vec![RemovalRefused::Oneself],
        NotAMember => vec![RemovalRefused::NotAMember],
        RosterAdmin => vec![RemovalRefused::RosterAdmin],
        ScopeAdmin => vec![RemovalRefused::ScopeAdmin],
    }
    MemberRefused {
        LastAdmin => vec![MemberRefused::LastAdmin(LastAdmin)],
        BelongsToAccount => vec![MemberRefused::BelongsToAccount],
        NoAddress => vec![MemberRefused::NoAddress],
        Erased => vec![MemberRefused::Erased],
    }
    BeyondMaker {
        End => vec![BeyondMaker::End(later())],
        Ancestor => vec![BeyondMaker::Ancestor],
    }
    SpaceError {
        Denied => all(denials()),
        UnknownProject => vec![SpaceError::UnknownProject],
        Stale => vec![Stale.into()],
        Store => all(failures()),
    }
    ProjectError {
        Denied => all(denials()),
        Dates => vec![StartAfterEnd.into()],
        Stale => vec![Stale.into()],
        Store => all(failures()),
    }
    RosterError {
        Denied => all(denials()),
        UserNotFound => vec![RosterError::UserNotFound { index: 0 }],
        AlreadyAMember => vec![RosterError::AlreadyAMember { index: 0 }],
        NotOnRoster => vec![RosterError::NotOnRoster],
        Removal => vec![RemovalRefused::Oneself.into(), RemovalRefused::NotAMember.into()],
        LastAdmin => vec![LastAdmin.into()],
        Store => all(failures()),
    }
    TaskError {
        Denied => all(denials()),
        UserNotFound => vec![TaskError::UserNotFound],
        AssigneeNotOnRoster => vec![TaskError::AssigneeNotOnRoster],
        OutlineTaken => vec![TaskError::OutlineTaken],
        OutlineTooGreat => vec![OutlineTooGreat.into()],
        OutlineExhausted => vec![TaskError::OutlineExhausted],
        Dates => vec![StartAfterEnd.into()],
        Stale => vec![Stale.into()],
        Store => all(failures()),
    }
    OrganizationError {
        Denied => all(denials()),
        UserNotFound => vec![OrganizationError::UserNotFound],
        AlreadyAMember => vec![OrganizationError::AlreadyAMember { index: 0 }],
        InactiveMember => vec![inactive()],
        UsernameTaken => vec![OrganizationError::UsernameTaken { index: 0 }],
        EmployeeNumberTaken => vec![OrganizationError::EmployeeNumberTaken { index: 0 }],
        AddressTaken => vec![OrganizationError::AddressTaken],
        InvitationRequired => vec![OrganizationError::InvitationRequired],
        Refused => all(vec![MemberRefused::LastAdmin(LastAdmin), MemberRefused::BelongsToAccount, MemberRefused::NoAddress]),
        TooMany => vec![OrganizationError::TooMany { limit: 100 }],
        Stale => vec![Stale.into()],
        Store => all(failures()),
    }
    PermissionError {
        Denied => all(denials()),
        Store => all(failures()),
    }
    InvitationError {
        Denied => all(denials()),
        NotFound => vec![InvitationError::NotFound],
        UnknownToken => vec![InvitationError::UnknownToken],
        AlreadyInvited => vec![InvitationError::AlreadyInvited { index: 0 }],
        UnknownProject => vec![InvitationError::UnknownProject { index: 0, project_index: 0 }],
        AlreadyAMember => vec![InvitationError::AlreadyAMember],
        KeyTooOld => vec![InvitationError::KeyTooOld],
        NotAnAccount => vec![InvitationError::NotAnAccount],
        Store => all(failures()),
    }
    KeyError {
        Denied => all(denials()),
        UserNotFound => vec![KeyError::UserNotFound],
        BelongsToAccount => vec![KeyError::BelongsToAccount],
        NotInScope => vec![KeyError::NotInScope],
        KeyNotFound => vec![KeyError::KeyNotFound],
        NotLive => vec![KeyNotLive.into()],
        AlreadyExpired => vec![KeyError::AlreadyExpired],
        Beyond => all(vec![BeyondMaker::End(later()), BeyondMaker::Ancestor]),
        TooMany => vec![KeyError::TooMany { limit: 200 }],
        Store => all(failures()),
    }
    AuthenticationError {
        InvalidKey => vec![AuthenticationError::InvalidKey],
        Store => all(failures()),
    }
    RecognitionError {
        UnknownUser => vec![RecognitionError::UnknownUser],
        NotInScope => vec![RecognitionError::NotInScope],
        Inactive => vec![RecognitionError::Inactive],
        Store => all(failures()),
    }
    DeletionError {
        NotFound => vec![DeletionError::NotFound],
        NotClosed => vec![DeletionError::NotClosed],
        Store => all(failures()),
    }
}

#[test]
fn the_kinds_are_this_table() {
    let mut text = String::new();
    for (error, kinds) in kinds() {
        let mut kinds: Vec<&str> = kinds.into_iter().map(ErrorKind::as_str).collect();
        kinds.dedup();
        writeln!(text, "{error:<40} {}", kinds.join(", ")).expect("a String takes it");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn each_kind_is_that_of_some_error() {
    let found: Vec<ErrorKind> = kinds().into_iter().flat_map(|(_, kinds)| kinds).collect();
    for kind in ErrorKind::ALL {
        assert!(found.contains(kind), "{kind}");
    }
}

#[test]
fn only_contended_and_unavailable_errors_are_transient() {
    let transient: Vec<_> = ErrorKind::ALL.iter().filter(|kind| kind.is_transient()).collect();
    assert_eq!(transient, [&ErrorKind::Contended, &ErrorKind::Unavailable]);
}
