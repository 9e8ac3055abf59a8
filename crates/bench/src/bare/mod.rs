//! The bare stack: the same responses by actix-web and sqlx with nothing else. It looks up no key, checks no policy, applies no rule of
//! the domain, and logs nothing. On Postgres it works as the owner of the tables, without row-level security.

mod json;
mod rows;
pub(crate) mod statements;

use std::str::FromStr;

use actix_web::web::{self, Bytes, Data, Path};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use anyhow::{Result, bail};
use clap::Args;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{PgPool, SqlitePool};
use uuid::Uuid;

use self::json::{Data as DataJson, Envelope, MembershipJson, SpaceJson};
use self::rows::{MembershipRow, SpaceRow};

/// The arguments of the bare stack.
#[derive(Args, Debug)]
pub(crate) struct BareArgs {
    /// The database: sqlite:// and a path, or postgres://
    #[arg(long)]
    database_url: String,
    /// The id of the viewer
    #[arg(long)]
    user: Uuid,
    /// The id of the scope whose spaces it lists
    #[arg(long)]
    scope: Uuid,
    /// The size of its pool: the number of connections that the service has for reading
    #[arg(long)]
    connections: u32,
    /// The address to listen on
    #[arg(long)]
    listen: String,
}

/// The pool of either store; the statements are in its dialect.
#[derive(Clone)]
enum Store {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

#[derive(Clone)]
struct Bare {
    store: Store,
    user: Uuid,
    scope: Uuid,
}

/// The page size of the lists.
const ROWS: u32 = 20;

/// Serves until it is killed.
pub(crate) async fn serve(args: BareArgs) -> Result<()> {
    let store = if let Some(path) = args.database_url.strip_prefix("sqlite://") {
        let options = SqliteConnectOptions::from_str("sqlite://")?
            .filename(path)
            .pragma("mmap_size", "0")
            .pragma("query_only", "ON");
        let pool = SqlitePoolOptions::new().max_connections(args.connections).test_before_acquire(false);
        Store::Sqlite(pool.connect_with(options).await?)
    } else if args.database_url.starts_with("postgres://") {
        let pool = PgPoolOptions::new().max_connections(args.connections).test_before_acquire(false);
        Store::Postgres(pool.connect(&args.database_url).await?)
    } else {
        bail!("the database must be one of SQLite or Postgres")
    };
    let bare = Bare { store, user: args.user, scope: args.scope };
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(bare.clone()))
            .route("/readyz", web::get().to(HttpResponse::Ok))
            .route("/api/v1/spaces/{id}", web::get().to(get_space))
            .route("/api/v1/spaces", web::get().to(list_spaces))
            .route("/v2/projects/{id}/members", web::get().to(list_members))
    });
    Ok(server.bind(args.listen)?.run().await?)
}

type Reply = actix_web::Result<HttpResponse>;

fn failed(error: sqlx::Error) -> actix_web::Error {
    std::io::Error::other(error).into()
}

/// Runs the statement for the store at hand; both statements take the same values.
macro_rules! query {
    ($bare:expr, $sqlite:expr, $postgres:expr, $fetch:ident, [$($value:expr),*]) => {
        match &$bare.store {
            Store::Sqlite(pool) => sqlx::query_as($sqlite)$(.bind($value))*.$fetch(pool).await,
            Store::Postgres(pool) => sqlx::query_as($postgres)$(.bind($value))*.$fetch(pool).await,
        }
        .map_err(failed)?
    };
}

async fn get_space(bare: Data<Bare>, id: Path<Uuid>) -> Reply {
    let found: Option<SpaceRow> = query!(
        bare,
        statements::sqlite::SPACE,
        statements::postgres::SPACE,
        fetch_optional,
        [bare.user, *id]
    );
    Ok(found.map_or_else(
        || HttpResponse::NotFound().finish(),
        |row| HttpResponse::Ok().json(DataJson { data: SpaceJson::from(row) }),
    ))
}

async fn list_spaces(bare: Data<Bare>) -> Reply {
    // One more row than shown determines whether a page follows, as in the service.
    let mut rows: Vec<SpaceRow> = query!(
        bare,
        statements::sqlite::SPACES,
        statements::postgres::SPACES,
        fetch_all,
        [bare.scope, bare.user, i64::from(ROWS) + 1]
    );
    rows.truncate(usize::try_from(ROWS).unwrap_or(usize::MAX));
    let data: Vec<SpaceJson> = rows.into_iter().map(SpaceJson::from).collect();
    Ok(HttpResponse::Ok().json(DataJson { data }))
}

async fn list_members(bare: Data<Bare>, project: Path<Uuid>) -> Reply {
    let rows: Vec<MembershipRow> = query!(
        bare,
        statements::sqlite::ROSTER,
        statements::postgres::ROSTER,
        fetch_all,
        [bare.user, *project, i64::from(ROWS) + 1]
    );
    let result: Vec<MembershipJson> = rows.into_iter().map(MembershipJson::from).collect();
    Ok(HttpResponse::Ok().json(Envelope::only_page(ROWS, result)))
}

/// The arguments of the ceiling.
#[derive(Args, Debug)]
pub(crate) struct CeilingArgs {
    /// A JSON file with the body for each path
    #[arg(long)]
    bodies: std::path::PathBuf,
    /// The address to listen on
    #[arg(long)]
    listen: String,
}

/// Serves bodies from memory until it is killed.
pub(crate) async fn ceiling(args: CeilingArgs) -> Result<()> {
    let bodies: std::collections::HashMap<String, String> =
        serde_json::from_slice(&std::fs::read(&args.bodies)?)?;
    let bodies: std::collections::HashMap<String, Bytes> =
        bodies.into_iter().map(|(path, body)| (path, Bytes::from(body))).collect();
    let respond = |request: HttpRequest, bodies: Data<std::collections::HashMap<String, Bytes>>| async move {
        let path = request.uri().path_and_query().map_or("", |path| path.as_str());
        match bodies.get(path) {
            Some(body) => HttpResponse::Ok().content_type("application/json").body(body.clone()),
            None => HttpResponse::NotFound().finish(),
        }
    };
    let bodies = Data::new(bodies);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(bodies.clone())
            .route("/readyz", web::get().to(HttpResponse::Ok))
            .default_service(web::to(respond))
    });
    Ok(server.bind(args.listen)?.run().await?)
}
