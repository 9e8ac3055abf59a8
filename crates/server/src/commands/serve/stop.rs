//! The signals that ask a server to stop.

#[cfg(unix)]
use anyhow::Context;

/// SIGTERM and SIGINT, from the time on at which this is created.
#[cfg(unix)]
#[derive(Debug)]
pub(in crate::commands) struct StopSignals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignals {
    /// Starts to listen. The signals no longer end the process by themselves.
    pub(in crate::commands) fn listen() -> anyhow::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).context("signal handlers cannot be installed");
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// Waits for the next signal and returns its name.
    pub(in crate::commands) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Ctrl-C, on systems without those signals.
#[cfg(not(unix))]
#[derive(Debug)]
pub(in crate::commands) struct StopSignals;

#[cfg(not(unix))]
impl StopSignals {
    /// Returns at once: nothing has to be prepared.
    pub(in crate::commands) fn listen() -> anyhow::Result<Self> {
        Ok(Self)
    }

    /// Waits for the next signal and returns its name.
    pub(in crate::commands) async fn next(&mut self) -> &'static str {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}
