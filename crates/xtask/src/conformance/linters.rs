//! Linters for the document.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::paths::Paths;
use super::toolbox::Toolbox;
use crate::bounded;

const LIMIT: Duration = Duration::from_secs(120);

/// Checks Redocly's recommended rules. A warning counts as an error.
pub(super) fn redocly(paths: &Paths, tools: &Toolbox, document: &Path) -> Result<()> {
    let mut command = tools.script("@redocly/cli/bin/cli.js");
    command.arg("lint").arg(document).arg("--config").arg(paths.settings.join("redocly.yaml"));
    bounded::run(command, LIMIT, &paths.target.join("redocly.log"))
}

/// Checks Spectral's recommended rules. A warning counts as an error.
pub(super) fn spectral(paths: &Paths, tools: &Toolbox, document: &Path) -> Result<()> {
    let mut command = tools.script("@stoplight/spectral-cli/dist/index.js");
    command.arg("lint").arg(document).args(["--fail-severity", "warn", "--ruleset"]);
    command.arg(paths.settings.join("spectral.yaml"));
    bounded::run(command, LIMIT, &paths.target.join("spectral.log"))
}
