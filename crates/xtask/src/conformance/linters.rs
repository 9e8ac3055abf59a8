//! Linters for the document.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::places::Places;
use super::toolbox::Toolbox;
use crate::bounded;

const LIMIT: Duration = Duration::from_secs(120);

/// Checks Redocly's recommended rules. A warning counts as an error.
pub(super) fn redocly(places: &Places, tools: &Toolbox, document: &Path) -> Result<()> {
    let mut command = tools.script("@redocly/cli/bin/cli.js");
    command.arg("lint").arg(document).arg("--config").arg(places.settings.join("redocly.yaml"));
    bounded::run(command, LIMIT, &places.target.join("redocly.log"))
}

/// Checks Spectral's recommended rules. A warning counts as an error.
pub(super) fn spectral(places: &Places, tools: &Toolbox, document: &Path) -> Result<()> {
    let mut command = tools.script("@stoplight/spectral-cli/dist/index.js");
    command.arg("lint").arg(document).args(["--fail-severity", "warn", "--ruleset"]);
    command.arg(places.settings.join("spectral.yaml"));
    bounded::run(command, LIMIT, &places.target.join("spectral.log"))
}
