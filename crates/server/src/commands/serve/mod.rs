//! `loggia serve`: opens the store, serves over HTTP, and stops when asked to.

mod housekeeping;
pub(super) mod stop;
mod welcome;

use std::net::{SocketAddr, TcpListener};
use std::num::NonZero;
use std::sync::Arc;

use anyhow::Context;
use loggia_domain::service::{Bootstrap, Bootstrapped, Loggia};
use loggia_domain::system::UuidV7;
use loggia_domain::text::{EmailAddress, KeyName, OrganizationName, PersonName};
use loggia_domain::user::Profile;
use loggia_http::HttpApp;
use loggia_http::limits::CONNECTIONS_PER_WORKER;

use self::housekeeping::Housekeeping;
use self::stop::StopSignals;
use self::welcome::Welcome;
use crate::descriptors::Descriptors;
use crate::metrics::{self, Metrics, Requests, State};
use crate::observer::RequestObserver;
use crate::output;
use crate::settings::Settings;
use crate::traces::Traces;
use crate::wiring::OpenStore;

/// The number of workers if the machine does not report the number of its processors.
const WORKERS: NonZero<usize> = NonZero::<usize>::MIN.saturating_add(1);

/// Serves until a signal says to stop.
pub(super) async fn run(settings: &Settings, listen: SocketAddr) -> anyhow::Result<()> {
    let descriptors = Descriptors::raise();
    let workers = std::thread::available_parallelism().unwrap_or(WORKERS);
    // Checked before a store is opened, which would only report that it cannot be opened.
    descriptors.left(workers, 0)?;
    let mut signals = StopSignals::listen()?;
    // The port first: if it is taken, no store is created and no key is printed.
    let listener = bind(listen)?;
    let metrics_listener = settings.monitoring.metrics.map(bind).transpose()?;
    let address = listener.local_addr().context("the listener's address cannot be read")?;
    let open = tokio::select! {
        open = OpenStore::prepare(&settings.database) => open?,
        // Migrations may be interrupted at any time: the next start continues them.
        signal = signals.next() => {
            tracing::info!(signal, "stopped before it served");
            return Ok(());
        }
    };
    let loggia = open
        .builder()
        .organization_creation(settings.organization_creation)
        .user_limits(settings.serving.user_limits())
        .build();
    tell_of_the_server(&open).await?;
    let secret = open.views().instance_secret().await.context("the store has no instance secret")?;

    if let Some(first) = make_first_organization(&loggia).await? {
        let program = welcome::program();
        let welcome = Welcome { address, data: &open.location, first: &first, program: &program };
        // The organization exists even if the message could not be written.
        if let Err(error) = output::result(&welcome) {
            tracing::warn!("{}; `loggia keys create` creates another key", output::chain(&error));
        }
        open.settle().await;
    }

    let housekeeping = Housekeeping::begin(loggia.clone());
    let most = CONNECTIONS_PER_WORKER.saturating_mul(workers.get());
    let left = descriptors.left(workers, open.descriptors() + settings.monitoring.descriptors())?;
    let mut limits = open.limits();
    limits.server = limits.server.with_connections_within(left.unwrap_or(usize::MAX), most);
    let limits = settings.serving.limits(limits);
    tracing::info!(
        descriptors = descriptors.limit,
        raised_from = descriptors.was,
        connections = limits.server.connections,
        of_one_address = limits.server.connections_per_address.min(limits.server.connections),
        "connections are limited"
    );
    let app = settings.serving.applied_to(HttpApp::new(loggia.clone(), Arc::new(UuidV7), secret, limits));
    let traces =
        settings.monitoring.traces.as_ref().map(|url| Traces::start(url, open.engine())).transpose()?;
    let requests = metrics_listener.is_some().then(Requests::new);
    let app = match (&requests, &traces) {
        (None, None) => app,
        (requests, traces) => app.observed_by(Arc::new(RequestObserver {
            requests: requests.clone(),
            tracer: traces.as_ref().map(Traces::tracer),
        })),
    };
    let metrics = match (metrics_listener, requests) {
        (Some(listener), Some(requests)) => {
            let state = State { app: app.clone(), loggia, store: open.clone() };
            let metrics = Metrics::new(&requests, state);
            Some(metrics::serve(metrics, listener).context("cannot serve metrics")?)
        }
        _ => None,
    };
    let running = loggia_http::serve(app, listener, workers.get()).context("cannot serve")?;
    let handle = running.handle();
    tracing::info!(addr = %address, data = %open.location, "listening");
    if let Some(metrics) = &metrics {
        tracing::info!(addr = %metrics.address, "metrics are served");
    }
    if traces.is_some() {
        tracing::info!("requests are traced");
    }
    let stopper = tokio::spawn(async move {
        let signal = signals.next().await;
        // The server drains before the log line is written, so a reader of the log finds it draining.
        handle.drain();
        tracing::info!(
            signal,
            drain_seconds = limits.server.drain_seconds,
            "stopping: new requests are still served while draining, and requests in flight are finished"
        );
        // A second signal stops the server at once.
        tokio::spawn(async move {
            let signal = signals.next().await;
            tracing::warn!(signal, "stopping at once");
            std::process::exit(1);
        });
        handle.stop().await;
    });
    let ended = running.wait().await;
    stopper.abort();
    // After a cut-off the store is not closed: the work that was cut off still holds sessions.
    ended.context("the server did not shut down cleanly").inspect_err(|error| {
        tracing::error!("{}", output::chain(error));
    })?;
    housekeeping.end().await;
    if let Some(metrics) = metrics {
        metrics.stop().await;
    }
    if let Some(traces) = traces {
        traces.stop().await;
    }
    open.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))
}

/// Logs what an operator should know of a database server. A file has nothing to report.
async fn tell_of_the_server(open: &OpenStore) -> anyhow::Result<()> {
    let Some(facts) = open.server_facts().await? else {
        return Ok(());
    };
    tracing::info!(version = facts.version, "the database is Postgres");
    if let Some(defect) = facts.known_defect {
        tracing::warn!("{defect}");
    }
    if !facts.fsync {
        tracing::warn!("the database's fsync is off: a crash of its machine loses committed changes");
    }
    if facts.login_is_superuser {
        tracing::warn!(
            "the database's login is a superuser: use this for development only; in production, create a separate login for the service"
        );
    }
    Ok(())
}

/// The address of the first account, until `loggia accounts update` changes it. No real person has it: example.com is reserved (RFC 2606).
const ADMIN_EMAIL: &str = "admin@example.com";

/// Creates the first organization of an empty store. Returns `None` if the store is not empty.
async fn make_first_organization(loggia: &Loggia) -> anyhow::Result<Option<Bootstrapped>> {
    // Checked without a lock, since a store that is not empty never becomes empty again.
    if loggia.operator().has_organizations().await.context("the store cannot be read")? {
        return Ok(None);
    }
    let profile = Profile {
        first_name: PersonName::parse("Ada")?,
        last_name: PersonName::parse("Admin")?,
        username: None,
        employee_number: None,
        avatar: None,
    };
    let plan = Bootstrap {
        organization: OrganizationName::parse("My organization")?,
        email: EmailAddress::parse(ADMIN_EMAIL)?,
        profile,
        key: KeyName::parse("first start")?,
        key_ends_unless_used: true,
    };
    // Of two servers that start at once on one empty store, only one creates the organization.
    loggia.operator().bootstrap(&plan, true).await.context("the first organization cannot be created")
}
