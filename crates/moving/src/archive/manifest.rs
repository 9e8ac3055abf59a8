//! The first and the last entry of an archive.

use loggia_domain::id::OrganizationId;
use serde::{Deserialize, Serialize};

use super::{ArchiveError, FORMAT, HEAD, VERSION};

/// The first entry: names the format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    format: String,
    version: u64,
    organization: String,
}

/// Only what every version of the format has.
#[derive(Deserialize)]
struct AnyHead {
    format: String,
    version: u64,
}

impl Head {
    pub(super) fn new(organization: OrganizationId) -> Self {
        Self { format: FORMAT.to_owned(), version: VERSION, organization: organization.to_string() }
    }

    /// Reads the entry, and returns the id of the organization.
    pub(super) fn read(bytes: &[u8]) -> Result<OrganizationId, ArchiveError> {
        let invalid = |why: &dyn ToString| ArchiveError::invalid(HEAD, why.to_string());
        let any: AnyHead = serde_json::from_slice(bytes).map_err(|error| invalid(&error))?;
        if any.format != FORMAT {
            return Err(invalid(&"is the head of another format"));
        }
        if any.version != VERSION {
            return Err(ArchiveError::Version { found: any.version });
        }
        let head: Self = serde_json::from_slice(bytes).map_err(|error| invalid(&error))?;
        OrganizationId::parse(&head.organization).map_err(|error| invalid(&error))
    }
}

/// An entry, as the manifest lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) name: String,
    /// The number of rows; 0 for the first entry.
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// The SHA-256 in lower-case hexadecimal.
    pub(super) sha256: String,
}

/// The last entry: lists all others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) format: String,
    pub(super) version: u64,
    pub(super) organization: String,
    pub(super) entries: Vec<Entry>,
}

impl Manifest {
    pub(super) fn new(organization: OrganizationId, entries: Vec<Entry>) -> Self {
        let Head { format, version, organization } = Head::new(organization);
        Self { format, version, organization, entries }
    }

    /// Compares the manifest of an archive with this one, which is made of the entries that were found.
    pub(super) fn check(&self, stated: &Self) -> Result<(), ArchiveError> {
        for (i, found) in self.entries.iter().enumerate() {
            let invalid = |why: String| Err(ArchiveError::invalid(found.name.clone(), why));
            let Some(stated) = stated.entries.get(i) else {
                return invalid("is not in the manifest".to_owned());
            };
            if stated.name != found.name {
                return invalid(format!("stands where the manifest has {:?}", stated.name));
            }
            if stated.bytes != found.bytes {
                return invalid(format!("has {} bytes, and {} in the manifest", found.bytes, stated.bytes));
            }
            if stated.rows != found.rows {
                return invalid(format!("has {} rows, and {} in the manifest", found.rows, stated.rows));
            }
            if stated.sha256 != found.sha256 {
                return invalid("does not have the SHA-256 of the manifest".to_owned());
            }
        }
        if let Some(missing) = stated.entries.get(self.entries.len()) {
            return Err(ArchiveError::invalid(missing.name.clone(), "is in the manifest only"));
        }
        if self == stated {
            Ok(())
        } else {
            Err(ArchiveError::invalid(super::MANIFEST, "contradicts archive.json"))
        }
    }
}
