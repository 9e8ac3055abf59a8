//! The rows: every endpoint, every location in a request where it names a record, every record.

use std::fmt;

use loggia_http::{BodyRule, ENDPOINTS, Endpoint};

use crate::bad_input_table::{BODIES, Kind, parameter};

/// The location in a request that names a record, and the kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Site {
    /// The request names no record.
    Nothing,
    Organization,
    Space,
    Project,
    Task,
    /// A member, after the organization.
    Member,
    /// A key of a member, after the organization and the member.
    MemberKey,
    /// A key of the caller's own.
    OwnKey,
    /// An invitation, after the organization.
    Invitation,
    /// A person on a roster, after the project.
    Person,
    BodyScope(&'static str),
    BodyProject(&'static str),
    BodyPerson(&'static str),
    /// A token of an invitation.
    BodyToken(&'static str),
    QueryScope(&'static str),
    QueryProject(&'static str),
    QuerySpace(&'static str),
    QueryPerson(&'static str),
    /// A cursor of a list.
    Cursor,
    /// A relation that is shown with the record.
    Include,
}

/// The record that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Record {
    /// A record of the organization that all of its members see.
    Own,
    /// A record of the organization, in a private project.
    Private,
    /// A record of another organization.
    Foreign,
    /// One of another organization's own people.
    ForeignOwn,
    /// A record in a user's personal scope.
    Personal,
    /// The caller's own personal scope.
    CallersOwn,
    /// A deactivated member.
    Former,
    /// A deleted record, or a revoked key.
    Deleted,
    /// An id that no record has.
    MadeUp,
}

impl Record {
    fn title(self) -> &'static str {
        match self {
            Self::Own => "the organization's",
            Self::Private => "of its private project",
            Self::Foreign => "another organization's",
            Self::ForeignOwn => "another organization's own",
            Self::Personal => "the project member's personal",
            Self::CallersOwn => "the caller's own personal",
            Self::Former => "deactivated",
            Self::Deleted => "deleted",
            Self::MadeUp => "made-up",
        }
    }
}

/// A row of the matrix.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) endpoint: &'static Endpoint,
    pub(super) site: Site,
    pub(super) record: Record,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.endpoint.method, self.endpoint.path, self.about())
    }
}

impl Row {
    /// Describes the record and the location that names it.
    pub(super) fn about(&self) -> String {
        match self.site {
            Site::Nothing => String::new(),
            site => format!("{}: {}", site.title(), self.record.title()),
        }
    }
}

impl Site {
    pub(super) fn in_path(self) -> bool {
        use Site as S;
        matches!(
            self,
            S::Organization
                | S::Space
                | S::Project
                | S::Task
                | S::Member
                | S::MemberKey
                | S::OwnKey
                | S::Invitation
                | S::Person
        )
    }

    fn title(self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Organization => "organization in the path".to_owned(),
            Self::Space => "space in the path".to_owned(),
            Self::Project => "project in the path".to_owned(),
            Self::Task => "task in the path".to_owned(),
            Self::Member | Self::Person => "person in the path".to_owned(),
            Self::MemberKey | Self::OwnKey => "key in the path".to_owned(),
            Self::Invitation => "invitation in the path".to_owned(),
            Self::BodyScope(name)
            | Self::BodyProject(name)
            | Self::BodyPerson(name)
            | Self::BodyToken(name) => format!("`{name}` in the body"),
            Self::QueryScope(name)
            | Self::QueryProject(name)
            | Self::QuerySpace(name)
            | Self::QueryPerson(name) => format!("`{name}` in the query"),
            Self::Cursor => "`cursor` of a list".to_owned(),
            Self::Include => "`include=all` with a space".to_owned(),
        }
    }

    /// Returns the records to try. Organizations cannot be deleted, and a personal scope has no other members.
    fn records(self, path: &str) -> &'static [Record] {
        use Record as R;
        match self {
            Self::Include if !path.contains('{') => &[R::Own],
            Self::Nothing => &[R::Own],
            Self::Organization => &[R::Own, R::Foreign, R::Personal, R::MadeUp],
            Self::Member | Self::Person | Self::BodyPerson(_) | Self::QueryPerson(_) => {
                &[R::Own, R::Foreign, R::ForeignOwn, R::Former, R::MadeUp]
            }
            Self::MemberKey | Self::OwnKey => &[R::Own, R::Foreign, R::Personal, R::Deleted, R::MadeUp],
            Self::BodyScope(_) | Self::QueryScope(_) => {
                &[R::Own, R::Foreign, R::Personal, R::CallersOwn, R::MadeUp]
            }
            Self::Invitation => &[R::Own, R::Foreign, R::Deleted, R::MadeUp],
            // No caller is a member of the organization of the own one, so that each can accept it.
            Self::BodyToken(_) => &[R::Own, R::Deleted, R::MadeUp],
            Self::Cursor => &[R::Own, R::Foreign, R::MadeUp],
            Self::Space
            | Self::Project
            | Self::Task
            | Self::BodyProject(_)
            | Self::QueryProject(_)
            | Self::QuerySpace(_)
            | Self::Include => &[R::Own, R::Private, R::Foreign, R::Personal, R::Deleted, R::MadeUp],
        }
    }
}

