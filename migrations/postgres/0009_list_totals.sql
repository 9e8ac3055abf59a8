-- Totals: how many rows the lists without filters have, kept so that no read counts them.
--
-- Triggers keep the totals, so that no statement and no cascade can forget to, and a rollback undoes them too. They see all rows of a
-- statement together: deleting a project with thousands of tasks changes one total once. They run with the rights of their caller,
-- behind the same row-level security as the rows that they count.
--
-- Totals are the last rows that a unit of work locks before its caller is recognized again, in this order: those of the scope, of the
-- project, of users by ascending id. A unit of work that writes several therefore waits for none that waits for it.

-- `owner_id` says whose list it is: for `members`, `spaces`, `organization_projects` and `private_projects` the scope; for
-- `own_private_projects` the user, whose private projects are those with the user on the roster; for `roster` and `tasks` the
-- project. A list without a row here is empty.
CREATE TABLE list_totals (
    scope_id uuid NOT NULL REFERENCES scopes (id),
    list text COLLATE "C" NOT NULL CHECK (list IN ('members', 'spaces', 'organization_projects', 'private_projects', 'own_private_projects',
        'roster', 'tasks')),
    owner_id uuid NOT NULL,
    -- A total may be split into parts, whose sum is the total. Nothing else serializes the making of spaces, so their total has up to
    -- 16 parts, and sessions that write different parts do not wait for each other. One part may be negative: a space is made in
    -- one session and deleted in another.
    part bigint NOT NULL CHECK (part BETWEEN 0 AND 15),
    total bigint NOT NULL,
    PRIMARY KEY (scope_id, list, owner_id, part),
    CHECK (total >= 0 OR list = 'spaces')
) WITH (fillfactor = 50);

ALTER TABLE list_totals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY entered ON list_totals
    USING (nullif(scope_id = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL);

GRANT SELECT, INSERT, DELETE ON list_totals TO loggia_service;
GRANT UPDATE (total) ON list_totals TO loggia_service;

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

-- A session always writes the same part, so a unit of work that makes several spaces waits for one part at most.
CREATE FUNCTION loggia_total_spaces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO list_totals AS t (scope_id, list, owner_id, part, total)
    SELECT c.scope_id, 'spaces', c.scope_id, pg_backend_pid() & 15, CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END
    FROM changed c GROUP BY c.scope_id ORDER BY c.scope_id
    ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = t.total + excluded.total;
    RETURN NULL;
END
$$;

-- Counts a list of one project; the argument of the trigger names the list.
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

-- Counts the private projects of each user who is added to a roster or removed. The project is locked, so its visibility stays.
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
    -- The list that the project comes to may have no total yet. No project leaves such a list meanwhile.
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

-- Deletes the roster and the tasks while the project is still there: their triggers read its visibility. The foreign keys' cascades
-- would delete them after it.
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
-- Triggers of one statement run in the order of their names: the project's total is written before those of its users.
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
