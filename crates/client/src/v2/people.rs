//! People and projects inside other records.

use crate::macros::record;
use crate::value::{ProjectId, UserId};

record! {
    /// A user in a record: its author, or the one it is assigned to. Texts that are unknown are empty.
    #[derive(Eq)]
    pub struct Person {
        /// The id.
        #[serde(rename = "node_id")]
        pub id: UserId,
        /// A number for display and sorting.
        #[serde(rename = "id")]
        pub number: u64,
        /// The e-mail address.
        pub email: String,
        /// The URL of a picture.
        pub avatar: String,
        /// Both names.
        pub full_name: String,
        /// The first name.
        pub first_name: String,
        /// The last name.
        pub last_name: String,
        /// The number of the employee.
        #[serde(rename = "employee_no")]
        pub employee_number: String,
    }
}

record! {
    /// A member in a roster. Texts that are unknown are empty.
    #[derive(Eq)]
    pub struct RosterPerson {
        /// The id of the user.
        #[serde(rename = "node_id")]
        pub id: UserId,
        /// A number for display and sorting.
        #[serde(rename = "id")]
        pub number: u64,
        /// A short name, unique in the organization.
        pub username: String,
        /// The e-mail address.
        pub email: String,
    }
}

record! {
    /// A project that a record belongs to, or that was deleted.
    #[derive(Eq)]
    pub struct ProjectReference {
        /// The id.
        #[serde(rename = "node_id")]
        pub id: ProjectId,
        /// A number for display and sorting.
        #[serde(rename = "id")]
        pub number: u64,
        /// The name.
        #[serde(rename = "project_name")]
        pub name: String,
    }
}
