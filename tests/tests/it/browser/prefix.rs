//! A proxy under whose prefix the service is reached. It removes the prefix and sends no `X-Forwarded-…` header.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// Starts a proxy that runs until the process ends, and returns where it listens.
pub(super) fn proxy(server: &str, prefix: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = server.to_owned();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = server.clone();
            // A client that disconnects does not affect the others.
            thread::spawn(move || forward(client, &server, prefix).ok());
        }
    });
    address
}

/// Forwards one request without a body. Its response ends the connection.
fn forward(mut client: TcpStream, server: &str, prefix: &str) -> io::Result<()> {
    let mut lines = BufReader::new(client.try_clone()?).lines();
    // A browser also opens connections that it does not use.
    let Some(first) = lines.next().transpose()? else { return Ok(()) };
    let Some((method, target)) = first.split_once(&format!(" {prefix}/")) else {
        return client.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let mut head = format!("{method} /{target}\r\n");
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if !line.to_ascii_lowercase().starts_with("connection:") {
            head += &line;
            head += "\r\n";
        }
    }
    let mut server = TcpStream::connect(server)?;
    server.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
    io::copy(&mut server, &mut client)?;
    Ok(())
}
