//! The options of a server.

/// The options of a server. The default favours speed, for tests.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Whether committed data is flushed to the disk (`fsync`). Without it, a crash of the machine loses data; a crash of the server does
    /// not. `synchronous_commit` is on either way, because Loggia asks for it.
    pub durable: bool,
    /// Whether the data lies in memory if the server is not durable and the file system in memory has 8 GiB free. Default: `true`.
    pub in_memory: bool,
    /// The maximum number of connections. Default: 300, since test binaries run several tests at once, each with its own pools.
    pub max_connections: u16,
    /// Further settings for `postgresql.conf`, as names and values; they override the others.
    pub settings: Vec<(String, String)>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self { durable: false, in_memory: true, max_connections: 300, settings: Vec::new() }
    }
}

impl ServerOptions {
    /// Returns the lines for `postgresql.conf`, whose settings `ALTER SYSTEM` can still override.
    pub(super) fn lines(&self, socket_folder: &str) -> String {
        let max_connections = self.max_connections.to_string();
        let mut settings = vec![
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", socket_folder),
            ("max_connections", max_connections.as_str()),
            ("synchronous_commit", "on"),
        ];
        if !self.durable {
            settings.extend([("fsync", "off"), ("full_page_writes", "off")]);
        }
        settings.extend(self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let lines =
            settings.iter().map(|(name, value)| format!("{name} = '{}'\n", value.replace('\'', "''")));
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_settings_come_last_and_are_quoted() {
        let settings = vec![("log_line_prefix".to_owned(), "it's ".to_owned())];
        let options = ServerOptions { settings, ..ServerOptions::default() };
        let lines = options.lines("/tmp/x");
        assert!(
            lines.contains("fsync = 'off'\n") && lines.ends_with("log_line_prefix = 'it''s '\n"),
            "{lines}"
        );
        let durable = ServerOptions { durable: true, ..options }.lines("/tmp/x");
        assert!(!durable.contains("fsync") && durable.contains("synchronous_commit = 'on'"), "{durable}");
    }
}
