//! Bodies that are not parsed at all: invalid JSON, an unsupported media type, compressed, too large.

use loggia_http::{BodyRule, Limits};
use serde_json::json;

use crate::bad_input::{dump, filled};
use crate::bad_input_table::{BODIES, Body};
use crate::harness::client::Request;
use crate::harness::on_every_store;
use crate::world::World;

on_every_store!(
    a_body_that_is_not_json_is_refused_and_nothing_is_written,
    a_body_that_is_not_an_object_is_refused,
    another_media_type_is_refused_and_the_right_one_named,
    json_in_utf8_is_read_under_every_name_it_has,
    a_byte_order_mark_before_json_is_skipped,
    a_compressed_body_is_refused,
    a_body_is_accepted_up_to_the_limit_of_its_length,
    a_missing_body_changes_nothing,
);

fn request(world: &World, body: &Body) -> Request {
    world.as_founder().request(body.method, &filled(world, body.path, body.path))
}

async fn a_body_that_is_not_json_is_refused_and_nothing_is_written(world: World) {
    let before = dump(&world).await;
    for body in BODIES {
        let smallest = filled(&world, body.path, body.smallest);
        let cut = &smallest[..smallest.len() - 1];
        let texts = [
            cut.to_owned(),
            format!("{smallest} quay"),
            format!("{smallest}{smallest}"),
            format!("\u{feff}\u{feff}{smallest}"),
            format!("{smallest}\u{feff}"),
            format!("{{\u{feff}{}", &smallest[1..]),
            format!(" \u{feff}{smallest}"),
            "\u{feff}".to_owned(),
            format!("// quay\n{smallest}"),
            format!("{cut},}}"),
            format!("{smallest}'"),
            " \n\t ".to_owned(),
            "quay".to_owned(),
            "NaN".to_owned(),
            "{'name':'Quay'}".to_owned(),
            "{\"name\":01}".to_owned(),
            "{\"name\":\"quay\nside\"}".to_owned(),
            "{\"name\":\"\\x41\"}".to_owned(),
            "[".repeat(100_000),
            "{\"a\":".repeat(40_000),
        ];
        let mut bodies: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
        // Bytes that are not UTF-8: a lone byte, half a surrogate pair, an overlong encoding; in a name and in a value.
        for bytes in [&b"\xff"[..], b"\xed\xa0\x80", b"\xc0\x80"] {
            bodies.push([b"{\"na", bytes, b"me\":\"Quay\"}"].concat());
            bodies.push([b"{\"name\":\"", bytes, b"\"}"].concat());
        }
        bodies.push(smallest.encode_utf16().flat_map(u16::to_be_bytes).collect());
        for bytes in bodies {
            let start = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
            let response = request(&world, body).raw("application/json", bytes).await;
            let said = format!("{} {} {start:?}: {response}", body.method, body.path);
            assert_eq!(response.problem(), (400, "INVALID_JSON".to_owned()), "{said}");
        }
    }
    assert_eq!(dump(&world).await, before);
}

async fn a_body_that_is_not_an_object_is_refused(world: World) {
    let before = dump(&world).await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let nested = format!("{{\"name\":{deep}}}");
    for body in BODIES {
        let several = ["add-member", "/members", "/invitations"].iter().any(|end| body.path.ends_with(end));
        for text in ["null", "\"quay\"", "7", "1e400", "true", "\"\\ud800\"", "[]", "[7]"] {
            let response = request(&world, body).raw("application/json", text).await;
            assert_eq!(response.problem(), (400, "VALIDATION_FAILED".to_owned()), "{text}: {response}");
            if !(several && text.starts_with('[')) {
                assert_eq!(
                    response.field_errors(),
                    [(String::new(), "WRONG_TYPE".to_owned())],
                    "{text}: {response}"
                );
            }
        }
        // The maximum nesting of a body: it is refused with either code, and the stack does not overflow.
        for text in [&deep, &nested] {
            let response = request(&world, body).raw("application/json", text.as_str()).await;
            assert_eq!(response.problem().0, 400, "{} {}", body.method, body.path);
        }
    }
    assert_eq!(dump(&world).await, before);
}

