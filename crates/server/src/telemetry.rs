//! The log: text on a terminal, one JSON object a line elsewhere, always on standard error.
//!
//! Each event is one line, whatever its values contain: control characters are escaped, so that no value can forge a line or control a
//! terminal.

use std::fmt::{self, Write};
use std::io::IsTerminal;

use anyhow::Context;
use tracing::{Subscriber, field::Field};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

use crate::settings::{LogFormat, LogSettings};

/// Starts logging. Panics are logged instead of printed.
pub(crate) fn install(settings: &LogSettings, default_filter: &'static str) -> anyhow::Result<()> {
    let filter = settings.filter.as_deref().unwrap_or(default_filter);
    let filter = EnvFilter::builder().parse(filter).context("the log filter cannot be parsed")?;
    let on_terminal = std::io::stderr().is_terminal();
    let json = match settings.format {
        LogFormat::Auto => !on_terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let installed = if json {
        tracing::subscriber::set_global_default(json_lines(filter, std::io::stderr))
    } else {
        tracing::subscriber::set_global_default(text_lines(filter, on_terminal, std::io::stderr))
    };
    installed.context("logging cannot be initialized")?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(
            place,
            reason = panic.payload_as_str().unwrap_or("unknown"),
            "the program panicked, which is a bug"
        );
    }));
    Ok(())
}

/// Returns a subscriber that writes lines for programs. JSON itself escapes every control character that could end a line.
fn json_lines<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(writer)
        .finish()
}

/// Returns a subscriber that writes lines for people.
fn text_lines<W>(filter: EnvFilter, colours: bool, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let fields = debug_fn(|writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug| {
        if field.name() != "message" {
            write!(writer, "{}=", field.name())?;
        }
        write!(Escaping(writer), "{value:?}")
    });
    let lines = tracing_subscriber::fmt()
        .fmt_fields(fields.delimited(" "))
        .with_env_filter(filter)
        .with_writer(writer);
    // On a terminal the default applies, which respects NO_COLOR.
    if colours { lines.finish() } else { lines.with_ansi(false).finish() }
}

/// Escapes control characters, and other characters that end a line for some readers.
struct Escaping<'a, W>(&'a mut W);

impl<W: Write> Write for Escaping<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| {
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
                write!(self.0, "{}", c.escape_default())
            } else {
                self.0.write_char(c)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("a buffer").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Buffer {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("a buffer").clone()).expect("text")
        }
    }

    const HOSTILE: &str = "x\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}\n\u{1b}[31m\u{9b}\u{85}\u{2028}";

    /// Logs hostile text in every way in which a value can get into an event.
    fn log_hostile_values() {
        tracing::info!(text = HOSTILE, shown = %HOSTILE, debugged = ?HOSTILE, "message {HOSTILE}");
        let error = io::Error::other(HOSTILE);
        tracing::info!(error = &error as &dyn std::error::Error, "failed");
        let _span = tracing::info_span!("span", value = %HOSTILE).entered();
        tracing::info!("inside");
    }

    fn filter() -> EnvFilter {
        EnvFilter::new("info")
    }

    #[test]
    fn no_value_forges_a_line_of_text_or_talks_to_a_terminal() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = text_lines(filter(), false, move || writer.clone());
        tracing::subscriber::with_default(subscriber, log_hostile_values);
        let text = buffer.text();
        assert_eq!(text.lines().count(), 3, "{text}");
        let stray = text.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{2028}');
        assert_eq!(stray, None, "{text:?}");
        assert!(text.contains("shown=x\\r\\n"), "{text}");
    }

    #[test]
    fn no_value_forges_a_line_of_json() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = json_lines(filter(), move || writer.clone());
        tracing::subscriber::with_default(subscriber, log_hostile_values);
        let text = buffer.text();
        assert_eq!(text.lines().count(), 3, "{text}");
        for line in text.lines() {
            let event: serde_json::Value = serde_json::from_str(line).expect("one object a line");
            assert_eq!(event["level"], "INFO", "{line}");
        }
        let first: serde_json::Value =
            serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
        assert_eq!((&first["shown"], &first["text"]), (&HOSTILE.into(), &HOSTILE.into()));
    }

    #[test]
    fn the_log_filter_is_applied() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = text_lines(EnvFilter::new("warn"), false, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("quiet");
            tracing::warn!("loud");
        });
        let text = buffer.text();
        assert!(text.contains("loud") && !text.contains("quiet"), "{text}");
    }
}
