//! Schemathesis: requests that are generated from the document, in all its phases and with all its checks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::paths::Paths;
use super::report::{self, Answered, Report};
use super::service::Service;
use super::toolbox::Toolbox;
use crate::bounded;

/// The phases whose requests are independent of each other.
const ALONE: &str = "examples,coverage,fuzzing";
/// The phase of request sequences. It runs in a process of its own: after the other phases its generated data would differ between
/// repetitions, and it would end early without notice.
const STATEFUL: &str = "stateful";
/// The distance between the seeds of this phase. It still ends early at times, since a repeated sequence may find another store. It is
/// then run again with another seed, up to [`MOST_SEEDS`] times in all.
const NEXT_SEED: u32 = 1_000;
const MOST_SEEDS: u32 = 20;

/// The seed of a run and its size.
#[derive(Clone, Copy)]
pub(super) struct Effort {
    pub(super) seed: u32,
    pub(super) short: bool,
}

impl Effort {
    pub(super) const SEEDS: &[u32] = &[1, 2, 3, 4, 5];
    pub(super) const SHORT_SEEDS: &[u32] = &[1];

    /// Returns the maximum number of requests for each operation and phase.
    fn examples(self) -> &'static str {
        if self.short { "2" } else { "60" }
    }

    /// Returns the minimum number of cases of the request sequences.
    fn least_cases(self) -> u64 {
        if self.short { 10 } else { 1_000 }
    }

    fn limit(self) -> Duration {
        Duration::from_secs(if self.short { 300 } else { 1_800 })
    }
}

/// Runs all phases and returns the number of requests. The reports and the output stay in the target directory.
pub(super) fn run(
    paths: &Paths,
    tools: &Toolbox,
    document: &Path,
    service: &Service,
    effort: Effort,
    engine: &str,
) -> Result<u64> {
    let seed = effort.seed.to_string();
    let folder = paths.target.join(format!("schemathesis-{}-{seed}", engine.to_lowercase()));
    settle(&folder, &paths.settings, service)?;
    let said = |name: &str| folder.join(name);

    let mut furnish = tools.caller("python");
    furnish.arg("furnish.py").current_dir(&folder).env("LOGGIA_URL", &service.url);
    furnish.env("LOGGIA_ADA_KEY", &service.ada).env("LOGGIA_EVE_KEY", &service.eve);
    bounded::run(furnish, Duration::from_secs(120), &said("furnish.log"))?;

    let mut answered = Answered::new();
    let mut parts = 0_u32;
    let mut part = |phases: &str, seed: u32| -> Result<u64> {
        let mut command = tools.caller("schemathesis");
        command.args(["--config-file", "schemathesis.toml", "run"]).arg(document);
        command.args(["--url", &service.url, "--seed", &seed.to_string()]);
        command.args(["--max-examples", effort.examples(), "--phases", phases, "--checks", "all"]);
        command.args(["--no-color", "--report-json-path", "report.json"]).current_dir(&folder);
        command.env("LOGGIA_PART", parts.to_string());
        parts += 1;
        bounded::run(command, effort.limit(), &said(&format!("{phases}-{seed}.log")))?;
        let report = read::<Report>(&said("report.json"))?;
        let gaps = report.gaps(phases);
        ensure!(gaps.is_empty(), "the run has not tried all: {}", gaps.join(", "));
        report::add(&mut answered, read(&said("answered.json"))?);
        Ok(report.cases())
    };
    part(ALONE, effort.seed)?;
    let mut cases = 0;
    let mut seeds = (0..MOST_SEEDS).map(|round| effort.seed + round * NEXT_SEED);
    while cases < effort.least_cases() {
        let seed = seeds.next();
        let seed = seed.with_context(|| format!("the sequences have ended early, with {cases} cases"))?;
        cases += part(STATEFUL, seed)?;
    }
    let refused = report::never_granted(&answered);
    // A short run need not reach all operations, but if most are refused, something is wrong.
    let most = if effort.short { answered.len() / 4 } else { 0 };
    ensure!(refused.len() <= most, "these were never answered with a success:\n{}", refused.join("\n"));
    Ok(answered.values().flat_map(BTreeMap::values).sum())
}

/// Copies the files for Schemathesis into a new folder.
fn settle(folder: &Path, settings: &Path, service: &Service) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for file in ["schemathesis.toml", "hooks.py", "furnish.py"] {
        fs::copy(settings.join(file), folder.join(file))
            .with_context(|| format!("{file} cannot be copied"))?;
    }
    fs::write(folder.join("callers.json"), callers_file(service).to_string())?;
    Ok(())
}

/// Returns the callers in the format of Web Fuzzing Commons.
fn callers_file(service: &Service) -> serde_json::Value {
    let caller = |name: &str, key: &str| json!({"name": name, "fixedHeaders": [{"name": "Authorization", "value": format!("Bearer {key}")}]});
    json!({"auth": [caller("ada", &service.ada), caller("eve", &service.eve)]})
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T> {
    let name = file.display();
    let text = fs::read(file).with_context(|| format!("Schemathesis has left no {name}"))?;
    serde_json::from_slice(&text).with_context(|| format!("{name} reads otherwise than it did"))
}
