//! The version of the program.

/// The version of the package.
pub(crate) const NUMBER: &str = env!("CARGO_PKG_VERSION");
/// The commit that the program was built from, if the build named it.
pub(crate) const COMMIT: Option<&str> = option_env!("LOGGIA_COMMIT");
