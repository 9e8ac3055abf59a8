//! How much one user may have, so that no user's lists grow without an end.

/// What each user of the instance may have at most by what callers do. The operator's commands are not bound by it.
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
