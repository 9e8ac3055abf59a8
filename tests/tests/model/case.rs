//! Random sequences of use cases, and the steps that each sequence begins with.

use loggia_domain::key::{Ability, Overlap};
use loggia_domain::project::{NewProject, Visibility};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::space::NewSpace;
use loggia_domain::task::{NewTask, OutlineNumber};
use loggia_domain::text::{
    EmployeeNumber, KeyName, OrganizationName, ProjectName, SpaceName, TaskName, Username,
};
use loggia_domain::user::MemberPatch;
use loggia_testkit::builders::{ADA, ALAN, BARBARA, EDSGER, GRACE, KATHERINE, Person};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::invited;
use crate::paging::Part;
use crate::reference::{Choice, Reference, Who, who};
use crate::steps::{
    By, Call, End, KeyStep, MemberKeyStep, MemberStep, Newcomer, OrganizationStep, Plan, ProjectStep,
    RosterStep, Somewhere, SpaceStep, TaskStep, call, tasks::Assignee,
};
use crate::times::{Tick, tick};

/// The maximum number of steps, without those of [`prelude`].
const STEPS: usize = 60;

/// A use case.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The movement of the clock before the use case.
    pub(crate) tick: Option<Tick>,
    pub(crate) who: Who,
    pub(crate) call: Call,
}

/// A sequence of use cases.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) steps: Vec<Step>,
    /// The page size by which the lists are paged at the end.
    pub(crate) page: u32,
}

/// Generates a sequence.
pub(crate) fn case() -> impl Strategy<Value = Case> {
    let step = (option::weighted(0.4, tick()), who(), call());
    let step = step.prop_map(|(tick, who, call)| Step { tick, who, call }).boxed();
    (vec(step, 0..=STEPS), 2u32..5).prop_map(|(steps, page)| Case { steps, page })
}

/// Returns the steps that every case begins with. The steps make two organizations with people of every role, some of whom belong to both,
/// keys of every kind, and a few records, whose names put some rows of every list in a different order under UTF-16. The steps are fixed,
/// so that a shrunk case stays readable.
pub(crate) fn prelude() -> Vec<Step> {
    let mut steps =
        vec![organization("\u{FFFD} Harbour", "ada", ADA), organization("\u{10000} Quay", "alan", ALAN)];
    for (organization, mailbox, person, role) in [
        (0, "barbara", BARBARA, ScopeRole::Admin),
        (0, "grace", GRACE, ScopeRole::Member),
        (0, "edsger", EDSGER, ScopeRole::Viewer),
        (1, "grace", GRACE, ScopeRole::Member),
        (1, "ada", ADA, ScopeRole::Viewer),
    ] {
        let organization = Reference::Any(organization);
        let mut profile = person.profile();
        if mailbox == "grace" {
            // Grace has values that must be unique, so that others can conflict with them.
            profile.username = Username::parse("kim").ok();
            profile.employee_number = EmployeeNumber::parse("K-1").ok();
        }
        // Edsger is the organization's own, all others have accounts.
        let add = if mailbox == "edsger" {
            let newcomer = Newcomer { mailbox: Some(mailbox), profile, role };
            MemberStep::Add { by: By::Operator, organization, newcomer }
        } else {
            MemberStep::AddAccountMember { organization, mailbox, profile, role }
        };
        steps.push(said(Who::Nobody, Call::Member(add)));
    }
    // Each account has a caller for the organization and, from the first membership on, one for the personal scope.
    let [ada, alan, barbara, grace, ada_at_quay] = [0, 2, 4, 6, 10].map(Who::Known);
    steps.push(key(ada, true, Ability::Write));
    steps.push(key(grace, false, Ability::Read));
    steps.push(key(ada_at_quay, true, Ability::Read));
    steps.push(key(ada, false, Ability::Read));
    // The first two keys were issued with the organizations.
    steps.extend((0..6).map(|key| said(Who::Nobody, Call::Key(KeyStep::Authenticate(Some(key))))));
    steps.push(project(ada, "Breakwater", Visibility::Organization));
    steps.push(project(barbara, "\u{10000} dry dock", Visibility::Private));
    steps.push(project(ada, "\u{E000} slipway", Visibility::Organization));
    steps.push(project(alan, "Breakwater", Visibility::Organization));
    // The people near Ada are the members of her organization, in the order in which they were added.
    let people = vec![(Reference::Near(2), RosterRole::Member), (Reference::Near(1), RosterRole::Admin)];
    let project = Reference::Near(0);
    steps.push(said(ada, Call::Roster(RosterStep::Add { project, people })));
    let people = vec![(Reference::Near(1), RosterRole::Member)];
    steps.push(said(alan, Call::Roster(RosterStep::Add { project, people })));
    // After a task with the greatest top-level number that a caller may choose, the server assigns greater numbers.
    for (who, name, outline) in [
        (grace, "Sound the bottom", None),
        (grace, "Set the stones", None),
        (alan, "Set the stones", Some("99999999.1")),
    ] {
        let outline = outline.and_then(|outline| OutlineNumber::parse(outline).ok());
        let new = NewTask { outline, ..NewTask::named(TaskName::parse(name).expect("a name")) };
        steps.push(said(who, Call::Task(TaskStep::Create { project, new, assignee: Assignee::Caller })));
    }
    for (name, project) in
        [("Berths", Some(project)), ("berths", None), ("\u{10000}", None), ("\u{FFFD}", None)]
    {
        let new = NewSpace::named(SpaceName::parse(name).expect("a name"));
        let create = SpaceStep::Create { choice: Choice::Default, new, project };
        steps.push(said(grace, Call::Space(create)));
    }
    let machine = Newcomer { mailbox: None, profile: KATHERINE.profile(), role: ScopeRole::Member };
    let add =
        MemberStep::AddMany { by: By::Caller, organization: Reference::Near(0), newcomers: vec![machine] };
    steps.push(said(ada, Call::Member(add)));
    // The machine is the only user added after the keys, so its caller has number 17.
    steps.push(said(Who::Known(17), Call::Key(KeyStep::Me(Part::first()))));
    // The second authentication in an hour finds that the use is already recorded.
    steps.push(said(Who::Nobody, Call::Key(KeyStep::Touch(Reference::Any(0)))));
    steps.push(said(Who::Nobody, Call::Key(KeyStep::Authenticate(Some(0)))));
    steps
}

