//! A proxy to Postgres that counts statements, and can hold back the response to one of them.

use std::collections::HashMap;
use std::io::{Read, Result, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread;

use sqlx::postgres::PgConnectOptions;

/// The proxy, which listens for as long as the test program runs.
pub(super) struct Turnstile {
    url: String,
    counter: Arc<Counter>,
}

/// The state that all connections share.
#[derive(Default)]
struct Counter {
    /// The number of statements that still pass, the last of them without its response; at 0, statements are not counted.
    left: AtomicUsize,
    /// The callback for the statement whose response is held back.
    callback: Mutex<Option<Callback>>,
}

/// Takes the text of the statement that was executed.
type Callback = Box<dyn FnOnce(String) + Send>;

impl Turnstile {
    pub(super) fn before(database_url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = elsewhere(database_url, listener.local_addr().unwrap().port());
        let server: PgConnectOptions = database_url.parse().unwrap();
        let counter = Arc::new(Counter::default());
        let counting = counter.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (server, counter) = (server.clone(), counting.clone());
                thread::spawn(move || connect(client, &server, counter));
            }
        });
        Self { url, counter }
    }

    /// Returns the database's URL with the address of the proxy.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Lets all statements pass uncounted from now on.
    pub(super) fn let_all_pass(&self) {
        self.counter.left.store(0, Ordering::SeqCst);
    }

    /// Lets that many statements pass from now on. The last of them is executed, its response is held back, and its text is sent.
    pub(super) fn let_pass<T: Send + 'static>(
        &self,
        statements: usize,
        sender: Sender<T>,
        event: impl FnOnce(String) -> T + Send + 'static,
    ) {
        // The receiver may be gone.
        *self.counter.callback.lock().unwrap() = Some(Box::new(move |text| drop(sender.send(event(text)))));
        self.counter.left.store(statements, Ordering::SeqCst);
    }
}

impl Counter {
    /// Counts a statement, and returns `true` if it is the last one.
    fn is_the_last(&self) -> bool {
        let counted = self.left.try_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        counted == Ok(1)
    }
}

/// Returns the URL with the same user and database at a local port.
fn elsewhere(url: &str, port: u16) -> String {
    let (user, address) = url.split_once('@').unwrap();
    let (_, database) = address.split_once('/').unwrap();
    format!("{user}@127.0.0.1:{port}/{database}")
}

/// The end of a connection.
trait Line: Read + Write + Send + Sized + 'static {
    fn again(&self) -> Self;
    fn close(&self);
}

impl Line for TcpStream {
    fn again(&self) -> Self {
        self.set_nodelay(true).unwrap();
        self.try_clone().unwrap()
    }

    fn close(&self) {
        // The connection may be closed already.
        self.shutdown(Shutdown::Both).ok();
    }
}

impl Line for UnixStream {
    fn again(&self) -> Self {
        self.try_clone().unwrap()
    }

    fn close(&self) {
        self.shutdown(Shutdown::Both).ok();
    }
}

fn connect(client: TcpStream, server: &PgConnectOptions, counter: Arc<Counter>) {
    if let Some(folder) = server.get_socket() {
        let socket = folder.join(format!(".s.PGSQL.{}", server.get_port()));
        carry(client, UnixStream::connect(socket).unwrap(), counter);
    } else {
        carry(client, TcpStream::connect((server.get_host(), server.get_port())).unwrap(), counter);
    }
}

/// The statement whose response is held back, once there is one.
#[derive(Default)]
struct Held {
    is_held: AtomicBool,
    text: Mutex<String>,
}

/// Forwards messages in both directions until one side ends. Then both are closed.
fn carry(client: TcpStream, server: impl Line, counter: Arc<Counter>) {
    let held = Arc::new(Held::default());
    let (to_client, from_server) = (client.again(), server.again());
    let (also_held, also_counter) = (held.clone(), counter.clone());
    thread::spawn(move || {
        // A broken connection is expected in these tests.
        bring_back(&from_server, &to_client, &also_held, &also_counter).ok();
        from_server.close();
        to_client.close();
    });
    pass_on(&client, &server, &held, &counter).ok();
    client.close();
    server.close();
}

/// Forwards messages from the client to the server.
fn pass_on(client: &TcpStream, server: &impl Line, held: &Held, counter: &Counter) -> Result<()> {
    let (mut from, mut to) = (client.again(), server.again());
    loop {
        let opening = message(&mut from, Vec::new())?;
        to.write_all(&opening)?;
        // A request for encryption, which the server declines, comes before the startup message.
        if opening.len() > 8 {
            break;
        }
    }
    let (mut known, mut bound) = (HashMap::new(), String::new());
    loop {
        let mut kind = [0];
        from.read_exact(&mut kind)?;
        let message = message(&mut from, kind.into())?;
        let mut texts =
            message[5..].split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text).into_owned());
        let mut text = || texts.next().unwrap_or_default();
        let statement = match kind[0] {
            b'Q' => Some(text()),
            b'E' => known.get(&bound).cloned(),
            b'P' => {
                let name = text();
                known.insert(name, text());
                None
            }
            b'B' => {
                text();
                bound = text();
                None
            }
            _ => None,
        };
        if let Some(statement) = statement
            && counter.is_the_last()
        {
            *held.text.lock().unwrap() = statement;
            held.is_held.store(true, Ordering::SeqCst);
        }
        to.write_all(&message)?;
    }
}

/// Reads the rest of a message, which begins with its length (including that of the length itself).
fn message(from: &mut impl Read, mut begun: Vec<u8>) -> Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    begun.extend(length);
    let rest = usize::try_from(u32::from_be_bytes(length)).unwrap().saturating_sub(4);
    let start = begun.len();
    begun.resize(start + rest, 0);
    from.read_exact(&mut begun[start..])?;
    Ok(begun)
}

/// Forwards messages from the server to the client, until a response is held back.
fn bring_back(server: &impl Line, client: &TcpStream, held: &Held, counter: &Counter) -> Result<()> {
    let (mut from, mut to) = (server.again(), client.again());
    let (mut buffer, mut response) = (vec![0; 0x1_0000], Vec::new());
    loop {
        let length = from.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        if !held.is_held.load(Ordering::SeqCst) {
            to.write_all(&buffer[..length])?;
            continue;
        }
        // The client has everything before, since it sends one statement after the other: a message begins here.
        response.extend_from_slice(&buffer[..length]);
        if is_whole(&response)
            && let Some(callback) = counter.callback.lock().unwrap().take()
        {
            callback(held.text.lock().unwrap().clone());
        }
    }
}

/// Returns `true` if the response is complete, and the server is ready for the next statement.
fn is_whole(mut response: &[u8]) -> bool {
    while let [kind, a, b, c, d, ..] = *response {
        let end = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap() + 1;
        if kind == b'Z' && response.len() >= end {
            return true;
        }
        response = response.get(end..).unwrap_or_default();
    }
    false
}
