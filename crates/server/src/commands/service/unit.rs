//! The text of the unit, which is hardened: see `systemd-analyze security`.

use std::path::Path;

use anyhow::{Context, bail};

/// The unit, with two places to fill in.
const TEMPLATE: &str = include_str!("loggia.service");

/// The minimum of the time that the service has to stop. It is systemd's own default.
const LEAST_STOP_SECONDS: u64 = 90;

/// Returns the unit of a service that runs this program and takes that many seconds to stop.
pub(super) fn text(program: &Path, stop_seconds: u64) -> anyhow::Result<String> {
    let program = program.to_str().context("the program's path is not text")?;
    // Of other characters, some separate words in a unit, and some are expanded.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+".contains(&byte);
    if !program.bytes().all(is_plain) {
        bail!(
            "the program's path {program} has characters that a unit cannot contain: move it to /usr/local/bin"
        );
    }
    let stop = stop_seconds.saturating_add(5).max(LEAST_STOP_SECONDS);
    Ok(TEMPLATE.replace("@PROGRAM@", program).replace("@STOP_SECONDS@", &stop.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_gives_the_service_longer_than_a_stop_takes() {
        let unit = |stop| text(Path::new("/usr/local/bin/loggia"), stop).expect("a unit");
        assert!(unit(26).contains("\nTimeoutStopSec=90\n"));
        assert!(unit(621).contains("\nTimeoutStopSec=626\n"));
        assert!(!unit(26).contains("@PROGRAM@") && !unit(26).contains("@STOP_SECONDS@"));
        assert!(unit(26).contains("\nExecStart=/usr/local/bin/loggia --config "));
    }

    #[test]
    fn a_path_that_a_unit_would_read_otherwise_is_refused() {
        for path in ["/opt/my programs/loggia", "/opt/50%/loggia", "/opt/$HOME/loggia", "/opt/\"x\"/loggia"] {
            assert!(text(Path::new(path), 26).is_err(), "{path}");
        }
    }
}
