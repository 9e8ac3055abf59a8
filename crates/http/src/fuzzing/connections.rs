//! The parts of a request that are read before its endpoint is known: its end, and the URL that its client called.

use std::net::{Ipv4Addr, SocketAddr};

use actix_http::ServiceConfig;
use actix_http::h1::{Codec, Message, MessageType};
use actix_web::http::header::{FORWARDED, HOST, HeaderName, HeaderValue};
use actix_web::rt::System;
use actix_web::test::TestRequest;
use actix_web::web::BytesMut;
use loggia_serve::client::{BaseUrl, Networks, PublicUrl};
use loggia_serve::connection::framing::{Framing, LINE_BYTES};
use tokio_util::codec::Decoder as _;

use super::there;

/// Request boundaries: they are where the parser finds them, and do not depend on how the bytes are split.
pub fn framing(data: &[u8]) {
    let (mut whole, mut pieces) = (Framing::default(), Framing::default());
    whole.feed(data);
    data.chunks(7).for_each(|piece| pieces.feed(piece));
    assert_eq!((whole.is_between(), whole.heads()), (pieces.is_between(), pieces.heads()));
    // Longer lines are not inspected to their end, so they cannot be compared.
    if data.split(|byte| *byte == b'\n').any(|line| line.len() > LINE_BYTES) {
        return;
    }
    if let Some(is_between) = as_parsed(data) {
        assert_eq!(whole.is_between(), is_between, "{}", data.escape_ascii());
    }
}

thread_local! {
    /// Created once, since it needs a runtime only when it is created.
    static CONFIG: ServiceConfig = System::new().block_on(async { ServiceConfig::default() });
}

/// Returns `true` if the parser has taken all bytes and the last request is complete, and `None` if the parser rejects the bytes or hands
/// the connection to another protocol.
fn as_parsed(data: &[u8]) -> Option<bool> {
    let mut codec = CONFIG.with(|config| Codec::new(config.clone()));
    let mut rest = BytesMut::from(data);
    let mut in_body = false;
    loop {
        match codec.decode(&mut rest).ok()? {
            Some(Message::Item(_)) => match codec.message_type() {
                MessageType::None => {}
                MessageType::Payload => in_body = true,
                MessageType::Stream => return None,
            },
            Some(Message::Chunk(Some(_))) => {}
            Some(Message::Chunk(None)) => in_body = false,
            None => return Some(rest.is_empty() && !in_body),
        }
    }
}

/// The base URL of links, from header lines of a trusted proxy; the first byte of each line chooses its name. The base must be a valid URL,
/// or a path if no host is named.
pub fn links(data: &[u8]) {
    let x = |name: &'static str| HeaderName::from_static(name);
    let names = [
        HOST,
        FORWARDED,
        x("x-forwarded-for"),
        x("x-forwarded-host"),
        x("x-forwarded-proto"),
        x("x-forwarded-prefix"),
    ];
    let mut request = TestRequest::default().peer_addr(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)));
    for line in data.split(|byte| *byte == b'\n') {
        let Some((which, value)) = line.split_first() else { continue };
        let Ok(value) = HeaderValue::from_bytes(value) else { continue };
        request = request.append_header((names[usize::from(*which) % names.len()].clone(), value));
    }
    let proxies = there(Networks::parse("127.0.0.0/8, 10.0.0.0/8").ok(), "these are networks");
    let base = BaseUrl::from_request(&request.to_http_request(), None, &proxies).to_string();
    let url = if base.is_empty() || base.starts_with('/') { format!("http://a{base}") } else { base };
    // Public URLs are tested on their own.
    assert_eq!(PublicUrl::parse(&url).map(|url| url.to_string()).as_deref(), Ok(url.as_str()));
    assert!(url.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"\\,;?#@".contains(&byte)), "{url}");
    assert!(HeaderValue::from_str(&format!("<{url}/v2>; rel=\"next\"")).is_ok());
}
