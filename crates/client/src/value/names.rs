//! Roles, states and other values that are one of a few names.

use crate::macros::open_enum;

open_enum! {
    /// The ability of an API key.
    pub enum Ability {
        /// Reading.
        Read = "read",
        /// Reading and writing.
        Write = "write",
    }
}

open_enum! {
    /// The role of a member in an organization.
    pub enum OrganizationRole {
        /// May do everything in the organization.
        Admin = "admin",
        /// Works in the organization.
        Member = "member",
        /// Only reads.
        Viewer = "viewer",
    }
}

open_enum! {
    /// The role of a member on the roster of a project.
    pub enum ProjectRole {
        /// Changes the project and its roster.
        Admin = "admin",
        /// Works in the project.
        Member = "member",
    }
}

open_enum! {
    /// The kind of a user.
    pub enum UserKind {
        /// A human being.
        Person = "person",
        /// A program with API keys of its own.
        Machine = "machine",
    }
}

open_enum! {
    /// The state of a space.
    pub enum SpaceStatus {
        /// In preparation.
        Draft = "Draft",
        /// In use.
        Active = "Active",
        /// No longer in use.
        Archived = "Archived",
    }
}

open_enum! {
    /// The priority of a space.
    pub enum Priority {
        /// Above all others.
        Urgent = "urgent",
        /// Above the middle.
        High = "high",
        /// In the middle.
        Medium = "medium",
        /// Below the middle.
        Low = "low",
        /// Not prioritized.
        Unset = "none",
    }
}

open_enum! {
    /// The visibility of a project of an organization.
    pub enum Visibility {
        /// Every member of the organization.
        Organization = "organization",
        /// The roster of the project, and the organization's admins.
        Private = "private",
    }
}

open_enum! {
    /// The state of a task.
    pub enum TaskStatus {
        /// Not begun.
        Todo = "todo",
        /// Begun.
        InProgress = "in_progress",
        /// Finished.
        Done = "done",
        /// Given up.
        Cancelled = "cancelled",
    }
}

open_enum! {
    /// The treatment of the live keys that descend from a revoked API key.
    pub enum Descendants {
        /// They are revoked with it.
        Revoke = "revoke",
        /// They stay, and become descendants of the key that created the revoked one.
        Keep = "keep",
    }
}
