//! The records that a case has made so far, collected from the results.

use loggia_domain::id::{
    InvitationId, KeyId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId, UserId,
};
use loggia_domain::invitation::{Invitation, InvitationToken};
use loggia_domain::key::{ApiKey, Caller, KeySecret};
use loggia_domain::page::{Position, key_position};
use loggia_domain::port::MembershipView;
use loggia_domain::project::Project;
use loggia_domain::roster::Membership;
use loggia_domain::scope::{Reach, Scope, ScopeChoice};
use loggia_domain::service::Authenticated;
use loggia_domain::space::Space;
use loggia_domain::task::Task;
use loggia_domain::user::Member;
use uuid::Uuid;

use crate::answer::{Answer, Issued};
use crate::reference::{Choice, Reference, Who, made_up, nth};

/// Every record in its last known state. Records are never removed, so a step can ask for a deleted record, too.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// The number of this case; names contain it, since several cases share a store.
    pub(crate) case: u64,
    pub(crate) organizations: Vec<OrganizationId>,
    pub(crate) members: Vec<(Scope, UserId)>,
    pub(crate) people: Vec<Member>,
    pub(crate) callers: Vec<Caller>,
    pub(crate) keys: Vec<ApiKey>,
    pub(crate) secrets: Vec<String>,
    pub(crate) invitations: Vec<Invitation>,
    /// The tokens of invitations, also those that were used or replaced.
    pub(crate) tokens: Vec<String>,
    pub(crate) spaces: Vec<Space>,
    pub(crate) projects: Vec<Project>,
    pub(crate) memberships: Vec<(Scope, Membership)>,
    pub(crate) tasks: Vec<Task>,
}

impl Book {
    /// Creates an empty book.
    pub(crate) fn new(case: u64) -> Self {
        Self { case, ..Self::default() }
    }

    pub(crate) fn caller(&self, who: Who) -> Caller {
        let nobody = UserId::from_uuid(made_up(7));
        let nobody = Caller::unchecked(nobody, Scope::Personal(nobody));
        let known = |number| nth(&self.callers, number).copied().unwrap_or(nobody);
        match who {
            Who::Known(number) => known(number),
            Who::Intruder(user, scope) => Caller::unchecked(known(user).user, known(scope).default_scope),
            Who::Nobody => nobody,
        }
    }

    pub(crate) fn choice(&self, caller: &Caller, choice: Choice) -> ScopeChoice {
        match choice {
            Choice::Default => ScopeChoice::Default,
            Choice::Personal => ScopeChoice::Personal,
            Choice::Organization(which) => ScopeChoice::Organization(self.organization(caller, which)),
        }
    }

    pub(crate) fn organization(&self, caller: &Caller, which: Reference) -> OrganizationId {
        let known = self.organizations.iter().map(|id| (Scope::Organization(*id), id.as_uuid()));
        OrganizationId::from_uuid(self.find(caller, which, known))
    }

    pub(crate) fn user(&self, caller: &Caller, which: Reference) -> UserId {
        let known = self.members.iter().map(|(scope, id)| (*scope, id.as_uuid()));
        UserId::from_uuid(self.find(caller, which, known))
    }

    pub(crate) fn space(&self, caller: &Caller, which: Reference) -> SpaceId {
        let known = self.spaces.iter().map(|space| (space.scope, space.id.as_uuid()));
        SpaceId::from_uuid(self.find(caller, which, known))
    }

    pub(crate) fn project(&self, caller: &Caller, which: Reference) -> ProjectId {
        let known = self.projects.iter().map(|project| (project.scope, project.id.as_uuid()));
        ProjectId::from_uuid(self.find(caller, which, known))
    }

    pub(crate) fn task(&self, caller: &Caller, which: Reference) -> TaskId {
        let known = self.tasks.iter().map(|task| (task.scope, task.id.as_uuid()));
        TaskId::from_uuid(self.find(caller, which, known))
    }

    pub(crate) fn key(&self, caller: &Caller, which: Reference) -> KeyId {
        let known = self.keys.iter().map(|key| (key.default_scope, key.id.as_uuid()));
        KeyId::from_uuid(self.find(caller, which, known))
    }

    pub(crate) fn invitation(&self, caller: &Caller, which: Reference) -> InvitationId {
        let known = self.invitations.iter();
        let known = known.map(|known| (Scope::Organization(known.organization), known.id.as_uuid()));
        InvitationId::from_uuid(self.find(caller, which, known))
    }

    /// Returns the cursor position of a key in the lists of its user's keys.
    pub(crate) fn key_position(&self, number: u8) -> Option<Position> {
        nth(&self.keys, number).map(key_position)
    }

    /// Returns a key; [`Reference::Near`] names one of the caller's own keys, of any scope.
    pub(crate) fn own_key(&self, caller: &Caller, which: Reference) -> KeyId {
        let own = self.keys.iter().filter(|key| key.user == caller.user).map(|key| key.id);
        match which {
            Reference::Near(number) => nth(own, number).unwrap_or_else(|| self.key(caller, which)),
            _ => self.key(caller, which),
        }
    }

    /// Returns the secret of a known key, or a secret that belongs to no key.
    pub(crate) fn secret(&self, number: Option<u8>) -> KeySecret {
        let known = number.and_then(|number| nth(&self.secrets, number));
        known.map_or_else(
            || KeySecret::from_entropy([0x5a; 32]),
            |text| KeySecret::parse(text).expect("a secret"),
        )
    }

