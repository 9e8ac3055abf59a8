-- How many rows the lists have that are shown whole, kept so that nobody counts them, and the orders of projects by who sees them.
--
-- Triggers keep the totals, so that no statement of any program can forget to, and what is undone undoes them too. They see all
-- rows of a statement together: a project that takes thousands of tasks along is one change of one total. They run with
-- the rights of their caller, behind the same row-level security as the rows that are counted.
--
-- Totals are the last that a unit of work locks before its caller is recognized again, in this order: those of the scope, of the
-- project, of users by ascending id. Whoever writes several waits for nobody who waits for them.

-- `owner_id` is whose list it is: of `members`, `spaces`, `organization_projects` and `private_projects` the scope; of
-- `own_private_projects` the user who is on the rosters of so many private projects; of `roster` and `tasks` the project.
-- A list without a row has no rows.
CREATE TABLE list_totals (
    scope_id uuid NOT NULL REFERENCES scopes (id),
    list text COLLATE "C" NOT NULL CHECK (list IN ('members', 'spaces', 'organization_projects', 'private_projects', 'own_private_projects',
        'roster', 'tasks')),
    owner_id uuid NOT NULL,
    -- A total may be kept in parts, which together are the total. Spaces are made side by side, and no two of 16 sessions that
    -- make them wait for each other. A part by itself may be negative: a space is made in one session and deleted in another.
    part bigint NOT NULL CHECK (part BETWEEN 0 AND 15),
    total bigint NOT NULL,
    PRIMARY KEY (scope_id, list, owner_id, part),
    CHECK (total >= 0 OR list = 'spaces')
) WITH (fillfactor = 50);

ALTER TABLE list_totals ENABLE ROW LEVEL SECURITY;

