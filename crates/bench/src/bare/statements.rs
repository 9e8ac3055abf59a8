//! The service's statements for three reads, as it sends them; the response bodies are compared before the measurement.

pub(crate) mod sqlite {
    pub(crate) const SPACE: &str = "SELECT me.scope_id, sc.kind, me.user_id, me.role, s.id, s.name, s.description, \
        s.project_id, s.status, s.priority, s.strength, s.created_by, s.created_at, s.updated_at, s.revision \
        FROM members me JOIN scopes sc ON sc.id = me.scope_id JOIN spaces s ON s.scope_id = me.scope_id \
        WHERE me.user_id = ? AND me.active = 1 AND s.id = ?";

    pub(crate) const SPACES: &str = "SELECT me.scope_id, sc.kind, me.user_id, me.role, s.id, s.name, s.description, \
        s.project_id, s.status, s.priority, s.strength, s.created_by, s.created_at, s.updated_at, s.revision \
        FROM members me JOIN scopes sc ON sc.id = me.scope_id JOIN spaces s ON s.scope_id = me.scope_id \
        WHERE me.scope_id = ?1 AND me.user_id = ?2 AND me.active = 1 AND s.scope_id = ?1 \
        ORDER BY s.created_at DESC, s.id DESC LIMIT ?3";

    pub(crate) const ROSTER: &str = "SELECT p.scope_id, sc.kind, r.id, r.number, r.project_id, r.user_id, r.role, \
        r.created_at, p.id, p.number, p.name, m.user_id, m.number, m.role, m.active, m.first_name, m.last_name, \
        m.username, m.employee_number, m.avatar, m.created_at, m.updated_at, mu.kind, mu.email \
        FROM projects p JOIN members me ON me.scope_id = p.scope_id \
        JOIN project_members r ON r.scope_id = p.scope_id AND r.project_id = p.id \
        JOIN scopes sc ON sc.id = p.scope_id \
        LEFT JOIN members m ON m.scope_id = r.scope_id AND m.user_id = r.user_id \
        LEFT JOIN users mu ON mu.id = m.user_id \
        WHERE me.user_id = ? AND me.active = 1 AND p.id = ? ORDER BY r.number ASC, r.id ASC LIMIT ?";
}

pub(crate) mod postgres {
    pub(crate) const SPACE: &str = "SELECT s.scope_id, s.scope_kind, s.viewer_id, s.viewer_role, s.id, s.name, \
        s.description, s.project_id, s.status, s.priority, s.strength, s.created_by, s.created_at, s.updated_at, s.revision \
        FROM (SELECT sc.kind AS scope_kind, me.user_id AS viewer_id, me.role AS viewer_role, s.* \
        FROM members me JOIN spaces s ON s.scope_id = me.scope_id JOIN scopes sc ON sc.id = me.scope_id \
        WHERE me.user_id = $1 AND me.active AND s.id = $2) AS s";

    pub(crate) const SPACES: &str = "SELECT s.scope_id, s.scope_kind, s.viewer_id, s.viewer_role, s.id, s.name, \
        s.description, s.project_id, s.status, s.priority, s.strength, s.created_by, s.created_at, s.updated_at, s.revision \
        FROM (SELECT sc.kind AS scope_kind, me.user_id AS viewer_id, me.role AS viewer_role, s.* \
        FROM members me JOIN spaces s ON s.scope_id = me.scope_id JOIN scopes sc ON sc.id = me.scope_id \
        WHERE me.scope_id = $1 AND me.user_id = $2 AND me.active AND s.scope_id = $1 \
        ORDER BY s.created_at DESC, s.id DESC LIMIT $3) AS s ORDER BY s.created_at DESC, s.id DESC";

    pub(crate) const ROSTER: &str = "SELECT r.scope_id, r.scope_kind, r.id, r.number, r.project_id, r.user_id, r.role, \
        r.created_at, r.project_id, r.project_number, r.project_name, m.user_id, m.number, m.role, m.active, m.first_name, \
        m.last_name, m.username, m.employee_number, m.avatar, m.created_at, m.updated_at, mu.kind, mu.email \
        FROM (SELECT sc.kind AS scope_kind, r.*, p.number AS project_number, p.name AS project_name \
        FROM projects p JOIN members me ON me.scope_id = p.scope_id \
        JOIN project_members r ON r.scope_id = p.scope_id AND r.project_id = p.id \
        JOIN scopes sc ON sc.id = p.scope_id WHERE me.user_id = $1 AND me.active AND p.id = $2 \
        AND p.scope_id = (SELECT home.scope_id FROM projects home WHERE home.id = $2) \
        ORDER BY r.number ASC LIMIT $3) AS r \
        LEFT JOIN members m ON m.scope_id = r.scope_id AND m.user_id = r.user_id \
        LEFT JOIN users mu ON mu.id = m.user_id ORDER BY r.number ASC";
}
