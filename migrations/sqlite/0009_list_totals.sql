-- Totals: how many rows the lists without filters have, kept so that no read counts them.
--
-- Triggers keep the totals, so that no statement and no cascade can forget to, and a rollback undoes them too.

-- `owner_id` says whose list it is: for `members`, `spaces`, `organization_projects` and `private_projects` the scope; for
-- `own_private_projects` the user, whose private projects are those with the user on the roster; for `roster` and `tasks` the
-- project. A list without a row here is empty.
CREATE TABLE list_totals (
    scope_id BLOB NOT NULL CHECK (length(scope_id) = 16) REFERENCES scopes (id),
    list TEXT NOT NULL CHECK (list IN ('members', 'spaces', 'organization_projects', 'private_projects', 'own_private_projects',
        'roster', 'tasks')),
    owner_id BLOB NOT NULL CHECK (length(owner_id) = 16),
    -- A total may be split into parts, whose sum is the total. SQLite has one writer, so each total has one part.
    part INTEGER NOT NULL CHECK (part BETWEEN 0 AND 15),
    total INTEGER NOT NULL,
    PRIMARY KEY (scope_id, list, owner_id, part),
    CHECK (total >= 0 OR list = 'spaces')
) STRICT, WITHOUT ROWID;

CREATE TRIGGER list_totals_member_added AFTER INSERT ON members BEGIN
    INSERT INTO list_totals (scope_id, list, owner_id, part, total) VALUES (NEW.scope_id, 'members', NEW.scope_id, 0, 1)
    ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER list_totals_member_deleted AFTER DELETE ON members BEGIN
    UPDATE list_totals SET total = total - 1
    WHERE scope_id = OLD.scope_id AND list = 'members' AND owner_id = OLD.scope_id AND part = 0;
END;

CREATE TRIGGER list_totals_space_added AFTER INSERT ON spaces BEGIN
    INSERT INTO list_totals (scope_id, list, owner_id, part, total) VALUES (NEW.scope_id, 'spaces', NEW.scope_id, 0, 1)
    ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER list_totals_space_deleted AFTER DELETE ON spaces BEGIN
    UPDATE list_totals SET total = total - 1
    WHERE scope_id = OLD.scope_id AND list = 'spaces' AND owner_id = OLD.scope_id AND part = 0;
END;

CREATE TRIGGER list_totals_task_added AFTER INSERT ON tasks BEGIN
    INSERT INTO list_totals (scope_id, list, owner_id, part, total) VALUES (NEW.scope_id, 'tasks', NEW.project_id, 0, 1)
    ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER list_totals_task_deleted AFTER DELETE ON tasks BEGIN
    UPDATE list_totals SET total = total - 1
    WHERE scope_id = OLD.scope_id AND list = 'tasks' AND owner_id = OLD.project_id AND part = 0;
END;

CREATE TRIGGER list_totals_place_added AFTER INSERT ON project_members BEGIN
    INSERT INTO list_totals (scope_id, list, owner_id, part, total) VALUES (NEW.scope_id, 'roster', NEW.project_id, 0, 1)
    ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = total + 1;
    INSERT INTO list_totals (scope_id, list, owner_id, part, total)
    SELECT p.scope_id, 'own_private_projects', NEW.user_id, 0, 1 FROM projects p
    WHERE p.scope_id = NEW.scope_id AND p.id = NEW.project_id AND p.visibility = 'private'
    ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER list_totals_place_deleted AFTER DELETE ON project_members BEGIN
    UPDATE list_totals SET total = total - 1
    WHERE scope_id = OLD.scope_id AND list = 'roster' AND owner_id = OLD.project_id AND part = 0;
    UPDATE list_totals SET total = total - 1
    WHERE scope_id = OLD.scope_id AND list = 'own_private_projects' AND owner_id = OLD.user_id AND part = 0
        AND (SELECT p.visibility FROM projects p WHERE p.scope_id = OLD.scope_id AND p.id = OLD.project_id) = 'private';
END;

CREATE TRIGGER list_totals_project_added AFTER INSERT ON projects BEGIN
    INSERT INTO list_totals (scope_id, list, owner_id, part, total)
    VALUES (NEW.scope_id, NEW.visibility || '_projects', NEW.scope_id, 0, 1)
    ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER list_totals_project_moved AFTER UPDATE OF visibility ON projects WHEN OLD.visibility <> NEW.visibility BEGIN
    UPDATE list_totals SET total = total - 1
    WHERE scope_id = OLD.scope_id AND list = OLD.visibility || '_projects' AND owner_id = OLD.scope_id AND part = 0;
    INSERT INTO list_totals (scope_id, list, owner_id, part, total)
    VALUES (NEW.scope_id, NEW.visibility || '_projects', NEW.scope_id, 0, 1)
    ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = total + 1;
    INSERT INTO list_totals (scope_id, list, owner_id, part, total)
    SELECT pm.scope_id, 'own_private_projects', pm.user_id, 0, 1 FROM project_members pm
    WHERE pm.scope_id = NEW.scope_id AND pm.project_id = NEW.id AND NEW.visibility = 'private'
    ON CONFLICT (scope_id, list, owner_id, part) DO UPDATE SET total = total + 1;
    UPDATE list_totals SET total = total - 1
    WHERE scope_id = NEW.scope_id AND list = 'own_private_projects' AND part = 0 AND NEW.visibility <> 'private'
        AND owner_id IN (SELECT pm.user_id FROM project_members pm
                         WHERE pm.scope_id = NEW.scope_id AND pm.project_id = NEW.id);
END;

-- Deletes the roster and the tasks while the project is still there: their triggers read its visibility. The foreign keys' cascades
-- would delete them after it.
CREATE TRIGGER list_totals_project_deleted BEFORE DELETE ON projects BEGIN
    UPDATE list_totals SET total = total - 1
    WHERE scope_id = OLD.scope_id AND list = OLD.visibility || '_projects' AND owner_id = OLD.scope_id AND part = 0;
    DELETE FROM project_members WHERE scope_id = OLD.scope_id AND project_id = OLD.id;
    DELETE FROM tasks WHERE scope_id = OLD.scope_id AND project_id = OLD.id;
    DELETE FROM list_totals WHERE scope_id = OLD.scope_id AND list IN ('roster', 'tasks') AND owner_id = OLD.id;
END;
