//! The versions of Postgres that the tests run on.

use anyhow::Result;
use loggia_testpg::{Binaries, Version};

use super::packages;

/// The versions that the project was tested on: the newest available minor version of each major version. README.md names them too.
pub(crate) const TESTED: [Version; 4] = [
    Version { major: 15, minor: 20 },
    Version { major: 16, minor: 14 },
    Version { major: 17, minor: 10 },
    Version { major: 18, minor: 4 },
];

/// Finds one server of each major version, the oldest first: the newest minor version that the machine or a package has. Packages are
/// downloaded on platforms on which they run.
pub(crate) fn find() -> Result<Vec<Binaries>> {
    let mut all = Binaries::installed();
    // The folder that the environment names may be none of the usual ones.
    all.extend(Binaries::find().ok());
    if packages::run_here() {
        all.extend(packages::all()?);
        all.retain(|binaries| TESTED.iter().any(|tested| tested.major == binaries.version()));
    }
    Ok(newest_of_each(all))
}

fn newest_of_each(mut all: Vec<Binaries>) -> Vec<Binaries> {
    // Of two copies of one version, the machine's own is used, which includes the clients.
    all.sort_by_key(|binaries| std::cmp::Reverse(binaries.full_version()));
    all.dedup_by_key(|binaries| binaries.version());
    all.reverse();
    all
}

/// Returns the major versions in [`TESTED`] for which no server was found.
pub(crate) fn missing(found: &[Binaries]) -> Vec<u32> {
    let majors = TESTED.map(|tested| tested.major);
    majors.into_iter().filter(|major| found.iter().all(|binaries| binaries.version() != *major)).collect()
}

/// Lists the servers, each with its folder.
pub(crate) fn describe(found: &[Binaries]) -> String {
    let lines = found
        .iter()
        .map(|binaries| format!("Postgres {} in {}\n", binaries.full_version(), binaries.folder().display()));
    lines.collect()
}

/// Lists versions in words.
pub(crate) fn in_words(versions: &[String]) -> String {
    match versions.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => versions.concat(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::workspace;

    #[test]
    fn the_newest_minor_version_of_each_major_version_is_selected() {
        let machine = tempfile::tempdir().unwrap();
        let binaries = ["15.9", "16.1", "15.20", "15.18"].map(|version| {
            let folder = machine.path().join(version);
            fs::create_dir(&folder).unwrap();
            let postgres = format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n");
            for (program, text) in [("initdb", "#!/bin/sh\n"), ("postgres", postgres.as_str())] {
                fs::write(folder.join(program), text).unwrap();
                let chmod = std::process::Command::new("chmod").arg("a+x").arg(folder.join(program)).status();
                assert!(chmod.unwrap().success());
            }
            Binaries::in_folder(&folder).unwrap()
        });
        let taken = newest_of_each(binaries.to_vec());
        let versions: Vec<String> = taken.iter().map(|one| one.full_version().to_string()).collect();
        assert_eq!(versions, ["15.20", "16.1"]);
        assert_eq!(missing(&taken), [17, 18]);
    }

    #[test]
    fn no_package_is_newer_than_the_tested_version() {
        for (tested, package) in TESTED.iter().zip(&packages::PACKAGES) {
            let (major, minor) = package.server().split_once('.').unwrap();
            assert_eq!(major.parse(), Ok(tested.major));
            assert!(minor.parse::<u32>().unwrap() <= tested.minor, "{tested} in TESTED is out of date");
        }
    }

    #[test]
    fn the_readme_names_the_versions_that_the_project_was_tested_on() {
        let readme = fs::read_to_string(workspace::root().unwrap().join("README.md")).unwrap();
        let named = format!("tested on {}", in_words(&TESTED.map(|version| version.to_string())));
        assert!(readme.replace('\n', " ").contains(&named), "README.md lacks: {named}");
    }
}
