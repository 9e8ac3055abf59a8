//! The spaces dialect: camelCase under `/api/v1`, every body in `{"data": …}`.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod include;
pub(crate) mod invitations_accept;
pub(crate) mod invitations_create;
pub(crate) mod invitations_list;
pub(crate) mod invitations_resend;
pub(crate) mod invitations_withdraw;
pub(crate) mod keys_create;
pub(crate) mod keys_list;
pub(crate) mod keys_revoke;
pub(crate) mod keys_rotate;
pub(crate) mod list;
pub(crate) mod me;
pub(crate) mod me_update;
pub(crate) mod member_keys_create;
pub(crate) mod member_keys_list;
pub(crate) mod member_keys_revoke;
pub(crate) mod members_add;
pub(crate) mod members_deactivate;
pub(crate) mod members_erase;
pub(crate) mod members_get;
pub(crate) mod members_list;
pub(crate) mod members_update;
pub(crate) mod organizations;
pub(crate) mod organizations_create;
pub(crate) mod organizations_leave;
pub(crate) mod organizations_update;
pub(crate) mod pages;
pub(crate) mod permissions;
pub(crate) mod update;
pub(crate) mod view;
pub(crate) mod view_invitation;
pub(crate) mod view_key;
pub(crate) mod view_member;

use serde::Serialize;

/// The envelope of every body in this dialect.
#[derive(Serialize)]
pub(crate) struct Data<T> {
    data: T,
}

pub(crate) fn data<T: Serialize>(data: T) -> Data<T> {
    Data { data }
}
