//! A way to Postgres on which statements are counted, and on which the answer to one of them can be kept back.

use std::collections::HashMap;
use std::io::{Read, Result, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread;

use sqlx::postgres::PgConnectOptions;

/// Listens for as long as the program runs.
pub(super) struct Turnstile {
    url: String,
    counter: Arc<Counter>,
}

/// What all connections have in common.
#[derive(Default)]
struct Counter {
    /// How many statements are still passed, the last of them without its answer; none of them is counted at 0.
    left: AtomicUsize,
    /// Who is told when that one has been done.
    told: Mutex<Option<Tell>>,
}

/// Takes the text of the statement that was done.
type Tell = Box<dyn FnOnce(String) + Send>;

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

    /// The database's address, by way of this.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// From now on all statements pass, uncounted.
    pub(super) fn let_all_pass(&self) {
        self.counter.left.store(0, Ordering::SeqCst);
    }

    /// From now on so many statements pass. The last of them is done, its answer never comes back, and its text is told.
    pub(super) fn let_pass<T: Send + 'static>(
        &self,
        statements: usize,
        told: Sender<T>,
        tell: impl FnOnce(String) -> T + Send + 'static,
    ) {
        // Nobody may be interested any more.
        *self.counter.told.lock().unwrap() = Some(Box::new(move |text| drop(told.send(tell(text)))));
        self.counter.left.store(statements, Ordering::SeqCst);
    }
}

impl Counter {
    /// Counts a statement, and says whether it is the one.
    fn is_the_last(&self) -> bool {
        let counted = self.left.try_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        counted == Ok(1)
    }
}

/// The same user and database behind a port of this machine.
fn elsewhere(url: &str, port: u16) -> String {
    let (user, place) = url.split_once('@').unwrap();
    let (_, database) = place.split_once('/').unwrap();
    format!("{user}@127.0.0.1:{port}/{database}")
}

/// A connection's end.
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
        // It may be closed already.
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

/// The statement whose answer is kept back, once there is one.
#[derive(Default)]
struct Kept {
    is_kept: AtomicBool,
    text: Mutex<String>,
}

/// Carries messages both ways until either side ends; then both are closed.
fn carry(client: TcpStream, server: impl Line, counter: Arc<Counter>) {
    let kept = Arc::new(Kept::default());
    let (answers_to, answers_of) = (client.again(), server.again());
    let (keeping, telling) = (kept.clone(), counter.clone());
    thread::spawn(move || {
        // A connection that breaks is what this is for.
        bring_back(&answers_of, &answers_to, &keeping, &telling).ok();
        answers_of.close();
        answers_to.close();
    });
    pass_on(&client, &server, &kept, &counter).ok();
    client.close();
    server.close();
}

/// From the client to the server, message by message.
fn pass_on(client: &TcpStream, server: &impl Line, kept: &Kept, counter: &Counter) -> Result<()> {
    let (mut from, mut to) = (client.again(), server.again());
    loop {
        let opening = message(&mut from, Vec::new())?;
        to.write_all(&opening)?;
        // A request for encryption, which the server declines, comes before the opening proper.
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
            *kept.text.lock().unwrap() = statement;
            kept.is_kept.store(true, Ordering::SeqCst);
        }
        to.write_all(&message)?;
    }
}

/// The rest of a message, whose length, with that of the length itself, comes first.
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

/// From the server to the client, until there is an answer to keep.
fn bring_back(server: &impl Line, client: &TcpStream, kept: &Kept, counter: &Counter) -> Result<()> {
    let (mut from, mut to) = (server.again(), client.again());
    let (mut buffer, mut answer) = (vec![0; 0x1_0000], Vec::new());
    loop {
        let length = from.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        if !kept.is_kept.load(Ordering::SeqCst) {
            to.write_all(&buffer[..length])?;
            continue;
        }
        // The client has all that came before, for it asks one thing after the other: here begins a message.
        answer.extend_from_slice(&buffer[..length]);
        if is_whole(&answer)
            && let Some(tell) = counter.told.lock().unwrap().take()
        {
            tell(kept.text.lock().unwrap().clone());
        }
    }
}

/// Whether the server has said all of it, and is ready for the next statement.
fn is_whole(mut answer: &[u8]) -> bool {
    while let [kind, a, b, c, d, ..] = *answer {
        let end = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap() + 1;
        if kind == b'Z' && answer.len() >= end {
            return true;
        }
        answer = answer.get(end..).unwrap_or_default();
    }
    false
}
