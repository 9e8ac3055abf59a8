//! Limits on the records of one user, so that the lists of a user are bounded.

/// The maximum numbers of records that callers make for one user. The operator's commands are not limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserLimits {
    /// Live API keys that the user has made; and as many again in each organization whose admins issue keys for the user.
    pub live_keys: u32,
    /// Organizations that the user has made.
    pub organizations: u32,
}

impl Default for UserLimits {
    /// 200 live keys and 100 organizations.
    fn default() -> Self {
        Self { live_keys: 200, organizations: 100 }
    }
}
