//! The tenant context of a session: which rows row-level security lets it read.
//!
//! A session reads rows of its granted scopes only, see `loggia_enter` in migration `api_keys`. One statement grants them. It replaces the
//! ping by which a pool tests a connection before use, so row-level security takes no round trip of its own.

use loggia_domain::id::{ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::port::ReadAhead;
use loggia_domain::scope::{Readmissions, Scope, Viewer};
use loggia_sql::{confined_to, is_of_its_kind, scope_key};
use sqlx::postgres::PgExecutor;
use uuid::Uuid;

/// A record whose id determines the scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    Space(SpaceId),
    Project(ProjectId),
    Task(TaskId),
}

impl Record {
    /// Returns the record that is read, or whose roster and tasks are; `None` for a read of a scope.
    pub(crate) fn from_read_ahead(what: ReadAhead) -> Option<Self> {
        match what {
            ReadAhead::RoleInScope(_) => None,
            ReadAhead::Space(id, _) => Some(Self::Space(id)),
            ReadAhead::Project(id) | ReadAhead::ProjectStanding(id) => Some(Self::Project(id)),
            ReadAhead::Task(id) => Some(Self::Task(id)),
        }
    }
}

/// The scope that a context grants to its viewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Target {
    /// No scope: only the viewer's own rows.
    #[default]
    None,
    /// The scope with this id.
    Scope(Uuid),
    /// The scope of this record.
    In(Record),
}

impl Target {
    /// Returns the word and the id that name the target to `loggia_enter`.
    pub(crate) fn arguments(self) -> (&'static str, Option<Uuid>) {
        match self {
            Self::None => ("none", None),
            Self::Scope(id) => ("scope", Some(id)),
            Self::In(Record::Space(id)) => ("space", Some(id.as_uuid())),
            Self::In(Record::Project(id)) => ("project", Some(id.as_uuid())),
            Self::In(Record::Task(id)) => ("task", Some(id.as_uuid())),
        }
    }
}

/// The rows that a session is to be granted.
#[derive(Clone, Debug, Default)]
pub(crate) struct TenantContext {
    /// The user whose own rows may be read: memberships, API keys, stored responses.
    caller: Option<Uuid>,
    /// The only scope that the viewer's key reaches; `None` for no such bound.
    confined_to: Option<Uuid>,
    /// The number of readmissions up to which memberships count for the viewer's key, see [`Readmissions`].
    readmissions: Readmissions,
    /// The scope that is granted if the caller is an active member of it.
    target: Target,
    /// Scopes that are granted without a check of the membership.
    granted: Vec<Uuid>,
    /// A single row that is identified by a text: the key of an address, an API key's id, or the digest of an invitation's token.
    identity: String,
}

impl TenantContext {
    /// Grants only rows that belong to the whole instance.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Grants one scope to a viewer who is an active member of it, if the viewer's key reaches it.
    pub(crate) fn viewer(viewer: &Viewer, target: Target) -> Self {
        let caller = Some(viewer.user.as_uuid());
        let (confined_to, readmissions) = (confined_to(viewer), viewer.readmissions);
        Self { caller, confined_to, readmissions, target, ..Self::default() }
    }

    /// Grants the scope to a viewer, see [`Self::viewer`].
    pub(crate) fn viewer_in(viewer: &Viewer, scope: Scope) -> Self {
        Self::viewer(viewer, Target::Scope(scope_key(scope)))
    }

    /// Grants the scope of the record to a viewer, see [`Self::viewer`].
    pub(crate) fn viewer_at(viewer: &Viewer, record: Record) -> Self {
        Self::viewer(viewer, Target::In(record))
    }

    /// Grants the scope without a check of a membership.
    pub(crate) fn scope(scope: Scope) -> Self {
        Self { granted: vec![scope_key(scope)], ..Self::default() }
    }

    /// Grants a user's own rows.
    pub(crate) fn person(user: UserId) -> Self {
        Self { caller: Some(user.as_uuid()), ..Self::default() }
    }

    /// Grants the one row that `word` identifies.
    pub(crate) fn identity(word: impl Into<String>) -> Self {
        Self { identity: word.into(), ..Self::default() }
    }

    /// Returns `true` if the user's own rows may be read.
    pub(crate) fn is_of(&self, user: UserId) -> bool {
        self.caller == Some(user.as_uuid())
    }

