//! A proxy between the store and its server, which breaks the connection at the word COMMIT.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use loggia_testpg::TestDatabase;
use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinHandle;

/// The moment at which the connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The server never receives the commit.
    BeforeTheCommit,
    /// The server commits, and its response is lost.
    AfterTheCommit,
}

/// A proxy, which listens until it is dropped.
pub(crate) struct Proxy {
    url: String,
    armed: Arc<AtomicBool>,
    cuts: Arc<AtomicUsize>,
    listening: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn before(database: &TestDatabase, cut: Cut) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let server: PgConnectOptions = database.url().parse().expect("a URL");
        let (armed, cuts) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let line = Line { cut, armed: armed.clone(), cuts: cuts.clone() };
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, line) = (server.clone(), line.clone());
                tokio::spawn(async move { line.connect(client, &server).await });
            }
        });
        Self { url: elsewhere(database.url(), port), armed, cuts, listening }
    }

    /// Returns the database's URL through the proxy.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Makes later commits break the connection, or stops doing so.
    pub(crate) fn arm(&self, armed: bool) {
        self.armed.store(armed, Ordering::SeqCst);
    }

    /// Returns how often a connection was broken.
    pub(crate) fn cuts(&self) -> usize {
        self.cuts.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Returns the URL with the address replaced by a port of this machine.
fn elsewhere(url: &str, port: u16) -> String {
    let (user, location) = url.split_once('@').expect("a URL with a user");
    let (_, database) = location.split_once('/').expect("a URL with a database");
    format!("{user}@127.0.0.1:{port}/{database}")
}

#[derive(Clone)]
struct Line {
    cut: Cut,
    armed: Arc<AtomicBool>,
    cuts: Arc<AtomicUsize>,
}

impl Line {
    async fn connect(self, client: TcpStream, server: &PgConnectOptions) {
        client.set_nodelay(true).expect("a setting");
        if let Some(folder) = server.get_socket() {
            let socket = folder.join(format!(".s.PGSQL.{}", server.get_port()));
            self.carry(client, UnixStream::connect(socket).await.expect("the server")).await;
        } else {
            let server = TcpStream::connect((server.get_host(), server.get_port())).await;
            self.carry(client, server.expect("the server")).await;
        }
    }

    /// Forwards bytes both ways until either side ends or the connection is broken; then closes both.
    async fn carry(self, client: TcpStream, server: impl AsyncRead + AsyncWrite) {
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = tokio::io::split(server);
        let (mut requested, mut responded) = ([0; 16_384], [0; 16_384]);
        loop {
            tokio::select! {
                read = from_client.read(&mut requested) => {
                    let Some(bytes) = some_bytes(&requested, read) else { return };
                    let commits = bytes.windows(6).any(|word| word == b"COMMIT");
                    if commits && self.armed.load(Ordering::SeqCst) {
                        self.cuts.fetch_add(1, Ordering::SeqCst);
                        if self.cut == Cut::AfterTheCommit {
                            to_server.write_all(bytes).await.expect("the server takes it");
                            // The response, which is not forwarded.
                            let length = from_server.read(&mut responded).await.expect("the server responds");
                            assert!(length > 0, "the server responds");
                        }
                        return;
                    }
                    if to_server.write_all(bytes).await.is_err() { return; }
                }
                read = from_server.read(&mut responded) => {
                    let Some(bytes) = some_bytes(&responded, read) else { return };
                    if to_client.write_all(bytes).await.is_err() { return; }
                }
            }
        }
    }
}

fn some_bytes(buffer: &[u8], read: std::io::Result<usize>) -> Option<&[u8]> {
    buffer.get(..read.ok()?).filter(|bytes| !bytes.is_empty())
}
