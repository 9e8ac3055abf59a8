//! Recomputes folded texts after an upgrade that changes their form. A migration in SQL cannot do so: only the domain folds text.
//!
//! The service continues meanwhile: rows are read and written in batches, each in a transaction of its own, and a row whose texts have
//! changed in between is left as its writer wrote it. A replica of an older program that still runs writes its own form; the next
//! [`migrate`](crate::migrate), which checks every row, recomputes that too.

use loggia_domain::text::{SEARCH_FORM_VERSION, search_form};
use loggia_domain::user::{name_key, search_key};
use sqlx::{Connection, PgConnection, PgTransaction, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::error::is_lock_conflict;
use crate::schema::lock::{PAUSE, TRIES};

/// The number of rows that are read at a time.
const BATCH: i64 = 2_000;

/// The tables with such texts, the columns that identify a row, and the tables that the texts come from.
const TABLES: [(&str, [&str; 2], &[&str]); 4] = [
    ("organizations", ["id", "id"], &["organizations"]),
    ("projects", ["scope_id", "id"], &["projects"]),
    ("spaces", ["scope_id", "id"], &["spaces"]),
    ("members", ["scope_id", "user_id"], &["users", "members"]),
];

/// The values that identify a row.
type Key = (Uuid, Uuid);

/// Returns `true` if all texts have this program's form or a later one, so that lists can be searched and ordered by them.
pub(crate) async fn is_folded(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT folding >= $1 AS "folded!" FROM instance WHERE id = 1"#,
        SEARCH_FORM_VERSION
    )
    .fetch_one(connection)
    .await
}

/// Checks every row, and recomputes texts that have another form.
pub(crate) async fn fold_names(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    for (table, keys, sources) in TABLES {
        let (mut after, mut tries) = ((Uuid::nil(), Uuid::nil()), 1);
        loop {
            match fold_batch(connection, table, keys, sources, after).await {
                Ok(None) => break,
                Ok(Some(last)) => (after, tries) = (last, 1),
                Err(error) if is_lock_conflict(&error) && tries < TRIES => {
                    tokio::time::sleep(PAUSE * tries).await;
                    tries += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }
    sqlx::query!("UPDATE instance SET folding = greatest(folding, $1) WHERE id = 1", SEARCH_FORM_VERSION)
        .execute(connection)
        .await?;
    Ok(())
}

/// Checks a batch of the rows after `after`. Returns the key of its last row, or `None` if there are no more rows.
async fn fold_batch(
    connection: &mut PgConnection,
    table: &str,
    keys: [&str; 2],
    sources: &[&str],
    after: Key,
) -> Result<Option<Key>, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    // Row-level security is forced on the tables' owner too, unless that is a superuser.
    let is_kept_out: bool =
        sqlx::query_scalar("SELECT row_security_active($1)").bind(table).fetch_one(&mut *transaction).await?;
    if is_kept_out {
        for source in sources {
            alter(&mut transaction, source, "NO FORCE").await?;
        }
    }
    let last = match table {
        "members" => fold_members(&mut transaction, after).await?,
        _ => fold_named(&mut transaction, table, keys, after).await?,
    };
    if is_kept_out {
        for source in sources {
            alter(&mut transaction, source, "FORCE").await?;
        }
    }
    transaction.commit().await?;
    Ok(last)
}

async fn alter(transaction: &mut PgTransaction<'_>, table: &str, how: &str) -> Result<(), sqlx::Error> {
    QueryBuilder::<Postgres>::new(format!("ALTER TABLE {table} {how} ROW LEVEL SECURITY"))
        .build()
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Checks rows whose `name_key` is derived from `name`.
async fn fold_named(
    transaction: &mut PgTransaction<'_>,
    table: &str,
    [first, second]: [&str; 2],
    after: Key,
) -> Result<Option<Key>, sqlx::Error> {
    let rows: Vec<(Uuid, Uuid, String, String)> = QueryBuilder::<Postgres>::new(format!(
        "SELECT {first}, {second}, name, name_key FROM {table} WHERE ({first}, {second}) > ("
    ))
    .push_bind(after.0)
    .push(", ")
    .push_bind(after.1)
    .push(format!(") ORDER BY {first}, {second} LIMIT "))
    .push_bind(BATCH)
    .build_query_as()
    .fetch_all(&mut **transaction)
    .await?;
    let last = rows.last().map(|row| (row.0, row.1));
    let mut stale: (Vec<Uuid>, Vec<Uuid>, Vec<String>, Vec<String>) = Default::default();
    for (one, other, name, key) in rows {
        let form = search_form(&name);
        if form != key {
            stale.0.push(one);
            stale.1.push(other);
            stale.2.push(name);
            stale.3.push(form);
        }
    }
    if !stale.0.is_empty() {
        let (firsts, seconds, names, forms) = stale;
        QueryBuilder::<Postgres>::new(format!("UPDATE {table} t SET name_key = folded.form FROM unnest("))
            .push_bind(firsts)
            .push("::uuid[], ")
            .push_bind(seconds)
            .push("::uuid[], ")
            .push_bind(names)
            .push("::text[], ")
            .push_bind(forms)
            .push(format!(
                "::text[]) AS folded (one, other, name, form)
                 WHERE t.{first} = folded.one AND t.{second} = folded.other AND t.name = folded.name"
            ))
            .build()
            .execute(&mut **transaction)
            .await?;
    }
    Ok(last)
}

/// Checks members, whose folded texts are derived from several columns.
async fn fold_members(transaction: &mut PgTransaction<'_>, after: Key) -> Result<Option<Key>, sqlx::Error> {
    let members = sqlx::query!(
        r#"SELECT m.scope_id, m.user_id, m.first_name, m.last_name, m.username, m.name_key, m.search_key,
             CASE WHEN m.active OR u.home_scope IS NOT NULL THEN u.email ELSE '' END AS "email!"
         FROM members m JOIN users u ON u.id = m.user_id
         WHERE (m.scope_id, m.user_id) > ($1, $2) ORDER BY m.scope_id, m.user_id LIMIT $3"#,
        after.0,
        after.1,
        BATCH
    )
    .fetch_all(&mut **transaction)
    .await?;
    for member in &members {
        let name = name_key(&member.first_name, &member.last_name);
        // That of a machine, and of an account that is no longer a member, is empty.
        let email = Some(member.email.as_str()).filter(|email| !email.is_empty());
        let searched = search_key(&member.first_name, &member.last_name, member.username.as_deref(), email);
        if (&name, &searched) == (&member.name_key, &member.search_key) {
            continue;
        }
        sqlx::query!(
            "UPDATE members SET name_key = $3, search_key = $4
             WHERE scope_id = $1 AND user_id = $2 AND first_name = $5 AND last_name = $6
                 AND username IS NOT DISTINCT FROM $7 AND search_key = $8",
            member.scope_id,
            member.user_id,
            name,
            searched,
            member.first_name,
            member.last_name,
            member.username,
            member.search_key
        )
        .execute(&mut **transaction)
        .await?;
    }
    Ok(members.last().map(|member| (member.scope_id, member.user_id)))
}
