//! A proxy to a Postgres server that counts the statements that are run, and the round trips: how often the client sends something that
//! makes the server work, and then waits.

use std::io::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::task::JoinHandle;

use super::measured::Cost;

/// Listens on a local port, forwards to a server, and counts.
pub(super) struct Counter {
    counts: Arc<Counts>,
    listening: JoinHandle<()>,
}

#[derive(Default)]
struct Counts {
    statements: AtomicUsize,
    trips: AtomicUsize,
}

impl Counter {
    /// Starts a counter in front of the server of that URL. Returns that URL with the counter's address.
    pub(super) async fn before(url: &str) -> (Self, String) {
        let (scheme, rest) = url.split_once("://").expect("a URL has a scheme");
        let (authority, database) = rest.split_once('/').expect("the URL names a database");
        let (user, address) = authority.rsplit_once('@').expect("the URL names a user");
        let server =
            tokio::net::lookup_host(address).await.unwrap().next().expect("the server has an address");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap();
        let counts = Arc::<Counts>::default();
        let counted = counts.clone();
        let listening = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let counted = counted.clone();
                // The client closes the connection with its store.
                tokio::spawn(async move { pass_on(client, server, &counted).await.ok() });
            }
        });
        (Self { counts, listening }, format!("{scheme}://{user}@{own}/{database}"))
    }

    /// Returns the counts so far.
    pub(super) fn cost(&self) -> Cost {
        let Counts { statements, trips } = &*self.counts;
        Cost { statements: statements.load(Ordering::SeqCst), trips: trips.load(Ordering::SeqCst) }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn pass_on(mut client: TcpStream, server: SocketAddr, counts: &Counts) -> Result<()> {
    let mut server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut asked, mut responded) = (vec![0; 0x1_0000], vec![0; 0x1_0000]);
    let mut exchange = Exchange::default();
    loop {
        select! {
            length = client.read(&mut asked) => {
                let bytes = &asked[..length?];
                if bytes.is_empty() {
                    return Ok(());
                }
                exchange.said(bytes);
                server.write_all(bytes).await?;
            }
            length = server.read(&mut responded) => {
                let bytes = &responded[..length?];
                if bytes.is_empty() {
                    return Ok(());
                }
                let ended = exchange.ends();
                counts.statements.fetch_add(ended.statements, Ordering::SeqCst);
                counts.trips.fetch_add(ended.trips, Ordering::SeqCst);
                client.write_all(bytes).await?;
            }
        }
    }
}

/// The messages of the client since the last response of the server.
#[derive(Default)]
struct Exchange {
    /// The bytes of an incomplete message.
    pending: Vec<u8>,
    /// `false` before a session begins: until then, messages have no type.
    begun: bool,
    /// The types of the complete messages.
    types: Vec<u8>,
}

/// The beginning of a session in version 3.0 of the protocol. Before it, the client may ask for encryption.
const START: [u8; 4] = [0, 3, 0, 0];

impl Exchange {
    fn said(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        loop {
            let head = usize::from(self.begun);
            let Some(length) = self.pending.get(head..head + 4) else { return };
            let length = u32::from_be_bytes(length.try_into().expect("four bytes"));
            let end = head + usize::try_from(length).expect("a length");
            if self.pending.len() < end {
                return;
            }
            let message: Vec<u8> = self.pending.drain(..end).collect();
            if self.begun {
                self.types.push(message[0]);
            } else {
                self.begun = message[4..8] == START;
            }
        }
    }

    /// Ends the exchange, and returns its cost. Preparing a statement (once in each session), logging in and terminating are not round
    /// trips; the check of an idle session is one, without a statement.
    fn ends(&mut self) -> Cost {
        let types = std::mem::take(&mut self.types);
        // A simple query, or values bound to a prepared statement.
        let statements = types.iter().filter(|kind| matches!(kind, b'Q' | b'B')).count();
        Cost { statements, trips: usize::from(statements > 0 || types == *b"S") }
    }
}

#[test]
fn an_exchange_is_a_round_trip_if_the_server_has_to_work() {
    let message = |kind: u8, body: &[u8]| {
        let length = u32::try_from(body.len() + 4).unwrap();
        [&[kind], length.to_be_bytes().as_slice(), body].concat()
    };
    let cost = |statements, trips| Cost { statements, trips };
    let mut exchange = Exchange::default();
    let encryption = [0, 0, 0, 8, 4, 210, 22, 47];
    exchange.said(&encryption);
    assert_eq!(exchange.ends(), cost(0, 0));
    exchange.said(&[[0, 0, 0, 8].as_slice(), &START].concat());
    assert_eq!(exchange.ends(), cost(0, 0), "a session begins");
    exchange.said(&[message(b'P', b"select"), message(b'D', b"s"), message(b'S', b"")].concat());
    assert_eq!(exchange.ends(), cost(0, 0), "a statement is prepared");
    let run = [message(b'B', b"values"), message(b'E', b"")].concat();
    let (first, second) = run.split_at(7);
    exchange.said(first);
    exchange.said(second);
    exchange.said(&[run, message(b'S', b"")].concat());
    assert_eq!(exchange.ends(), cost(2, 1), "two are run at once");
    assert_eq!(exchange.ends(), cost(0, 0), "a response in two parts ends one exchange");
    exchange.said(&message(b'Q', b"COMMIT"));
    assert_eq!(exchange.ends(), cost(1, 1));
    exchange.said(&message(b'S', b""));
    assert_eq!(exchange.ends(), cost(0, 1), "a look");
    exchange.said(&message(b'X', b""));
    assert_eq!(exchange.ends(), cost(0, 0), "farewell");
}
