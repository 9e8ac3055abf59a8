-- Numbers that are given once, and which version of the domain's folding the searched texts have.

-- The next number at the top level of the project's outline: greater than each that was given or chosen in the project.
ALTER TABLE projects ADD COLUMN next_top_number INTEGER NOT NULL DEFAULT 1 CHECK (next_top_number >= 1);

-- What was given before is known by the tasks that are left. Numbers above 99 999 999 (x'05F5E0FF') are not taken for given, since
-- no client may choose them any more: where one did, others could not be given after it. A project whose tasks all are at the top level
-- may have given as many numbers as it has had tasks, of which the last may be deleted.
UPDATE projects SET next_top_number = max(
    1 + coalesce((
        SELECT (instr('0123456789ABCDEF', substr(hex(t.outline), 1, 1)) - 1) * 268435456
            + (instr('0123456789ABCDEF', substr(hex(t.outline), 2, 1)) - 1) * 16777216
            + (instr('0123456789ABCDEF', substr(hex(t.outline), 3, 1)) - 1) * 1048576
            + (instr('0123456789ABCDEF', substr(hex(t.outline), 4, 1)) - 1) * 65536
            + (instr('0123456789ABCDEF', substr(hex(t.outline), 5, 1)) - 1) * 4096
            + (instr('0123456789ABCDEF', substr(hex(t.outline), 6, 1)) - 1) * 256
            + (instr('0123456789ABCDEF', substr(hex(t.outline), 7, 1)) - 1) * 16
            + (instr('0123456789ABCDEF', substr(hex(t.outline), 8, 1)) - 1)
        FROM tasks t
        WHERE t.scope_id = projects.scope_id AND t.project_id = projects.id AND t.outline < x'05F5E100'
        ORDER BY t.outline DESC LIMIT 1), 0),
    CASE WHEN EXISTS (
            SELECT 1 FROM tasks t
            WHERE t.scope_id = projects.scope_id AND t.project_id = projects.id AND length(t.outline) > 4)
        THEN 1 ELSE next_task_number END);

-- The version of the domain's folding that every `name_key` and `search_key` has; 0 is that of the programs before. The program that
-- migrates folds them anew where its own version is greater.
ALTER TABLE instance ADD COLUMN folding INTEGER NOT NULL DEFAULT 0 CHECK (folding >= 0);
