//! The folded names of members from before there was a place for them. A migration cannot make them: only the domain folds text.

use loggia_domain::user::{name_key, search_key};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// Whether every member has a folded name, so that members can be ordered and searched.
pub(crate) async fn names_are_folded(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!("SELECT names_folded FROM instance WHERE id = 1").fetch_one(connection).await
}

/// Fills them in, in one transaction that keeps the service from the members meanwhile.
pub(crate) async fn fold_names(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    if names_are_folded(connection).await? {
        return Ok(());
    }
    let mut transaction = connection.begin().await?;
    // Row-level security is forced on the tables' owner too, unless it is a superuser.
    sqlx::raw_sql("ALTER TABLE members NO FORCE ROW LEVEL SECURITY").execute(&mut *transaction).await?;
    loop {
        // A name is never empty when it is folded, so whoever has none yet is still to be done.
        let members = sqlx::query!(
            "SELECT scope_id, user_id, first_name, last_name, username FROM members WHERE name_key = '' LIMIT 500"
        )
        .fetch_all(&mut *transaction)
        .await?;
        if members.is_empty() {
            break;
        }
        let scopes: Vec<Uuid> = members.iter().map(|member| member.scope_id).collect();
        let users: Vec<Uuid> = members.iter().map(|member| member.user_id).collect();
        let names: Vec<String> =
            members.iter().map(|member| name_key(&member.first_name, &member.last_name)).collect();
        let searched: Vec<String> = members
            .iter()
            .map(|member| search_key(&member.first_name, &member.last_name, member.username.as_deref()))
            .collect();
        sqlx::query!(
            "UPDATE members m SET name_key = folded.name, search_key = folded.search
             FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS folded (scope_id, user_id, name, search)
             WHERE m.scope_id = folded.scope_id AND m.user_id = folded.user_id",
            &scopes,
            &users,
            &names,
            &searched
        )
        .execute(&mut *transaction)
        .await?;
    }
    sqlx::query!("UPDATE instance SET names_folded = true WHERE id = 1").execute(&mut *transaction).await?;
    sqlx::raw_sql("ALTER TABLE members FORCE ROW LEVEL SECURITY").execute(&mut *transaction).await?;
    transaction.commit().await
}
