//! Stories of the page where calls are tried, in a real browser against the built binary.

mod driver;
mod prefix;

use serde_json::json;

use self::driver::Browser;
use crate::harness::{Home, Server, member};

/// The address of the user whose key the page is given.
const EMAIL: &str = "grace@example.com";

/// A server, and a key for it.
fn served() -> (Home, Server, String) {
    let home = Home::new();
    let server = home.serve();
    let key = member(&home.bootstrap(EMAIL), "apiKey").to_owned();
    (home, server, key)
}

/// Selects a part of an operation on the page.
fn part(method: &str, path: &str, selector: &str) -> String {
    format!(".opblock-{method}:has([data-path='{path}']) {selector}")
}

/// Goes from the reference to the page, gives it the key, and calls `GET /api/v1/me`.
fn try_a_call(browser: &Browser, base: &str, key: &str) {
    browser.open(&format!("{base}/docs"));
    browser.errors();
    browser.click("a[href='docs/try']");
    browser.click(".btn.authorize.unlocked");
    browser.enter("#auth-bearer-value", key);
    browser.click(".auth-btn-wrapper .authorize");
    browser.click(".auth-btn-wrapper .btn-done");
    browser.click(&part("get", "/api/v1/me", ".opblock-summary-control"));
    browser.click(&part("get", "/api/v1/me", ".execute"));
    let shown = |selector| browser.text(&part("get", "/api/v1/me", selector));
    assert_eq!(shown(".live-responses-table tbody .response-col_status"), "200");
    assert!(shown(".live-responses-table .response-col_description pre").contains(EMAIL));
    let url = shown(".request-url pre");
    assert!(url.starts_with(&format!("{base}/api/v1/me")), "{url}");
    assert_eq!(browser.errors(), [""; 0], "nothing is refused by the policy of the page, or missing");
}

#[test]
fn a_call_is_tried_in_a_browser_and_the_key_is_forgotten() {
    let (_home, server, key) = served();
    let browser = Browser::start();
    try_a_call(&browser, &format!("http://{}", server.address()), &key);
    let stored = browser.run("return localStorage.length + sessionStorage.length + document.cookie.length;");
    assert_eq!(stored, json!(0));
    browser.reload();
    browser.find(".btn.authorize.unlocked");
}

#[test]
fn a_call_is_tried_in_a_browser_behind_a_proxy_that_takes_a_prefix_off() {
    let (_home, server, key) = served();
    let browser = Browser::start();
    try_a_call(&browser, &format!("http://{}/loggia", prefix::proxy(server.address(), "/loggia")), &key);
}

#[test]
fn optional_headers_are_left_empty() {
    let (_home, server, _) = served();
    let browser = Browser::start();
    browser.open(&format!("http://{}/docs/try", server.address()));
    browser.click(&part("post", "/api/v1/spaces", ".opblock-summary-control"));
    for header in ["Idempotency-Key", "X-Request-Id"] {
        let field = part("post", "/api/v1/spaces", &format!("tr[data-param-name='{header}'] input"));
        assert_eq!(browser.value(&field), json!(""), "{header}");
    }
}

/// Without it, an empty list of errors would not show that nothing was refused.
#[test]
fn a_script_that_the_content_security_policy_refuses_is_an_error() {
    let (_home, server, _) = served();
    let browser = Browser::start();
    browser.open(&format!("http://{}/docs/try", server.address()));
    browser.find(".btn.authorize");
    assert_eq!(browser.errors(), [""; 0]);
    let title = browser.run(
        "const script = document.createElement('script'); \
         script.textContent = 'document.title = \"smuggled\"'; \
         document.head.append(script); \
         return document.title;",
    );
    assert_eq!(title, json!("Loggia API: try calls"), "the script has not run");
    let errors = browser.errors();
    assert!(errors.len() == 1 && errors[0].contains("Content Security Policy"), "{errors:?}");
}