/// Returns the site of a placeholder.
pub(super) fn site_of_placeholder(path: &str, placeholder: &str) -> Site {
    match placeholder {
        "id" if path.contains("/organizations/") => Site::Organization,
        "id" if path.starts_with("/api/v1/spaces/") => Site::Space,
        "node_id" if path.starts_with("/v2/tasks/") => Site::Task,
        "node_id" if path.starts_with("/v2/projects/") || path.starts_with("/projects/") => Site::Project,
        "userId" => Site::Member,
        "keyId" if path.contains("/members/") => Site::MemberKey,
        "keyId" => Site::OwnKey,
        "invitationId" => Site::Invitation,
        "user_node_id" => Site::Person,
        other => panic!("{path}: the isolation matrix has no record for {{{other}}}"),
    }
}

/// Returns the site of a parameter, or `None` if it names no record.
pub(super) fn site_of_parameter(path: &str, name: &'static str) -> Option<Site> {
    match parameter(path, name) {
        None => panic!("{path}: the isolation matrix has no values for {name}"),
        Some(Kind::Scope) => Some(Site::QueryScope(name)),
        Some(Kind::Id) => Some(Site::QueryProject(name)),
        Some(Kind::SpaceId) => Some(Site::QuerySpace(name)),
        Some(Kind::User | Kind::UserOrNobody) => Some(Site::QueryPerson(name)),
        Some(Kind::Cursor) => Some(Site::Cursor),
        Some(Kind::Includes) => Some(Site::Include),
        Some(_) => None,
    }
}

/// Returns the sites in an endpoint's body.
fn sites_in_body(endpoint: &Endpoint) -> Vec<Site> {
    if endpoint.body_rule() == BodyRule::None {
        return Vec::new();
    }
    let body = BODIES.iter().find(|body| (body.method, body.path) == (endpoint.method, endpoint.path));
    let body = body.unwrap_or_else(|| {
        panic!("the isolation matrix has no body for {} {}", endpoint.method, endpoint.path)
    });
    let site = |(name, _, kind): &(&'static str, _, Kind)| match kind {
        Kind::Scope => Some(Site::BodyScope(name)),
        Kind::Id | Kind::Projects => Some(Site::BodyProject(name)),
        Kind::User => Some(Site::BodyPerson(name)),
        Kind::Token => Some(Site::BodyToken(name)),
        Kind::SpaceId | Kind::UserOrNobody => panic!("{name}: the isolation matrix has no such field yet"),
        _ => None,
    };
    body.fields.iter().filter_map(site).collect()
}

/// Returns every row, in the order of the endpoints.
pub(super) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for endpoint in ENDPOINTS {
        let placeholders = endpoint.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        // An endpoint that needs no key names no record.
        let placeholders = placeholders.filter(|_| endpoint.action.is_some());
        let mut sites: Vec<_> = placeholders.map(|name| site_of_placeholder(endpoint.path, name)).collect();
        if sites.is_empty() {
            sites.push(Site::Nothing);
        }
        sites.extend(sites_in_body(endpoint));
        sites.extend(endpoint.parameter_names().filter_map(|name| site_of_parameter(endpoint.path, name)));
        for site in sites {
            let records = site.records(endpoint.path).iter();
            rows.extend(records.map(|record| Row { endpoint, site, record: *record }));
        }
    }
    rows
}
