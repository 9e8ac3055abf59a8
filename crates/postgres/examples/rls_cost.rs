//! Measures the cost of row-level security (RLS) for a read: `cargo run --release -p loggia-postgres --example rls_cost`.
//!
//! In one run, alternating, it reads a single space and a page of 20 spaces
//! - through the store: the statement that sets the tenant context replaces the pool's ping, and RLS is on;
//! - by the store's statement as a superuser, who bypasses RLS, after the pool's ping;
//! - by the store's statement as the service in a transaction of its own, whose settings grant the scope, as is often advised;
//! - by the store's statement as a superuser without a ping, which is the lower bound;
//! - by the store's statement as the service in a session that was granted the scope once, to show the cost of the policies alone.
//!
//! On a busy machine only the ratios are meaningful. The store also decodes rows into domain values, which the others do not.

use std::error::Error;
use std::future::Future;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use loggia_domain::id::SpaceId;
use loggia_domain::page::{Offset, SpaceQuery, Start, Window};
use loggia_domain::port::{Includes, Views};
use loggia_domain::scope::Viewer;
use loggia_postgres::{PostgresOptions, PostgresStore, SERVICE_ROLE};
use loggia_testkit::seed::World;
use loggia_testpg::{Server, ServerOptions};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

const ROUNDS: u32 = 40;
const READS_PER_STEP: u32 = 25;
const PAGE: u32 = 20;

type Outcome<T> = Result<T, Box<dyn Error>>;

struct Bench {
    store: PostgresStore,
    /// Pools of superuser sessions, with the pool's ping and without.
    pinging: PgPool,
    plain: PgPool,
    /// Pools of service sessions: without a granted scope, and with the scope granted for the whole session.
    service: PgPool,
    opened: PgPool,
    viewer: Viewer,
    world: World,
    space: Uuid,
}

/// The kind of read that is measured.
#[derive(Clone, Copy)]
enum Read {
    One,
    Page,
}

/// The ways to read, in the order of the printed columns.
const WAYS: [&str; 5] = ["the store", "no RLS, ping", "BEGIN … COMMIT", "no RLS, no ping", "RLS, no way in"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    // The store's statements are read back from `pg_stat_activity`, which shortens them to this size.
    let settings = vec![("track_activity_query_size".to_owned(), "16384".to_owned())];
    let server = Server::start(&ServerOptions { in_memory: false, settings, ..ServerOptions::default() })?;
    let bench = Bench::prepare(&server).await?;
    for (what, read) in [("a space", Read::One), ("a page of 20 spaces", Read::Page)] {
        bench.run(what, read).await?;
    }
    Ok(())
}

impl Bench {
    async fn prepare(server: &Server) -> Outcome<Self> {
        let url = server.url("postgres");
        let options: PostgresOptions = url.parse()?;
        let store = PostgresStore::open(&options.readers(1).writers(1)).await?;
        let shared = Arc::new(store.clone());
        let world = World::seed(&loggia_testkit::ports(shared.clone(), shared)).await;
        let superuser: PgConnectOptions = url.parse()?;
        let superuser = superuser.options([("jit", "off")]);
        let pool = |ping| PgPoolOptions::new().max_connections(1).test_before_acquire(ping);
        let pinging = pool(true).connect_lazy_with(superuser.clone());
        let plain = pool(false).connect_lazy_with(superuser.clone());
        let (scope, ada) = (world.scope.id().as_uuid(), world.admin.user.as_uuid());
        let role = superuser.options([("role", SERVICE_ROLE)]);
        let service = pool(false).connect_lazy_with(role.clone());
        let open = [("loggia.scopes", format!("{{{scope}}}")), ("loggia.person", ada.to_string())];
        let opened = pool(false).connect_lazy_with(role.options(open));
        // One large organization among many small ones, as on an instance in use.
        let filling = format!(
            "SET session_replication_role = replica;
             INSERT INTO scopes (id, kind) SELECT md5(o::text)::uuid, 'organization' FROM generate_series(1, 1000) AS o;
             INSERT INTO members (scope_id, user_id, number, role, active, first_name, last_name, name_key, search_key, created_at,
                 updated_at, revision)
             SELECT md5(o::text)::uuid, md5(i::text)::uuid, i, 'member', true, 'First', 'Last', '', '', i, i, 1
             FROM generate_series(1, 1000) AS o CROSS JOIN generate_series(1, 5) AS i;
             INSERT INTO spaces (scope_id, id, name, name_key, status, priority, strength, created_by, created_at, updated_at,
                 revision)
             SELECT CASE o WHEN 0 THEN '{scope}' ELSE md5(o::text)::uuid END, gen_random_uuid(), 'Space ' || i,
                 'space ' || i, 'Draft', 0, 5, '{ada}', CASE o WHEN 0 THEN i ELSE -i END, i, 1
             FROM generate_series(0, 1000) AS o
                 CROSS JOIN LATERAL generate_series(1, CASE o WHEN 0 THEN 5000 ELSE 20 END) AS i;
             SET session_replication_role = origin"
        );
        sqlx::raw_sql(AssertSqlSafe(filling)).execute(&plain).await?;
        sqlx::raw_sql("VACUUM ANALYZE").execute(&plain).await?;
        let space =
            sqlx::query_scalar("SELECT id FROM spaces WHERE created_at = 2500").fetch_one(&plain).await?;
        Ok(Self { viewer: world.as_admin(), store, pinging, plain, service, opened, world, space })
    }

