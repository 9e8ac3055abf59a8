//! The organization, its users and its members.

use loggia_domain::user::UserKind;
use loggia_sql::moving::{Row, Table, USERS, Value, decode};
use loggia_sql::{AnyOrganizationRow, MemberRow, MemberValues, UserRow, erased_address_key, stored_address};

use super::{Checker, Refused, get, id, number, revision, rule, set, text};

/// The domain of the addresses of accounts whose own address the organization does not know. Mail is never delivered to it (RFC 2606).
const FORMER: &str = "former.invalid";

impl Checker {
    pub(super) fn scope(&mut self, table: &Table, row: &mut Row) -> Result<(), Refused> {
        if id(table, row, "id") != Some(self.organization.as_uuid())
            || text(table, row, "kind") != "organization"
        {
            return rule("is not the scope of the organization");
        }
        let numbers = ["next_member_number", "next_project_number"].map(|column| number(table, row, column));
        if numbers.iter().any(|number| *number < 1) {
            return rule("has a number that is less than 1");
        }
        (self.next_member, self.next_project) = (Some(numbers[0]), numbers[1]);
        Ok(())
    }

    pub(super) fn organization(&mut self, table: &Table, row: &mut Row) -> Result<(), Refused> {
        let (organization, _) = decode::<AnyOrganizationRow>(&[(table, row.as_slice())])?.decode()?;
        if organization.id != self.organization {
            return rule("is another organization");
        }
        revision(table, row)?;
        self.has_organization = true;
        set(table, row, "name_key", organization.name.searched().into());
        Ok(())
    }

    pub(super) fn user(&mut self, table: &Table, row: &mut Row) -> Result<(), Refused> {
        let Some(user_id) = id(table, row, "id") else { return rule("has no id") };
        let home = id(table, row, "home_scope");
        if home.is_some_and(|home| home != self.organization.as_uuid()) {
            return rule("home_scope is another organization");
        }
        let is_erased = *get(table, row, "erased_at") != Value::Null;
        let has_address = !text(table, row, "email").is_empty();
        if home.is_none() && !has_address {
            set(table, row, "email", format!("{user_id}@{FORMER}").into());
            self.without_address.insert(user_id);
        }
        let user = decode::<UserRow>(&[(table, row.as_slice())])?.decode()?;
        let is_sound = match user.kind {
            UserKind::Person if is_erased => home.is_some() && !has_address,
            UserKind::Person => home.is_none() || has_address,
            UserKind::Machine => home.is_some() && !has_address,
        };
        if !is_sound {
            return rule("has an address, a home or an erasure that do not belong together");
        }
        let key = match (is_erased, &user.email) {
            (true, _) => erased_address_key(user.id),
            (false, Some(email)) => email.key(),
            (false, None) => stored_address(&user).1,
        };
        set(table, row, "email_key", key.into());
        self.users.insert(user_id, row.clone());
        Ok(())
    }

    pub(super) fn member(&mut self, table: &Table, row: &mut Row) -> Result<(), Refused> {
        let Some(user_id) = id(table, row, "user_id") else { return rule("has no user") };
        let Some(user) = self.users.get(&user_id) else { return rule("user_id is no user of the archive") };
        let mut user = user.clone();
        let is_account = *get(&USERS, &user, "home_scope") == Value::Null;
        let is_active = *get(table, row, "active") == Value::Flag(true);
        if is_account && is_active == self.without_address.contains(&user_id) {
            return rule(
                "shows the address of an account that is no member any more, or does not show that of a member",
            );
        }
        if is_active && *get(&USERS, &user, "erased_at") != Value::Null {
            return rule("is active, although the user was erased");
        }
        if let Some(known) = self.resolved.known.get(&user_id).filter(|_| is_active) {
            set(&USERS, &mut user, "email", known.email.clone().into());
            let columns = [
                ("first_name", &known.first_name),
                ("last_name", &known.last_name),
                ("avatar", &known.avatar),
            ];
            let changes = columns.iter().any(|(column, value)| get(table, row, column) != *value);
            for (column, value) in columns {
                set(table, row, column, value.clone());
            }
            if changes {
                let revision = number(table, row, "revision");
                set(table, row, "revision", (revision + 1).into());
            }
        }
        let member = decode::<MemberRow>(&[(table, row.as_slice()), (&USERS, user.as_slice())])?
            .decode(self.scope_of_all())?;
        revision(table, row)?;
        if !(1..self.next_member.unwrap_or_default()).contains(&member.number.get()) {
            return rule("number is not less than the organization's next_member_number");
        }
        let readmissions = number(table, row, "readmissions");
        if readmissions < 0 {
            return rule("readmissions is less than 0");
        }
        self.has_admin |= member.is_active_admin();
        let MemberValues { name_key, search_key, username_key, employee_number_key, .. } =
            MemberValues::new(&member)?;
        set(table, row, "name_key", name_key.into());
        set(table, row, "search_key", search_key.into());
        set(table, row, "username_key", username_key.into());
        set(table, row, "employee_number_key", employee_number_key.into());
        self.members.insert(user_id, is_account.then(|| row.clone()));
        self.readmissions.insert(user_id, readmissions);
        Ok(())
    }
}
