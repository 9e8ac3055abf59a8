//! The page where calls are tried: Swagger UI.
//!
//! Its script and style sheet are compressed in the archive of its release; the binary contains them in that form (`build.rs`) and sends
//! them unchanged.
//! The page loads them and a script of ours. Its policy allows nothing else: no script or style in the page itself, and no other origin.

use std::sync::LazyLock;

use actix_web::http::header::HeaderValue;
use actix_web::web::Bytes;

use super::{HTML, Page};

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// The page's Content-Security-Policy. The style sheet has its icons in `data:` URLs; calls go to this origin.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// A file of the archive, as the build script has left it.
macro_rules! from_archive {
    ($name:literal) => {
        Bytes::from_static(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")))
    };
}

/// A file of this folder.
macro_rules! from_folder {
    ($name:literal) => {
        Bytes::from_static(include_bytes!(concat!("swagger_ui/", $name)))
    };
}

/// The page.
static PAGE: LazyLock<Page> = LazyLock::new(|| Page {
    policy: Some(HeaderValue::from_static(POLICY)),
    ..Page::new(HTML, from_folder!("page.html"))
});

/// The files that the page loads, and the licences under which Swagger UI and the libraries in it may be passed on, by their names.
static FILES: LazyLock<[(&str, Page); 6]> = LazyLock::new(|| {
    let compressed = |media_type, bytes| Page { is_compressed: true, ..Page::new(media_type, bytes) };
    [
        ("swagger-ui-bundle.js", compressed(SCRIPT, from_archive!("swagger-ui-bundle.js"))),
        ("swagger-ui.css", compressed(STYLE, from_archive!("swagger-ui.css"))),
        ("start.js", Page::new(SCRIPT, from_folder!("start.js"))),
        ("LICENSE", Page::new(TEXT, from_folder!("LICENSE"))),
        ("NOTICE", Page::new(TEXT, from_folder!("NOTICE"))),
        ("THIRD-PARTY", Page::new(TEXT, from_folder!("THIRD-PARTY"))),
    ]
});

/// Returns the page.
pub(super) fn page() -> Page {
    PAGE.clone()
}

/// Returns a file.
pub(super) fn file(name: &str) -> Option<Page> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, file)| file.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::try_files::TRY_FILES;

    // The files of ours. Swagger UI names other origins, which the policy keeps it from.
    const MARKUP: &str = include_str!("swagger_ui/page.html");
    const START: &str = include_str!("swagger_ui/start.js");

    #[test]
    fn no_link_of_the_page_leaves_the_origin_or_the_prefix_of_a_proxy() {
        for text in [MARKUP, START] {
            for line in text.lines().filter(|line| !line.trim_start().starts_with("// ")) {
                for word in ["//", "\"/", "'/", "`/"] {
                    assert!(!line.contains(word), "{line}");
                }
            }
        }
    }

    #[test]
    fn the_page_has_no_script_or_style_of_its_own() {
        assert_eq!(MARKUP.matches("<script").count(), MARKUP.matches("<script defer src=\"try/").count());
        assert_eq!(MARKUP.matches("</script>").count(), MARKUP.matches("\"></script>").count());
        for word in ["<style", "style=", "onclick", "onload", "javascript:"] {
            assert!(!MARKUP.contains(word), "{word}");
        }
    }

    #[test]
    fn the_page_refers_to_existing_files_only() {
        let named: Vec<_> =
            MARKUP.split("\"try/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(named.len(), TRY_FILES.len(), "{named:?}");
        assert_eq!(FILES.each_ref().map(|(name, _)| *name), TRY_FILES);
        for name in named {
            assert!(file(name).is_some(), "{name}");
        }
        assert!(file("swagger-ui.js").is_none());
    }

    #[test]
    fn the_key_stays_in_memory_and_the_document_is_sent_to_no_validator() {
        for setting in ["persistAuthorization: false,", "validatorUrl: null,"] {
            assert_eq!(START.matches(setting).count(), 1, "{setting}");
        }
        assert!(!START.contains("Storage") && !START.contains("cookie"));
    }
}
