//! Made-up spaces.

use loggia_domain::space::{NewSpace, Priority, SpaceStatus, Strength};
use loggia_domain::text::{SpaceDescription, SpaceName};

use crate::projects::ProjectPlan;
use crate::random::{Random, scattered_pair};
use crate::words::{FIELDS, REASONS, REMARKS, TOPICS};

/// A planned space, with its project and its creator as positions in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpacePlan {
    /// The space, without its project.
    pub new: NewSpace,
    /// The project that the space refers to.
    pub project: Option<usize>,
    /// The creator, who can see that project.
    pub creator: usize,
}

/// Plans the `nth` space. `workers` are the people who may create one.
pub(crate) fn space(
    nth: usize,
    projects: &[ProjectPlan],
    workers: &[usize],
    random: &mut Random,
) -> anyhow::Result<SpacePlan> {
    let (topic, field, round) = scattered_pair(nth, TOPICS.len(), FIELDS.len());
    let again = if round == 0 { String::new() } else { format!(" ({})", round + 1) };
    let project = (!projects.is_empty() && random.chance(60)).then(|| random.below(projects.len()));
    // A project may be private, and the creator of the space must see it.
    let creator = match project {
        Some(project) => random.pick(&projects[project].roster()),
        None => random.pick(workers),
    };
    let description = random
        .chance(70)
        .then(|| format!("## Why\n\n{}\n\n## Mind\n\n- {}\n", random.pick(REASONS), random.pick(REMARKS)))
        .map(|text| SpaceDescription::parse(&text))
        .transpose()?;
    let name = SpaceName::parse(&format!("{} {}{again}", TOPICS[topic], FIELDS[field]))?;
    let new = NewSpace {
        description,
        status: random.weighted(&[
            (SpaceStatus::Active, 60),
            (SpaceStatus::Draft, 25),
            (SpaceStatus::Archived, 15),
        ]),
        priority: random.weighted(&[
            (Priority::None, 25),
            (Priority::Low, 20),
            (Priority::Medium, 30),
            (Priority::High, 18),
            (Priority::Urgent, 7),
        ]),
        strength: Strength::new(random.between(0, 10))?,
        ..NewSpace::named(name)
    };
    Ok(SpacePlan { new, project, creator })
}
