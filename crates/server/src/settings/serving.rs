//! The settings of a server: its behaviour towards its clients.

#[cfg(test)]
mod tests;

use clap::Args;
use loggia_domain::service::UserLimits;
use loggia_http::{HeaderNames, HttpApp, Limits, Networks, Origins, PublicUrl, ServerLimits};

use super::parse::{
    parse_connections, parse_per_user, parse_public_url, parse_rate, parse_seconds, parse_whether,
};
use crate::usage_errors::{Checked, UsageErrors, checked};

/// The settings of a server, each with its value or its error. Every command accepts them, since the default command is `serve`.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings of the server")]
pub(crate) struct RawServing {
    /// Time for which a server that is shutting down still accepts requests, in seconds, 0 to 3600 [default: 5]
    ///
    /// The server reports at once that it is not ready, and closes each connection after its response. Set the time that the clients of
    /// this server, such as a proxy in front, need to notice that. If no client is connected and none has called for a minute, the server
    /// stops at once.
    #[arg(
        long,
        env = "LOGGIA_DRAIN_SECONDS",
        value_name = "NUMBER",
        value_parser = checked(|text| parse_seconds(text, 0)),
        global = true,
        hide_short_help = true
    )]
    drain_seconds: Option<Checked<u64>>,

    /// Time for which a connection stays open without a request, in seconds, 1 to 3600 [default: 75]
    ///
    /// The time must be longer than that for which a proxy in front keeps an idle connection to this server. Otherwise the proxy sends
    /// requests on connections that are being closed, and answers 502.
    #[arg(
        long,
        env = "LOGGIA_KEEP_ALIVE_SECONDS",
        value_name = "NUMBER",
        value_parser = checked(|text| parse_seconds(text, 1)),
        global = true,
        hide_short_help = true
    )]
    keep_alive_seconds: Option<Checked<u64>>,

    /// Maximum number of open connections of one address, or off [default: a quarter of all]
    ///
    /// All are 2000 for each processor, or as many as the process may have files open (ulimit -n). Trusted proxies may have all of them.
    #[arg(
        long,
        env = "LOGGIA_CONNECTIONS_PER_ADDRESS",
        value_name = "NUMBER",
        value_parser = checked(parse_connections),
        global = true,
        hide_short_help = true
    )]
    connections_per_address: Option<Checked<usize>>,

    /// Maximum number of requests of a user in a minute, with all keys together, or off [default: off]
    ///
    /// The users of an organization may send ten times as many together. Responses tell what is left in RateLimit; a request beyond the
    /// limit gets 429. Each server counts for itself.
    #[arg(
        long,
        env = "LOGGIA_RATE_LIMIT_PER_MINUTE",
        value_name = "NUMBER",
        value_parser = checked(parse_rate),
        global = true,
        hide_short_help = true
    )]
    rate_limit_per_minute: Option<Checked<Option<u32>>>,

    /// Maximum number of invalid keys from one address in a minute, or off [default: 20]
    ///
    /// Further invalid keys get 429. Valid keys still pass from every address. Each server counts for itself.
    #[arg(
        long,
        env = "LOGGIA_FAILED_AUTHENTICATIONS_PER_MINUTE",
        value_name = "NUMBER",
        value_parser = checked(parse_rate),
        global = true,
        hide_short_help = true
    )]
    failed_authentications_per_minute: Option<Checked<Option<u32>>>,

    /// Maximum number of live API keys that a user has created, 1 to 1000000 [default: 200]
    ///
    /// The keys that an organization's admins issue for a member are counted separately, up to the same number for each member. The limit
    /// does not apply to `loggia keys create`.
    #[arg(
        long,
        env = "LOGGIA_MAX_KEYS_PER_USER",
        value_name = "NUMBER",
        value_parser = checked(parse_per_user),
        global = true,
        hide_short_help = true
    )]
    max_keys_per_user: Option<Checked<u32>>,

    /// Maximum number of organizations that a user may create over HTTP, 1 to 1000000 [default: 100]
    ///
    /// The limit does not apply to `loggia bootstrap`.
    #[arg(
        long,
        env = "LOGGIA_MAX_ORGANIZATIONS_PER_USER",
        value_name = "NUMBER",
        value_parser = checked(parse_per_user),
        global = true,
        hide_short_help = true
    )]
    max_organizations_per_user: Option<Checked<u32>>,

    /// Trusted proxies: addresses and networks, separated by commas [default: none]
    ///
    /// An example is 192.0.2.1,10.0.0.0/8. Forwarded or X-Forwarded-For, -Host, -Proto and -Prefix are trusted only if they come from these
    /// addresses: they tell who sends invalid keys, and what links begin with. Each proxy must add the address that it was called from, and
    /// must set or remove the other headers.
    #[arg(
        long,
        env = "LOGGIA_TRUSTED_PROXIES",
        value_name = "NETWORKS",
        value_parser = checked(Networks::parse),
        global = true,
        hide_short_help = true
    )]
    trusted_proxies: Option<Checked<Networks>>,

    /// The URL under which clients reach this server, such as `https://example.com/loggia` [default: the URL that was called]
    ///
    /// Link and Location begin with this URL. Without it they begin with what trusted proxies report of the request, or else with http://
    /// and the host that the request names.
    #[arg(
        long,
        env = "LOGGIA_PUBLIC_URL",
        value_name = "URL",
        value_parser = checked(parse_public_url),
        global = true,
        hide_short_help = true
    )]
    public_url: Option<Checked<Option<PublicUrl>>>,

    /// Origins whose pages may call this API (CORS), separated by commas [default: none]
    ///
    /// Write each origin exactly as browsers send it: `https://app.example.com,http://localhost:3000`.
    #[arg(
        long,
        env = "LOGGIA_CORS_ORIGINS",
        value_name = "ORIGINS",
        value_parser = checked(Origins::parse),
        global = true,
        hide_short_help = true
    )]
    cors_origins: Option<Checked<Origins>>,

    /// Further request headers that pages of those origins may send, separated by commas [default: none]
    ///
    /// The headers of this API, X-Requested-With and those of tracing (traceparent, tracestate, baggage) are always allowed.
    #[arg(
        long,
        env = "LOGGIA_CORS_HEADERS",
        value_name = "NAMES",
        value_parser = checked(HeaderNames::parse),
        global = true,
        hide_short_help = true
    )]
    cors_headers: Option<Checked<HeaderNames>>,

    /// Require If-Match for changing or deleting a record: yes or no [default: no]
    ///
    /// With yes, a request that could overwrite another client's change is refused without If-Match (428).
    #[arg(
        long,
        env = "LOGGIA_REQUIRE_IF_MATCH",
        value_name = "WHETHER",
        value_parser = checked(parse_whether),
        global = true,
        hide_short_help = true
    )]
    require_if_match: Option<Checked<bool>>,
}

