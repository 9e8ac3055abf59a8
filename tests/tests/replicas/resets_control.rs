//! The negative control of [`crate::resets`]: the same clients call a service that breaks rule C1. The service's handlers, which are
//! dropped with their connection, begin transactions themselves, on sqlx's own pool.

use std::time::Duration;

use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection, Error};

use crate::load::Load;
use crate::proxy::Proxy;
use crate::running_service::{self, by_port, forgotten};
use crate::wire::becomes;

/// The maximum number of attempts until a write is lost.
const TRIES: u64 = 6;

fn response(outcome: Result<(), Error>) -> HttpResponse {
    match outcome {
        Ok(()) => HttpResponse::Created().json(json!({})),
        Err(error) => HttpResponse::InternalServerError().json(json!({ "code": error.to_string() })),
    }
}

/// Writes in a transaction.
async fn work(pool: Data<PgPool>, name: web::Json<Value>) -> HttpResponse {
    let written = async {
        let mut transaction = pool.begin().await?;
        insert(&name).execute(&mut *transaction).await?;
        transaction.commit().await
    };
    response(written.await)
}

/// Writes with a single statement, without an explicit transaction.
async fn note(pool: Data<PgPool>, name: web::Json<Value>) -> HttpResponse {
    response(insert(&name).execute(pool.as_ref()).await.map(|_| ()))
}

fn insert(name: &Value) -> sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments> {
    let name = name["name"].as_str().unwrap_or_default().to_owned();
    sqlx::query("INSERT INTO notes (name) VALUES ($1)").bind(name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_rule_c1_acknowledged_writes_are_lost() {
    let server = running_service::server(false).await;
    let proxy = Proxy::to(server.port()).await;
    let mut direct = PgConnection::connect(&server.url("postgres")).await.unwrap();
    sqlx::query("CREATE TABLE notes (name text NOT NULL)").execute(&mut direct).await.unwrap();
    let slow = by_port(&server.url("postgres"), proxy.port);
    let pool = PgPoolOptions::new().max_connections(8).connect(&slow).await.unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let notes = pool.clone();
    let app = move || {
        let app = App::new().app_data(Data::new(notes.clone()));
        app.route("/work", web::post().to(work)).route("/note", web::post().to(note))
    };
    let service = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run();
    let stop = service.handle();
    let running = tokio::spawn(service);
    let load = Load { address, key: String::new(), polite: "/note", rude: "/work", writes: 50 };
    let mut figures = None;
    for attempt in 0..TRIES {
        let harvest = load.run(attempt).await;
        // A second later no dropped transaction is being rolled back any more.
        becomes(Duration::from_secs(1), async || forgotten(&mut direct).await == 0).await;
        let left = forgotten(&mut direct).await;
        let there: Vec<String> =
            sqlx::query_scalar("SELECT name FROM notes WHERE split_part(name, ' ', 2) LIKE $1")
                .bind(format!("{attempt}-%"))
                .fetch_all(&mut direct)
                .await
                .unwrap();
        let ledger = &harvest.ledger;
        let lost = ledger.audit(&there).len();
        if lost > 0 || left > 0 {
            figures = Some(format!(
                "control, at try {}: {lost} acknowledged writes not there, {left} sessions left in a transaction, {ledger}",
                attempt + 1
            ));
            break;
        }
    }
    stop.stop(false).await;
    running.await.unwrap().unwrap();
    pool.close().await;
    println!("{}", figures.expect("nothing was lost, though nothing kept it"));
}