/// Returns the steps that run once on a new store. The store has no organization, then the first one, and refuses to make a first one
/// again. A user that does not exist asks for the own account. The steps then provoke errors that random steps seldom reach: an admin of
/// the organization is removed from a roster, an inactive member is added again, the last admin steps down; the steps of [`key_lines`]
/// and [`invited`] follow, among others.
pub(crate) fn first_start() -> Vec<Step> {
    let ask = || said(Who::Nobody, Call::Organization(OrganizationStep::HasOrganizations));
    let first = || bootstrap("Lighthouse", "katherine", KATHERINE, true);
    let me = said(Who::Nobody, Call::Key(KeyStep::Me(Part::first())));
    let (katherine, near) = (Who::Known(0), Reference::Near(0));
    let barbara =
        || Newcomer { mailbox: Some("barbara"), profile: BARBARA.profile(), role: ScopeRole::Admin };
    let add = || Call::Member(MemberStep::Add { by: By::Caller, organization: near, newcomer: barbara() });
    let people = vec![(Reference::Near(1), RosterRole::Member)];
    let remove = RosterStep::Remove { project: near, user: Some(Reference::Near(1)) };
    let patch = MemberPatch { active: Some(false), ..MemberPatch::default() };
    let leave = MemberStep::Update {
        by: By::Caller,
        organization: near,
        user: Reference::Near(1),
        mailbox: None,
        patch,
    };
    let patch = MemberPatch { role: Some(ScopeRole::Member), ..MemberPatch::default() };
    let step_down =
        MemberStep::Update { by: By::Caller, organization: near, user: near, mailbox: None, patch };
    let nowhere = MemberKeyStep::Permissions(Somewhere::Project(Reference::MadeUp(0)));
    let mut steps = vec![
        ask(),
        first(),
        ask(),
        first(),
        me,
        said(katherine, add()),
        project(katherine, "Breakwater", Visibility::Organization),
        said(katherine, Call::Roster(RosterStep::Add { project: near, people })),
        said(katherine, Call::Roster(remove)),
        said(katherine, Call::Member(leave)),
        said(katherine, add()),
        said(katherine, Call::Member(step_down)),
        said(katherine, Call::MemberKey(nowhere)),
    ];
    steps.extend(key_lines());
    steps.extend(account_that_returns());
    steps.extend(invited::steps());
    steps.extend(own_users());
    steps
}