/// The settings of a server.
#[derive(Clone, Debug)]
pub(crate) struct Serving {
    drain_seconds: u64,
    keep_alive_seconds: u64,
    /// The limit, or `None` if it was not set; `usize::MAX` if it is off.
    connections_per_address: Option<usize>,
    requests_per_minute: Option<u32>,
    failed_authentications: u32,
    require_if_match: bool,
    user_limits: UserLimits,
    proxies: Networks,
    public_url: Option<PublicUrl>,
    origins: Origins,
    headers: HeaderNames,
}

impl RawServing {
    /// Checks all settings.
    pub(super) fn check(self, usage_errors: &mut UsageErrors) -> Option<Serving> {
        let drain = usage_errors.take_given(self.drain_seconds);
        let keep_alive = usage_errors.take_given(self.keep_alive_seconds);
        let connections = usage_errors.take_given(self.connections_per_address);
        let rate = usage_errors.take_given(self.rate_limit_per_minute);
        let failures = usage_errors.take_given(self.failed_authentications_per_minute);
        let proxies = usage_errors.take_given(self.trusted_proxies);
        let public_url = usage_errors.take_given(self.public_url);
        let origins = usage_errors.take_given(self.cors_origins);
        let headers = usage_errors.take_given(self.cors_headers);
        let required = usage_errors.take_given(self.require_if_match);
        let keys = usage_errors.take_given(self.max_keys_per_user);
        let organizations = usage_errors.take_given(self.max_organizations_per_user);
        let (usual, per_user) = (Limits::default(), UserLimits::default());
        Some(Serving {
            drain_seconds: drain?.unwrap_or(usual.server.drain_seconds),
            keep_alive_seconds: keep_alive?.unwrap_or(usual.server.keep_alive_seconds),
            connections_per_address: connections?,
            requests_per_minute: rate?.unwrap_or(usual.requests_per_minute),
            // No client sends that many in a minute.
            failed_authentications: failures?
                .map_or(usual.failed_authentications, |number| number.unwrap_or(u32::MAX)),
            require_if_match: required?.unwrap_or(usual.require_if_match),
            user_limits: UserLimits {
                live_keys: keys?.unwrap_or(per_user.live_keys),
                organizations: organizations?.unwrap_or(per_user.organizations),
            },
            proxies: proxies?.unwrap_or_default(),
            public_url: public_url?.flatten(),
            origins: origins?.unwrap_or_default(),
            headers: headers?.unwrap_or_default(),
        })
    }
}

