//! The queries of the operator that deletes an organization.

use loggia_domain::id::OrganizationId;
use loggia_domain::instant::Timestamp;
use loggia_domain::organization::Organization;
use loggia_domain::port::{OrganizationExtent, StoreError};
use loggia_domain::scope::Scope;
use loggia_sql::{AnyOrganizationRow, count};
use uuid::Uuid;

use crate::tenancy::context::TenantContext;
use crate::tenancy::readers::{Readers, Session};

/// The word for which the policy `listed` shows every organization.
const ORGANIZATIONS: &str = "organizations";

pub(crate) async fn organizations_after(
    readers: &Readers,
    after: Option<OrganizationId>,
    limit: u32,
) -> Result<Vec<(Organization, Option<Timestamp>)>, StoreError> {
    let mut session = readers.enter(&TenantContext::identity(ORGANIZATIONS)).await?;
    // No id is less than the nil UUID, and no record has that one.
    let (after, limit) = (after.map(OrganizationId::as_uuid).unwrap_or_default(), i64::from(limit));
    let rows = sqlx::query_as!(
        AnyOrganizationRow,
        "SELECT id, name, created_at, updated_at, revision, closed_at FROM organizations
         WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        limit
    )
    .fetch_all(session.connection())
    .await;
    let rows = session.check(rows)?;
    rows.into_iter().map(AnyOrganizationRow::decode).collect()
}

/// Returns what the organization consists of. The lists without filters have stored totals; the rest is counted.
pub(crate) async fn extent(
    readers: &Readers,
    id: OrganizationId,
) -> Result<Option<OrganizationExtent>, StoreError> {
    let mut session = readers.enter(&TenantContext::scope(Scope::Organization(id))).await?;
    let id = id.as_uuid();
    let row = sqlx::query_as!(
        AnyOrganizationRow,
        "SELECT id, name, created_at, updated_at, revision, closed_at FROM organizations WHERE id = $1",
        id
    )
    .fetch_optional(session.connection())
    .await;
    let Some((organization, closed_at)) = session.check(row)?.map(AnyOrganizationRow::decode).transpose()?
    else {
        return Ok(None);
    };
    let own_users =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM users WHERE home_scope = $1"#, id)
            .fetch_one(session.connection())
            .await;
    let own_users = count(session.check(own_users)?)?;
    let keys = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM api_keys WHERE confined_to = $1"#, id)
        .fetch_one(session.connection())
        .await;
    let keys = count(session.check(keys)?)?;
    let invitations =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM invitations WHERE scope_id = $1"#, id)
            .fetch_one(session.connection())
            .await;
    let invitations = count(session.check(invitations)?)?;
    Ok(Some(OrganizationExtent {
        organization,
        closed_at,
        members: total(&mut session, id, "members").await?,
        own_users,
        keys,
        invitations,
        spaces: total(&mut session, id, "spaces").await?,
        projects: total(&mut session, id, "organization_projects").await?
            + total(&mut session, id, "private_projects").await?,
        tasks: total(&mut session, id, "tasks").await?,
    }))
}

/// Returns the sum of the stored totals of all lists with this name.
async fn total(session: &mut Session, scope: Uuid, list: &str) -> Result<u64, StoreError> {
    let sum = sqlx::query_scalar!(
        r#"SELECT coalesce(sum(total), 0)::bigint AS "total!" FROM list_totals WHERE scope_id = $1 AND list = $2"#,
        scope,
        list
    )
    .fetch_one(session.connection())
    .await;
    count(session.check(sum)?)
}
