//! A way to the database that is slow, that breaks while a transaction is committed, or on which nothing passes for a time.

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

/// How long each message takes, either way.
const DELAY: Duration = Duration::from_millis(1);

/// The message as sqlx sends it, without its length.
const COMMIT: &[u8] = b"COMMIT\0";

/// What becomes of a COMMIT that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Cut {
    /// It arrives, and so does its answer.
    Never,
    /// The connection breaks before it arrives.
    Before,
    /// It arrives and is done; the connection breaks before the answer comes back.
    After,
}

/// What becomes of connections on which nothing has passed for a time, when others pass again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silent {
    /// What was held up arrives, as where packets were lost and are sent again.
    GoOn,
    /// Nothing ever passes on them, as where somebody in between has forgotten them.
    ForEver,
}

/// Whether anything passes.
#[derive(Clone, Copy, Debug, Default)]
struct Way {
    is_silent: bool,
    /// Connections with a lower number are silent for ever.
    first: u64,
    /// The number of the next connection.
    next: u64,
}

/// Listens on a port of this machine and passes on to the database.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    cut: Arc<AtomicU8>,
    way: Arc<watch::Sender<Way>>,
    listening: JoinHandle<()>,
}

impl Proxy {
    /// In front of the database on that port of this machine.
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
                // A connection that breaks is what this is for.
                tokio::spawn(async move { pass_on(client, port, &mode, gate).await.ok() });
            }
        });
        Self { port: own, cut, way, listening }
    }

    /// From now on nothing passes either way, and no connection is closed.
    pub(crate) fn fall_silent(&self) {
        self.way.send_modify(|way| way.is_silent = true);
    }

    /// From now on all passes again, but for connections that there are, if they are silent for ever.
    pub(crate) fn heal(&self, silent: Silent) {
        self.way.send_modify(|way| {
            way.is_silent = false;
            if silent == Silent::ForEver {
                way.first = way.next;
            }
        });
    }

    /// From now on that becomes of each COMMIT.
    pub(crate) fn cut(&self, cut: Cut) {
        self.cut.store(cut as u8, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// What one connection must pass.
struct Gate {
    way: watch::Receiver<Way>,
    number: u64,
}

impl Gate {
    /// Waits until something may pass; for ever, where nothing may any more.
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