impl Serving {
    /// Returns the limits that suit a store, with the settings applied.
    pub(crate) fn limits(&self, of_the_store: Limits) -> Limits {
        Limits {
            server: self.server_limits(of_the_store.server),
            requests_per_minute: self.requests_per_minute,
            failed_authentications: self.failed_authentications,
            require_if_match: self.require_if_match,
            ..of_the_store
        }
    }

    fn server_limits(&self, usual: ServerLimits) -> ServerLimits {
        ServerLimits {
            drain_seconds: self.drain_seconds,
            keep_alive_seconds: self.keep_alive_seconds,
            connections_per_address: self.connections_per_address.unwrap_or(usual.connections_per_address),
            ..usual
        }
    }

    /// Returns the URL under which clients reach the server, if it is set.
    pub(crate) fn public_url(&self) -> Option<String> {
        self.public_url.as_ref().map(ToString::to_string)
    }

    /// Returns `true` if a proxy is trusted.
    pub(crate) fn has_trusted_proxies(&self) -> bool {
        self.proxies != Networks::default()
    }

    /// Returns `true` if headers are allowed to pages of no origin.
    pub(crate) fn has_cors_headers_without_origins(&self) -> bool {
        self.headers != HeaderNames::default() && self.origins == Origins::default()
    }

    /// Returns the time in seconds for which an idle connection stays open.
    pub(crate) fn keep_alive_seconds(&self) -> u64 {
        self.keep_alive_seconds
    }

    /// Returns the time in seconds that a stop takes at most: the drain, requests in flight, and closing.
    pub(crate) fn stop_seconds(&self, usual: ServerLimits) -> u64 {
        self.drain_seconds + usual.shutdown_seconds + 1
    }

    /// Returns the limits of each user.
    pub(crate) fn user_limits(&self) -> UserLimits {
        self.user_limits
    }

    /// Applies the settings other than limits to the HTTP side.
    pub(crate) fn applied_to(&self, app: HttpApp) -> HttpApp {
        let app = app.behind(self.proxies.clone());
        let app = app.for_pages_of(self.origins.clone()).with_headers_of_pages(&self.headers);
        match &self.public_url {
            Some(url) => app.reached_at(url.clone()),
            None => app,
        }
    }
}
