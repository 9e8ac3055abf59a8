//! The roles: the service's own, which row-level security binds, and the login that takes it.

use loggia_sql::Examination;
use sqlx::{PgConnection, Row};

use crate::sessions::connection::PostgresOptions;
use crate::sessions::role::SERVICE_ROLE;

/// Checks the roles. Returns `false` if the service cannot work, and so not read the schema version either.
pub(super) async fn check(
    session: &mut PgConnection,
    options: &PostgresOptions,
    examination: &mut Examination,
) -> Result<bool, sqlx::Error> {
    let found = sqlx::query(
        "SELECT r.rolsuper OR r.rolbypassrls, coalesce(pg_has_role(r.oid, c.relowner, 'MEMBER'), false),
             pg_has_role(session_user, r.oid, 'MEMBER'),
             (SELECT rolsuper FROM pg_roles WHERE rolname = session_user)
         FROM pg_roles r LEFT JOIN pg_class c ON c.oid = to_regclass('spaces') WHERE r.rolname = $1",
    )
    .bind(SERVICE_ROLE)
    .fetch_optional(session)
    .await?;
    let login = options.login();
    let Some(found) = found else {
        examination.error(
            format!("there is no role {SERVICE_ROLE}, as which the service works"),
            "run `loggia migrate` with a login that may create roles, or docker/postgres-roles.sql as a superuser",
        );
        return Ok(false);
    };
    if found.try_get(0)? {
        examination.error(
            format!("the role {SERVICE_ROLE} can bypass row-level security"),
            format!("run as a superuser: ALTER ROLE {SERVICE_ROLE} NOSUPERUSER NOBYPASSRLS"),
        );
    }
    if found.try_get(1)? {
        examination.error(
            format!("the role {SERVICE_ROLE} is a member of the tables' owner, and so can switch row-level security off"),
            format!("run as a superuser: REVOKE the owner's role FROM {SERVICE_ROLE}"),
        );
    }
    let is_member: bool = found.try_get(2)?;
    if !is_member {
        examination.error(
            format!("the login {login} cannot take the role {SERVICE_ROLE}"),
            format!("run as a superuser: GRANT {SERVICE_ROLE} TO {login}"),
        );
    }
    if found.try_get(3)? {
        examination.warning(
            format!("the login {login} is a superuser: its password gives all rights"),
            "create a login for the service, as docker/postgres-roles.sql does",
        );
    }
    Ok(is_member)
}
