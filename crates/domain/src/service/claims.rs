//! Looking for the claim of a request that cannot be executed.

use super::Loggia;
use crate::key::{Ability, Caller};
use crate::once::Claim;
use crate::port::StoreError;

impl Loggia {
    /// Returns `true` if [`Self::once`] would not execute a request with this claim, since another request has made it before.
    ///
    /// No unit of work is opened and no claim is made, so a host can refuse an invalid request without keeping writers waiting. A claim of
    /// a request that is still in flight does not count.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn was_claimed(&self, caller: &Caller, claim: &Claim) -> Result<bool, StoreError> {
        match caller.ability {
            // Such a caller claims nothing.
            Ability::Read => Ok(false),
            Ability::Write => self.ports.views.is_claimed(&caller.viewer(), claim, self.now()).await,
        }
    }
}
