//! TLS: a server is known by its certificate.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use loggia_client::{Client, Error, Retries};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::KEY;

/// Starts an HTTPS server that is live and nothing else. Returns its base URL, and its certificate in PEM.
fn serve() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into());
    let config = Arc::new(config.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
            let mut request = [0; 4096];
            // A client that does not trust the certificate ends the handshake here.
            if tls.read(&mut request).is_ok() {
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
                let _ = tls
                    .write_all(format!("{head}Content-Length: 15\r\n\r\n{{\"status\":\"ok\"}}").as_bytes());
                tls.conn.send_close_notify();
                let _ = tls.flush();
            }
        }
    });
    (url, made.cert.pem())
}

#[tokio::test]
async fn a_private_root_certificate_is_trusted_if_it_is_configured() {
    let (url, certificate) = serve();
    let mut once = Retries::default();
    once.max_attempts = 1;
    let builder = || Client::builder(&url, KEY).retries(once.clone());
    let stranger = builder().build().unwrap().service().is_live().await.unwrap_err();
    assert!(matches!(&stranger, Error::Unreachable(_)), "{stranger:?}");
    assert!(format!("{stranger:?}").contains("UnknownIssuer"), "{stranger:?}");
    builder().root_certificates(certificate).build().unwrap().service().is_live().await.unwrap();
}
