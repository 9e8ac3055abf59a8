-- Towns to race in, as many as the setting says: each an organization with two admins (Ada and Barbara) and a member (Grace), a
-- project with both admins on its roster, a task in it, and a space. Ids are made of what a thing is and of its town's number.

CREATE FUNCTION pg_temp.id(kind int, town int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT ('00000000-0000-4000-80' || lpad(to_hex(kind), 2, '0') || '-' || lpad(to_hex(town), 12, '0'))::uuid
$$;

CREATE TEMPORARY TABLE towns AS
SELECT town, 1769846400000000 AS made, 1767225600000000 AS first_of_january, 1769817600000000 AS end_of_january
FROM generate_series(1, current_setting('seed.towns')::int) AS town;

INSERT INTO scopes (id, kind, next_member_number, next_project_number)
SELECT pg_temp.id(1, town), 'organization', 4, 2 FROM towns;
INSERT INTO organizations (id, name, name_key, created_at, updated_at, revision)
SELECT pg_temp.id(1, town), 'Town ' || town, 'town ' || town, made, made, 1 FROM towns;

CREATE TEMPORARY TABLE people (kind int, first_name text, last_name text, number int, role text);
INSERT INTO people VALUES (2, 'Ada', 'Byron', 1, 'admin'), (3, 'Barbara', 'Liskov', 2, 'admin'),
    (4, 'Grace', 'Hopper', 3, 'member');

-- Ada has an account, Barbara and Grace are the organization's own.
INSERT INTO users (id, home_scope, kind, email, email_key, created_at)
SELECT pg_temp.id(kind, town), CASE WHEN kind <> 2 THEN pg_temp.id(1, town) END, 'person', email, email, made
FROM towns, people, LATERAL (SELECT lower(first_name) || '-' || town || '@example.com' AS email) AS address;
INSERT INTO members (scope_id, user_id, number, role, active, first_name, last_name, name_key, search_key, created_at,
    updated_at, revision)
SELECT pg_temp.id(1, town), pg_temp.id(kind, town), number, role, true, first_name, last_name, '', '', made, made, 1
FROM towns, people;

INSERT INTO projects (scope_id, id, number, name, name_key, start_date, end_date, visibility, created_by, created_at,
    updated_at, revision, next_membership_number, next_task_number)
SELECT pg_temp.id(1, town), pg_temp.id(5, town), 1, 'Harbour', 'harbour', first_of_january, end_of_january, 'organization',
    pg_temp.id(2, town), made, made, 1, 3, 2
FROM towns;
INSERT INTO project_members (scope_id, project_id, user_id, id, number, role, created_at)
SELECT pg_temp.id(1, town), pg_temp.id(5, town), pg_temp.id(kind, town), pg_temp.id(kind + 16, town), number, 'admin', made
FROM towns, people WHERE role = 'admin';
INSERT INTO tasks (scope_id, id, project_id, number, outline, name, status, start_date, end_date, created_by, created_at,
    updated_at, revision)
SELECT pg_temp.id(1, town), pg_temp.id(6, town), pg_temp.id(5, town), 1, '\x00000001', 'Dredge', 'todo', first_of_january,
    end_of_january, pg_temp.id(2, town), made, made, 1
FROM towns;
INSERT INTO spaces (scope_id, id, name, name_key, status, priority, strength, created_by, created_at, updated_at, revision)
SELECT pg_temp.id(1, town), pg_temp.id(7, town), 'Pier', 'pier', 'Draft', 0, 0, pg_temp.id(2, town), made, made, 1
FROM towns;

ANALYZE;
