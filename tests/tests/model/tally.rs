//! The results that occurred in a run. A run proves nothing about a result that never occurred (promise B51).

use std::collections::BTreeMap;

use loggia_domain::page::Page;
use loggia_domain::user::UserKind;

use crate::answer::{Answer, Outcome};
use crate::steps::{Call, MemberStep, ProjectStep, SpaceStep};

/// Every use case that is a step. `every_use_case_is_a_step` compares this list and [`NO_STEPS`] with the domain.
const USE_CASES: &[&str] = &[
    "accept_invitation",
    "account_by_email",
    "add_account",
    "add_account_member",
    "add_member",
    "add_members",
    "add_to_roster",
    "authenticate",
    "bootstrap",
    "change_roster_role",
    "check_ready",
    "create_organization",
    "create_own_key",
    "create_project",
    "create_space",
    "create_task",
    "delete_project",
    "delete_space",
    "delete_task",
    "erase_member",
    "forget_stored_responses",
    "has_organizations",
    "invitations",
    "invite",
    "issue_key",
    "issue_member_key",
    "keep_key",
    "keys",
    "leave_organization",
    "leave_roster",
    "list_members",
    "list_organizations",
    "list_own_tasks",
    "list_projects",
    "list_roster",
    "list_spaces",
    "list_tasks",
    "me",
    "member",
    "member_keys",
    "once",
    "organization",
    "own_keys",
    "own_person_by_email",
    "permissions",
    "project",
    "remove_from_roster",
    "rename_organization",
    "resend_invitation",
    "revoke_key",
    "revoke_member_key",
    "revoke_own_key",
    "rotate_own_key",
    "space",
    "task",
    "touch_key",
    "update_member",
    "update_project",
    "update_space",
    "update_task",
    "withdraw_invitation",
];

/// Use cases that are not steps, each with its reason.
const NO_STEPS: [(&str, &str); 11] = [
    ("all_organizations", DELETION),
    (
        "authenticate_reader",
        "is authenticate, with a read side equal to the store's own; the store contract has it on every store",
    ),
    (
        "change_account",
        "reaches every scope of one user; the store contract has its locks and writes on every store",
    ),
    ("change_own_profile", "is change_account for the caller's own account"),
    ("close_organization", DELETION),
    ("delete_organization_step", DELETION),
    ("organization_extent", DELETION),
    ("recognise", "reads the data of me: the own membership of a scope, and the user"),
    (
        "update_organization",
        "is rename_organization but where there is nothing to change, and then it writes nothing",
    ),
    ("user", "reads the data of me, by the id of any user"),
    ("was_claimed", "reads the data of once; the store contract has it on every store"),
];

const DELETION: &str =
    "belongs to the deletion of an organization, which the store contract has on every store";

