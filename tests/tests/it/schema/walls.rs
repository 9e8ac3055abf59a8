//! The second line of defence between tenants: row-level security on every table, and a role for the service that can do no more than
//! serve.

use std::collections::BTreeMap;

use loggia_postgres::SERVICE_ROLE;
use sqlx::FromRow;

use super::{MIGRATIONS, POSTGRES, postgres};
use crate::harness::block_on;

/// Tables that show the same rows to everyone.
const OF_THE_WHOLE_INSTANCE: &[&str] = &[MIGRATIONS, "instance"];

/// Every policy: its table, its name and the commands that it applies to.
const POLICIES: &[(&str, &str, &str)] = &[
    ("api_keys", "confined", "SELECT"),
    ("api_keys", "descended", "ALL"),
    ("api_keys", "presented", "ALL"),
    ("api_keys", "removed", "ALL"),
    ("events", "entered", "ALL"),
    ("invitation_projects", "entered", "ALL"),
    ("invitations", "entered", "ALL"),
    ("invitations", "presented", "SELECT"),
    ("list_totals", "entered", "ALL"),
    ("members", "entered", "ALL"),
    ("members", "own", "SELECT"),
    ("organizations", "entered", "ALL"),
    ("organizations", "listed", "SELECT"),
    ("organizations", "own", "SELECT"),
    ("project_members", "entered", "ALL"),
    ("projects", "entered", "ALL"),
    ("projects", "sought", "SELECT"),
    ("scopes", "entered", "ALL"),
    ("spaces", "entered", "ALL"),
    ("spaces", "sought", "SELECT"),
    ("stored_responses", "over", "ALL"),
    ("stored_responses", "own", "ALL"),
    ("stored_responses", "removed", "ALL"),
    ("tasks", "entered", "ALL"),
    ("tasks", "sought", "SELECT"),
    ("users", "changed", "UPDATE"),
    ("users", "known", "SELECT"),
    ("users", "made", "INSERT"),
    ("users", "removed", "DELETE"),
];

/// The policies that restrict those above: the columns are the table, the name and the command.
const RESTRICTIONS: &[(&str, &str, &str)] = &[
    ("api_keys", "ending", "DELETE"),
    ("events", "ending", "DELETE"),
    ("events", "forgotten", "UPDATE"),
    ("members", "ending", "DELETE"),
    ("organizations", "ending", "DELETE"),
    ("scopes", "ending", "DELETE"),
];

/// All privileges of the service: on whole tables, and on the columns whose values it may change.
const GRANTS: &[(&str, &str)] = &[
    (MIGRATIONS, "SELECT"),
    (
        "api_keys",
        "DELETE, INSERT, SELECT, UPDATE (default_scope_id, ends_unless_used, expires_at, last_used_at, parent_id, \
         readmissions, revoked_at)",
    ),
    ("events", "DELETE, INSERT, SELECT, UPDATE (changes)"),
    ("instance", "SELECT, UPDATE (has_organizations)"),
    ("invitation_projects", "INSERT, SELECT"),
    ("invitations", "DELETE, INSERT, SELECT, UPDATE (expires_at, invited_by, token_hash)"),
    ("list_totals", "DELETE, INSERT, SELECT, UPDATE (total)"),
    (
        "members",
        "DELETE, INSERT, SELECT, UPDATE (active, avatar, employee_number, employee_number_key, first_name, last_name, \
         name_key, readmissions, revision, role, search_key, updated_at, username, username_key)",
    ),
    ("organizations", "DELETE, INSERT, SELECT, UPDATE (closed_at, name, name_key, revision, updated_at)"),
    ("project_members", "DELETE, INSERT, SELECT, UPDATE (role)"),
    (
        "projects",
        "DELETE, INSERT, SELECT, UPDATE (description, end_date, name, name_key, next_membership_number, \
         next_task_number, next_top_number, revision, start_date, updated_at, visibility)",
    ),
    ("scopes", "DELETE, INSERT, SELECT, UPDATE (next_member_number, next_project_number)"),
    (
        "spaces",
        "DELETE, INSERT, SELECT, UPDATE (description, name, name_key, priority, project_id, revision, status, \
         strength, updated_at)",
    ),
    (
        "stored_responses",
        "DELETE, INSERT, SELECT, UPDATE (answer, done_in, expires_at, fingerprint, made_at)",
    ),
    (
        "tasks",
        "DELETE, INSERT, SELECT, UPDATE (assignee_id, description, end_date, name, outline, revision, start_date, \
         status, updated_at)",
    ),
    (
        "users",
        "DELETE, INSERT, SELECT, UPDATE (email, email_key, erased_at, organizations_made, readmissions)",
    ),
];

