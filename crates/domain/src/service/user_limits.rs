//! Limits on the number of records of one user, so that the user's lists are bounded.

/// The maximum numbers of records that callers may create for one user. The operator's commands are not limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserLimits {
    /// The maximum number of live API keys that the user has created. The maximum applies again to the keys that the admins of each
    /// organization have issued for the user.
    pub live_keys: u32,
    /// The maximum number of organizations that the user has created.
    pub organizations: u32,
}

impl Default for UserLimits {
    /// Returns 200 live keys and 100 organizations.
    fn default() -> Self {
        Self { live_keys: 200, organizations: 100 }
    }
}
