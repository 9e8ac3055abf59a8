//! A TCP proxy before the database: slow, and able to break a connection during a commit or to pass nothing for a time.

use std::io::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The delay of each message, in either direction.
const DELAY: Duration = Duration::from_millis(1);

/// The COMMIT statement as sqlx sends it, without the header of the message.
const COMMIT: &[u8] = b"COMMIT\0";

/// The fate of a COMMIT that passes the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Cut {
    /// The COMMIT arrives, and so does its response.
    Never,
    /// The connection breaks before the COMMIT arrives.
    Before,
    /// The COMMIT is executed; the connection breaks before the response arrives.
    After,
}

/// The fate of the connections of a partition after it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silent {
    /// The delayed messages arrive, as if lost packets were retransmitted.
    GoOn,
    /// The connections never carry traffic again, as if a middlebox had forgotten them.
    ForEver,
}

/// The state of the network.
#[derive(Clone, Copy, Debug, Default)]
struct Way {
    is_silent: bool,
    /// Connections with a lower number stay silent for ever.
    first: u64,
    /// The number of the next connection.
    next: u64,
}

/// A proxy that listens on a local port and forwards to the database.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    cut: Arc<AtomicU8>,
    way: Arc<watch::Sender<Way>>,
    listening: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy before the database on that local port.
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let cut = Arc::new(AtomicU8::new(Cut::Never as u8));
        let mode = cut.clone();
        let way = Arc::new(watch::Sender::new(Way::default()));
        let ways = way.clone();
        let listening = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let mode = mode.clone();
                let mut number = 0;
                ways.send_modify(|way| {
                    number = way.next;
                    way.next += 1;
                });
                let gate = Gate { way: ways.subscribe(), number };
                // Errors are ignored, since breaking connections is the purpose of the proxy.
                tokio::spawn(async move { pass_on(client, port, &mode, gate).await.ok() });
            }
        });
        Self { port: own, cut, way, listening }
    }

    /// Stops all traffic in both directions without closing a connection.
    pub(crate) fn fall_silent(&self) {
        self.way.send_modify(|way| way.is_silent = true);
    }

    /// Resumes the traffic; existing connections stay silent if `silent` is [`Silent::ForEver`].
    pub(crate) fn heal(&self, silent: Silent) {
        self.way.send_modify(|way| {
            way.is_silent = false;
            if silent == Silent::ForEver {
                way.first = way.next;
            }
        });
    }

    /// Sets the fate of every later COMMIT.
    pub(crate) fn cut(&self, cut: Cut) {
        self.cut.store(cut as u8, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// The gate that all traffic of a connection passes.
struct Gate {
    way: watch::Receiver<Way>,
    number: u64,
}

impl Gate {
    /// Waits until traffic may pass; waits for ever if the connection stays silent.
    async fn open(&mut self) {
        let is_lost = match self.way.wait_for(|way| !way.is_silent).await {
            Ok(way) => self.number < way.first,
            Err(_) => true,
        };
        if is_lost {
            std::future::pending::<()>().await;
        }
    }
}

async fn pass_on(mut client: TcpStream, port: u16, cut: &AtomicU8, mut gate: Gate) -> Result<()> {
    gate.open().await;
    let mut server = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut sent, mut answered) = (vec![0; 0x1_0000], vec![0; 0x1_0000]);
    loop {
        select! {
            length = client.read(&mut sent) => {
                let message = &sent[..length?];
                gate.open().await;
                if message.is_empty() {
                    return Ok(());
                }
                tokio::time::sleep(DELAY).await;
                let commits = message.windows(COMMIT.len()).any(|part| part == COMMIT);
                let cut = if commits { cut.load(Ordering::SeqCst) } else { Cut::Never as u8 };
                if cut == Cut::Before as u8 {
                    return Ok(());
                }
                server.write_all(message).await?;
                if cut == Cut::After as u8 {
                    return server.read(&mut answered).await.map(|_| ());
                }
            }
            length = server.read(&mut answered) => {
                let message = &answered[..length?];
                gate.open().await;
                if message.is_empty() {
                    return Ok(());
                }
                tokio::time::sleep(DELAY).await;
                client.write_all(message).await?;
            }
        }
    }
}
