//! Email addresses: the addresses that belong to one person, and the error for an invalid domain.

use serde_json::{Value, json};

use crate::harness::on_every_store;
use crate::world::World;

on_every_store!(
    local_parts_that_only_look_alike_are_different_people,
    one_mailbox_is_one_person_however_it_is_written,
    a_domain_that_dns_cannot_have_is_refused_with_the_reason,
);

fn members(world: &World) -> String {
    format!("/api/v1/organizations/{}/members", world.meridian)
}

fn person(email: &str) -> Value {
    json!({"email": email, "firstName": "Fiona", "lastName": "Quay"})
}

async fn local_parts_that_only_look_alike_are_different_people(world: World) {
    let (admin, path) = (world.as_admin(), members(&world));
    let mut ids = Vec::new();
    let alike = ["fiona", "ﬁona", "strasse", "straße", "1", "①", "äda", "Äda"];
    for email in alike.map(|local| format!("{local}@example.com")) {
        let added = admin.post(&path, person(&email)).await;
        assert_eq!(added.status, 201, "{email}: {added}");
        let data = added.json()["data"].take();
        assert_eq!(data["email"], email, "as it was given");
        ids.push(data["id"].to_string());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), alike.len());
}

async fn one_mailbox_is_one_person_however_it_is_written(world: World) {
    let (admin, path) = (world.as_admin(), members(&world));
    for (first, second) in [
        ("fiona@example.com", "FIONA@Example.com"),
        ("x@BÜCHER.example", "x@xn--bcher-kva.example"),
        ("y@xn--strae-oqa.example", "Y@straße.example"),
    ] {
        let added = admin.post(&path, person(first)).await;
        assert_eq!((added.status, &added.json()["data"]["email"]), (201, &json!(first)), "{added}");
        let again = admin.post(&path, person(second)).await;
        again.refuses(400, "ALREADY_A_MEMBER");
        again.names(&[("/email", "ALREADY_A_MEMBER")]);
    }
    let twice = json!([person("z@bücher.example"), person("Z@XN--BCHER-KVA.example")]);
    admin.post(&path, twice).await.names(&[("/1/email", "DUPLICATE_VALUE")]);
}

async fn a_domain_that_dns_cannot_have_is_refused_with_the_reason(world: World) {
    for domain in ["xn--a.example", "⑴.example", &format!("{}.example", "b".repeat(64))] {
        let refused = world.as_admin().post(&members(&world), person(&format!("x@{domain}"))).await;
        refused.names(&[("/email", "INVALID_FORMAT")]);
        let detail = refused.json()["errors"][0]["detail"].take();
        assert!(detail.as_str().is_some_and(|detail| detail.contains("whose domain is valid")), "{refused}");
    }
}
