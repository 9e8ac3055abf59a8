-- Counts what the lists hold into an empty `list_totals`, for rows that were written while its triggers were off.
INSERT INTO list_totals (scope_id, list, owner_id, part, total)
SELECT scope_id, 'members', scope_id, 0, count(*) FROM members GROUP BY scope_id
UNION ALL SELECT scope_id, 'spaces', scope_id, 0, count(*) FROM spaces GROUP BY scope_id
UNION ALL SELECT scope_id, visibility || '_projects', scope_id, 0, count(*) FROM projects GROUP BY scope_id, visibility
UNION ALL SELECT pm.scope_id, 'own_private_projects', pm.user_id, 0, count(*)
    FROM project_members pm JOIN projects p ON p.scope_id = pm.scope_id AND p.id = pm.project_id
    WHERE p.visibility = 'private' GROUP BY pm.scope_id, pm.user_id
UNION ALL SELECT scope_id, 'roster', project_id, 0, count(*) FROM project_members GROUP BY scope_id, project_id
UNION ALL SELECT scope_id, 'tasks', project_id, 0, count(*) FROM tasks GROUP BY scope_id, project_id