CREATE POLICY entered ON list_totals
    USING (nullif(scope_id = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL);

GRANT SELECT, INSERT, DELETE ON list_totals TO loggia_service;
GRANT UPDATE (total) ON list_totals TO loggia_service;

-- Indexes have it now, and what is ordered is ordered by bytes. (No row is written anew for that.)
ALTER TABLE projects ALTER COLUMN visibility TYPE text COLLATE "C";

CREATE FUNCTION loggia_total_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO list_totals AS t (scope_id, list, owner_id, part, total)
        SELECT c.scope_id, 'members', c.scope_id, 0, count(*) FROM changed c GROUP BY c.scope_id ORDER BY c.scope_id
        ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = t.total + excluded.total;
    ELSE
        UPDATE list_totals t SET total = t.total - c.gone
        FROM (SELECT scope_id, count(*) AS gone FROM changed GROUP BY scope_id) AS c
        WHERE t.scope_id = c.scope_id AND t.list = 'members' AND t.owner_id = c.scope_id AND t.part = 0;
    END IF;
    RETURN NULL;
END
$$;

-- A session always goes to the same part, so a unit of work that makes several spaces waits for one part at most.
CREATE FUNCTION loggia_total_spaces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO list_totals AS t (scope_id, list, owner_id, part, total)
    SELECT c.scope_id, 'spaces', c.scope_id, pg_backend_pid() & 15, CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END
    FROM changed c GROUP BY c.scope_id ORDER BY c.scope_id
    ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = t.total + excluded.total;
    RETURN NULL;
END
$$;

-- Of what lies in projects; the argument says which list.
CREATE FUNCTION loggia_total_in_project() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO list_totals AS t (scope_id, list, owner_id, part, total)
        SELECT c.scope_id, TG_ARGV[0], c.project_id, 0, count(*)
        FROM changed c GROUP BY c.scope_id, c.project_id ORDER BY c.scope_id, c.project_id
        ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = t.total + excluded.total;
    ELSE
        UPDATE list_totals t SET total = t.total - c.gone
        FROM (SELECT scope_id, project_id, count(*) AS gone FROM changed GROUP BY scope_id, project_id) AS c
        WHERE t.scope_id = c.scope_id AND t.list = TG_ARGV[0] AND t.owner_id = c.project_id AND t.part = 0;
    END IF;
    RETURN NULL;
END
$$;

-- The private projects on whose rosters users are, where places come and go. The project is locked, so its visibility stays.
CREATE FUNCTION loggia_total_own_private() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO list_totals AS t (scope_id, list, owner_id, part, total)
        SELECT c.scope_id, 'own_private_projects', c.user_id, 0, count(*)
        FROM changed c JOIN projects p ON p.scope_id = c.scope_id AND p.id = c.project_id
        WHERE p.visibility = 'private' GROUP BY c.scope_id, c.user_id ORDER BY c.scope_id, c.user_id
        ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = t.total + excluded.total;
    ELSE
        PERFORM FROM list_totals t
        WHERE t.list = 'own_private_projects' AND t.part = 0
            AND (t.scope_id, t.owner_id) IN (
                SELECT c.scope_id, c.user_id FROM changed c JOIN projects p ON p.scope_id = c.scope_id AND p.id = c.project_id
                WHERE p.visibility = 'private')
        ORDER BY t.scope_id, t.owner_id FOR UPDATE;
        IF FOUND THEN
            UPDATE list_totals t SET total = t.total - g.gone
            FROM (SELECT c.scope_id, c.user_id, count(*) AS gone
                  FROM changed c JOIN projects p ON p.scope_id = c.scope_id AND p.id = c.project_id
                  WHERE p.visibility = 'private' GROUP BY c.scope_id, c.user_id) AS g
            WHERE t.scope_id = g.scope_id AND t.list = 'own_private_projects' AND t.owner_id = g.user_id AND t.part = 0;
        END IF;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION loggia_total_projects() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO list_totals AS t (scope_id, list, owner_id, part, total)
    SELECT c.scope_id, c.visibility || '_projects', c.scope_id, 0, count(*)
    FROM changed c GROUP BY c.scope_id, c.visibility ORDER BY c.scope_id, c.visibility
    ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = t.total + excluded.total;
    RETURN NULL;
END
$$;

CREATE FUNCTION loggia_total_project_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The list that the project comes to may have no total yet. Nobody leaves such a list meanwhile.
    PERFORM FROM list_totals t
    WHERE t.scope_id = NEW.scope_id AND t.list IN ('organization_projects', 'private_projects') AND t.owner_id = NEW.scope_id
        AND t.part = 0
    ORDER BY t.list FOR UPDATE;
    UPDATE list_totals t SET total = t.total - 1
    WHERE t.scope_id = OLD.scope_id AND t.list = OLD.visibility || '_projects' AND t.owner_id = OLD.scope_id AND t.part = 0;
    INSERT INTO list_totals AS t (scope_id, list, owner_id, part, total)
    VALUES (NEW.scope_id, NEW.visibility || '_projects', NEW.scope_id, 0, 1)
    ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = t.total + 1;
    IF NEW.visibility = 'private' THEN
        INSERT INTO list_totals AS t (scope_id, list, owner_id, part, total)
        SELECT pm.scope_id, 'own_private_projects', pm.user_id, 0, 1 FROM project_members pm
        WHERE pm.scope_id = NEW.scope_id AND pm.project_id = NEW.id ORDER BY pm.user_id
        ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = t.total + 1;
    ELSE
        PERFORM FROM list_totals t JOIN project_members pm ON pm.scope_id = t.scope_id AND pm.user_id = t.owner_id
        WHERE pm.scope_id = NEW.scope_id AND pm.project_id = NEW.id
            AND t.scope_id = NEW.scope_id AND t.list = 'own_private_projects' AND t.part = 0
        ORDER BY t.owner_id FOR UPDATE OF t;
        UPDATE list_totals t SET total = t.total - 1 FROM project_members pm
        WHERE pm.scope_id = NEW.scope_id AND pm.project_id = NEW.id
            AND t.scope_id = NEW.scope_id AND t.list = 'own_private_projects' AND t.owner_id = pm.user_id AND t.part = 0;
    END IF;
    RETURN NULL;
END
$$;

-- The roster and the tasks go while the project is there to tell who has lost a private one. The foreign keys would take them along
-- after it.
CREATE FUNCTION loggia_total_project_goes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE list_totals t SET total = t.total - 1
    WHERE t.scope_id = OLD.scope_id AND t.list = OLD.visibility || '_projects' AND t.owner_id = OLD.scope_id AND t.part = 0;
    DELETE FROM project_members WHERE scope_id = OLD.scope_id AND project_id = OLD.id;
    DELETE FROM tasks WHERE scope_id = OLD.scope_id AND project_id = OLD.id;
    DELETE FROM list_totals t
    WHERE t.scope_id = OLD.scope_id AND t.list IN ('roster', 'tasks') AND t.owner_id = OLD.id;
    RETURN OLD;
END
$$;

CREATE TRIGGER list_totals_member_added AFTER INSERT ON members REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION loggia_total_members();
CREATE TRIGGER list_totals_member_deleted AFTER DELETE ON members REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION loggia_total_members();
CREATE TRIGGER list_totals_space_added AFTER INSERT ON spaces REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION loggia_total_spaces();
CREATE TRIGGER list_totals_space_deleted AFTER DELETE ON spaces REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION loggia_total_spaces();
CREATE TRIGGER list_totals_task_added AFTER INSERT ON tasks REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION loggia_total_in_project('tasks');
CREATE TRIGGER list_totals_task_deleted AFTER DELETE ON tasks REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION loggia_total_in_project('tasks');
-- Triggers of one statement run in the order of their names: the project's total is written before those of users.
CREATE TRIGGER list_totals_place_added AFTER INSERT ON project_members REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION loggia_total_in_project('roster');
CREATE TRIGGER list_totals_place_added_to_own AFTER INSERT ON project_members REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION loggia_total_own_private();
CREATE TRIGGER list_totals_place_deleted AFTER DELETE ON project_members REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION loggia_total_in_project('roster');
CREATE TRIGGER list_totals_place_deleted_from_own AFTER DELETE ON project_members REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION loggia_total_own_private();
CREATE TRIGGER list_totals_project_added AFTER INSERT ON projects REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION loggia_total_projects();
CREATE TRIGGER list_totals_project_moved AFTER UPDATE OF visibility ON projects
    FOR EACH ROW WHEN (OLD.visibility <> NEW.visibility) EXECUTE FUNCTION loggia_total_project_moves();
CREATE TRIGGER list_totals_project_deleted BEFORE DELETE ON projects
    FOR EACH ROW EXECUTE FUNCTION loggia_total_project_goes();

-- The triggers keep writers out until the end of this transaction, so what is counted now stays so.
--
-- The owner of the tables is kept from the rows too, as long as row-level security is forced.
ALTER TABLE members NO FORCE ROW LEVEL SECURITY;
ALTER TABLE spaces NO FORCE ROW LEVEL SECURITY;
ALTER TABLE projects NO FORCE ROW LEVEL SECURITY;
ALTER TABLE project_members NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY;
INSERT INTO list_totals (scope_id, list, owner_id, part, total)
SELECT scope_id, 'members', scope_id, 0, count(*) FROM members GROUP BY scope_id
UNION ALL SELECT scope_id, 'spaces', scope_id, 0, count(*) FROM spaces GROUP BY scope_id
UNION ALL SELECT scope_id, visibility || '_projects', scope_id, 0, count(*) FROM projects GROUP BY scope_id, visibility
UNION ALL SELECT pm.scope_id, 'own_private_projects', pm.user_id, 0, count(*)
    FROM project_members pm JOIN projects p ON p.scope_id = pm.scope_id AND p.id = pm.project_id
    WHERE p.visibility = 'private' GROUP BY pm.scope_id, pm.user_id
UNION ALL SELECT scope_id, 'roster', project_id, 0, count(*) FROM project_members GROUP BY scope_id, project_id
UNION ALL SELECT scope_id, 'tasks', project_id, 0, count(*) FROM tasks GROUP BY scope_id, project_id;
ALTER TABLE members FORCE ROW LEVEL SECURITY;
ALTER TABLE spaces FORCE ROW LEVEL SECURITY;
ALTER TABLE projects FORCE ROW LEVEL SECURITY;
ALTER TABLE project_members FORCE ROW LEVEL SECURITY;
ALTER TABLE tasks FORCE ROW LEVEL SECURITY;
ALTER TABLE list_totals FORCE ROW LEVEL SECURITY;

-- A member is shown the projects of the organization and, among the private ones, their own: each kind has its orders, so that a page
-- skips none.
DROP INDEX projects_by_name;
DROP INDEX projects_by_updated_at;
CREATE INDEX projects_by_number ON projects (scope_id, visibility, number, id);
CREATE INDEX projects_by_name ON projects (scope_id, visibility, name_key, id);
CREATE INDEX projects_by_updated_at ON projects (scope_id, visibility, updated_at, id);