    /// Returns `true` if a session that was granted `granted` for this context may be used for `other` without setting the context anew.
    ///
    /// The session may have one scope more than `other` asks for. The statements themselves see to that: each names its scope and checks
    /// the viewer's membership.
    pub(crate) fn covers(&self, granted: &Granted, other: &Self) -> bool {
        let target_is_covered = match other.target {
            Target::None => true,
            _ if (self.confined_to, self.readmissions) != (other.confined_to, other.readmissions) => false,
            Target::Scope(id) if granted.scopes.contains(&id) => true,
            target => target == self.target,
        };
        other.caller.is_some()
            && other.caller == self.caller
            && other.identity.is_empty()
            && other.granted.is_empty()
            && target_is_covered
    }

    /// Grants `scope` in addition to `granted`.
    pub(crate) fn and_scope(&self, granted: &Granted, scope: Scope) -> Self {
        self.and_scopes(granted, &[scope_key(scope)])
    }

    /// Grants `scopes` in addition to `granted`.
    pub(crate) fn and_scopes(&self, granted: &Granted, scopes: &[Uuid]) -> Self {
        let mut all = granted.scopes.clone();
        all.extend(scopes.iter().filter(|scope| !granted.scopes.contains(scope)));
        Self { target: Target::None, granted: all, ..self.clone() }
    }

    /// Grants the viewer's target in addition to `granted`.
    pub(crate) fn and_target(granted: &Granted, viewer: &Viewer, target: Target) -> Self {
        Self { granted: granted.scopes.clone(), ..Self::viewer(viewer, target) }
    }

    /// Grants the rows of `user` instead of another's and the row that `word` identifies, in addition to `granted`. No membership is
    /// looked up again.
    pub(crate) fn and_row(&self, granted: &Granted, user: Option<UserId>, word: &str) -> Self {
        Self {
            caller: user.map(UserId::as_uuid).or(self.caller),
            confined_to: None,
            readmissions: self.readmissions,
            target: Target::None,
            granted: granted.scopes.clone(),
            identity: word.to_owned(),
        }
    }

    /// Sets the context: for the session, which needs that again before each use, or, if `until_the_end`, until the transaction ends.
    pub(crate) async fn enter(
        &self,
        connection: impl PgExecutor<'_>,
        until_the_end: bool,
    ) -> Result<Granted, sqlx::Error> {
        if self.target == Target::None {
            let caller = self.caller.map(|id| id.to_string()).unwrap_or_default();
            let scopes = sqlx::query_scalar!(
                r#"SELECT set_config('loggia.scopes', $3::uuid[]::text, $4)::uuid[] AS "scopes!: Vec<Uuid>"
                   FROM (SELECT set_config('loggia.person', $1, $4) AS person,
                             set_config('loggia.identity', $2, $4) AS identity) AS context"#,
                caller,
                self.identity,
                &self.granted,
                until_the_end
            )
            .fetch_one(connection)
            .await?;
            return Ok(Granted { scopes, role: None });
        }
        let (target, sought) = self.target.arguments();
        let found = sqlx::query!(
            r#"SELECT scope_id AS "scope_id?", role AS "role?" FROM loggia_enter(NULL, $1, $2, $3, $4, $5, $6, $7)"#,
            self.caller,
            self.confined_to,
            self.readmissions.get(),
            &self.granted,
            target,
            sought,
            until_the_end
        )
        .fetch_one(connection)
        .await?;
        Ok(Granted::new(self.granted.clone(), found.scope_id.zip(found.role)))
    }
}

/// The scopes that a session was granted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Granted {
    scopes: Vec<Uuid>,
    /// The scope that was looked up for the viewer, and the viewer's role there at that time.
    role: Option<(Uuid, String)>,
}

impl Granted {
    /// Returns these scopes, and the target's if the viewer is an active member there.
    pub(crate) fn new(mut scopes: Vec<Uuid>, role: Option<(Uuid, String)>) -> Self {
        if let Some((scope, _)) = &role
            && !scopes.contains(scope)
        {
            scopes.push(*scope);
        }
        Self { scopes, role }
    }

    /// Returns the word for the viewer's role in the scope, if it was looked up and there is one.
    pub(crate) fn role_of(&self, viewer: &Viewer, scope: Scope) -> Option<&str> {
        let (found, role) = self.role.as_ref()?;
        (*found == scope_key(scope) && is_of_its_kind(viewer, scope)).then_some(role.as_str())
    }

    /// Returns `true` if the scope was granted.
    pub(crate) fn contains(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope_key(scope))
    }

    /// Returns the scope that was looked up for the viewer, if the viewer is an active member of it.
    pub(crate) fn found_scope(&self) -> Option<Uuid> {
        self.role.as_ref().map(|(scope, _)| *scope)
    }

    /// Returns the number of granted scopes.
    pub(crate) fn len(&self) -> usize {
        self.scopes.len()
    }
}
