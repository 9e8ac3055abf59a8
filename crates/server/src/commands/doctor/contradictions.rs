//! Settings that are valid by themselves and contradict each other.

use std::net::SocketAddr;

use loggia_http::Limits;
use loggia_sqlite::Examination;

use crate::settings::Settings;

/// The time that systemd gives a service to stop, unless its unit says otherwise. Kubernetes gives 30 seconds.
const USUAL_STOP_SECONDS: u64 = 90;
/// The time for which common proxies keep an idle connection to a service.
const USUAL_IDLE_SECONDS: u64 = 60;

/// Compares the settings of a server with each other.
pub(super) fn find(settings: &Settings, listen: SocketAddr, examination: &mut Examination) {
    examination.begin("settings");
    let serving = &settings.serving;
    let public_url = serving.public_url().unwrap_or_default();
    let is_local = listen.ip().is_loopback();
    let is_behind_a_proxy = serving.has_trusted_proxies();

    let stop = serving.stop_seconds(Limits::default().server);
    if stop > USUAL_STOP_SECONDS {
        examination.warning(
            format!("a stop may take {stop} s, and systemd kills a service after {USUAL_STOP_SECONDS} s unless it is told otherwise"),
            "lower LOGGIA_DRAIN_SECONDS, or raise TimeoutStopSec=, stop_grace_period or terminationGracePeriodSeconds above that",
        );
    }
    let idle = serving.keep_alive_seconds();
    if is_behind_a_proxy && idle <= USUAL_IDLE_SECONDS {
        examination.warning(
            format!("the server closes idle connections after {idle} s, and proxies usually keep them for {USUAL_IDLE_SECONDS} s"),
            "raise LOGGIA_KEEP_ALIVE_SECONDS above the proxy's time for idle connections, or clients get 502 now and then",
        );
    }
    if !is_local && !is_behind_a_proxy && public_url.is_empty() {
        examination.warning(
            format!("the server listens on {listen} without TLS and without a proxy in front: API keys can be read on the way"),
            "listen on 127.0.0.1 behind a proxy that ends TLS, and set LOGGIA_TRUSTED_PROXIES and LOGGIA_PUBLIC_URL",
        );
    }
    if let Some(host) = public_url.strip_prefix("http://") {
        if is_loopback(host) && !is_local {
            examination.warning(
                format!("the public URL {public_url} leads every client to itself, and the server listens on {listen}"),
                "set LOGGIA_PUBLIC_URL to the URL that clients use, or listen on 127.0.0.1",
            );
        } else if !is_loopback(host) {
            examination.warning(
                format!("the public URL {public_url} has no TLS: API keys can be read on the way"),
                "end TLS at a proxy in front, and set LOGGIA_PUBLIC_URL to the https:// URL",
            );
        }
    }
    if public_url.starts_with("https://") && !is_behind_a_proxy {
        examination.warning(
            "the public URL is https://, so a proxy is in front, and LOGGIA_TRUSTED_PROXIES names none: all clients have its address",
            "set LOGGIA_TRUSTED_PROXIES to the proxy's address, such as 127.0.0.1, or the limits of an address apply to all clients \
             together",
        );
    }
    if serving.has_cors_headers_without_origins() {
        examination.warning(
            "LOGGIA_CORS_HEADERS has no effect without LOGGIA_CORS_ORIGINS",
            "set LOGGIA_CORS_ORIGINS, or remove LOGGIA_CORS_HEADERS",
        );
    }
}

/// Returns `true` if the host at the beginning of a text is this machine.
fn is_loopback(host: &str) -> bool {
    let end = host.find('/').unwrap_or(host.len());
    let host = &host[..end];
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    name == "localhost" || name == "[::1]" || name.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Command, Invocation};
    use crate::usage_errors::UsageErrors;

    /// Returns the problems that these options have.
    fn problems(options: &[&str]) -> Vec<String> {
        let words = [&["loggia", "doctor"], options].concat();
        let invocation = Invocation::parse_from(words).expect("options");
        let Command::Doctor(args) = invocation.command else { panic!("another command") };
        let mut usage_errors = UsageErrors::default();
        let source = crate::settings::DatabaseSource::Common;
        let settings = Settings::check(invocation.settings, source, &invocation.given, &mut usage_errors);
        let listen = usage_errors.take(args.listen.listen);
        let (settings, listen) = usage_errors.settle(settings.zip(listen)).expect("no usage error");
        let mut examination = Examination::default();
        find(&settings, listen, &mut examination);
        examination.findings().iter().map(|finding| finding.problem.clone()).collect()
    }

    #[test]
    fn usual_settings_do_not_contradict() {
        for options in [
            &[][..],
            &[
                "--listen=127.0.0.1:80",
                "--public-url=https://example.com/loggia",
                "--trusted-proxies=127.0.0.1",
            ],
            &["--public-url=http://localhost:8080"],
            &["--listen=0.0.0.0:80", "--trusted-proxies=10.0.0.0/8"],
        ] {
            assert_eq!(problems(options), Vec::<String>::new(), "{options:?}");
        }
    }

    #[test]
    fn each_contradiction_is_found() {
        for (options, expected) in [
            (&["--drain-seconds=80"][..], "a stop may take 101 s"),
            (
                &["--keep-alive-seconds=60", "--trusted-proxies=127.0.0.1"],
                "the server closes idle connections after 60 s",
            ),
            (&["--listen=0.0.0.0:80"], "the server listens on 0.0.0.0:80 without TLS"),
            (&["--listen=0.0.0.0:80", "--public-url=http://127.0.0.1:80/x"], "leads every client to itself"),
            (&["--public-url=http://example.com"], "has no TLS"),
            (&["--public-url=https://example.com"], "LOGGIA_TRUSTED_PROXIES names none"),
            (&["--cors-headers=X-One"], "LOGGIA_CORS_HEADERS has no effect"),
        ] {
            let found = problems(options);
            assert!(matches!(found.as_slice(), [only] if only.contains(expected)), "{options:?}: {found:?}");
        }
    }
}
