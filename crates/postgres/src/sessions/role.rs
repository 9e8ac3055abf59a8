//! The role that the service works as, and the check that it cannot bypass row-level security.

use sqlx::PgConnection;

use crate::sessions::defects;

/// The role that every session of the service takes. It owns nothing, and has the privileges that the migrations grant it.
pub const SERVICE_ROLE: &str = "loggia_service";

/// The role of a session can see rows beyond its tenant context.
#[derive(Debug, thiserror::Error)]
#[error(
    "the role {role} can bypass row-level security: it must be neither superuser nor BYPASSRLS nor a member of the tables' owner, and \
     every table must force row-level security"
)]
pub struct RoleCanBypass {
    role: String,
}

/// The role of a session is not the one that it requested while connecting.
#[derive(Debug, thiserror::Error)]
#[error("a session works as the role {role} although it asked for {SERVICE_ROLE} while connecting: {reason}")]
pub struct RoleNotTaken {
    role: String,
    reason: &'static str,
}

/// Fails unless the session works as the role that it requested.
pub(crate) async fn check_taken(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let role: String = sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut *connection).await?;
    require_taken(connection, role)
}

fn require_taken(connection: &PgConnection, role: String) -> Result<(), sqlx::Error> {
    if role == SERVICE_ROLE {
        return Ok(());
    }
    let reason = connection.server_version_num().and_then(defects::known);
    let reason = reason.unwrap_or("something between this program and the server drops startup options");
    Err(sqlx::Error::Configuration(RoleNotTaken { role, reason }.into()))
}

/// Checks a new session, and fails if its role could read rows that the session was not granted.
pub(crate) async fn check(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let found = sqlx::query!(
        r#"SELECT current_user::text AS "role!",
               (r.rolsuper OR r.rolbypassrls OR current_setting('row_security') <> 'on'
                   OR NOT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('spaces'))
                   OR EXISTS (
                       SELECT FROM pg_class c
                       WHERE c.oid IN (to_regclass('scopes'), to_regclass('users'), to_regclass('organizations'),
                               to_regclass('members'), to_regclass('projects'), to_regclass('project_members'),
                               to_regclass('spaces'), to_regclass('tasks'), to_regclass('api_keys'), to_regclass('events'),
                               to_regclass('stored_responses'), to_regclass('list_totals'), to_regclass('invitations'),
                               to_regclass('invitation_projects'))
                           AND NOT (c.relrowsecurity AND c.relforcerowsecurity
                               AND NOT pg_has_role(current_user, c.relowner, 'MEMBER')))
               ) AS "bypasses!"
           FROM pg_roles r WHERE r.rolname = current_user"#
    )
    .fetch_one(&mut *connection)
    .await?;
    require_taken(connection, found.role.clone())?;
    if found.bypasses {
        return Err(sqlx::Error::Configuration(RoleCanBypass { role: found.role }.into()));
    }
    Ok(())
}
