//! The way in: which rows a session may see, said before anything else is asked of it.
//!
//! Row-level security shows the rows of those scopes only that were entered. One statement enters them. It stands in for the
//! ping by which a pool tests a connection before it is used, so that the second wall costs no round trip of its own.

use loggia_domain::id::{ScopeId, UserId};
use loggia_domain::key::KeyHash;
use loggia_domain::scope::{Reach, Scope, Viewer};
use sqlx::postgres::PgExecutor;
use uuid::Uuid;

/// What is opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Door {
    /// Whose own rows may be read: the places that they have, what they are called, their keys.
    person: Option<Uuid>,
    /// Whether the scopes that the person is an active member of are opened.
    places: bool,
    /// Of these places only that one.
    only: [Option<Uuid>; 2],
    /// Scopes that are opened on the domain's word.
    granted: Vec<Uuid>,
    /// A single row that is known by something else: a folded address, a key's id or its digest.
    identity: String,
}

impl Door {
    /// Nothing but what belongs to the whole instance.
    pub(crate) fn shut() -> Self {
        Self::default()
    }

    /// Every scope that the viewer is an active member of and that the key reaches.
    pub(crate) fn viewer(viewer: &Viewer) -> Self {
        Self {
            person: Some(viewer.user.as_uuid()),
            places: true,
            only: [confined_to(viewer), None],
            ..Self::default()
        }
    }

    /// The same, but of these scopes that one alone.
    pub(crate) fn viewer_in(viewer: &Viewer, scope: Scope) -> Self {
        let door = Self::viewer(viewer);
        Self { only: [door.only[0], Some(scope_key(scope))], ..door }
    }

    /// That scope, whoever asks.
    pub(crate) fn scope(scope: Scope) -> Self {
        Self { granted: vec![scope_key(scope)], ..Self::default() }
    }

    /// What is one person's own.
    pub(crate) fn person(user: UserId) -> Self {
        Self { person: Some(user.as_uuid()), ..Self::default() }
    }

    /// Whether that person's own rows are open.
    pub(crate) fn is_of(&self, user: UserId) -> bool {
        self.person == Some(user.as_uuid())
    }

    /// One row that is known by a word of its own.
    pub(crate) fn identity(word: impl Into<String>) -> Self {
        Self { identity: word.into(), ..Self::default() }
    }

