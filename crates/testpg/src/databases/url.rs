//! URLs of other databases on the same server.

/// Replaces the database in a URL; everything else stays, such as a password or the encryption mode.
pub(super) fn with_database(url: &str, database: &str) -> String {
    let (location, parameters) = match url.split_once('?') {
        Some((location, parameters)) => (location, format!("?{parameters}")),
        None => (url, String::new()),
    };
    let authority = location.find("://").map_or(0, |scheme| scheme + "://".len());
    let path =
        location.get(authority..).and_then(|rest| rest.find('/')).map_or(location.len(), |at| authority + at);
    let server = location.get(..path).unwrap_or(location);
    format!("{server}/{database}{parameters}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_of_the_url_changes() {
        let cases = [
            (
                "postgres://a:b@example.com:5/old?sslmode=disable",
                "postgres://a:b@example.com:5/new?sslmode=disable",
            ),
            ("postgres://example.com", "postgres://example.com/new"),
            ("postgres://example.com?a=/b", "postgres://example.com/new?a=/b"),
            ("postgres://u@%2Ftmp%2Fx:5432/old", "postgres://u@%2Ftmp%2Fx:5432/new"),
            ("postgres:///old?host=/tmp", "postgres:///new?host=/tmp"),
        ];
        for (url, expected) in cases {
            assert_eq!(with_database(url, "new"), expected);
        }
    }
}
