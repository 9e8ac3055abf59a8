//! The randomness of the operating system.

/// The error of a system without randomness.
#[derive(Debug, thiserror::Error)]
#[error("the system has no randomness: {0}")]
pub(crate) struct NoRandomness(getrandom::Error);

/// Returns random bytes.
#[expect(
    clippy::disallowed_methods,
    reason = "the client is a program's own, without the ports of the domain"
)]
pub(crate) fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], NoRandomness> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(bytes)
}
