//! Users and members.

use loggia_sql::MemberRow;

use crate::statement::Statement;

/// The checked query for the account with the address of this key.
macro_rules! account_by_address {
    ($key:expr) => {
        $crate::statement::fixed!(
            Key,
            r#"SELECT id, home_scope, kind, email, created_at FROM users WHERE home_scope IS NULL AND email_key = ?1"#,
            $key
        )
    };
}
pub(crate) use account_by_address;

/// The checked query for the own person of an organization with the address of this key.
macro_rules! own_person_by_address {
    ($home:expr, $key:expr) => {
        $crate::statement::fixed!(
            Key,
            r#"SELECT id, home_scope, kind, email, created_at FROM users WHERE home_scope = ?1 AND email_key = ?2"#,
            $home,
            $key
        )
    };
}
pub(crate) use own_person_by_address;

/// The checked query for [`MemberRow`]s, of the members `m` that the rest of the statement selects.
macro_rules! select_member {
    ($bound:ident, $rest:literal $(, $argument:expr)*) => {
        $crate::statement::fixed!($bound, r#"SELECT m.user_id, m.number, m.role, m.active AS "active: bool", m.first_name,
                   m.last_name, m.username, m.employee_number, m.avatar, m.created_at, m.updated_at, m.revision,
                   u.home_scope, u.kind, u.email, u.erased_at
               FROM members m JOIN users u ON u.id = m.user_id "# + $rest $(, $argument)*)
    };
}
pub(crate) use select_member;

/// Writes the columns of [`MemberRow`] into a select list, from the tables with the aliases `member` and `user`.
pub(crate) fn push_member_columns(query: &mut Statement, member: &str, user: &str) {
    query.push(MemberRow::select_list(member, user));
}