    /// Whether what the other one opens is open here too: to that person, and in scopes that the person has a place in.
    ///
    /// More may be open here, all of the person's places where the other one opens one of them. It is what is open to whoever asks for
    /// a record by its id; each statement names its scope, and asks for the viewer's place there itself.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let bounded_as_well = || self.only.iter().flatten().all(|bound| other.only.contains(&Some(*bound)));
        other.person.is_some()
            && other.person == self.person
            && other.identity.is_empty()
            && other.granted.is_empty()
            && (!other.places || (self.places && bounded_as_well()))
    }

    /// What was entered, and that scope as well.
    pub(crate) fn and_scope(&self, entered: &Entered, scope: Scope) -> Self {
        let mut granted = entered.scopes.clone();
        granted.push(scope_key(scope));
        Self { places: false, only: [None; 2], granted, ..self.clone() }
    }

    /// What was entered, that person's own rows instead of another's, and the row of that word. Nobody's places are
    /// looked up again.
    pub(crate) fn and_row(&self, entered: &Entered, person: Option<UserId>, word: &str) -> Self {
        Self {
            person: person.map(UserId::as_uuid).or(self.person),
            places: false,
            only: [None; 2],
            granted: entered.scopes.clone(),
            identity: word.to_owned(),
        }
    }

    /// Opens it: for the session, which must be told anew before each use, or until the transaction ends.
    ///
    /// The scopes are looked up through the person's own places, for which the person must have been set before. The
    /// subquery reads what the one before has returned, so no plan can run them the other way round.
    pub(crate) async fn enter(
        &self,
        connection: impl PgExecutor<'_>,
        until_the_end: bool,
    ) -> Result<Entered, sqlx::Error> {
        let person = self.person.map(|id| id.to_string()).unwrap_or_default();
        if self.places {
            let found = sqlx::query!(
                r#"SELECT set_config('loggia.scopes', (places.scopes || $5::uuid[])::text, $6)::uuid[] AS "scopes!: Vec<Uuid>",
                       places.roles AS "roles!: Vec<String>"
                   FROM (SELECT set_config('loggia.person', $1, $6) AS person,
                             set_config('loggia.identity', $2, $6) AS identity) AS door
                   CROSS JOIN LATERAL (
                       SELECT coalesce(array_agg(m.scope_id), '{}') AS scopes, coalesce(array_agg(m.role), '{}') AS roles
                       FROM members m
                       WHERE m.user_id = door.person::uuid AND m.active
                           AND ($3::uuid IS NULL OR m.scope_id = $3) AND ($4::uuid IS NULL OR m.scope_id = $4)
                       OFFSET 0) AS places"#,
                person,
                self.identity,
                self.only[0],
                self.only[1],
                &self.granted,
                until_the_end
            )
            .fetch_one(connection)
            .await?;
            Ok(Entered { scopes: found.scopes, roles: found.roles })
        } else {
            let scopes = sqlx::query_scalar!(
                r#"SELECT set_config('loggia.scopes', $3::uuid[]::text, $4)::uuid[] AS "scopes!: Vec<Uuid>"
                   FROM (SELECT set_config('loggia.person', $1, $4) AS person,
                             set_config('loggia.identity', $2, $4) AS identity) AS door"#,
                person,
                self.identity,
                &self.granted,
                until_the_end
            )
            .fetch_one(connection)
            .await?;
            Ok(Entered { scopes, roles: Vec::new() })
        }
    }
}

/// The word by which a key is known whose digest that is.
pub(crate) fn identity_of(hash: &KeyHash) -> String {
    hash.as_bytes().iter().fold(String::with_capacity(64), |mut word, byte| {
        for half in [byte >> 4, byte & 0xf] {
            word.extend(char::from_digit(half.into(), 16));
        }
        word
    })
}

/// What is open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entered {
    scopes: Vec<Uuid>,
    /// The viewer's roles in the first of them, where these are the viewer's places, as they were found.
    roles: Vec<String>,
}

impl Entered {
    /// A viewer's places, and the role in each.
    pub(crate) fn places(scopes: Vec<Uuid>, roles: Vec<String>) -> Self {
        Self { scopes, roles }
    }

    /// The word for the role of the viewer whose places were found. It is of the moment at which they were.
    pub(crate) fn role_of(&self, viewer: &Viewer, scope: Scope) -> Option<&str> {
        // The one scope of another kind that a user has a place in is that user's own, which has the user's id.
        let is_own = scope_key(scope) == viewer.user.as_uuid();
        if is_own != matches!(scope, Scope::Personal(_)) {
            return None;
        }
        let mut places = self.scopes.iter().zip(&self.roles);
        places.find(|(id, _)| **id == scope_key(scope)).map(|(_, role)| role.as_str())
    }

    /// Whether that scope is.
    pub(crate) fn contains(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope_key(scope))
    }
}

/// The one scope that the viewer's key is confined to, as statements compare it; `None` for no such bound.
pub(crate) fn confined_to(viewer: &Viewer) -> Option<Uuid> {
    match viewer.reach {
        Reach::Everywhere => None,
        Reach::Only(organization) => Some(organization.as_uuid()),
    }
}

/// The id under which a scope's rows are stored.
pub(crate) fn scope_key(scope: Scope) -> Uuid {
    ScopeId::as_uuid(scope.id())
}

/// The word for a scope's kind. A user's id names no organization, though it is the id of a scope: whoever comes with a
/// scope that a client named must check both.
pub(crate) fn scope_kind(scope: Scope) -> &'static str {
    match scope {
        Scope::Organization(_) => "organization",
        Scope::Personal(_) => "personal",
    }
}
