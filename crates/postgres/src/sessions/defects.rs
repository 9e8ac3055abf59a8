//! Minor versions of Postgres with a defect that affects this program.

use std::ops::RangeInclusive;

/// A defect of some minor versions of one major version.
struct Defect {
    major: u32,
    minors: RangeInclusive<u32>,
    reason: &'static str,
}

/// Only defects that affect this program are listed. A slow plan of some version is not one: the statements are written so that every
/// version uses an index.
const DEFECTS: [Defect; 3] = [
    // The fix of CVE-2024-10978 broke `role` as a startup option: <https://www.postgresql.org/docs/release/15.10/>, …/16.6/, …/17.2/.
    Defect {
        major: 15,
        minors: 9..=9,
        reason: "PostgreSQL 15.9 ignores the role that a session asks for while connecting; install 15.10 or later",
    },
    Defect {
        major: 16,
        minors: 5..=5,
        reason: "PostgreSQL 16.5 ignores the role that a session asks for while connecting; install 16.6 or later",
    },
    Defect {
        major: 17,
        minors: 1..=1,
        reason: "PostgreSQL 17.1 ignores the role that a session asks for while connecting; install 17.2 or later",
    },
];

/// Returns the known defect of a server of this version, in the form of the setting `server_version_num`: 150020 is 15.20.
pub(crate) fn known(version: u32) -> Option<&'static str> {
    let (major, minor) = (version / 10_000, version % 10_000);
    let defect = DEFECTS.iter().find(|defect| defect.major == major && defect.minors.contains(&minor))?;
    Some(defect.reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_these_versions_have_a_known_defect() {
        let versions = [(15, 8..=20), (16, 4..=14), (17, 0..=10), (18, 0..=4)];
        let all = versions.into_iter().flat_map(|(major, minors)| minors.map(move |minor| (major, minor)));
        let defective: Vec<(u32, u32)> =
            all.filter(|(major, minor)| known(major * 10_000 + minor).is_some()).collect();
        assert_eq!(defective, [(15, 9), (16, 5), (17, 1)]);
    }

    #[test]
    fn a_reason_names_its_version_and_the_one_to_install() {
        for Defect { major, minors, reason } in &DEFECTS {
            assert!(reason.contains(&format!("{major}.{}", minors.start())), "{reason}");
            assert!(reason.ends_with(&format!("install {major}.{} or later", minors.end() + 1)), "{reason}");
        }
    }
}
