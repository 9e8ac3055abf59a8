//! Serving on a socket until asked to stop, and stopping without losing a request.

use std::future::ready;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Request, Response};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt as _, fn_service, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, ServerHandle};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::connection::{Connection, Connections};
use crate::lifecycle::Phase;
use crate::limits::{FAREWELL_MILLISECONDS, UNSENT_BYTES};
use crate::server::Server;

/// A running server.
pub struct Running {
    running: actix_server::Server,
    server: Server,
}

/// A handle that stops a server.
#[derive(Clone)]
pub struct StopHandle {
    running: ServerHandle,
    server: Server,
}

/// Serves an actix application on a listener that is bound already. `application` creates the application of each worker. The server runs
/// once [`Running::wait`] is awaited.
///
/// # Errors
/// Fails if the listener cannot be used.
pub fn serve<A, I, S, B>(
    server: Server,
    application: A,
    listener: TcpListener,
    workers: usize,
) -> io::Result<Running>
where
    A: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Error = actix_web::Error, InitError = ()> + 'static,
    S::Response: Into<Response<B>> + 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let limits = server.limits;
    let connections = Connections::new(&limits, server.proxies.clone());
    let lifecycle = server.lifecycle.clone();
    let factory = move || {
        let (lifecycle, connections) = (lifecycle.clone(), connections.clone());
        let connect = move |stream: TcpStream| {
            let peer = stream.peer_addr().ok();
            let Some(slot) = connections.admit(peer.map(|peer| peer.ip())) else {
                lifecycle.refuse_connection();
                // Closed without a response, since even a refusal would hold a descriptor for a while.
                return ready(Err(DispatchError::Io(io::ErrorKind::ConnectionRefused.into())));
            };
            // Without this, the last part of a response waits until the client has acknowledged the one before it, which clients delay by
            // 40 ms. The option cannot be set on a connection that is gone already, which is noticed when the connection is read.
            let _ = stream.set_nodelay(true);
            bound_unsent(&stream);
            let connection = Connection::new(stream, &limits, &lifecycle, slot);
            ready(Ok::<_, DispatchError>((connection, peer)))
        };
        let answer = application().into_factory().map_err(|error| error.error_response());
        // These are the settings of `actix_web::HttpServer`, on this crate's own connections.
        let http = HttpService::build()
            .keep_alive(Duration::from_secs(limits.keep_alive_seconds))
            .client_request_timeout(Duration::from_secs(limits.head_seconds))
            .client_disconnect_timeout(Duration::from_millis(FAREWELL_MILLISECONDS))
            .on_connect_ext(|connection: &Connection<TcpStream>, data| {
                data.insert(connection.busy());
                data.insert(connection.allows());
            })
            .h1(map_config(answer, |()| AppConfig::default()));
        fn_service(connect).and_then(http)
    };
    let running = actix_server::Server::build()
        .workers(workers)
        .max_concurrent_connections(limits.connections_of_worker(workers))
        // `Running::wait` has a shorter timeout of its own, and so knows what was cut off.
        .shutdown_timeout(limits.shutdown_seconds.saturating_add(5))
        // The host listens for signals.
        .disable_signals()
        .listen("http", listener, factory)?
        .run();
    Ok(Running { running, server })
}

/// Limits what the system buffers for a client that reads slowly. Otherwise it buffers megabytes for each, and when it lacks memory for
/// them, it makes all connections wait, even those of clients that read at once.
fn bound_unsent(stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    {
        // The option cannot be set on a connection that is gone already, which is noticed when the connection is read.
        let _ = socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT_BYTES);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}

impl Running {
    /// Returns a handle that stops the server.
    pub fn handle(&self) -> StopHandle {
        StopHandle { running: self.running.handle(), server: self.server.clone() }
    }

    /// Serves until stopped, and then until the last unit of work that runs detached from its connection has ended.
    ///
    /// # Errors
    /// Fails if the server ends by itself, or with [`CutOff`](crate::CutOff) if work in flight did not end in time.
    pub async fn wait(self) -> io::Result<()> {
        let Self { running, server } = self;
        let Server { tasks, lifecycle, limits, .. } = &server;
        let end = async {
            running.await?;
            tasks.close();
            tasks.wait().await;
            Ok(())
        };
        let time_is_over = async {
            lifecycle.reached(Phase::Stopping).await;
            sleep(Duration::from_secs(limits.shutdown_seconds)).await;
            // Counted before `select` returns: `select` drops the server, which may or may not end requests first.
            server.cut_off()
        };
        // Units of work are tasks of their own: dropping `end` only stops the wait for them.
        tokio::select! {
            ended = end => ended,
            cut_off = time_is_over => Err(io::Error::other(cut_off)),
        }
    }
}

/// The time in which idle connections may be closed before the listener is. A request that arrives meanwhile is still served.
const CLOSING: Duration = Duration::from_millis(200);

impl StopHandle {
    /// Reports from now on that the server is not ready, as [`Self::stop`] does first. For a host that says so before it stops the server.
    pub fn drain(&self) {
        self.server.drain();
    }

    /// Reports at once that the server is not ready, goes on to serve for
    /// [`ServerLimits::drain_seconds`](crate::ServerLimits::drain_seconds), closing each connection after its response; then accepts no more
    /// connections, and finishes the requests in flight.
    ///
    /// The time to drain is skipped if no client is connected and none has called for a minute.
    pub async fn stop(&self) {
        let Server { lifecycle, limits, .. } = &self.server;
        self.drain();
        if lifecycle.is_used() {
            sleep(Duration::from_secs(limits.drain_seconds)).await;
        }
        lifecycle.enter(Phase::Stopping);
        if limits.drain_seconds > 0 {
            tokio::select! {
                () = lifecycle.nobody_is_connected() => {}
                () = sleep(CLOSING) => {}
            }
        }
        self.running.stop(true).await;
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_unsent_data_buffered_by_the_system_is_bounded() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let address = listener.local_addr().expect("an address");
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (stream, _) = accepted.expect("a connection");
        bound_unsent(&stream);
        let bound = socket2::SockRef::from(&stream).tcp_notsent_lowat().expect("the option");
        assert_eq!(bound, UNSENT_BYTES);
        drop(client);
    }
}
