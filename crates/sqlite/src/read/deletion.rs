//! The queries of the operator that deletes an organization.

use loggia_domain::id::OrganizationId;
use loggia_domain::instant::Timestamp;
use loggia_domain::organization::Organization;
use loggia_domain::port::{OrganizationExtent, StoreError};
use loggia_sql::{AnyOrganizationRow, count};
use uuid::Uuid;

use crate::sessions::readers::Readers;
use crate::statement::{Statement, fixed};

pub(crate) async fn organizations_after(
    readers: &Readers,
    after: Option<OrganizationId>,
    limit: u32,
) -> Result<Vec<(Organization, Option<Timestamp>)>, StoreError> {
    // No id is less than the nil UUID, and no record has that one.
    let (after, limit) = (after.map(OrganizationId::as_uuid).unwrap_or_default(), i64::from(limit));
    let rows = readers
        .records::<AnyOrganizationRow>(fixed!(
            Limit,
            "SELECT id, name, created_at, updated_at, revision, closed_at FROM organizations
             WHERE id > ?1 ORDER BY id LIMIT ?2",
            after,
            limit
        ))
        .await?;
    rows.into_iter().map(AnyOrganizationRow::decode).collect()
}

/// Returns what the organization consists of. The lists without filters have stored totals; the rest is counted.
pub(crate) async fn extent(
    readers: &Readers,
    id: OrganizationId,
) -> Result<Option<OrganizationExtent>, StoreError> {
    let id = id.as_uuid();
    let row = readers
        .record::<AnyOrganizationRow>(fixed!(
            Key,
            "SELECT id, name, created_at, updated_at, revision, closed_at FROM organizations WHERE id = ?1",
            id
        ))
        .await?;
    let Some((organization, closed_at)) = row.map(AnyOrganizationRow::decode).transpose()? else {
        return Ok(None);
    };
    let total = |list| total(readers, id, list);
    let counted = |statement| counted(readers, statement);
    Ok(Some(OrganizationExtent {
        organization,
        closed_at,
        members: total("members").await?,
        own_users: counted(fixed!(
            None,
            r#"SELECT count(*) AS "rows!: i64" FROM users WHERE home_scope = ?1"#,
            id
        ))
        .await?,
        keys: counted(fixed!(
            None,
            r#"SELECT count(*) AS "rows!: i64" FROM api_keys WHERE confined_to = ?1"#,
            id
        ))
        .await?,
        invitations: counted(fixed!(
            None,
            r#"SELECT count(*) AS "rows!: i64" FROM invitations WHERE scope_id = ?1"#,
            id
        ))
        .await?,
        spaces: total("spaces").await?,
        projects: total("organization_projects").await? + total("private_projects").await?,
        tasks: total("tasks").await?,
    }))
}

/// Returns the sum of the stored totals of all lists with this name.
async fn total(readers: &Readers, scope: Uuid, list: &'static str) -> Result<u64, StoreError> {
    let sum = fixed!(
        None,
        r#"SELECT coalesce(sum(total), 0) AS "total!: i64" FROM list_totals WHERE scope_id = ?1 AND list = ?2"#,
        scope,
        list
    );
    counted(readers, sum).await
}

async fn counted(readers: &Readers, statement: Statement) -> Result<u64, StoreError> {
    count(readers.value(statement).await?)
}