/// Every error that the steps can lead to. Of the store's own errors, this is that of a caller whose key has expired or whose user does not
/// exist.
const REFUSALS: &[&str] = &[
    "AuthenticationError::InvalidKey",
    "InvitationError::AlreadyAMember",
    "InvitationError::AlreadyInvited",
    "InvitationError::Denied(Forbidden(Ability(Write)))",
    "InvitationError::Denied(Forbidden(Reach))",
    "InvitationError::Denied(Forbidden(Role))",
    "InvitationError::Denied(Hidden)",
    "InvitationError::KeyTooOld",
    "InvitationError::NotAnAccount",
    "InvitationError::NotFound",
    "InvitationError::UnknownProject",
    "InvitationError::UnknownToken",
    "KeyError::AlreadyExpired",
    "KeyError::BelongsToAccount",
    "KeyError::Beyond(Ancestor)",
    "KeyError::Beyond(End",
    "KeyError::Denied(Forbidden(Ability(Write)))",
    "KeyError::Denied(Forbidden(Reach))",
    "KeyError::Denied(Forbidden(Role))",
    "KeyError::Denied(Hidden)",
    "KeyError::KeyNotFound",
    "KeyError::NotInScope",
    "KeyError::NotLive(KeyNotLive)",
    "KeyError::UserNotFound",
    "OrganizationError::AddressTaken",
    "OrganizationError::AlreadyAMember",
    "OrganizationError::Denied(Forbidden(Ability(Write)))",
    "OrganizationError::Denied(Forbidden(CreationClosed))",
    "OrganizationError::Denied(Forbidden(Reach))",
    "OrganizationError::Denied(Forbidden(Role))",
    "OrganizationError::Denied(Hidden)",
    "OrganizationError::EmployeeNumberTaken",
    "OrganizationError::InactiveMember",
    "OrganizationError::InvitationRequired",
    "OrganizationError::Refused(BelongsToAccount)",
    "OrganizationError::Refused(Erased)",
    "OrganizationError::Refused(LastAdmin(LastAdmin))",
    "OrganizationError::Refused(NoAddress)",
    "OrganizationError::UserNotFound",
    "OrganizationError::UsernameTaken",
    "PermissionError::Denied(Forbidden(NotInScope))",
    "PermissionError::Denied(Hidden)",
    "ProjectError::Dates(StartAfterEnd)",
    "ProjectError::Denied(Forbidden(Ability(Write)))",
    "ProjectError::Denied(Forbidden(NotInScope))",
    "ProjectError::Denied(Forbidden(Role))",
    "ProjectError::Denied(Hidden)",
    "RosterError::AlreadyAMember",
    "RosterError::Denied(Forbidden(Ability(Write)))",
    "RosterError::Denied(Forbidden(Role))",
    "RosterError::Denied(Hidden)",
    "RosterError::LastAdmin(LastAdmin)",
    "RosterError::NotOnRoster",
    "RosterError::Removal(NotAMember)",
    "RosterError::Removal(Oneself)",
    "RosterError::Removal(RosterAdmin)",
    "RosterError::Removal(ScopeAdmin)",
    "RosterError::UserNotFound",
    "SpaceError::Denied(Forbidden(Ability(Write)))",
    "SpaceError::Denied(Forbidden(NotInScope))",
    "SpaceError::Denied(Forbidden(Role))",
    "SpaceError::Denied(Hidden)",
    "SpaceError::UnknownProject",
    "TaskError::AssigneeNotOnRoster",
    "TaskError::Dates(StartAfterEnd)",
    "TaskError::Denied(Forbidden(Ability(Write)))",
    "TaskError::Denied(Forbidden(NotInScope))",
    "TaskError::Denied(Forbidden(Role))",
    "TaskError::Denied(Hidden)",
    "TaskError::OutlineTaken",
    "TaskError::OutlineTooGreat(OutlineTooGreat)",
    "TaskError::UserNotFound",
    "StoreError::UnknownCaller",
];

const FIRST: &str = "a first organization";
const NOT_FIRST: &str = "no second first organization";
const FOUND: &str = "spaces found by a search";
const FOUND_PROJECTS: &str = "projects found by a search";
const FOUND_MEMBERS: &str = "members found by a search";
const MACHINE: &str = "a call by a machine";
const BATCH: &str = "several people in one request";
const NOTED: &str = "a key with a last-used time";
const ROWS_BEFORE: &str = "a page with rows before it";
const ROWS_AFTER: &str = "a page with rows after it";
const OWN: &str = "own tasks";
const KEPT: &str = "a stored response";
const WITHHELD: &str = "a stored response whose secret is withheld";
const REUSED: &str = "an idempotency key of another request";
const FORGOTTEN: &str = "expired stored responses";
const FACTS: &[&str] = &[
    FIRST,
    NOT_FIRST,
    FOUND,
    FOUND_PROJECTS,
    FOUND_MEMBERS,
    MACHINE,
    BATCH,
    NOTED,
    ROWS_BEFORE,
    ROWS_AFTER,
    OWN,
    KEPT,
    WITHHELD,
    REUSED,
    FORGOTTEN,
];

/// The number of times that each result occurred.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<String, u64>);

