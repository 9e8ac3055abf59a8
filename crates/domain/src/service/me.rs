//! The use case of the current user.

use super::acting::Acting;
use crate::key::ApiKey;
use crate::organization::Organization;
use crate::page::{Page, PageRequest};
use crate::port::StoreError;
use crate::role::ScopeRole;
use crate::user::{Member, User};

/// The current user, the API key of the call, and the organizations it gives access to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Me {
    /// The user.
    pub user: User,
    /// The key of the call; `None` if the host authenticated the user without one.
    pub key: Option<ApiKey>,
    /// The user's membership of the default scope; `None` if the user is no longer an active member of it.
    pub member: Option<Member>,
    /// A page of the organizations that the key gives access to, with the role in each.
    pub organizations: Page<(Organization, ScopeRole)>,
}

impl Acting {
    /// Returns the current user, the key of the call, and a page of the user's organizations, by id.
    ///
    /// # Errors
    /// Fails with [`StoreError`]; with [`StoreError::UnknownCaller`] if the caller's user does not exist, or not any more.
    pub async fn me(&self, page: &PageRequest) -> Result<Me, StoreError> {
        let (views, viewer) = (self.views(), self.caller.viewer());
        let user = views.user(self.caller.user).await?;
        let user = user.ok_or(StoreError::UnknownCaller)?;
        let key = match self.caller.key {
            Some(id) => views.key(self.caller.user, id).await?,
            None => None,
        };
        let member =
            views.own_member(&viewer, self.caller.default_scope).await?.filter(|member| member.active);
        let organizations = page.cut(views.organizations(&viewer, &page.window()).await?, None);
        Ok(Me { user, key, member, organizations })
    }
}
