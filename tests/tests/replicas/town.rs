//! Towns: organizations to race in, one for each round, so that the database shows the outcome of every round at the end.

use loggia_domain::id::{OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::key::Caller;
use loggia_domain::scope::Scope;
use loggia_testpg::TestDatabase;
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

/// An organization with two admins, a member, a project, a task and a space; `town.sql` makes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Town(pub(crate) u64);

impl Town {
    fn id(self, kind: u8) -> Uuid {
        Uuid::parse_str(&format!("00000000-0000-4000-80{kind:02x}-{:012x}", self.0)).expect("an id")
    }

    pub(crate) fn organization(self) -> OrganizationId {
        OrganizationId::from_uuid(self.id(1))
    }

    /// Admin of the organization, and on the project's roster.
    pub(crate) fn ada(self) -> UserId {
        UserId::from_uuid(self.id(2))
    }

    /// Admin of the organization, and on the project's roster.
    pub(crate) fn barbara(self) -> UserId {
        UserId::from_uuid(self.id(3))
    }

    /// Member of the organization, and on no roster.
    pub(crate) fn grace(self) -> UserId {
        UserId::from_uuid(self.id(4))
    }

    /// A project with dates from 1 to 31 January 2026.
    pub(crate) fn project(self) -> ProjectId {
        ProjectId::from_uuid(self.id(5))
    }

    /// A task with dates from 1 to 31 January 2026.
    pub(crate) fn task(self) -> TaskId {
        TaskId::from_uuid(self.id(6))
    }

    pub(crate) fn space(self) -> SpaceId {
        SpaceId::from_uuid(self.id(7))
    }

    /// Returns a caller for a user of the town.
    pub(crate) fn caller(self, user: UserId) -> Caller {
        Caller::unchecked(user, Scope::Organization(self.organization()))
    }
}

/// Creates `towns` towns in an empty database.
pub(crate) async fn build(database: &TestDatabase, towns: u64) {
    let mut connection = connect(database).await;
    sqlx::query("SELECT set_config('seed.towns', $1, false)")
        .bind(towns.to_string())
        .execute(&mut connection)
        .await
        .expect("a setting");
    sqlx::raw_sql(include_str!("town.sql")).execute(&mut connection).await.expect("towns");
    connection.close().await.expect("closing");
}

/// Counts rows directly in the database, without row-level security.
pub(crate) async fn count(database: &TestDatabase, sql: &'static str) -> u64 {
    let mut connection = connect(database).await;
    let count: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a count");
    connection.close().await.expect("closing");
    u64::try_from(count).expect("a count")
}

/// Opens a session with all rights.
pub(crate) async fn connect(database: &TestDatabase) -> PgConnection {
    PgConnection::connect(database.url()).await.expect("a session")
}