async fn another_media_type_is_refused_and_the_right_one_named(world: World) {
    let before = dump(&world).await;
    for body in BODIES {
        let smallest = filled(&world, body.path, body.smallest);
        let patch = body.rule != BodyRule::Json;
        let mut wrong = vec![
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/json;charset=\"iso-8859-1\"",
            "application/json-patch+json",
            "application/problem+json",
            "application/jsonp",
            "json",
            "*/*",
            "",
        ];
        if !patch {
            wrong.push("application/merge-patch+json");
        }
        let typed = wrong.iter().map(|media| request(&world, body).raw(media, smallest.clone()));
        let untyped = request(&world, body).untyped(smallest.clone());
        let twice = request(&world, body).raw("application/json", smallest.clone());
        let twice = twice.header("Content-Type", "application/json");
        for request in typed.chain([untyped, twice]) {
            let response = request.await;
            response.refuses(415, "UNSUPPORTED_MEDIA_TYPE");
            let accepted = (response.header("accept-post"), response.header("accept-patch"));
            let expected = match patch {
                true => (None, Some("application/json, application/merge-patch+json")),
                false => (Some("application/json"), None),
            };
            assert_eq!(accepted, expected, "{response}");
        }
    }
    assert_eq!(dump(&world).await, before);
}

async fn json_in_utf8_is_read_under_every_name_it_has(mut world: World) {
    for body in BODIES {
        let mut names = vec![
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/json ; Charset=utf-8",
        ];
        if body.rule != BodyRule::Json {
            names.push("application/merge-patch+json");
        }
        for name in names {
            let response = request(&world, body).raw(name, filled(&world, body.path, body.smallest)).await;
            assert!(
                (200..300).contains(&response.status),
                "{} {} {name}: {response}",
                body.method,
                body.path
            );
            // A second request would fail: the person is a member, invited or removed already, and an accepted token has ended.
            let once = ["-member", "/members", "/invitations", "/accept"];
            if once.iter().any(|end| body.path.ends_with(end)) {
                world = world.again().await;
            }
        }
    }
}

/// RFC 8259 §8.1 allows a parser to ignore the mark. Some Windows programs write one.
async fn a_byte_order_mark_before_json_is_skipped(world: World) {
    for body in BODIES {
        let world = world.again().await;
        let marked = format!("\u{feff}{}", filled(&world, body.path, body.smallest));
        let response = request(&world, body).raw("application/json", marked).await;
        assert!((200..300).contains(&response.status), "{} {}: {response}", body.method, body.path);
    }
    let project = format!("/v2/projects/{}", world.harbour.id);
    let patch =
        |text: &'static str| world.as_founder().request("PATCH", &project).raw("application/json", text);
    assert_eq!(patch("\u{feff}{}").await.status, 204);
    let response = patch("\u{feff}{\"project_name\": \"\u{feff}Quay\"}").await;
    assert_eq!(
        response.json()["project_name"],
        json!("\u{feff}Quay"),
        "a mark inside a text stays: {response}"
    );
    let refused = patch("\u{feff}{\"project_name\": }").await;
    assert_eq!(refused.problem(), (400, "INVALID_JSON".to_owned()));
    assert!(refused.json()["detail"].as_str().unwrap().contains("line 1 column 18"), "{refused}");
}

async fn a_compressed_body_is_refused(world: World) {
    let before = dump(&world).await;
    for body in BODIES {
        for encoding in ["gzip", "br", "deflate", "zstd", "identity, gzip", "quay", ""] {
            let smallest = filled(&world, body.path, body.smallest);
            let request = request(&world, body).raw("application/json", smallest);
            let response = request.header("Content-Encoding", encoding).await;
            response.refuses(415, "UNSUPPORTED_CONTENT_ENCODING");
            assert_eq!(response.header("accept-encoding"), Some("identity"), "{response}");
        }
    }
    assert_eq!(dump(&world).await, before);
    let plain = world.as_founder().post("/api/v1/spaces", json!({"name": "Quay"}));
    assert_eq!(plain.header("Content-Encoding", "identity").await.status, 201);
}

async fn a_body_is_accepted_up_to_the_limit_of_its_length(first: World) {
    let most = Limits::default().body_bytes;
    assert_eq!(most, 256 * 1024);
    for body in BODIES {
        let world = first.again().await;
        let before = dump(&world).await;
        let smallest = filled(&world, body.path, body.smallest);
        let padded = |length: usize| format!("{smallest}{}", " ".repeat(length - smallest.len()));
        let response = request(&world, body).raw("application/json", padded(most + 1)).await;
        response.refuses(413, "PAYLOAD_TOO_LARGE");
        assert_eq!(dump(&world).await, before);
        let response = request(&world, body).raw("application/json", padded(most)).await;
        assert!((200..300).contains(&response.status), "{} {}: {response}", body.method, body.path);
    }
}

async fn a_missing_body_changes_nothing(world: World) {
    let before = dump(&world).await;
    for body in BODIES {
        for request in [request(&world, body), request(&world, body).raw("application/json", "")] {
            let response = request.await;
            if body.rule == BodyRule::OptionalPatch {
                assert_eq!((response.status, response.bytes.len()), (204, 0), "{response}");
            } else {
                response.refuses(400, "INVALID_JSON");
            }
        }
    }
    assert_eq!(dump(&world).await, before);
}