    /// Returns the token of a known invitation, or a token that belongs to no invitation.
    pub(crate) fn token(&self, number: Option<u8>) -> InvitationToken {
        let known = number.and_then(|number| nth(&self.tokens, number));
        known.map_or_else(
            || InvitationToken::from_entropy([0x5a; 32]),
            |text| InvitationToken::parse(text).expect("a token"),
        )
    }

    fn find(
        &self,
        caller: &Caller,
        which: Reference,
        known: impl Iterator<Item = (Scope, Uuid)> + Clone,
    ) -> Uuid {
        let near = known.clone().filter(|(scope, _)| *scope == caller.default_scope);
        let found = match which {
            Reference::Near(number) => nth(near, number).or_else(|| nth(known, number)).map(|(_, id)| id),
            Reference::Any(number) => nth(known, number).map(|(_, id)| id),
            Reference::Borrowed(number) => nth(self.all_ids(), number),
            Reference::MadeUp(number) => Some(made_up(number)),
        };
        found.unwrap_or(made_up(3))
    }

    fn all_ids(&self) -> Vec<Uuid> {
        let organizations = self.organizations.iter().map(|id| id.as_uuid());
        let users = self.members.iter().map(|(_, id)| id.as_uuid());
        let spaces = self.spaces.iter().map(|space| space.id.as_uuid());
        let projects = self.projects.iter().map(|project| project.id.as_uuid());
        let tasks = self.tasks.iter().map(|task| task.id.as_uuid());
        organizations.chain(users).chain(spaces).chain(projects).chain(tasks).collect()
    }

    /// Returns every scope that can contain records.
    pub(crate) fn scopes(&self) -> Vec<Scope> {
        let personal = self.members.iter().map(|(_, user)| Scope::Personal(*user));
        let mut scopes: Vec<Scope> =
            self.organizations.iter().map(|id| Scope::Organization(*id)).chain(personal).collect();
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    }

    /// Records the state that a result shows.
    pub(crate) fn learn(&mut self, answer: &Answer) {
        match answer {
            Answer::Bootstrapped(Some((organization, member, issued))) => {
                self.organizations.push(organization.id);
                self.learn_member(member);
                self.learn_key(issued);
            }
            Answer::Founded(organization, _, founder) => {
                self.organizations.push(organization.id);
                self.learn_caller(*founder, Scope::Organization(organization.id), Reach::Everywhere);
            }
            Answer::Joined(organization, _, account) => {
                self.learn_caller(*account, Scope::Organization(organization.id), Reach::Everywhere);
            }
            Answer::Invited(issued) => {
                for invited in issued {
                    keep(&mut self.invitations, &invited.invitation, |invitation| invitation.id);
                    self.tokens.push(invited.token.clone());
                }
            }
            Answer::Member(member) => self.learn_member(member),
            Answer::Added(members) => members.iter().for_each(|member| self.learn_member(member)),
            Answer::Members(page) => page.items.iter().for_each(|member| self.learn_member(member)),
            Answer::Issued(issued) => self.learn_key(issued),
            Answer::Authenticated(Authenticated { caller, .. }) if !self.callers.contains(caller) => {
                self.callers.push(*caller);
            }
            Answer::Space(space) => keep(&mut self.spaces, space, |space| space.id),
            Answer::Project(project) => keep(&mut self.projects, project, |project| project.id),
            Answer::ProjectView(view) => keep(&mut self.projects, &view.record, |project| project.id),
            Answer::Membership(view) => self.learn_membership(view),
            Answer::Memberships(views) => views.iter().for_each(|view| self.learn_membership(view)),
            Answer::Roster(page) => page.items.iter().for_each(|view| self.learn_membership(view)),
            Answer::Task(task) => keep(&mut self.tasks, task, |task| task.id),
            Answer::TaskView(view) => keep(&mut self.tasks, &view.task, |task| task.id),
            _ => {}
        }
    }

    fn learn_member(&mut self, member: &Member) {
        keep(&mut self.people, member, |member| (member.scope, member.user));
        match member.home {
            // Keys of the organization's own users have the same reach.
            Some(only) => self.learn_caller(member.user, member.scope, Reach::Only(only)),
            None => {
                self.learn_caller(member.user, member.scope, Reach::Everywhere);
                self.learn_caller(member.user, Scope::Personal(member.user), Reach::Everywhere);
            }
        }
    }

    fn learn_caller(&mut self, user: UserId, scope: Scope, reach: Reach) {
        if !self.members.contains(&(scope, user)) {
            self.members.push((scope, user));
            let caller = Caller::unchecked(user, scope);
            self.callers.push(match reach {
                Reach::Everywhere => caller,
                Reach::Only(organization) => caller.confined_to(organization),
            });
        }
    }

    fn learn_key(&mut self, issued: &Issued) {
        self.keys.push(issued.key.clone());
        self.secrets.push(issued.secret.clone());
    }

    fn learn_membership(&mut self, view: &MembershipView) {
        let membership = (view.project.scope, view.membership.clone());
        keep(&mut self.memberships, &membership, |(_, membership)| -> MembershipId { membership.id });
    }
}

/// Replaces the known state of a record by a newer one.
fn keep<T: Clone, I: PartialEq>(kept: &mut Vec<T>, seen: &T, id: impl Fn(&T) -> I) {
    match kept.iter_mut().find(|old| id(old) == id(seen)) {
        Some(old) => *old = seen.clone(),
        None => kept.push(seen.clone()),
    }
}
