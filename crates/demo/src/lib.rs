//! The generator of Loggia's sample data, to try the service and to measure it.
//!
//! A [`Plan`] has all records of an organization. The same seed and [`Figures`] give the same plan, on every machine. [`fill`] creates the
//! records, with the use cases.

mod fill;
mod names;
mod people;
mod plan;
mod projects;
mod random;
mod spaces;
mod tasks;
mod words;

pub use fill::{Pace, fill};
pub use plan::{Figures, Plan};
pub use projects::ProjectPlan;
pub use spaces::SpacePlan;
pub use tasks::TaskPlan;
