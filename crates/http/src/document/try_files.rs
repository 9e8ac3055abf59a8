//! The names of the files of the page where calls are tried, which the document lists.

/// The files that the page loads, and the licences of what is in them.
pub(crate) const TRY_FILES: [&str; 6] =
    ["swagger-ui-bundle.js", "swagger-ui.css", "start.js", "LICENSE", "NOTICE", "THIRD-PARTY"];
