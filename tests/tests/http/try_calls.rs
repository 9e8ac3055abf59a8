//! The page where calls are tried, and its files, which are compressed.

use std::io::Read as _;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use loggia_http::{HttpApp, Limits};
use loggia_testkit::SequentialIds;

use crate::harness::response::Response;
use crate::harness::{Store, run};
use crate::wire::{Serving, request};
use crate::world::{Key, Who, World};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";
const COMPRESSED: [&str; 2] = ["/docs/try/swagger-ui-bundle.js", "/docs/try/swagger-ui.css"];

/// The text of a gzip file, whose checksum and length are checked, and of nothing behind it.
#[track_caller]
fn inflated(response: &Response) -> String {
    let mut text = String::new();
    MultiGzDecoder::new(response.bytes.as_slice()).read_to_string(&mut text).expect("a gzip file");
    text
}

#[test]
fn the_page_has_its_own_content_security_policy_and_other_paths_the_strict_one() {
    run(Store::Memory, async |world| {
        let nobody = world.as_nobody();
        let page = nobody.get("/docs/try").await;
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert_eq!(page.header("content-security-policy"), Some(POLICY));
        assert_eq!(page.header("content-encoding"), None);
        for file in ["start.js", "swagger-ui.css", "LICENSE", "quay"] {
            let file = nobody.get(&format!("/docs/try/{file}")).await;
            let policy = file.header("content-security-policy");
            assert_eq!(policy, Some("default-src 'none'; frame-ancestors 'none'"), "{file}");
        }
        nobody.get("/docs/try/quay").await.refuses(404, "NOT_FOUND");
        nobody.get("/docs/try/").await.refuses(404, "ROUTE_NOT_FOUND");
    });
}

#[test]
fn the_reference_and_the_page_lead_to_each_other() {
    run(Store::Memory, async |world| {
        for (path, link) in [("/docs", "href=\"docs/try\""), ("/docs/try", "href=\"../docs\"")] {
            let page = world.as_nobody().get(path).await;
            assert!(String::from_utf8(page.bytes).unwrap().contains(link), "{path}");
        }
    });
}

#[test]
fn the_files_are_sent_as_browsers_run_and_show_them() {
    run(Store::Memory, async |world| {
        let nobody = world.as_nobody();
        let [script, style] = COMPRESSED;
        for (path, kind, beginning) in [
            (script, "text/javascript; charset=utf-8", "/*! For license information"),
            (style, "text/css; charset=utf-8", ".swagger-ui{"),
        ] {
            let file = nobody.get(path).header("Accept-Encoding", "gzip, deflate, br, zstd").await;
            assert_eq!((file.status, file.header("content-type")), (200, Some(kind)), "{path}");
            assert_eq!(file.header("content-encoding"), Some("gzip"), "{path}");
            assert_eq!(file.header("vary"), Some("Authorization, Accept-Encoding"), "{path}");
            assert_eq!(file.header("cache-control"), Some("private, no-cache"), "{path}");
            let text = inflated(&file);
            assert!(text.len() > 100_000 && text.starts_with(beginning), "{path}: {text:.100}");
        }
        for (path, kind, part) in [
            ("/docs/try/start.js", "text/javascript; charset=utf-8", "SwaggerUIBundle({"),
            ("/docs/try/LICENSE", "text/plain; charset=utf-8", "Apache License"),
            ("/docs/try/NOTICE", "text/plain; charset=utf-8", "SmartBear Software"),
            ("/docs/try/THIRD-PARTY", "text/plain; charset=utf-8", "Copyright OpenJS Foundation"),
        ] {
            // These files are small and not compressed.
            let file = nobody.get(path).header("Accept-Encoding", "identity").await;
            assert_eq!((file.status, file.header("content-type")), (200, Some(kind)), "{path}");
            assert_eq!((file.header("content-encoding"), file.header("vary")), (None, Some("Authorization")));
            assert!(String::from_utf8(file.bytes).unwrap().contains(part), "{path}");
        }
    });
}

#[test]
fn the_licences_of_the_libraries_are_about_the_version_that_is_sent() {
    run(Store::Memory, async |world| {
        let nobody = world.as_nobody();
        let [script, _] = COMPRESSED;
        let script = inflated(&nobody.get(script).await);
        let (_, rest) = script.split_once("PACKAGE_VERSION:\"").expect("the version in the script");
        let (version, _) = rest.split_once('"').expect("the end of the version");
        let licences = String::from_utf8(nobody.get("/docs/try/THIRD-PARTY").await.bytes).unwrap();
        assert!(licences.contains(&format!("of Swagger UI {version}, ")), "{version}");
    });
}

#[test]
fn a_compressed_file_is_refused_to_a_client_that_does_not_accept_it() {
    run(Store::Memory, async |world| {
        let nobody = world.as_nobody();
        for path in COMPRESSED {
            for method in ["GET", "HEAD"] {
                for accepted in ["gzip", "x-gzip;q=0.1", "*", "br, *;q=0.5"] {
                    let file = nobody.request(method, path).header("Accept-Encoding", accepted).await;
                    assert_eq!(file.status, 200, "{method} {path} {accepted}");
                }
                for accepted in ["", "identity", "gzip;q=0", "br, *;q=0", "gzip;q=0, *"] {
                    // Preconditions are evaluated only for a response that could be sent (RFC 9110 §13.2.2).
                    let refused = nobody.request(method, path).header("Accept-Encoding", accepted);
                    let refused = refused.header("If-None-Match", "*").await;
                    refused.refuses(406, "ENCODING_NOT_ACCEPTABLE");
                    assert_eq!(refused.header("vary"), Some("Authorization, Accept-Encoding"), "{refused}");
                }
            }
            let lines = nobody.get(path).header("Accept-Encoding", "br").header("Accept-Encoding", "gzip");
            assert_eq!(lines.await.status, 200, "lines are one list");
            let failed = nobody.get(path).header("If-Match", "\"quay\"").await;
            failed.refuses(412, "PRECONDITION_FAILED");
            assert_eq!(failed.header("vary"), Some("Authorization, Accept-Encoding"), "{failed}");
        }
        let page = nobody.get("/docs/try").header("Accept-Encoding", "gzip;q=0").await;
        assert_eq!(page.status, 200, "the page itself is not compressed");
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_arrives_whole_with_its_length_over_a_socket() {
    let world = World::on(Store::Memory).await;
    let key = world.new_key(Who::Founder, Key::Full).await;
    let app = HttpApp::new(world.loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], Limits::default());
    let serving = Serving::start(app);
    let mut wire = serving.connect().await;
    for path in COMPRESSED {
        let expected = world.as_nobody().get(path).await;
        let file = wire.call(&request("GET", path, &key, None)).await;
        assert_eq!((file.status, file.body == expected.bytes), (200, true), "{path}");
        let length = expected.bytes.len().to_string();
        let head = wire.call(&request("HEAD", path, &key, None)).await;
        for response in [&file, &head] {
            assert_eq!(response.header("content-length"), Some(length.as_str()), "{path}");
            assert_eq!(response.header("content-encoding"), Some("gzip"), "{path}");
        }
    }
    serving.end().await;
}
