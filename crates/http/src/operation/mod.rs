//! The facts of one operation, each stated once. Routing, admission, preconditions, idempotency and the published document follow from them.

pub(crate) mod description;
pub(crate) mod first_read;
pub(crate) mod long_reads;
pub(crate) mod response_header;

use loggia_domain::key::Ability;
use loggia_domain::policy::Action;

use self::description::{Body, BodyRule, Link, Success, Tag};
use self::first_read::Prediction;
use crate::problem::Code;
use crate::wire::parameter::Declaration;

/// The representation that an operation is about, as far as conditional requests can name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// None with an entity tag, such as a list.
    Untagged,
    /// One record with a revision, which the response shows.
    Record,
    /// One record with a revision, which is no more after the operation.
    RemovedRecord,
    /// A published document, which stays the same for as long as the program runs.
    Document,
}

/// A method on a path.
#[derive(Clone, Copy)]
pub struct Operation {
    /// The method. HEAD is served by GET.
    pub method: &'static str,
    /// The path, with its placeholders in braces.
    pub path: &'static str,
    /// The action that the policy decides, or `None` for an operation that needs no key.
    pub action: Option<Action>,
    /// A summary in a few words.
    pub summary: &'static str,
    /// The operation's id, which is suited to be a method's name in a client.
    pub(crate) id: &'static str,
    /// The heading.
    pub(crate) tag: Tag,
    /// The description, in Markdown.
    pub(crate) description: &'static str,
    /// The query parameters that it accepts.
    pub(crate) parameters: &'static [&'static Declaration],
    /// The request body, if it reads one.
    pub(crate) body: Option<Body>,
    /// The representation that it is about.
    pub(crate) subject: Subject,
    /// The first read, as far as the path and the query determine it.
    pub(crate) first_read: Prediction,
    /// `true` for a list whose rows lie scattered, so that it may run long whatever the parameters are.
    pub(crate) is_scattered: bool,
    /// The successful responses.
    pub(crate) answers: &'static [Success],
    /// The problems of its own, beside those that follow from its kind.
    pub(crate) refusals: &'static [Code],
    /// The links of its first successful response.
    pub(crate) links: &'static [Link],
}

impl Operation {
    /// An operation without facts, for struct update syntax.
    pub(crate) const BARE: Self = Self {
        method: "",
        path: "",
        action: None,
        summary: "",
        id: "",
        tag: Tag::Service,
        description: "",
        parameters: &[],
        body: None,
        subject: Subject::Untagged,
        first_read: Prediction::None,
        is_scattered: false,
        answers: &[],
        refusals: &[],
        links: &[],
    };

    /// Returns `true` if the operation may change anything.
    pub fn writes(&self) -> bool {
        self.action.is_some_and(|action| action.ability() == Ability::Write)
    }

    /// Returns the kind of body that the operation reads.
    pub fn body_rule(&self) -> BodyRule {
        self.body.map_or(BodyRule::None, |body| body.rule)
    }

    /// Returns the names of the query parameters that the operation accepts.
    pub fn parameter_names(&self) -> impl Iterator<Item = &'static str> {
        self.parameters.iter().map(|parameter| parameter.name)
    }

    /// Returns `true` if the operation supports `Idempotency-Key`. The other methods are idempotent.
    pub fn takes_idempotency_key(&self) -> bool {
        matches!(self.method, "POST" | "PATCH")
    }

    /// Returns `true` if the operation reads one record or document, so that `If-None-Match` can spare the response body.
    pub fn takes_if_none_match(&self) -> bool {
        self.method == "GET" && matches!(self.subject, Subject::Record | Subject::Document)
    }

    /// Returns `true` if the operation changes one record, so that `If-Match` can prevent a lost update. A record that it creates has no
    /// earlier version.
    pub fn takes_if_match(&self) -> bool {
        self.writes()
            && matches!(self.subject, Subject::Record | Subject::RemovedRecord)
            && self.answers.iter().all(|success| success.status != 201)
    }

    /// Returns `true` if the operation's responses with one record or document carry an `ETag`.
    pub fn shows_a_tag(&self) -> bool {
        matches!(self.subject, Subject::Record | Subject::Document)
    }

    /// Returns the names of the path's placeholders.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
    }
}
