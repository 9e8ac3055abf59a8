//! A read side with one small fault, of the kind that a store has if it leaves text and time to its database.

use std::sync::Arc;

use async_trait::async_trait;
use loggia_domain::event::{Event, EventPosition};
use loggia_domain::id::{KeyId, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::invitation::Invitation;
use loggia_domain::key::{ApiKey, KeyHash};
use loggia_domain::once::Claim;
use loggia_domain::organization::Organization;
use loggia_domain::page::{
    Direction, MemberQuery, ProjectQuery, SpaceOrder, SpaceQuery, Start, TaskQuery, Window,
};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{
    Includes, MembershipView, MyTasksView, OrganizationExtent, OwnTasksQuery, ProjectView, SpaceView,
    StoreError, TaskView, Views,
};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::text::EmailAddress;
use loggia_domain::user::{Member, User};

/// The fault.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// Names are ordered by UTF-16 code units.
    Utf16Order,
    /// A search compares text in lower case instead of case-folded text.
    LowerCase,
    /// Times are truncated to milliseconds.
    Milliseconds,
    /// Two consecutive events are swapped.
    EventsOutOfOrder,
    /// A record that is not found is an error.
    ErrorForNothing,
    /// A page before a cursor position has the reverse order.
    Backwards,
}

impl Fault {
    pub(crate) const ALL: &[Self] = &[
        Self::Utf16Order,
        Self::LowerCase,
        Self::Milliseconds,
        Self::EventsOutOfOrder,
        Self::ErrorForNothing,
        Self::Backwards,
    ];

    fn spoil_spaces(self, query: &SpaceQuery, window: &Window, rows: &mut Vec<SpaceView>) {
        match self {
            Self::Utf16Order if query.order == SpaceOrder::Name => {
                let utf16 = |row: &SpaceView| row.space.name.searched().encode_utf16().collect::<Vec<_>>();
                rows.sort_by_key(|row| (utf16(row), row.space.id));
                if query.direction == Direction::Descending {
                    rows.reverse();
                }
            }
            Self::LowerCase => {
                if let Some(search) = query.search.as_ref().map(|search| search.as_str().to_lowercase()) {
                    rows.retain(|row| row.space.name.as_str().to_lowercase().contains(&search));
                }
            }
            Self::Milliseconds => {
                for row in rows {
                    let micros = row.space.created_at.micros();
                    let cut = Timestamp::from_micros(micros - micros.rem_euclid(1_000));
                    row.space.created_at = cut.unwrap_or(row.space.created_at);
                }
            }
            Self::Backwards if matches!(window.start, Start::Before(_)) => rows.reverse(),
            _ => {}
        }
    }
}

/// A sound read side with a fault added.
pub(crate) struct Faulty {
    pub(crate) sound: Arc<dyn Views>,
    pub(crate) fault: Fault,
}

macro_rules! sound_but_for {
    ({ $($spoiled:tt)* } $($method:ident($($argument:ident: $type:ty),*) -> $answer:ty;)+) => {
        #[async_trait]
        impl Views for Faulty {
            $($spoiled)*

            $(
                async fn $method(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                    self.sound.$method($($argument),*).await
                }
            )+
        }
    };
}

sound_but_for! {
    {
        async fn spaces(
            &self,
            viewer: &Viewer,
            scope: Scope,
            query: &SpaceQuery,
            includes: Includes,
            window: &Window,
        ) -> Result<Vec<SpaceView>, StoreError> {
            let mut rows = self.sound.spaces(viewer, scope, query, includes, window).await?;
            self.fault.spoil_spaces(query, window, &mut rows);
            Ok(rows)
        }

        async fn space(
            &self,
            viewer: &Viewer,
            id: SpaceId,
            includes: Includes,
        ) -> Result<Option<(SpaceView, ScopeRole)>, StoreError> {
            let found = self.sound.space(viewer, id, includes).await?;
            match self.fault {
                Fault::ErrorForNothing if found.is_none() => Err(StoreError::Corrupt("no row".into())),
                _ => Ok(found),
            }
        }

        async fn events(
            &self,
            scope: Scope,
            after: Option<EventPosition>,
            limit: u32,
        ) -> Result<Vec<(EventPosition, Event)>, StoreError> {
            let mut rows = self.sound.events(scope, after, limit).await?;
            if let (Fault::EventsOutOfOrder, [.., (_, one), (_, other)]) = (self.fault, rows.as_mut_slice()) {
                std::mem::swap(one, other);
            }
            Ok(rows)
        }
    }
    check_ready() -> ();
    instance_secret() -> [u8; 32];
    has_organizations() -> bool;
    all_organizations(after: Option<OrganizationId>, limit: u32) -> Vec<(Organization, Option<Timestamp>)>;
    organization_extent(id: OrganizationId) -> Option<OrganizationExtent>;
    key_by_hash(hash: &KeyHash) -> Option<ApiKey>;
    account_by_email(email: &EmailAddress) -> Option<User>;
    own_person_by_email(organization: OrganizationId, email: &EmailAddress) -> Option<User>;
    user(id: UserId) -> Option<User>;
    key(user: UserId, id: KeyId) -> Option<ApiKey>;
    keys(viewer: &Viewer, window: &Window) -> Vec<ApiKey>;
    organizations(viewer: &Viewer, window: &Window) -> Vec<(Organization, ScopeRole)>;
    organization(viewer: &Viewer, id: OrganizationId) -> Option<(Organization, ScopeRole)>;
    role_in_scope(viewer: &Viewer, scope: Scope) -> Option<ScopeRole>;
    is_claimed(owner: &Viewer, claim: &Claim, now: Timestamp) -> bool;
    own_member(viewer: &Viewer, scope: Scope) -> Option<Member>;
    member(viewer: &Viewer, scope: Scope, user: UserId) -> Option<Member>;
    members(viewer: &Viewer, scope: Scope, query: &MemberQuery, window: &Window) -> Vec<Member>;
    count_members(viewer: &Viewer, scope: Scope, query: &MemberQuery) -> u64;
    member_keys(viewer: &Viewer, organization: OrganizationId, user: UserId, window: &Window) -> Vec<ApiKey>;
    invitations(viewer: &Viewer, organization: OrganizationId, window: &Window) -> Vec<Invitation>;
    invitations_of(organization: OrganizationId, window: &Window) -> Vec<Invitation>;
    count_spaces(viewer: &Viewer, scope: Scope, query: &SpaceQuery) -> u64;
    project(viewer: &Viewer, id: ProjectId) -> Option<(ProjectView, ProjectStanding)>;
    project_standing(viewer: &Viewer, id: ProjectId) -> Option<ProjectStanding>;
    projects(viewer: &Viewer, scope: Scope, query: &ProjectQuery, window: &Window) -> Vec<ProjectView>;
    count_projects(viewer: &Viewer, scope: Scope, query: &ProjectQuery) -> u64;
    roster(viewer: &Viewer, project: ProjectId, window: &Window) -> Vec<MembershipView>;
    count_roster(viewer: &Viewer, project: ProjectId) -> u64;
    task(viewer: &Viewer, id: TaskId) -> Option<(TaskView, ProjectStanding)>;
    tasks(viewer: &Viewer, project: ProjectId, query: &TaskQuery, window: &Window) -> Vec<TaskView>;
    count_tasks(viewer: &Viewer, project: ProjectId, query: &TaskQuery) -> u64;
    my_tasks(viewer: &Viewer, scope: Scope, query: &OwnTasksQuery, window: &Window) -> Vec<MyTasksView>;
    count_my_tasks(viewer: &Viewer, scope: Scope, query: &OwnTasksQuery) -> u64;
}
