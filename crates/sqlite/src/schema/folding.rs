//! Recomputes folded texts after an upgrade that changes their form. A migration in SQL cannot do so: only the domain folds text.

use loggia_domain::text::{SEARCH_FORM_VERSION, search_form};
use loggia_domain::user::{name_key, search_key};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use uuid::Uuid;

/// The number of rows that are read at a time.
const BATCH: i64 = 500;

/// The tables whose `name_key` is derived from `name`.
const NAMED: [&str; 3] = ["organizations", "projects", "spaces"];

/// Recomputes all folded texts, unless they have this program's form already. The transaction keeps other writers out.
pub(crate) async fn fold_names(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let version = sqlx::query_scalar!("SELECT folding FROM instance").fetch_one(&mut *connection).await?;
    if version >= SEARCH_FORM_VERSION {
        return Ok(());
    }
    for table in NAMED {
        fold_table(connection, table).await?;
    }
    fold_members(connection).await?;
    sqlx::query!("UPDATE instance SET folding = ?1", SEARCH_FORM_VERSION).execute(connection).await?;
    Ok(())
}

async fn fold_table(connection: &mut SqliteConnection, table: &str) -> Result<(), sqlx::Error> {
    let mut after = i64::MIN;
    loop {
        let rows: Vec<(i64, String, String)> =
            QueryBuilder::<Sqlite>::new(format!("SELECT rowid, name, name_key FROM {table} WHERE rowid > "))
                .push_bind(after)
                .push(" ORDER BY rowid LIMIT ")
                .push_bind(BATCH)
                .build_query_as()
                .fetch_all(&mut *connection)
                .await?;
        let Some((last, ..)) = rows.last() else { return Ok(()) };
        after = *last;
        for (row, name, key) in rows {
            let form = search_form(&name);
            if form != key {
                QueryBuilder::<Sqlite>::new(format!("UPDATE {table} SET name_key = "))
                    .push_bind(form)
                    .push(" WHERE rowid = ")
                    .push_bind(row)
                    .build()
                    .execute(&mut *connection)
                    .await?;
            }
        }
    }
}

async fn fold_members(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut after = (Vec::new(), Vec::new());
    loop {
        let members = sqlx::query!(
            r#"SELECT m.scope_id AS "scope_id!: Uuid", m.user_id AS "user_id!: Uuid", m.first_name AS "first_name!",
                   m.last_name AS "last_name!", m.username AS "username?",
                   CASE WHEN m.active = 1 OR u.home_scope IS NOT NULL THEN u.email ELSE '' END AS "email!: String"
               FROM members m JOIN users u ON u.id = m.user_id
               WHERE (m.scope_id, m.user_id) > (?1, ?2) ORDER BY m.scope_id, m.user_id LIMIT ?3"#,
            after.0,
            after.1,
            BATCH
        )
        .fetch_all(&mut *connection)
        .await?;
        let Some(last) = members.last() else { return Ok(()) };
        after = (last.scope_id.as_bytes().to_vec(), last.user_id.as_bytes().to_vec());
        for member in members {
            let name = name_key(&member.first_name, &member.last_name);
            // That of a machine, and of an account that is no longer a member, is empty.
            let email = Some(member.email.as_str()).filter(|email| !email.is_empty());
            let search = search_key(&member.first_name, &member.last_name, member.username.as_deref(), email);
            sqlx::query!(
                "UPDATE members SET name_key = ?3, search_key = ?4
                 WHERE scope_id = ?1 AND user_id = ?2 AND (name_key <> ?3 OR search_key <> ?4)",
                member.scope_id,
                member.user_id,
                name,
                search
            )
            .execute(&mut *connection)
            .await?;
        }
    }
}
