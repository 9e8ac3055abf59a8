//! A collector of traces that keeps everything it receives.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use crate::harness::TIMEOUT;

/// A batch as a collector gets it.
pub(super) struct Batch {
    pub(super) head: String,
    pub(super) request: ExportTraceServiceRequest,
}

/// A collector that keeps every batch.
pub(super) struct Collector {
    pub(super) url: String,
    pub(super) batches: Receiver<Batch>,
}

impl Collector {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, batches) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let sender = sender.clone();
                thread::spawn(move || serve(stream, &sender));
            }
        });
        Self { url, batches }
    }

    /// Waits for spans until one of them has that name, and returns all of its trace with the head of its batch.
    pub(super) fn trace_of(&self, name: &str) -> (Vec<Span>, String, ExportTraceServiceRequest) {
        let (mut spans, deadline) = (Vec::<Span>::new(), Instant::now() + TIMEOUT);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let batch = self.batches.recv_timeout(left);
            let batch = batch.unwrap_or_else(|_| panic!("no span {name} among {:?}", names(&spans)));
            spans.extend(spans_of(&batch.request));
            if let Some(found) = spans.iter().find(|span| span.name == name) {
                let id = found.trace_id.clone();
                spans.retain(|span| span.trace_id == id);
                return (spans, batch.head, batch.request);
            }
        }
    }
}

pub(super) fn spans_of(request: &ExportTraceServiceRequest) -> Vec<Span> {
    let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
    scopes.flat_map(|scope| scope.spans.clone()).collect()
}

pub(super) fn names(spans: &[Span]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_str()).collect()
}

/// Answers each request on a connection.
fn serve(stream: TcpStream, batches: &Sender<Batch>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap()];
        reader.read_exact(&mut body).unwrap();
        let request = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
        let response = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
        reader.get_mut().write_all(response.as_bytes()).unwrap();
        if batches.send(Batch { head, request }).is_err() {
            return;
        }
    }
}
