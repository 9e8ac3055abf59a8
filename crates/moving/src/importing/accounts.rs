//! The users of an archive and those of the instance.
//!
//! The same id is the same account: it keeps the name, the picture and the address that it has here, and its membership shows them. An
//! account that does not exist is created as it was, unless another account has its address. People and machines of the organization's own
//! are created with it, and nobody else may have their ids.

use std::collections::HashMap;

use loggia_domain::event::{Change, Value as EventValue};
use loggia_domain::instant::Timestamp;
use loggia_domain::port::StoreError;
use loggia_domain::user::{name_key, search_key};
use loggia_sql::encode_changes;
use loggia_sql::moving::{
    EVENTS, FoundUser, INVITATIONS, MEMBERS, OrganizationWriter, Row, SCOPES, Table, USERS, Value,
};
use uuid::Uuid;

use super::checker::{Account, get, set, text};
use super::{ImportError, Machine, Refusal, Verified};
use crate::archive::Rows;

/// The profile of an account of the instance, which its memberships show.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) first_name: Value,
    pub(super) last_name: Value,
    pub(super) avatar: Value,
    pub(super) email: String,
}

/// The users of an archive, as they were found in the instance.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolved {
    /// The accounts that exist.
    pub(super) known: HashMap<Uuid, Known>,
    /// The number of readmissions of each of the organization's own users.
    readmissions: HashMap<Uuid, i64>,
}

impl Resolved {
    /// Compares the users, and creates the accounts that do not exist.
    pub(super) async fn resolve(
        writer: &mut dyn OrganizationWriter,
        verified: &Verified,
        machine: Machine<'_>,
    ) -> Result<Self, ImportError> {
        for (id, _) in &verified.own_users {
            if let (Some(found), _) = writer.users(*id, "").await? {
                let archived = "a user of the organization's own";
                return Err(Refusal::AnotherUser { id: *id, archived, here: described(&found) }.into());
            }
        }
        let mut known = HashMap::new();
        for account in &verified.accounts {
            let (id, email_key) = (account.id, text(&USERS, &account.user, "email_key"));
            let readmissions = get(&MEMBERS, &account.member, "readmissions").clone();
            match writer.users(id, email_key).await? {
                (Some(found), _) if found.home.is_some() => {
                    let archived = "an account";
                    return Err(Refusal::AnotherUser { id, archived, here: described(&found) }.into());
                }
                (Some(_), _) => {
                    known.insert(id, profile(writer, id).await?);
                    writer.raise_readmissions(id, number(&readmissions)).await?;
                }
                (None, Some(other)) => {
                    let email = text(&USERS, &account.user, "email").to_owned();
                    return Err(Refusal::AddressTaken { email, here: other.id, archived: id }.into());
                }
                (None, None) => writer.write_account(id, new_account(account, machine)?).await?,
            }
        }
        Ok(Self { known, readmissions: verified.own_users.iter().copied().collect() })
    }

    /// Writes the rows of a part. The accounts are there already.
    pub(super) async fn write(
        &self,
        writer: &mut dyn OrganizationWriter,
        Rows { table, mut rows, .. }: Rows,
        machine: Machine<'_>,
    ) -> Result<(), StoreError> {
        if *table == USERS {
            rows.retain(|row| *get(&USERS, row, "home_scope") != Value::Null);
            for row in &mut rows {
                let readmissions = match get(&USERS, row, "id") {
                    Value::Id(id) => self.readmissions.get(id).copied().unwrap_or_default(),
                    _ => 0,
                };
                set(&USERS, row, "readmissions", readmissions.into());
            }
        }
        if *table == INVITATIONS {
            for row in &mut rows {
                // Nobody has a token with this digest; the invitation can be sent again.
                set(&INVITATIONS, row, "token_hash", machine.secrets.entropy()?.to_vec().into());
            }
        }
        if rows.is_empty() { Ok(()) } else { writer.write(table, rows).await }
    }
}

fn described(found: &FoundUser) -> &'static str {
    if found.home.is_some() { "a user of an organization's own" } else { "an account" }
}

fn number(value: &Value) -> i64 {
    if let Value::Integer(number) = value { *number } else { 0 }
}

/// Reads the profile that an account has here.
async fn profile(writer: &mut dyn OrganizationWriter, account: Uuid) -> Result<Known, StoreError> {
    let own = writer.personal_member(account).await?;
    let (row, email) =
        own.ok_or_else(|| StoreError::Corrupt(format!("the account {account} has no personal scope")))?;
    let column = |name| get(&MEMBERS, &row, name).clone();
    Ok(Known {
        first_name: column("first_name"),
        last_name: column("last_name"),
        avatar: column("avatar"),
        email,
    })
}

/// Returns the rows of a new account in `users`, `scopes`, `members` and `events`: its personal scope is empty, and its profile is the one
/// that the organization shows.
fn new_account(account: &Account, machine: Machine<'_>) -> Result<[Row; 4], StoreError> {
    let now = machine.clock.now();
    let Account { id, user, member } = account;
    let mut user = user.clone();
    set(&USERS, &mut user, "readmissions", get(&MEMBERS, member, "readmissions").clone());
    let scope = filled(
        &SCOPES,
        &[
            ("id", (*id).into()),
            ("kind", "personal".to_owned().into()),
            ("next_member_number", 1_i64.into()),
            ("next_project_number", 1_i64.into()),
        ],
    );
    let names = ["first_name", "last_name"].map(|name| text(&MEMBERS, member, name));
    let own = filled(
        &MEMBERS,
        &[
            ("scope_id", (*id).into()),
            ("user_id", (*id).into()),
            ("number", 1_i64.into()),
            ("role", "admin".to_owned().into()),
            ("active", true.into()),
            ("first_name", names[0].to_owned().into()),
            ("last_name", names[1].to_owned().into()),
            ("name_key", name_key(names[0], names[1]).into()),
            ("search_key", search_key(names[0], names[1], None, Some(text(&USERS, &user, "email"))).into()),
            ("avatar", get(&MEMBERS, member, "avatar").clone()),
            ("created_at", now.micros().into()),
            ("updated_at", now.micros().into()),
            ("revision", 1_i64.into()),
            ("readmissions", 0_i64.into()),
        ],
    );
    Ok([user, scope, own, created(account, machine.ids.next(), now)?])
}

/// Returns the event of the creation of a personal scope.
fn created(account: &Account, id: Uuid, now: Timestamp) -> Result<Row, StoreError> {
    let change =
        |field: &'static str, to: EventValue| Change { field: field.into(), from: EventValue::Empty, to };
    let of_text = |field: &'static str| change(field, text(&MEMBERS, &account.member, field).into());
    let mut changes = vec![
        change("role", "admin".into()),
        change("active", true.into()),
        of_text("first_name"),
        of_text("last_name"),
    ];
    if *get(&MEMBERS, &account.member, "avatar") != Value::Null {
        changes.push(of_text("avatar"));
    }
    Ok(filled(
        &EVENTS,
        &[
            ("scope_id", account.id.into()),
            ("id", id.into()),
            ("actor", "operator".to_owned().into()),
            ("at", now.micros().into()),
            ("subject_kind", "member".to_owned().into()),
            ("subject_id", account.id.into()),
            ("verb", "created".to_owned().into()),
            ("changes", encode_changes(&changes)?.into()),
        ],
    ))
}

/// Returns a row with these values, and null in all other columns.
fn filled(table: &Table, values: &[(&str, Value)]) -> Row {
    let mut row = vec![Value::Null; table.columns.len()];
    for (name, value) in values {
        set(table, &mut row, name, value.clone());
    }
    row
}