/// Returns steps in which the operator adds an account to Katherine's organization, and she deactivates it and tries to bring it back.
fn account_that_returns() -> Vec<Step> {
    let (katherine, near) = (Who::Known(0), Reference::Near(0));
    let add = MemberStep::AddAccountMember {
        organization: near,
        mailbox: "alan",
        profile: ALAN.profile(),
        role: ScopeRole::Member,
    };
    let activate = |active| {
        let patch = MemberPatch { active: Some(active), ..MemberPatch::default() };
        let (by, user) = (By::Caller, Reference::Near(2));
        said(
            katherine,
            Call::Member(MemberStep::Update { by, organization: near, user, mailbox: None, patch }),
        )
    };
    vec![said(katherine, Call::Member(add)), activate(false), activate(true)]
}

/// Returns steps in which Katherine gives an address to a machine, erases Barbara, and tries to bring her back.
fn own_users() -> Vec<Step> {
    let (by, organization) = (By::Caller, Reference::Near(0));
    let step = |step| said(Who::Known(0), Call::Member(step));
    let machine = Newcomer { mailbox: None, profile: KATHERINE.profile(), role: ScopeRole::Member };
    let update = |user, mailbox, active| {
        let patch = MemberPatch { active, ..MemberPatch::default() };
        step(MemberStep::Update { by, organization, user: Reference::Near(user), mailbox, patch })
    };
    vec![
        step(MemberStep::Add { by, organization, newcomer: machine }),
        update(3, Some("kim"), None),
        step(MemberStep::Erase { by, organization, user: Reference::Near(1) }),
        update(1, None, Some(true)),
    ]
}

/// Returns steps in which Katherine, whose first key was issued with the organization, creates keys by means of keys: a revoked key is
/// rotated, a key rotates the key that created it, and a key that expires creates one that would expire later.
fn key_lines() -> Vec<Step> {
    // Katherine has two callers and Barbara one; the callers of the keys follow.
    let [katherine, by_the_first, by_its_child, by_one_that_ends] = [0, 3, 4, 5].map(Who::Known);
    let key = |who, step| said(who, Call::Key(step));
    let plan = |expires| Plan {
        name: KeyName::parse("laptop").expect("a name"),
        scope: Choice::Default,
        confined: false,
        ability: Ability::Write,
        expires,
    };
    let authenticate = |number| key(Who::Nobody, KeyStep::Authenticate(Some(number)));
    let (first, second) = (Reference::Near(0), Reference::Near(1));
    vec![
        authenticate(0),
        key(katherine, KeyStep::CreateOwn(plan(None))),
        key(katherine, KeyStep::RevokeOwn(second)),
        key(katherine, KeyStep::RotateOwn(second, Overlap::default())),
        key(by_the_first, KeyStep::CreateOwn(plan(None))),
        authenticate(2),
        key(by_its_child, KeyStep::RotateOwn(first, Overlap::default())),
        key(by_the_first, KeyStep::CreateOwn(plan(Some(End::In(3_600_000_000))))),
        authenticate(3),
        key(by_one_that_ends, KeyStep::CreateOwn(plan(Some(End::In(7_200_000_000))))),
    ]
}

fn organization(name: &str, mailbox: &'static str, person: Person) -> Step {
    bootstrap(name, mailbox, person, false)
}

/// Returns the step that makes an organization and its first admin.
fn bootstrap(name: &str, mailbox: &'static str, person: Person, only_if_first: bool) -> Step {
    let bootstrap = OrganizationStep::Bootstrap {
        name: OrganizationName::parse(name).expect("a name"),
        mailbox,
        profile: person.profile(),
        key: KeyName::parse("first").expect("a name"),
        only_if_first,
    };
    said(Who::Nobody, Call::Organization(bootstrap))
}

pub(crate) fn key(who: Who, confined: bool, ability: Ability) -> Step {
    let issue = KeyStep::Issue {
        by_operator: false,
        user: None,
        plan: Plan {
            name: KeyName::parse("laptop").expect("a name"),
            scope: Choice::Default,
            confined,
            ability,
            expires: None,
        },
    };
    said(who, Call::Key(issue))
}

fn project(who: Who, name: &str, visibility: Visibility) -> Step {
    let name = ProjectName::parse(name).expect("a name");
    let new = NewProject { visibility, ..NewProject::named(name) };
    said(who, Call::Project(ProjectStep::Create { choice: Choice::Default, new }))
}

/// Returns a step before which the clock stands still.
pub(crate) const fn said(who: Who, call: Call) -> Step {
    Step { tick: None, who, call }
}
