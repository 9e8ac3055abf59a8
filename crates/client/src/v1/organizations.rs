//! Organizations.

use reqwest::Method;

use super::{API, V1, versioned};
use crate::body::body;
use crate::call::{Call, Query};
use crate::client::Client;
use crate::error::Error;
use crate::list::{BY_LINK, List, data as page};
use crate::macros::record;
use crate::value::versioned::sealed::Sealed;
use crate::value::{Expected, OrganizationId, OrganizationRole, Record, Timestamp, Versioned};

record! {
    /// An organization, and the caller's role in it.
    #[serde(rename_all = "camelCase")]
    pub struct Organization {
        /// The id.
        pub id: OrganizationId,
        /// The name.
        pub name: String,
        /// The time of creation.
        pub created_at: Timestamp,
        /// The time of the last change.
        pub updated_at: Timestamp,
        /// The role of the caller.
        pub role: OrganizationRole,
    }
}

impl Sealed for Organization {}

impl Record for Organization {
    type Id = OrganizationId;

    fn record_id(&self) -> OrganizationId {
        self.id
    }
}

body! {
    /// An organization to create.
    pub struct NewOrganization {
        new {
            /// The name.
            name: String,
        }
        set {}
        clear {}
    }
}

body! {
    /// Changes of an organization.
    #[derive(Default)]
    pub struct OrganizationPatch {
        new {}
        set {
            /// Changes the name.
            name: String,
        }
        clear {}
    }
}

/// The organizations. See [`Client::organizations`].
#[derive(Debug)]
pub struct Organizations<'a>(&'a Client);

impl Client {
    /// Returns the calls about organizations.
    pub const fn organizations(&self) -> Organizations<'_> {
        Organizations(self)
    }
}

impl Organizations<'_> {
    /// Lists the organizations that the key can access.
    pub fn list(&self) -> List<Organization> {
        List::new(self.0, &[&API, &V1, &"organizations"], Query::default(), BY_LINK, page)
    }

    /// Creates an organization, of which the caller becomes an admin.
    pub async fn create(&self, organization: &NewOrganization) -> Result<Versioned<Organization>, Error> {
        let call = self.0.call(Method::POST, &[&API, &V1, &"organizations"]).json(organization)?;
        versioned(&self.0.send(&call).await?)
    }

    /// Reads an organization.
    pub async fn get(&self, id: OrganizationId) -> Result<Versioned<Organization>, Error> {
        versioned(&self.0.send(&self.call(Method::GET, id)).await?)
    }

    /// Reads an organization if it has changed. Returns `None` if it has not.
    pub async fn refresh(
        &self,
        known: &Versioned<Organization>,
    ) -> Result<Option<Versioned<Organization>>, Error> {
        self.0.refresh(self.call(Method::GET, known.id), known.etag(), versioned).await
    }

    /// Changes an organization of this version.
    pub async fn update(
        &self,
        expected: impl Into<Expected<OrganizationId>>,
        patch: &OrganizationPatch,
    ) -> Result<Versioned<Organization>, Error> {
        let expected = expected.into();
        let call = self.call(Method::PATCH, expected.id).expecting(expected).patch(patch)?;
        versioned(&self.0.send(&call).await?)
    }

    fn call(&self, method: Method, id: OrganizationId) -> Call {
        self.0.call(method, &[&API, &V1, &"organizations", &id])
    }
}
