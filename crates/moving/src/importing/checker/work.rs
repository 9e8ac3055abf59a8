//! Projects, rosters, spaces, tasks, events and invitations.

use loggia_domain::role::RosterRole;
use loggia_sql::moving::{Row, Table, decode};
use loggia_sql::{
    EventRow, InvitationRow, MembershipRow, ProjectRow, ProjectValues, SpaceRow, SpaceValues, TaskRow,
};

use super::{Checker, Counters, Refused, id, number, revision, rule, set, text};

impl Checker {
    pub(super) fn project(&mut self, table: &Table, row: &mut Row) -> Result<(), Refused> {
        let project = decode::<ProjectRow>(&[(table, row.as_slice())])?.decode(self.scope_of_all())?;
        revision(table, row)?;
        self.is_a_member(table, row, "created_by")?;
        if !(1..self.next_project).contains(&project.number.get()) {
            return rule("number is not less than the organization's next_project_number");
        }
        let [membership, task, top] = ["next_membership_number", "next_task_number", "next_top_number"]
            .map(|column| number(table, row, column));
        if membership < 1 || task < 1 || top < 1 {
            return rule("has a next number that is less than 1");
        }
        let name_key = ProjectValues::new(&project)?.name_key;
        set(table, row, "name_key", name_key.into());
        self.projects.insert(project.id.as_uuid(), Counters { membership, task });
        Ok(())
    }

    pub(super) fn roster(&mut self, table: &Table, row: &mut Row) -> Result<(), Refused> {
        let membership = decode::<MembershipRow>(&[(table, row.as_slice())])?.decode()?;
        self.is_a_member(table, row, "user_id")?;
        let counters = self.is_a_project(table, row, "project_id")?;
        if !counters.is_some_and(|it| (1..it.membership).contains(&membership.number.get())) {
            return rule("number is not less than the project's next_membership_number");
        }
        Ok(())
    }

    pub(super) fn space(&mut self, table: &Table, row: &mut Row) -> Result<(), Refused> {
        let space = decode::<SpaceRow>(&[(table, row.as_slice())])?.decode(self.scope_of_all())?;
        revision(table, row)?;
        self.is_a_member(table, row, "created_by")?;
        self.is_a_project(table, row, "project_id")?;
        let name_key = SpaceValues::new(&space)?.name_key;
        set(table, row, "name_key", name_key.into());
        Ok(())
    }

    pub(super) fn task(&mut self, table: &Table, row: &mut Row) -> Result<(), Refused> {
        let task = decode::<TaskRow>(&[(table, row.as_slice())])?.decode(self.scope_of_all())?;
        revision(table, row)?;
        self.is_a_member(table, row, "created_by")?;
        self.is_a_member(table, row, "assignee_id")?;
        let counters = self.is_a_project(table, row, "project_id")?;
        if !counters.is_some_and(|it| (1..it.task).contains(&task.number.get())) {
            return rule("number is not less than the project's next_task_number");
        }
        Ok(())
    }

    pub(super) fn event(&mut self, table: &Table, row: &mut Row) -> Result<(), Refused> {
        let words = |column| text(table, row, column).to_owned();
        let Some((event_id, subject_id)) = id(table, row, "id").zip(id(table, row, "subject_id")) else {
            return rule("has no id or no subject");
        };
        let stored = EventRow {
            transaction: 0,
            position: 0,
            id: event_id,
            actor: words("actor"),
            actor_user_id: id(table, row, "actor_user_id"),
            actor_key_id: id(table, row, "actor_key_id"),
            at: number(table, row, "at"),
            subject_kind: words("subject_kind"),
            subject_id,
            verb: words("verb"),
            changes: words("changes"),
        };
        if stored.actor == "operator" && stored.actor_key_id.is_some() {
            return rule("the operator has no key");
        }
        stored.decode(self.scope_of_all())?;
        Ok(())
    }

    pub(super) fn invitation(&mut self, table: &Table, row: &mut Row) -> Result<(), Refused> {
        let invitation =
            decode::<InvitationRow>(&[(table, row.as_slice())])?.decode(self.organization, [])?;
        self.is_a_member(table, row, "invited_by")?;
        let key = invitation.email.key();
        set(table, row, "email_key", key.into());
        self.invitations.insert(invitation.id.as_uuid());
        Ok(())
    }

    pub(super) fn invited_project(&mut self, table: &Table, row: &mut Row) -> Result<(), Refused> {
        if !id(table, row, "invitation_id").is_some_and(|id| self.invitations.contains(&id)) {
            return rule("invitation_id is no invitation of the archive");
        }
        self.is_a_project(table, row, "project_id")?;
        RosterRole::parse(text(table, row, "role"))
            .map(|_| ())
            .map_err(|error| Refused::Rule(format!("role {error}")))
    }
}
