//! Use cases of users, whether accounts or an organization's own.

use super::operator::Operator;
use crate::id::{OrganizationId, UserId};
use crate::port::StoreError;
use crate::text::EmailAddress;
use crate::user::User;

impl Operator {
    /// Returns the user with this id: an account, or a person or machine of an organization's own.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.setup.ports.views.user(id).await
    }

    /// Returns the account with this address.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn account_by_email(&self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        self.setup.ports.views.account_by_email(email).await
    }

    /// Returns the organization's own person with this address.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn own_person_by_email(
        &self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError> {
        self.setup.ports.views.own_person_by_email(organization, email).await
    }
}
