//! Stores that run the same steps.

use std::fmt::Debug;
use std::sync::Arc;

use loggia_domain::instant::Timestamp;
use loggia_domain::port::{Ports, Views};
use loggia_domain::service::Loggia;
use loggia_testkit::TestClock;
use loggia_testkit::contract::Fixture;

use crate::answer::Outcome;
use crate::audit;
use crate::book::Book;
use crate::case::{Case, Step, first_start, prelude};
use crate::stores::Named;
use crate::tally::Tally;
use crate::times;

/// A store, and the use cases on it.
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    pub(crate) loggia: Loggia,
    pub(crate) views: Arc<dyn Views>,
    // The last field, so that the store's fixture is dropped last.
    _fixture: Fixture,
}

/// Stores with a common clock. A result that differs from that of the first store is a defect.
pub(crate) struct Race {
    pub(crate) contestants: Vec<Contestant>,
    clock: Arc<TestClock>,
    /// The number of cases that were run; names contain it, so that cases do not conflict.
    pub(crate) cases: u64,
}

impl Race {
    /// Creates a race of fresh stores.
    pub(crate) fn new(stores: Vec<Named>) -> Self {
        assert!(stores.len() > 1, "there is something to compare");
        let clock = Arc::new(TestClock::new());
        let contestants = stores.into_iter().map(|(name, fixture)| {
            let ports = Ports { clock: clock.clone(), ..fixture.ports.clone() };
            let views = ports.views.clone();
            Contestant { name, loggia: Loggia::on_ports(ports).build(), views, _fixture: fixture }
        });
        Self { contestants: contestants.collect(), clock, cases: 0 }
    }

    /// Runs a case; fails with the first difference.
    pub(crate) async fn run(&mut self, case: &Case, tally: &mut Tally) -> Result<(), String> {
        // Each case begins at the same time, so that no case depends on an earlier one.
        times::set(&self.clock, Timestamp::from_micros(TestClock::START).expect("a time"));
        if self.cases == 0 {
            self.first_start(tally).await?;
        }
        self.cases += 1;
        let mut book = Book::new(self.cases);
        for step in prelude() {
            let outcome = self.step(&step, &mut book, tally).await?;
            outcome.map_err(|refusal| format!("the prelude was refused: {refusal:?} to {step:?}"))?;
        }
        for step in &case.steps {
            self.step(step, &mut book, tally).await?.ok();
        }
        audit::compare(self, &book, case.page).await
    }

    /// Makes the only organization that is conditional on being the first. The organization belongs to no case.
    async fn first_start(&self, tally: &mut Tally) -> Result<(), String> {
        let mut book = Book::new(0);
        for step in first_start() {
            self.step(&step, &mut book, tally).await?.ok();
        }
        Ok(())
    }

    async fn step(&self, step: &Step, book: &mut Book, tally: &mut Tally) -> Result<Outcome, String> {
        if let Some(tick) = step.tick {
            tick.apply(&self.clock);
        }
        let caller = book.caller(step.who);
        let perform = async |store: &Contestant| step.call.perform(&caller, book, &store.loggia).await;
        let outcome = self.agree(|| format!("{step:?}"), perform).await?;
        tally.note(&step.call, &outcome)?;
        if let Ok(answer) = &outcome {
            book.learn(answer);
        }
        Ok(outcome)
    }

    /// Asks every store and returns the common result; fails if two results differ.
    pub(crate) async fn agree<T: PartialEq + Debug>(
        &self,
        asked: impl Fn() -> String,
        ask: impl AsyncFn(&Contestant) -> T,
    ) -> Result<T, String> {
        let mut said: Option<(&str, T)> = None;
        for store in &self.contestants {
            let answer = ask(store).await;
            match &said {
                None => said = Some((store.name, answer)),
                Some((_, model)) if *model == answer => {}
                Some((name, model)) => {
                    let (one, other) = difference(&format!("{model:?}"), &format!("{answer:?}"));
                    return Err(format!(
                        "asked {}\n{name} says …{one}\n{} says …{other}",
                        asked(),
                        store.name
                    ));
                }
            }
        }
        Ok(said.expect("at least one store").1)
    }
}

/// Returns the parts of two texts around the first character in which they differ.
fn difference(one: &str, other: &str) -> (String, String) {
    const BEFORE: usize = 120;
    const LENGTH: usize = 400;
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    let part = |text: &str| text.chars().skip(same.saturating_sub(BEFORE)).take(LENGTH).collect();
    (part(one), part(other))
}
