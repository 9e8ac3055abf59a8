//! The log's settings.

use tracing_subscriber::EnvFilter;

use crate::usage_errors::{Unusable, unusable};

/// The filter and the format of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogSettings {
    /// A filter that is known to parse, or `None` for the command's default.
    pub(crate) filter: Option<String>,
    /// The format of log lines.
    pub(crate) format: LogFormat,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// Text for people.
    Text,
    /// JSON for programs, one object a line.
    Json,
}

/// Parses a filter.
pub(super) fn parse_filter(filter: &str) -> Result<String, Unusable> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let is_level = |word: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word));
    let directives: Vec<&str> = filter.split(',').map(str::trim).collect();
    // A word alone would be a target: everything of that target would be logged and nothing else. So a mistyped level would silence the
    // log.
    if directives.iter().any(|directive| !directive.contains(['=', '[']) && !is_level(directive)) {
        return unusable(format!(
            "must be levels ({}) or target=level, separated by commas, such as info or warn,loggia=debug",
            LEVELS.join(", ")
        ));
    }
    let filter = directives.join(",");
    match EnvFilter::builder().parse(&filter) {
        Ok(_) => Ok(filter),
        Err(error) => unusable(format!("cannot be parsed: {error}")),
    }
}

/// Parses a format.
pub(super) fn parse_format(format: &str) -> Result<LogFormat, Unusable> {
    match format {
        "auto" => Ok(LogFormat::Auto),
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => unusable("must be one of auto, text, json"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_level_is_no_filter() {
        for good in ["info", "WARN", "off", "warn,loggia::request=info", "sqlx=off , info"] {
            assert!(parse_filter(good).is_ok(), "{good}");
        }
        for bad in ["", "inof", "info,", "info,,warn", "loggia", "loggia=loud"] {
            assert!(parse_filter(bad).is_err(), "{bad}");
        }
    }
}
