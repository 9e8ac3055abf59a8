use super::*;

fn refusal(base: &str) -> String {
    Client::new(base, "lga_secret").unwrap_err().to_string()
}

#[test]
fn a_base_url_needs_https_or_a_loopback_host() {
    for base in [
        "https://example.com",
        "https://example.com/loggia/",
        "http://127.0.0.1:8080",
        "http://[::1]",
        "http://localhost",
    ] {
        Client::new(base, "lga_secret").unwrap();
    }
    assert!(refusal("http://example.com").contains("plain_http"));
    assert!(refusal("http://localhost.example.com").contains("plain_http"));
    Client::builder("http://example.com", "lga_secret").plain_http().build().unwrap();
}

#[test]
fn a_malformed_setting_is_an_error_that_does_not_show_the_key() {
    for base in [
        "",
        "example.com",
        "ftp://example.com",
        "https://ada:pw@example.com",
        "https://example.com?a",
        "https://example.com#a",
    ] {
        assert!(refusal(base).contains("the base URL"), "{base}");
    }
    let error = Client::new("https://example.com", "lga\nsecret").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    assert!(
        Client::builder("https://example.com", "k")
            .root_certificates("-----BEGIN CERTIFICATE-----\n?\n")
            .build()
            .is_err()
    );
}

#[test]
fn nothing_that_is_logged_shows_the_key() {
    let builder = Client::builder("https://example.com", "lga_secret");
    let client = builder.clone().build().unwrap();
    let list = client.organizations().list();
    let logged = format!(
        "{builder:?} {client:?} {:?} {list:?} {:?}",
        client.spaces(),
        crate::Secret::from("lga_secret")
    );
    assert!(!logged.contains("secret"), "{logged}");
}

#[test]
fn the_path_of_the_base_url_is_a_prefix_and_segments_are_encoded() {
    for base in ["https://example.com/a/b", "https://example.com/a/b/"] {
        let call = Client::new(base, "k").unwrap().call(Method::GET, &[&"docs", &"try", &"../x?y#z /é"]);
        assert_eq!(call.url.as_str(), "https://example.com/a/b/docs/try/..%2Fx%3Fy%23z%20%2F%C3%A9");
    }
}

#[test]
fn calls_and_streams_can_be_spawned() {
    fn is_spawnable(_: impl Send + 'static) {}
    let client = Client::new("https://example.com", "k").unwrap();
    is_spawnable(client.organizations().list().stream());
    is_spawnable(async move {
        let id: crate::OrganizationId = "01930000-0000-7000-8000-000000000001".parse().unwrap();
        let read = client.organizations().get(id).await.unwrap();
        client.organizations().update(&read, &crate::OrganizationPatch::new()).await.unwrap();
        client.members(id).deactivate(client.me().get().await.unwrap().user.id.unconditionally()).await
    });
}
