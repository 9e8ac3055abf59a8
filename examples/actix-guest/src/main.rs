//! Runs the host until Ctrl-C.

use std::error::Error;
use std::time::Duration;

use actix_web::{App, HttpServer};
use loggia_example_actix_guest::{open, routes};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (host, mount) = open(loggia_testkit::memory()).await?;
    for person in &host.people {
        println!("{} signs in at http://127.0.0.1:8080/sign-in/{}", person.name, person.code);
    }
    let handle = mount.handle();
    let app = move || App::new().configure(routes(host.clone(), mount.clone()));
    let server = HttpServer::new(app).bind("127.0.0.1:8080")?.disable_signals().run();
    let (stop, draining) = (server.handle(), handle.clone());
    tokio::spawn(async move {
        tokio::signal::ctrl_c().await.ok();
        draining.drain();
        stop.stop(true).await;
    });
    server.await?;
    // Writes go on without their clients, and without the server.
    handle.finish(Duration::from_secs(20)).await?;
    Ok(())
}
