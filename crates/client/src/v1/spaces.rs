//! Spaces.

use reqwest::Method;
use serde::de::IgnoredAny;

use super::included::{Author, IncludedOrganization, IncludedProject, Related, SpaceIncludes};
use super::{API, V1, data, versioned};
use crate::body::{body, filter};
use crate::call::{Call, Query};
use crate::client::Client;
use crate::error::Error;
use crate::list::{BY_LINK, List, data as page};
use crate::macros::{open_enum, record};
use crate::value::versioned::sealed::Sealed;
use crate::value::{
    Expected, OrganizationId, Priority, ProjectId, Record, Scope, SpaceId, SpaceStatus, Timestamp, Versioned,
};

record! {
    /// A space.
    #[serde(rename_all = "camelCase")]
    pub struct Space {
        /// The id.
        #[serde(rename = "_id")]
        pub id: SpaceId,
        /// The name.
        pub name: String,
        /// The description, in Markdown.
        pub description: Option<String>,
        /// The organization; `None` for a space of a personal scope.
        pub organization_id: Option<OrganizationId>,
        /// The organization, if it was included.
        #[serde(default, skip_serializing_if = "Related::is_not_included")]
        pub organization: Related<IncludedOrganization>,
        /// The project that the space refers to.
        pub project_id: Option<ProjectId>,
        /// The project, if it was included.
        #[serde(default, skip_serializing_if = "Related::is_not_included")]
        pub project: Related<IncludedProject>,
        /// The state.
        pub status: SpaceStatus,
        /// The priority.
        pub priority: Priority,
        /// The strength, 0 to 10.
        pub current_strength: u8,
        /// The user who created the space; `None` if it was included and the caller may not see it.
        pub created_by: Option<Author>,
        /// The time of creation.
        pub created_at: Timestamp,
        /// The time of the last change.
        pub updated_at: Timestamp,
    }
}

impl Sealed for Space {}

impl Record for Space {
    type Id = SpaceId;

    fn record_id(&self) -> SpaceId {
        self.id
    }
}

body! {
    /// A space to create.
    #[serde(rename_all = "camelCase")]
    pub struct NewSpace {
        new {
            /// The name.
            name: String,
        }
        set {
            /// Sets the scope; by default that of the API key.
            organization_id: Scope,
            /// Sets the state; by default a draft.
            status: SpaceStatus,
            /// Sets the priority; by default none.
            priority: Priority,
            /// Sets the strength, 0 to 10.
            current_strength: u8,
        }
        clear {
            /// Sets the description, in Markdown.
            description / clear_description: String,
            /// Sets the project that the space refers to.
            project_id / clear_project_id: ProjectId,
        }
    }
}

body! {
    /// Changes of a space.
    #[derive(Default)]
    #[serde(rename_all = "camelCase")]
    pub struct SpacePatch {
        new {}
        set {
            /// Changes the name.
            name: String,
            /// Changes the state.
            status: SpaceStatus,
            /// Changes the priority.
            priority: Priority,
            /// Changes the strength, 0 to 10.
            current_strength: u8,
        }
        clear {
            /// Changes the description, in Markdown.
            description / clear_description: String,
            /// Changes the project that the space refers to.
            project_id / clear_project_id: ProjectId,
        }
    }
}

open_enum! {
    /// The order of a list of spaces.
    pub enum SpaceOrder {
        /// The oldest first.
        CreatedAt = "createdAt",
        /// The newest first.
        CreatedAtDescending = "-createdAt",
        /// The one that was changed the longest time ago first.
        UpdatedAt = "updatedAt",
        /// The one that was changed last first.
        UpdatedAtDescending = "-updatedAt",
        /// By name.
        Name = "name",
        /// By name, descending.
        NameDescending = "-name",
        /// The least urgent first.
        Priority = "priority",
        /// The most urgent first.
        PriorityDescending = "-priority",
        /// The weakest first.
        CurrentStrength = "currentStrength",
        /// The strongest first.
        CurrentStrengthDescending = "-currentStrength",
    }
}

filter! {
    /// The filters and the order of a list of spaces.
    pub struct SpaceFilter {
        /// Lists the spaces of this scope; by default of the API key's.
        scope: Scope = "organizationId",
        /// Lists only spaces that refer to this project.
        project: ProjectId = "projectId",
        /// Lists only spaces in this state.
        status: SpaceStatus = "status",
        /// Lists only spaces with this priority.
        priority: Priority = "priority",
        /// Lists only spaces with this text in their names.
        search: String = "search",
        /// Sets the order; by default the newest first.
        order: SpaceOrder = "sort",
        /// Includes relations in each space.
        include: SpaceIncludes = "include",
        /// Skips this number of spaces, at most 10 000.
        offset: u32 = "offset",
        /// Counts all spaces of the list: see [`Page::total`](crate::Page::total).
        count: bool = "count",
    }
}

/// The spaces. See [`Client::spaces`].
#[derive(Debug)]
pub struct Spaces<'a>(&'a Client);

impl Client {
    /// Returns the calls about spaces.
    pub const fn spaces(&self) -> Spaces<'_> {
        Spaces(self)
    }
}

impl Spaces<'_> {
    /// Lists the spaces of one scope.
    pub fn list(&self, filter: &SpaceFilter) -> List<Space> {
        List::new(self.0, &[&API, &V1, &"spaces"], filter.query(), BY_LINK, page)
    }

    /// Creates a space.
    pub async fn create(&self, space: &NewSpace) -> Result<Versioned<Space>, Error> {
        versioned(&self.0.send(&self.0.call(Method::POST, &[&API, &V1, &"spaces"]).json(space)?).await?)
    }

    /// Reads a space.
    pub async fn get(&self, id: SpaceId) -> Result<Versioned<Space>, Error> {
        versioned(&self.0.send(&self.call(Method::GET, id)).await?)
    }

    /// Reads a space with relations.
    pub async fn get_with(
        &self,
        id: SpaceId,
        include: impl Into<SpaceIncludes>,
    ) -> Result<Versioned<Space>, Error> {
        let mut query = Query::default();
        query.set("include", include.into());
        versioned(&self.0.send(&self.call(Method::GET, id).query(&query)).await?)
    }

    /// Reads a space if it has changed. Returns `None` if it has not. A space that was read with relations has always changed.
    pub async fn refresh(&self, known: &Versioned<Space>) -> Result<Option<Versioned<Space>>, Error> {
        self.0.refresh(self.call(Method::GET, known.id), known.etag(), versioned).await
    }

    /// Changes a space of this version.
    pub async fn update(
        &self,
        expected: impl Into<Expected<SpaceId>>,
        patch: &SpacePatch,
    ) -> Result<Versioned<Space>, Error> {
        let expected = expected.into();
        let call = self.call(Method::PATCH, expected.id).expecting(expected).patch(patch)?;
        versioned(&self.0.send(&call).await?)
    }

    /// Deletes a space of this version.
    pub async fn delete(&self, expected: impl Into<Expected<SpaceId>>) -> Result<(), Error> {
        let expected = expected.into();
        let reply = self.0.send(&self.call(Method::DELETE, expected.id).expecting(expected)).await?;
        data::<IgnoredAny>(&reply).map(drop)
    }

    fn call(&self, method: Method, id: SpaceId) -> Call {
        self.0.call(method, &[&API, &V1, &"spaces", &id])
    }
}
