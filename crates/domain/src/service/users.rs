//! Use cases of users, whether accounts or an organization's own.

use super::Loggia;
use crate::id::UserId;
use crate::port::StoreError;
use crate::user::User;

impl Loggia {
    /// Returns the user with this id, for the operator: an account, or a person or machine of an organization's own.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.ports.views.user(id).await
    }
}
