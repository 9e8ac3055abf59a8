//! Use cases with an idempotency key, and their stored responses.

use std::pin::Pin;

use loggia_domain::key::Caller;
use loggia_domain::once::{Claim, IdempotencyKey, Once, StoredResponse};
use loggia_domain::service::{Acting, Loggia};
use proptest::prelude::*;

use super::{Call, members, projects, rosters, spaces, tasks};
use crate::answer::{Answer, Outcome, outcome};
use crate::book::Book;

/// A use case with an idempotency key. Keys are few and requests fewer, so that both are repeated.
#[derive(Clone, Debug)]
pub(crate) enum OnceStep {
    /// Runs another use case with an idempotency key.
    Do { key: u8, request: u8, is_withheld: bool, call: Box<Call> },
    /// Deletes expired stored responses.
    Forget,
}

pub(crate) fn step() -> BoxedStrategy<OnceStep> {
    let call = prop_oneof![
        4 => members::step_of_a_caller().prop_map(Call::Member),
        6 => spaces::step().prop_map(Call::Space),
        4 => projects::step().prop_map(Call::Project),
        4 => rosters::step().prop_map(Call::Roster),
        6 => tasks::step().prop_map(Call::Task),
    ];
    let request = prop_oneof![2 => Just(0u8), 1 => Just(1u8)];
    let once = (0u8..2, request, any::<bool>(), call);
    prop_oneof![
        9 => once.prop_map(|(key, request, is_withheld, call)| OnceStep::Do {
            key,
            request,
            is_withheld,
            call: Box::new(call),
        }),
        1 => Just(OnceStep::Forget),
    ]
    .boxed()
}

impl OnceStep {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Do { .. } => "once",
            Self::Forget => "forget_stored_responses",
        }
    }

    /// Runs the step. The future is boxed with a named type, since a step contains a step.
    pub(crate) fn perform<'a>(
        &'a self,
        caller: &'a Caller,
        book: &'a Book,
        loggia: &'a Loggia,
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>> {
        Box::pin(self.run(caller, book, loggia))
    }

    async fn run(&self, caller: &Caller, book: &Book, loggia: &Loggia) -> Outcome {
        let (key, request, is_withheld, call) = match self {
            Self::Do { key, request, is_withheld, call } => (key, request, *is_withheld, call),
            Self::Forget => {
                return outcome(loggia.operator().forget_stored_responses(1_000).await, Answer::Count);
            }
        };
        if !book.members.iter().any(|(_, user)| *user == caller.user) {
            // Only an existing user can have an idempotency key.
            return Box::pin(call.perform(caller, book, loggia)).await;
        }
        let claim = Claim {
            operation: format!("case {}", book.case),
            key: IdempotencyKey::parse(&key.to_string()).expect("a key"),
            fingerprint: [*request; 32],
        };
        let work = |acting: Acting| async move {
            let outcome = Box::pin(call.perform_as(&acting, book, loggia)).await;
            let shown = |answer: &Answer| StoredResponse::Shown(format!("{answer:?}").into_bytes());
            let kept = outcome.as_ref().ok();
            let kept = kept.map(|answer| if is_withheld { StoredResponse::Withheld } else { shown(answer) });
            (outcome, kept)
        };
        match loggia.once(caller, &claim, work).await? {
            Once::Done(outcome) => outcome,
            Once::Kept(StoredResponse::Shown(answer)) => {
                Ok(Answer::Kept(Some(String::from_utf8(answer).expect("text"))))
            }
            Once::Kept(StoredResponse::Withheld) => Ok(Answer::Kept(None)),
            otherwise @ (Once::OtherRequest | Once::InFlight | Once::NoLonger) => {
                Ok(Answer::NotOnce(format!("{otherwise:?}")))
            }
        }
    }
}
