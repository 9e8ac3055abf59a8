//! The service's log events, collected for the whole program, since workers and stores have threads of their own.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use tokio::sync::watch;
use tracing::field::{Field, Visit};
use tracing::{Event, Span, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

/// An event: its fields by name, `message` among them.
#[derive(Debug, Default)]
pub(crate) struct LogEvent {
    pub(crate) target: String,
    pub(crate) fields: BTreeMap<String, String>,
}

impl LogEvent {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

#[derive(Default)]
struct Collected {
    /// Events of this workspace.
    own: Vec<Arc<LogEvent>>,
    /// The SQL statements that were run within a span, by its id.
    statements: BTreeMap<u64, Vec<String>>,
    /// The number of those statements that may run long, as the SQLite store reports it.
    long: BTreeMap<u64, usize>,
}

static COLLECTED: Mutex<Collected> =
    Mutex::new(Collected { own: Vec::new(), statements: BTreeMap::new(), long: BTreeMap::new() });
static CHANGED: LazyLock<watch::Sender<()>> = LazyLock::new(|| watch::Sender::new(()));
static LISTENING: LazyLock<()> = LazyLock::new(|| {
    let subscriber =
        tracing_subscriber::registry().with(tracing::level_filters::LevelFilter::DEBUG).with(Collect);
    tracing::subscriber::set_global_default(subscriber).unwrap();
});

const COUNTED: &str = "counted";

struct Collect;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Collect {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let target = event.metadata().target();
        if target == "sqlx::query" {
            let mut spans = context.event_scope(event).into_iter().flatten();
            if let Some(span) = spans.find(|span| span.name() == COUNTED) {
                let mut recorded = LogEvent::default();
                event.record(&mut recorded);
                // The whole statement is a field of its own only if the summary does not contain all of it.
                let whole = recorded.get("db.statement").map(str::trim).filter(|whole| !whole.is_empty());
                let text = whole.or(recorded.get("summary")).unwrap_or_default().to_owned();
                let (id, mut collected) = (span.id().into_u64(), COLLECTED.lock().unwrap());
                collected.statements.entry(id).or_default().push(text);
                *collected.long.entry(id).or_default() += usize::from(recorded.get("bound") == Some("None"));
            }
        } else if target.starts_with("loggia") {
            let mut recorded = LogEvent { target: target.to_owned(), fields: BTreeMap::new() };
            event.record(&mut recorded);
            COLLECTED.lock().unwrap().own.push(Arc::new(recorded));
            CHANGED.send_replace(());
        }
    }
}

impl Visit for LogEvent {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        write!(text, "{value:?}").unwrap();
        self.fields.insert(field.name().to_owned(), text);
    }
}

/// Starts collecting. A test that reads events calls this before its first request.
pub(crate) fn listen() {
    LazyLock::force(&LISTENING);
}

/// Returns an id for a request whose log line is read. Tests run in parallel, in worlds with the same ids.
pub(crate) fn new_id() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!("captured-{}", COUNT.fetch_add(1, Ordering::SeqCst))
}

/// Returns all events of this workspace so far.
pub(crate) fn all() -> Vec<Arc<LogEvent>> {
    COLLECTED.lock().unwrap().own.clone()
}

/// Returns the log lines of requests with that id.
pub(crate) fn lines(request_id: &str) -> Vec<Arc<LogEvent>> {
    since(0, request_id).0
}

/// Returns the log lines of requests with that id among the events from a position on, and the position behind the last event.
fn since(position: usize, request_id: &str) -> (Vec<Arc<LogEvent>>, usize) {
    let is_line = |recorded: &Arc<LogEvent>| {
        recorded.target == "loggia::request" && recorded.get("request_id") == Some(request_id)
    };
    let collected = COLLECTED.lock().unwrap();
    (
        collected.own[position..].iter().filter(|recorded| is_line(recorded)).cloned().collect(),
        collected.own.len(),
    )
}

/// Waits for the log line of the request with that id.
pub(crate) async fn line(request_id: &str) -> Arc<LogEvent> {
    let (mut changed, mut position) = (CHANGED.subscribe(), 0);
    loop {
        let (lines, end) = since(position, request_id);
        if let Some(line) = lines.into_iter().next() {
            return line;
        }
        position = end;
        changed.changed().await.unwrap();
    }
}

/// Returns a span within which SQL statements are counted. sqlx passes the span on to its threads.
pub(crate) fn counted() -> Span {
    tracing::info_span!(COUNTED)
}

/// Returns the number of statements that were run within the span.
pub(crate) fn statements(span: &Span) -> usize {
    texts(span).len()
}

/// Returns the statements that were run within the span.
pub(crate) fn texts(span: &Span) -> Vec<String> {
    let id = span.id().unwrap().into_u64();
    COLLECTED.lock().unwrap().statements.get(&id).cloned().unwrap_or_default()
}

/// Returns the number of those statements that may run long, which only the SQLite store reports.
pub(crate) fn long_statements(span: &Span) -> usize {
    let id = span.id().unwrap().into_u64();
    COLLECTED.lock().unwrap().long.get(&id).copied().unwrap_or_default()
}
