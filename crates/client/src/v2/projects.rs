//! Projects.

use reqwest::Method;
use serde::Deserialize;

use super::V2;
use super::people::{Person, ProjectReference};
use crate::body::{body, filter};
use crate::call::{Call, Reply};
use crate::client::Client;
use crate::error::Error;
use crate::list::{BY_CURSOR, List, numbered};
use crate::macros::{open_enum, record};
use crate::value::versioned::sealed::Sealed;
use crate::value::{Expected, ProjectId, Record, Scope, TimeOrDate, Timestamp, Versioned, Visibility};

record! {
    /// A project.
    pub struct Project {
        /// The id.
        #[serde(rename = "node_id")]
        pub id: ProjectId,
        /// A number for display and sorting.
        #[serde(rename = "id")]
        pub number: u64,
        /// The name.
        #[serde(rename = "project_name")]
        pub name: String,
        /// The description, in Markdown.
        pub description: Option<String>,
        /// When the project begins.
        pub start_date: Option<Timestamp>,
        /// When the project ends.
        pub end_date: Option<Timestamp>,
        /// The visibility of the project.
        pub visibility: Visibility,
        /// The time of creation.
        #[serde(rename = "createdAt")]
        pub created_at: Timestamp,
        /// The time of the last change of the project's own fields.
        #[serde(rename = "updatedAt")]
        pub updated_at: Timestamp,
        /// The user who created it.
        pub created_by: Person,
    }
}

impl Sealed for Project {}

impl Record for Project {
    type Id = ProjectId;

    fn record_id(&self) -> ProjectId {
        self.id
    }
}

body! {
    /// A project to create.
    pub struct NewProject {
        new {
            /// The name.
            project_name: String,
        }
        set {
            /// Sets who sees the project.
            visibility: Visibility,
            /// Sets the scope; by default that of the API key.
            organization_id: Scope,
        }
        clear {
            /// Sets the description, in Markdown.
            description / clear_description: String,
            /// Sets when the project begins.
            start_date / clear_start_date: TimeOrDate,
            /// Sets when the project ends.
            end_date / clear_end_date: TimeOrDate,
        }
    }
}

body! {
    /// Changes of a project.
    #[derive(Default)]
    pub struct ProjectPatch {
        new {}
        set {
            /// Changes the name.
            project_name: String,
            /// Changes who sees the project.
            visibility: Visibility,
        }
        clear {
            /// Changes the description, in Markdown.
            description / clear_description: String,
            /// Changes when the project begins.
            start_date / clear_start_date: TimeOrDate,
            /// Changes when the project ends.
            end_date / clear_end_date: TimeOrDate,
        }
    }
}

open_enum! {
    /// The field by which a list of projects is sorted.
    pub enum ProjectOrder {
        /// The number, which is the order of creation.
        Number = "id",
        /// The name.
        Name = "project_name",
        /// The time of the last change.
        UpdatedAt = "updatedAt",
    }
}

open_enum! {
    /// The direction in which a list of projects is sorted.
    pub enum Direction {
        /// From the least to the greatest.
        Ascending = "asc",
        /// From the greatest to the least.
        Descending = "desc",
    }
}

filter! {
    /// The filters and the order of a list of projects.
    pub struct ProjectFilter {
        /// Lists the projects of this scope; by default of the API key's.
        scope: Scope = "organization_id",
        /// Lists only projects with this text in their names.
        search: String = "search",
        /// Sets the field of the order; by default the number.
        order: ProjectOrder = "order_by",
        /// Sets the direction of the order; by default ascending.
        direction: Direction = "sort",
        /// Begins at this page instead of the first, 1. It may begin at row 10 000 at most.
        page: u32 = "page",
    }
}

/// The projects. See [`Client::projects`].
#[derive(Debug)]
pub struct Projects<'a>(&'a Client);

impl Client {
    /// Returns the calls about projects.
    pub const fn projects(&self) -> Projects<'_> {
        Projects(self)
    }
}

#[derive(Deserialize)]
struct Removed {
    project: ProjectReference,
}

impl Projects<'_> {
    /// Lists the projects of one scope that the caller may see.
    pub fn list(&self, filter: &ProjectFilter) -> List<Project> {
        List::new(self.0, &[&V2, &"projects"], filter.query(), BY_CURSOR, numbered)
    }

    /// Creates a project. The caller becomes an admin on its roster.
    pub async fn create(&self, project: &NewProject) -> Result<Versioned<Project>, Error> {
        self.0.send(&self.0.call(Method::POST, &[&V2, &"projects"]).json(project)?).await?.versioned()
    }

    /// Reads a project.
    pub async fn get(&self, id: ProjectId) -> Result<Versioned<Project>, Error> {
        self.0.send(&self.call(Method::GET, id)).await?.versioned()
    }

    /// Reads a project if it has changed. Returns `None` if it has not.
    pub async fn refresh(&self, known: &Versioned<Project>) -> Result<Option<Versioned<Project>>, Error> {
        self.0.refresh(self.call(Method::GET, known.id), known.etag(), Reply::versioned).await
    }

    /// Changes a project of this version. If the patch has no field, the service changes nothing, and the project is read.
    pub async fn update(
        &self,
        expected: impl Into<Expected<ProjectId>>,
        patch: &ProjectPatch,
    ) -> Result<Versioned<Project>, Error> {
        let expected = expected.into();
        let id = expected.id;
        let reply = self.0.send(&self.call(Method::PATCH, id).expecting(expected).patch(patch)?).await?;
        if reply.status == 204 { self.get(id).await } else { reply.versioned() }
    }

    /// Deletes a project of this version, with its tasks and its roster.
    pub async fn delete(&self, expected: impl Into<Expected<ProjectId>>) -> Result<ProjectReference, Error> {
        let expected = expected.into();
        let reply = self.0.send(&self.call(Method::DELETE, expected.id).expecting(expected)).await?;
        reply.json().map(|Removed { project }| project)
    }

    fn call(&self, method: Method, id: ProjectId) -> Call {
        self.0.call(method, &[&V2, &"projects", &id])
    }
}