impl Tally {
    /// Counts a step.
    ///
    /// Equal failures of all stores are no agreement: an error that is not in [`REFUSALS`] is a defect of a store or of that list.
    pub(crate) fn note(&mut self, call: &Call, outcome: &Outcome) -> Result<(), String> {
        match outcome {
            Ok(answer) => {
                self.count(call.name());
                facts(call, answer).into_iter().for_each(|fact| self.count(fact));
            }
            Err(refusal) if REFUSALS.contains(&refusal.kind()) => self.count(refusal.kind()),
            Err(refusal) => return Err(format!("every store says {refusal:?} to {call:?}")),
        }
        Ok(())
    }

    fn count(&mut self, what: &str) {
        *self.0.entry(what.to_owned()).or_default() += 1;
    }

    /// Returns the results that should have occurred and did not.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let all = USE_CASES.iter().chain(REFUSALS).chain(FACTS).copied();
        all.filter(|what| !self.0.contains_key(*what)).collect()
    }
}

fn facts(call: &Call, answer: &Answer) -> Vec<&'static str> {
    let mut facts = match answer {
        Answer::Spaces(page) => pages(page),
        Answer::Projects(page) => pages(page),
        Answer::Members(page) => pages(page),
        Answer::Organizations(page) => pages(page),
        Answer::Invitations(page) => pages(page),
        Answer::Keys(page) => pages(page),
        Answer::Roster(page) => pages(page),
        Answer::Tasks(page) => pages(page),
        Answer::OwnTasks(page) if !page.items.is_empty() => [vec![OWN], pages(page)].concat(),
        _ => Vec::new(),
    };
    let found = match (call, answer) {
        (Call::Space(SpaceStep::List { search, .. }), Answer::Spaces(page)) => {
            (search.is_some() && !page.items.is_empty()).then_some(FOUND)
        }
        (Call::Project(ProjectStep::List { search, .. }), Answer::Projects(page)) => {
            (search.is_some() && !page.items.is_empty()).then_some(FOUND_PROJECTS)
        }
        (Call::Member(MemberStep::List { search, .. }), Answer::Members(page)) => {
            (search.is_some() && !page.items.is_empty()).then_some(FOUND_MEMBERS)
        }
        (_, Answer::Kept(answer)) => Some(if answer.is_some() { KEPT } else { WITHHELD }),
        (_, Answer::NotOnce(why)) => (why == "OtherRequest").then_some(REUSED),
        (_, Answer::Count(forgotten)) => (*forgotten > 0).then_some(FORGOTTEN),
        (_, Answer::Me(me)) => (me.user.kind == UserKind::Machine).then_some(MACHINE),
        (_, Answer::Added(members)) => (members.len() > 1).then_some(BATCH),
        (_, Answer::Authenticated(opened)) => (!opened.use_is_unrecorded).then_some(NOTED),
        (Call::Organization(step), Answer::Bootstrapped(made)) if step.only_if_first() => {
            Some(if made.is_some() { FIRST } else { NOT_FIRST })
        }
        _ => None,
    };
    facts.extend(found);
    facts
}

fn pages<T>(page: &Page<T>) -> Vec<&'static str> {
    let with_rows = |flag: bool, fact| (flag && !page.items.is_empty()).then_some(fact);
    [with_rows(page.before, ROWS_BEFORE), with_rows(page.after, ROWS_AFTER)].into_iter().flatten().collect()
}

#[test]
fn an_empty_run_proves_nothing() {
    assert_eq!(Tally::default().missing().len(), USE_CASES.len() + REFUSALS.len() + FACTS.len());
}

#[test]
fn every_use_case_is_a_step() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/domain/src/service");
    let mut found = Vec::new();
    // The folders beside the files contain no use cases.
    for file in
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|file| file.is_file())
    {
        let text = std::fs::read_to_string(file).unwrap();
        let methods = text.lines().filter_map(|line| line.trim_start().strip_prefix("pub async fn "));
        found.extend(methods.map(|rest| rest.split(['(', '<']).next().unwrap_or_default().to_owned()));
    }
    found.sort_unstable();
    // Some use cases are the callers' and the operator's.
    found.dedup();
    let mut known = [USE_CASES, &NO_STEPS.map(|(name, _)| name)].concat();
    known.sort_unstable();
    assert_eq!(found, known);
}
