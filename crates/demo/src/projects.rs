//! Made-up projects and their rosters.

use loggia_domain::instant::{DateRange, Timestamp};
use loggia_domain::project::{NewProject, Visibility};
use loggia_domain::role::RosterRole;
use loggia_domain::text::{ProjectDescription, ProjectName};

use crate::random::{Random, scattered_pair};
use crate::words::{PLACES, REASONS, WORKS};

/// The current day in the demo's data, which is fixed, as the seed is, so that every run makes the same data.
const TODAY: &str = "2026-11-02";

pub(crate) const DAY: i64 = 86_400;

/// Returns the beginning of the current day in the demo's data.
pub(crate) fn today() -> anyhow::Result<Timestamp> {
    Ok(Timestamp::parse(TODAY)?)
}

/// A planned project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectPlan {
    /// The project.
    pub new: NewProject,
    /// The creator's position among the people. The creator joins the roster as an admin.
    pub creator: usize,
    /// The other people on the roster.
    pub others: Vec<(usize, RosterRole)>,
}

impl ProjectPlan {
    /// Returns everyone on the roster.
    pub fn roster(&self) -> Vec<usize> {
        std::iter::once(self.creator).chain(self.others.iter().map(|(person, _)| *person)).collect()
    }
}

/// Plans the `nth` project. `admins` may create projects and `workers` may join rosters; both are positions among the people.
pub(crate) fn project(
    nth: usize,
    admins: &[usize],
    workers: &[usize],
    random: &mut Random,
) -> anyhow::Result<ProjectPlan> {
    let (place, work, round) = scattered_pair(nth, PLACES.len(), WORKS.len());
    let (place, work) = (PLACES[place], WORKS[work]);
    let phase = if round == 0 { String::new() } else { format!(" phase {}", round + 1) };
    let description = random
        .chance(75)
        .then(|| format!("{place}: {work}. {}", random.pick(REASONS)))
        .map(|text| ProjectDescription::parse(&text))
        .transpose()?;
    let visibility = if random.chance(12) { Visibility::Private } else { Visibility::Organization };
    let new = NewProject {
        name: ProjectName::parse(&format!("{place} {work}{phase}"))?,
        description,
        dates: dates(random)?,
        visibility,
    };
    let creator = random.pick(admins);
    let mut others: Vec<(usize, RosterRole)> = Vec::new();
    for _ in 0..random.between(2, 9) {
        let person = random.pick(workers);
        let role = if random.chance(15) { RosterRole::Admin } else { RosterRole::Member };
        if person != creator && others.iter().all(|(other, _)| *other != person) {
            others.push((person, role));
        }
    }
    Ok(ProjectPlan { new, creator, others })
}

/// Returns dates that begin between a year and a half before and eight months after the current day. Some have no end, a few no dates at
/// all.
fn dates(random: &mut Random) -> anyhow::Result<DateRange> {
    if random.chance(5) {
        return Ok(DateRange::default());
    }
    let start = today()?.plus_seconds(random.between(-540, 240) * DAY);
    let length = random.between(30, 360) * DAY;
    let end = random.chance(85).then(|| start.plus_seconds(length));
    Ok(DateRange::new(Some(start), end)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_project_name_is_valid_and_unique() {
        let mut random = Random::new(1);
        let names: std::collections::HashSet<_> = (0..PLACES.len() * WORKS.len() * 2)
            .map(|nth| project(nth, &[0], &[0, 1, 2], &mut random).expect("a project").new.name)
            .collect();
        assert_eq!(names.len(), PLACES.len() * WORKS.len() * 2);
        let longest = PLACES.iter().map(|place| place.len()).max().unwrap_or(0)
            + WORKS.iter().map(|work| work.len()).max().unwrap_or(0);
        assert!(longest + " ".len() + " phase 999".len() <= ProjectName::MAX, "{longest}");
    }

    #[test]
    fn no_person_is_on_a_roster_twice() {
        let mut random = Random::new(7);
        for nth in 0..200 {
            let mut roster = project(nth, &[0], &[0, 1, 2, 3], &mut random).expect("a project").roster();
            let people = roster.len();
            roster.sort_unstable();
            roster.dedup();
            assert_eq!(roster.len(), people);
        }
    }
}
