//! The documents of a mount: every reference is below the mount, and leads to a page or file.

use actix_web::test::TestRequest;
use loggia_http::{Limits, PublicUrl, mount, openapi};
use serde_json::json;

use super::callers::with_sessions;
use super::{app, client, get, host, mounted};
use crate::harness::client::{Client, MOUNT, Service};
use crate::harness::{Store, run};
use crate::world::{MADE_UP, Who, World};

async fn service(world: &World) -> Service {
    host(vec![mounted(world, MOUNT)]).await.below(MOUNT)
}

/// Returns the path that a reference in the document at `path` leads to, as a browser resolves it (RFC 3986 §5.2).
fn resolved(path: &str, reference: &str) -> String {
    let mut folder = path.rsplit_once('/').expect("a path").0;
    let mut rest = reference;
    while let Some(after) = rest.strip_prefix("../") {
        folder = folder.rsplit_once('/').expect("a folder above").0;
        rest = after;
    }
    match rest {
        "." => folder.to_owned(),
        rest if rest.starts_with('/') => rest.to_owned(),
        rest => format!("{folder}/{rest}"),
    }
}

#[test]
fn the_type_of_every_problem_leads_to_its_page() {
    run(Store::Memory, async |world| {
        let service = service(&world).await;
        let founder = client(&world, &service, Who::Founder);
        let nobody = Client::new(service.clone(), Vec::new());
        let mut codes = Vec::new();
        for refused in [
            nobody.get("/api/v1/me").await,
            founder.get("/quay").await,
            founder.get("").await,
            founder.request("PUT", "/livez").await,
            founder.get(&format!("/api/v1/spaces/{MADE_UP}")).await,
            founder.get("/api/v1/spaces?limit=0").await,
            founder.request("POST", "/api/v1/spaces").raw("text/plain", "quay").await,
            founder.request("POST", "/api/v1/spaces").raw("application/json", "{").await,
            founder.get("/livez").header("Host", "a b").await,
        ] {
            let problem = refused.json();
            let page = get(&service, problem["type"].as_str().expect("a type")).await;
            assert_eq!(
                (page.status, page.header("content-type")),
                (200, Some("text/html; charset=utf-8")),
                "{refused}"
            );
            let code = problem["code"].as_str().expect("a code").to_owned();
            assert!(String::from_utf8_lossy(&page.bytes).contains(&code), "{code}: {page}");
            codes.push(code);
        }
        codes.dedup();
        assert_eq!(codes.len(), 8, "{codes:?}");
    });
}

#[test]
fn the_servers_of_the_document_lead_to_the_mount() {
    run(Store::Memory, async |world| {
        let service = service(&world).await;
        let document = get(&service, &format!("{MOUNT}/openapi.json")).await;
        assert_eq!(document.status, 200);
        let alone = openapi::text().replace("\"^/docs/errors/", "\"^(/.+)?/docs/errors/");
        assert!(document.bytes == alone.as_bytes(), "it differs in the type of problems only");
        let document = document.json();
        let root = resolved(
            &format!("{MOUNT}/openapi.json"),
            document["servers"][0]["url"].as_str().expect("a URL"),
        );
        assert_eq!(root, MOUNT);
        for path in document["paths"].as_object().expect("paths").keys() {
            let request = TestRequest::with_uri(&format!("{root}{path}").replace(['{', '}'], "x"));
            let response = service.outside(request.method("OPTIONS".parse().expect("a method"))).await;
            assert_eq!(response.status, 204, "{path}: {response}");
        }
    });
}

#[test]
fn the_references_of_every_page_are_below_the_mount() {
    run(Store::Memory, async |world| {
        let service = service(&world).await;
        let mut followed = 0;
        for page in ["/docs", "/docs/try", "/docs/errors/NOT_FOUND"] {
            let page = format!("{MOUNT}{page}");
            let response = get(&service, &page).await;
            assert_eq!(response.status, 200, "{page}");
            let text = String::from_utf8_lossy(&response.bytes).into_owned();
            let references =
                text.split(" href=\"").chain(text.split(" src=\"")).filter_map(|rest| rest.split_once('"'));
            for (reference, _) in
                references.filter(|(reference, _)| !reference.contains(['<', '#', ' ', ':']))
            {
                let path = resolved(&page, reference);
                assert!(path.starts_with(MOUNT), "{page} leads to {reference}");
                assert_eq!(get(&service, &path).await.status, 200, "{page} leads to {reference}");
                followed += 1;
            }
        }
        assert!(followed > 20, "{followed} references");
        // The script that starts the page for trying calls names the document.
        let script = get(&service, &format!("{MOUNT}/docs/try/start.js")).await;
        assert!(String::from_utf8_lossy(&script.bytes).contains("openapi.json"), "{script}");
    });
}

/// With a public URL, a problem's type is below its path, as links are.
#[test]
fn links_and_types_follow_the_public_url() {
    run(Store::Memory, async |world| {
        let url = PublicUrl::parse("https://api.example.com/v").expect("a URL");
        let app = app(&world.loggia, Limits::default()).reached_at(url);
        let service = host(vec![mount(MOUNT, app).expect("a path")]).await;
        let key = world.authorization(Who::Founder);
        let request = |path: &str| {
            TestRequest::with_uri(&format!("{MOUNT}{path}")).insert_header(("Authorization", key.clone()))
        };
        let list = service.outside(request("/api/v1/spaces?limit=1")).await;
        assert!(
            list.header("link")
                .expect("links")
                .starts_with("<https://api.example.com/v/api/v1/spaces?limit=1>"),
            "{list}"
        );
        let unknown = service.outside(request("/quay")).await;
        assert_eq!(unknown.json()["type"], json!("/v/docs/errors/ROUTE_NOT_FOUND"));
    });
}

#[test]
fn the_documents_of_a_host_with_sessions_name_no_api_key_to_send() {
    run(Store::Memory, async |world| {
        let service = with_sessions(&world, &world.loggia, Limits::default()).await;
        let document = get(&service, &format!("{MOUNT}/openapi.json")).await.json();
        let alone = world.as_nobody().get("/openapi.json").await.json();
        assert_eq!((document.get("security"), document["components"].get("securitySchemes")), (None, None));
        for part in ["paths", "servers", "tags"] {
            assert_eq!(document[part], alone[part], "{part}");
        }
        assert_eq!(document["components"]["responses"], alone["components"]["responses"]);
        let note = "authenticates its callers itself";
        assert!(document["info"]["description"].as_str().expect("text").contains(note));
        assert!(!alone["info"]["description"].as_str().expect("text").contains(note));
        let page = get(&service, &format!("{MOUNT}/docs")).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains(note));
        let file = get(&service, &format!("{MOUNT}/docs/try/swagger-ui.css")).await;
        assert_eq!(file.header("vary"), Some("Authorization, Accept-Encoding, Cookie"), "{:?}", file.headers);
    });
}
