-- Numbers that are given once, and which version of the domain's folding the searched texts have.

-- The next number at the top level of the project's outline: greater than each that was given or chosen in the project.
ALTER TABLE projects ADD COLUMN next_top_number bigint NOT NULL DEFAULT 1 CHECK (next_top_number >= 1);
GRANT UPDATE (next_top_number) ON projects TO loggia_service;

-- What was given before is known by the tasks that are left. Numbers above 99 999 999 ('\x05f5e0ff') are not taken for given, since
-- no client may choose them any more: where one did, others could not be given after it. A project whose tasks all are at the top level
-- may have given as many numbers as it has had tasks, of which the last may be deleted.
--
-- The owner of the tables is kept from the rows too, as long as row-level security is forced.
ALTER TABLE projects NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY;
UPDATE projects p SET next_top_number = greatest(
    1 + coalesce((
        SELECT get_byte(t.outline, 0)::bigint * 16777216 + get_byte(t.outline, 1) * 65536 + get_byte(t.outline, 2) * 256
            + get_byte(t.outline, 3)
        FROM tasks t
        WHERE t.scope_id = p.scope_id AND t.project_id = p.id AND t.outline < '\x05f5e100'::bytea
        ORDER BY t.outline DESC LIMIT 1), 0),
    CASE WHEN EXISTS (
            SELECT FROM tasks t
            WHERE t.scope_id = p.scope_id AND t.project_id = p.id AND length(t.outline) > 4)
        THEN 1 ELSE p.next_task_number END);
ALTER TABLE projects FORCE ROW LEVEL SECURITY;
ALTER TABLE tasks FORCE ROW LEVEL SECURITY;

-- The version of the domain's folding that every `name_key` and `search_key` has; 0 is that of the programs before. The program that
-- migrates folds them anew where its own version is greater. (That also fills in those that are empty since 0008.)
ALTER TABLE instance ADD COLUMN folding bigint NOT NULL DEFAULT 0 CHECK (folding >= 0);
ALTER TABLE instance DROP COLUMN names_folded;