#[test]
fn every_table_forces_row_level_security() {
    let migrated = postgres::Migrated::new();
    type Policies = Vec<(String, String, String)>;
    let (forced, policies, restrictions): (Vec<String>, Policies, Policies) = block_on(async {
        let mut session = migrated.session().await;
        let forced = "SELECT relname::text FROM pg_class
                      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                          AND relrowsecurity AND relforcerowsecurity ORDER BY relname";
        let policies =
            "SELECT tablename::text, policyname::text, cmd FROM pg_policies WHERE schemaname = 'public'
                            AND permissive = $1 AND roles = '{public}' ORDER BY tablename, policyname";
        (
            sqlx::query_scalar(forced).fetch_all(&mut session).await.unwrap(),
            sqlx::query_as(policies).bind("PERMISSIVE").fetch_all(&mut session).await.unwrap(),
            sqlx::query_as(policies).bind("RESTRICTIVE").fetch_all(&mut session).await.unwrap(),
        )
    });
    let names = POSTGRES.iter().map(|table| table.name.as_str());
    let expected: Vec<_> = names.filter(|name| !OF_THE_WHOLE_INSTANCE.contains(name)).collect();
    assert_eq!(forced, expected);
    for (found, listed) in [(&policies, POLICIES), (&restrictions, RESTRICTIONS)] {
        let found: Vec<_> =
            found.iter().map(|(table, name, command)| (&**table, &**name, &**command)).collect();
        assert_eq!(found, listed);
    }
    for table in expected {
        assert!(
            POLICIES.iter().any(|(named, ..)| *named == table),
            "{table} has no policy, so it shows nothing"
        );
    }
}

#[derive(FromRow)]
struct Grant {
    grantee: String,
    relation: String,
    privilege: String,
    /// The column, or `None` for the whole table.
    column_name: Option<String>,
}

#[test]
fn the_service_may_do_this_and_no_more() {
    let migrated = postgres::Migrated::new();
    // Everything that was granted to others than the owner, including sequences and views.
    let grants =
        "SELECT CASE WHEN acl.grantee = 0 THEN 'everybody' ELSE acl.grantee::regrole::text END AS grantee,
                      c.relname::text AS relation, acl.privilege_type AS privilege, NULL AS column_name
                  FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) acl
                  WHERE c.relnamespace = 'public'::regnamespace AND acl.grantee <> c.relowner
                  UNION ALL
                  SELECT CASE WHEN acl.grantee = 0 THEN 'everybody' ELSE acl.grantee::regrole::text END,
                      c.relname::text, acl.privilege_type, a.attname::text
                  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                  CROSS JOIN LATERAL aclexplode(a.attacl) acl
                  WHERE c.relnamespace = 'public'::regnamespace AND acl.grantee <> c.relowner
                  ORDER BY relation, privilege, column_name";
    let grants: Vec<Grant> =
        block_on(async { sqlx::query_as(grants).fetch_all(&mut migrated.session().await).await.unwrap() });
    let mut found: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for grant in &grants {
        assert_eq!(grant.grantee, SERVICE_ROLE, "another role has rights on {}", grant.relation);
        let privileges = found.entry(&grant.relation).or_default();
        privileges.entry(&grant.privilege).or_default().extend(grant.column_name.as_deref());
    }
    let shown = |(privilege, columns): (&&str, &Vec<&str>)| match columns.as_slice() {
        [] => (*privilege).to_owned(),
        columns => format!("{privilege} ({})", columns.join(", ")),
    };
    let found = found.iter().map(|(relation, privileges)| {
        (*relation, privileges.iter().map(shown).collect::<Vec<_>>().join(", "))
    });
    let found: Vec<_> = found.collect();
    let expected: Vec<_> =
        GRANTS.iter().map(|(relation, grants)| (*relation, (*grants).to_owned())).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_service_role_bypasses_nothing_and_owns_nothing() {
    let migrated = postgres::Migrated::new();
    let found: Vec<String> = block_on(async {
        let powers = "SELECT power FROM pg_roles r
                      CROSS JOIN LATERAL (VALUES ('superuser', r.rolsuper), ('bypasses RLS', r.rolbypassrls),
                          ('creates roles', r.rolcreaterole), ('creates databases', r.rolcreatedb),
                          ('replicates', r.rolreplication), ('logs in', r.rolcanlogin)) AS known (power, has)
                      WHERE r.rolname = $1 AND known.has
                      UNION ALL
                      SELECT 'owns ' || c.relname FROM pg_class c WHERE pg_has_role($1, c.relowner, 'MEMBER')
                      UNION ALL
                      SELECT 'is a member of ' || m.roleid::regrole FROM pg_auth_members m
                      WHERE m.member = $1::regrole
                      UNION ALL
                      SELECT 'makes things in public' WHERE has_schema_privilege($1, 'public', 'CREATE')";
        sqlx::query_scalar(powers).bind(SERVICE_ROLE).fetch_all(&mut migrated.session().await).await.unwrap()
    });
    assert_eq!(found, Vec::<String>::new());
}
