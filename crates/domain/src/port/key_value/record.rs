//! The records, and the keys under which they are stored.

use uuid::Uuid;

use crate::event::Event;
use crate::id::OrganizationId;
use crate::organization::Organization;
use crate::project::Project;
use crate::roster::Membership;
use crate::scope::Scope;
use crate::space::Space;
use crate::task::Task;
use crate::user::{Member, User};

/// The key of a record among those of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The record to which it belongs, or nil.
    pub owner: Uuid,
    /// Its id there.
    pub id: Uuid,
}

impl Key {
    /// Returns the key that precedes all those of an owner.
    pub const fn first(owner: Uuid) -> Self {
        Self { owner, id: Uuid::nil() }
    }

    /// Returns the key of a user or an organization, which belongs to no other record.
    pub const fn alone(id: Uuid) -> Self {
        Self { owner: Uuid::nil(), id }
    }
}

/// A record with a key.
pub trait Record: Clone + Sized {
    /// The name of the kind, for a table for example.
    const KIND: &'static str;

    /// Returns the record's key.
    fn key(&self) -> Key;
}

/// An event in the log of its scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The event's number among those of all scopes.
    pub sequence: u64,
    /// The event.
    pub event: Event,
}

impl Logged {
    /// Returns the key of the event with this number.
    pub fn key_of(scope: Scope, sequence: u64) -> Key {
        Key { owner: scope.id().as_uuid(), id: Uuid::from_u128(sequence.into()) }
    }
}

macro_rules! records {
    ($($type:ident in $kind:literal: |$record:ident| $key:expr;)+) => {$(
        impl Record for $type {
            const KIND: &'static str = $kind;

            fn key(&self) -> Key {
                let $record = self;
                $key
            }
        }
    )+};
}

records! {
    User in "users": |user| Key::alone(user.id.as_uuid());
    Organization in "organizations": |organization| key_of_organization(organization.id);
    Member in "members": |member| Key { owner: member.scope.id().as_uuid(), id: member.user.as_uuid() };
    Space in "spaces": |space| Key { owner: space.scope.id().as_uuid(), id: space.id.as_uuid() };
    Project in "projects": |project| Key { owner: project.scope.id().as_uuid(), id: project.id.as_uuid() };
    Membership in "rosters": |membership| Key { owner: membership.project.as_uuid(), id: membership.user.as_uuid() };
    Task in "tasks": |task| Key { owner: task.project.as_uuid(), id: task.id.as_uuid() };
    Logged in "events": |logged| Self::key_of(logged.event.scope, logged.sequence);
}

/// Returns the key of an organization.
pub(super) const fn key_of_organization(id: OrganizationId) -> Key {
    Key::alone(id.as_uuid())
}
