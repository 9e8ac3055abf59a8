//! Response bodies, in the service's form.

use serde::Serialize;
use time::OffsetDateTime;

use super::rows::{MembershipRow, SpaceRow};

/// The envelope of the spaces dialect.
#[derive(Serialize)]
pub(super) struct Data<T> {
    pub(super) data: T,
}

/// A space.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SpaceJson {
    #[serde(rename = "_id")]
    id: String,
    name: String,
    description: Option<String>,
    organization_id: Option<String>,
    project_id: Option<String>,
    status: String,
    priority: &'static str,
    current_strength: i64,
    created_by: String,
    created_at: String,
    updated_at: String,
}

impl From<SpaceRow> for SpaceJson {
    fn from(row: SpaceRow) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            description: row.description,
            organization_id: (row.kind == "organization").then(|| row.scope_id.to_string()),
            project_id: row.project_id.map(|id| id.to_string()),
            status: row.status,
            priority: match row.priority {
                4 => "urgent",
                3 => "high",
                2 => "medium",
                1 => "low",
                _ => "none",
            },
            current_strength: row.strength,
            created_by: row.created_by.to_string(),
            created_at: rfc3339(row.created_at),
            updated_at: rfc3339(row.updated_at),
        }
    }
}

/// The envelope of the projects dialect.
#[derive(Serialize)]
pub(super) struct Envelope<T> {
    total: i64,
    last_page: i64,
    prev_page: Option<i64>,
    next_page: Option<i64>,
    has_next_page: bool,
    page: i64,
    per_page: u32,
    from: i64,
    to: i64,
    result: Vec<T>,
    next_cursor: Option<String>,
}

impl<T> Envelope<T> {
    /// Wraps a list that fits on its first page, so that its length is the total.
    pub(super) fn only_page(per_page: u32, result: Vec<T>) -> Self {
        let total = i64::try_from(result.len()).unwrap_or(i64::MAX);
        Self {
            total,
            last_page: 1,
            prev_page: None,
            next_page: None,
            has_next_page: false,
            page: 1,
            per_page,
            from: 0,
            to: total,
            result,
            next_cursor: None,
        }
    }
}

/// A membership on a roster.
#[derive(Serialize)]
pub(super) struct MembershipJson {
    id: i64,
    node_id: String,
    role: String,
    user_node_id: String,
    #[serde(rename = "createdAt")]
    created_at: String,
    project: ProjectRefJson,
    member: MemberJson,
}

#[derive(Serialize)]
struct ProjectRefJson {
    id: i64,
    node_id: String,
    project_name: String,
}

#[derive(Serialize)]
struct MemberJson {
    id: i64,
    node_id: String,
    username: String,
    email: String,
}

impl From<MembershipRow> for MembershipJson {
    fn from(row: MembershipRow) -> Self {
        let user = row.user_id.to_string();
        Self {
            id: row.number,
            node_id: row.id.to_string(),
            role: row.role,
            user_node_id: user.clone(),
            created_at: rfc3339(row.created_at),
            project: ProjectRefJson {
                id: row.project_number,
                node_id: row.project_id.to_string(),
                project_name: row.project_name,
            },
            member: MemberJson {
                id: row.member_number,
                node_id: user,
                username: row.username.unwrap_or_default(),
                email: row.email,
            },
        }
    }
}

/// Formats a time in microseconds as responses do.
fn rfc3339(micros: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000);
    let time = time.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.millisecond()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_formatted_as_in_the_contract() {
        assert_eq!(rfc3339(1_769_846_400_000_999), "2026-01-31T08:00:00.000Z");
    }
}
