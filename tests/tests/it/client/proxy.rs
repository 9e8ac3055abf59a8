//! A proxy before the server that loses responses.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::harness::connect;

/// When a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The whole request has been forwarded, and the response is not waited for.
    AfterRequest,
    /// The response has begun: the change is committed.
    AfterResponse,
}

/// A proxy on a local port. Its threads end with the connections.
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    server: String,
    cut: Cut,
    is_next: AtomicBool,
    cuts: AtomicUsize,
}

impl Proxy {
    pub(crate) fn start(server: &str, cut: Cut) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = State {
            server: server.to_owned(),
            cut,
            is_next: AtomicBool::new(false),
            cuts: AtomicUsize::new(0),
        };
        let state = Arc::new(state);
        let own = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&own);
                thread::spawn(move || state.forward(stream));
            }
        });
        Self { address, state }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Loses the response to the next request.
    pub(crate) fn cut_next(&self) {
        self.state.is_next.store(true, Ordering::SeqCst);
    }

    /// Returns the number of lost responses.
    pub(crate) fn cuts(&self) -> usize {
        self.state.cuts.load(Ordering::SeqCst)
    }
}

impl State {
    /// Forwards one request after the other until a side closes its connection, or until a response is lost.
    fn forward(&self, mut client: TcpStream) {
        let Ok(mut server) = connect(&self.server) else { return };
        while let Some(request) = message(&mut client) {
            let is_cut = self.is_next.swap(false, Ordering::SeqCst);
            if server.write_all(&request).is_err() {
                break;
            }
            let response = if is_cut && self.cut == Cut::AfterRequest { None } else { message(&mut server) };
            if is_cut {
                self.cuts.fetch_add(1, Ordering::SeqCst);
                break;
            }
            if response.is_none_or(|response| client.write_all(&response).is_err()) {
                break;
            }
        }
        let _ = client.shutdown(Shutdown::Both);
    }
}

/// Reads a whole message. The client and the server announce the lengths of all bodies that they send.
fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                return Some(bytes);
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(length) => bytes.extend_from_slice(&piece[..length]),
        }
    }
}
