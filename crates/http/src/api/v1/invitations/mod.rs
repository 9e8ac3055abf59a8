//! Invitations to an organization.

pub(crate) mod accept;
pub(crate) mod create;
pub(crate) mod docs;
pub(crate) mod list;
pub(crate) mod resend;
pub(crate) mod view;
pub(crate) mod withdraw;