    async fn run(&self, what: &str, read: Read) -> Outcome<()> {
        self.by_the_store(read).await?;
        let sql: String = sqlx::query_scalar(
            "SELECT query FROM pg_stat_activity WHERE application_name = 'loggia' ORDER BY state_change DESC LIMIT 1",
        )
        .fetch_one(&self.plain)
        .await?;
        let mut times: [Vec<Duration>; 5] = Default::default();
        for round in 0..ROUNDS {
            for step in 0..WAYS.len() {
                // Each round begins with another way.
                let way = (step + usize::try_from(round)?) % WAYS.len();
                for _ in 0..READS_PER_STEP {
                    let taken = match way {
                        0 => timed(self.by_the_store(read)).await?,
                        1 => timed(self.by_statement(&self.pinging, &sql, read)).await?,
                        2 => timed(self.in_a_transaction(&sql, read)).await?,
                        3 => timed(self.by_statement(&self.plain, &sql, read)).await?,
                        _ => timed(self.by_statement(&self.opened, &sql, read)).await?,
                    };
                    // The first rounds prepare statements and fill the server's caches.
                    if round >= 4 {
                        times[way].push(taken);
                    }
                }
            }
        }
        let medians = times.map(median);
        let mut out = std::io::stdout().lock();
        writeln!(out, "{what}")?;
        for (way, median) in WAYS.iter().zip(medians) {
            let ratio = median.as_secs_f64() / medians[1].as_secs_f64();
            writeln!(out, "  {way:<16} {:>6} µs  {ratio:.2}", median.as_micros())?;
        }
        Ok(())
    }

    async fn by_the_store(&self, read: Read) -> Outcome<()> {
        let found = match read {
            Read::One => {
                let id = SpaceId::from_uuid(self.space);
                usize::from(self.store.space(&self.viewer, id, Includes::default()).await?.is_some())
            }
            Read::Page => {
                let window = Window { start: Start::Offset(Offset::default()), rows: PAGE };
                let (query, includes) = (SpaceQuery::default(), Includes::default());
                self.store.spaces(&self.viewer, self.world.scope, &query, includes, &window).await?.len()
            }
        };
        read.check(found)
    }

    /// Runs the statement in a session of the pool.
    async fn by_statement(&self, pool: &PgPool, sql: &str, read: Read) -> Outcome<()> {
        let mut session = pool.acquire().await?;
        let rows = self.bound(sql, read).fetch_all(&mut *session).await?;
        read.check(rows.len())
    }

    /// Runs the statement in a transaction whose settings grant the scope.
    async fn in_a_transaction(&self, sql: &str, read: Read) -> Outcome<()> {
        let mut transaction = self.service.begin().await?;
        let scopes = format!("{{{}}}", self.world.scope.id().as_uuid());
        sqlx::query("SELECT set_config('loggia.scopes', $1, true), set_config('loggia.person', $2, true)")
            .bind(scopes)
            .bind(self.viewer.user.as_uuid().to_string())
            .fetch_one(&mut *transaction)
            .await?;
        let rows = self.bound(sql, read).fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        read.check(rows.len())
    }

    /// Binds the values with which the store runs the statement.
    fn bound<'q>(
        &self,
        sql: &str,
        read: Read,
    ) -> sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments> {
        let (user, scope) = (self.viewer.user.as_uuid(), self.world.scope.id().as_uuid());
        let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
        match read {
            Read::One => query.bind(user).bind(self.space),
            Read::Page => query.bind(scope).bind(user).bind(scope).bind(i64::from(PAGE)),
        }
    }
}

impl Read {
    /// Fails unless the expected rows were read; otherwise nothing was measured.
    fn check(self, found: usize) -> Outcome<()> {
        let expected = match self {
            Self::One => 1,
            Self::Page => usize::try_from(PAGE)?,
        };
        if found == expected { Ok(()) } else { Err(format!("{found} rows instead of {expected}").into()) }
    }
}

async fn timed(read: impl Future<Output = Outcome<()>>) -> Outcome<Duration> {
    let started = Instant::now();
    read.await?;
    Ok(started.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
