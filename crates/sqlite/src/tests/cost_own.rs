//! Tests that the cost of a page of the user's own organizations or keys, in steps of SQLite's virtual machine, does not grow with their
//! number, nor with the number of rows between them that are not listed.

use std::sync::atomic::Ordering;

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::page::{Position, Window, key_position, organization_position};
use loggia_domain::port::{KeyViews, Views};
use loggia_domain::scope::{Reach, Viewer};

use super::cost::{assert_alike, count_steps};
use super::{ADA, ORGANIZATION, ada, after, before, blob, fill, from_offset, store};
use crate::SqliteStore;

/// The number of rows that a page of 20 reads from the store.
const WINDOW: u32 = 21;

/// Makes Ada a member of `rows` organizations, behind as many that she has left, and gives her `rows` keys: one in 25 reaches
/// [`ORGANIZATION`] only, and the others reach another organization or all.
async fn fill_own(store: &SqliteStore, rows: u32) {
    fill(store, 1).await;
    let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})");
    let (scope, ada) = (blob(ORGANIZATION), blob(ADA));
    let memberships = |first: char, active: u8| {
        let id = format!("unhex(printf('{first}%031x', i))");
        [
            format!("{numbers} INSERT INTO scopes (id, kind) SELECT {id}, 'organization' FROM n"),
            format!(
                "{numbers} INSERT INTO organizations (id, name, name_key, created_at, updated_at, revision)
                 SELECT {id}, 'Works', 'works', 1, 1, 1 FROM n"
            ),
            format!(
                "{numbers} INSERT INTO members (scope_id, user_id, number, role, active, first_name, last_name, name_key, search_key,
                     created_at, updated_at, revision)
                 SELECT {id}, {ada}, 1, 'admin', {active}, 'Ada', 'Byron', '', '', 1, 1, 1 FROM n"
            ),
        ]
    };
    let keys = format!(
        "{numbers} INSERT INTO api_keys (id, hash, prefix, user_id, name, default_scope_id, confined_to, ability, issued,
             readmissions, created_at, ends_unless_used)
         SELECT unhex(printf('%032x', i)), unhex(printf('%064x', i)), '', {ada}, 'laptop', {scope},
             CASE WHEN i % 25 = 0 THEN {scope} WHEN i % 2 = 0 THEN unhex(printf('f%031x', 1)) END, 'write', 0, 0, i / 7, 0
         FROM n"
    );
    let statements = [memberships('1', 0), memberships('f', 1)].concat().join("; ");
    let script = format!("BEGIN IMMEDIATE; {statements}; {keys}; COMMIT");
    store.writer.with(|connection| connection.execute_batch(&script)).await.expect("rows");
}

/// Returns the positions of the rows in a page of the named list.
async fn list(store: &SqliteStore, name: &str, window: &Window) -> Vec<Position> {
    let organization = OrganizationId::from_uuid(ORGANIZATION);
    let narrow = Viewer { reach: Reach::Only(organization), ..ada() };
    let keys = match name {
        "organizations" => {
            let found = store.organizations(&ada(), window).await.expect("a page");
            return found.iter().map(|(organization, _)| organization_position(organization.id)).collect();
        }
        "keys" => store.keys(&ada(), window).await,
        "keys of a narrow key" => store.keys(&narrow, window).await,
        _ => store.member_keys(&ada(), organization, UserId::from_uuid(ADA), window).await,
    };
    keys.expect("a page").iter().map(key_position).collect()
}

#[tokio::test]
async fn a_page_of_own_organizations_or_keys_costs_the_same_however_many_there_are() {
    let mut costs = Vec::new();
    for rows in [1_000, 10_000] {
        let (store, _folder) = store().await;
        fill_own(&store, rows).await;
        let steps = count_steps(&store).await;
        for name in ["organizations", "keys", "keys of a narrow key", "a member's keys"] {
            let page = async |window: Window| {
                let begun = steps.load(Ordering::Relaxed);
                let page = list(&store, name, &window).await;
                (page, steps.load(Ordering::Relaxed) - begun)
            };
            let (first_page, first) = page(from_offset(0, WINDOW)).await;
            assert_eq!(first_page.len(), 21, "{name}");
            let position = page(from_offset(rows / 25 - 22, 1)).await.0.remove(0);
            for window in [after(position.clone(), WINDOW), before(first_page[20].clone(), 20)] {
                let (deep_page, deep) = page(window).await;
                assert!(deep_page.len() >= 20, "{name}");
                // Two columns are compared with a position.
                assert!(
                    deep <= first + first / 2,
                    "{name}: the first page took {first} steps, a deep one {deep}"
                );
                costs.push((name, deep));
            }
            costs.push((name, first));
        }
    }
    let (few, many) = costs.split_at(costs.len() / 2);
    for ((name, few), (_, many)) in few.iter().zip(many) {
        assert_alike(*few, *many, name);
    }
}
