//! The settings of a server: its behaviour towards its clients.

use clap::Args;
use loggia_domain::service::UserLimits;
use loggia_http::{HeaderNames, HttpApp, Limits, Networks, Origins, PublicUrl, ServerLimits};

use super::{Unusable, unusable};
use crate::mistakes::Mistakes;

/// The settings of a server, as they were typed. Every command accepts them, since the default command is `serve`.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings of the server")]
pub(crate) struct RawServing {
    /// Time for which a server that is shutting down still accepts requests, in seconds, 0 to 3600 [default: 5]
    ///
    /// The server reports at once that it is not ready, and closes each connection after its response. Set the time that the clients of
    /// this server, such as a proxy in front, need to notice that. If no client is connected and none has called for a minute, the server
    /// stops at once.
    #[arg(long, env = "LOGGIA_DRAIN_SECONDS", value_name = "NUMBER", global = true, hide_short_help = true)]
    pub(crate) drain_seconds: Option<String>,

    /// Time for which a connection stays open without a request, in seconds, 1 to 3600 [default: 75]
    ///
    /// The time must be longer than that for which a proxy in front keeps an idle connection to this server. Otherwise the proxy sends
    /// requests on connections that are being closed, and answers 502.
    #[arg(
        long,
        env = "LOGGIA_KEEP_ALIVE_SECONDS",
        value_name = "NUMBER",
        global = true,
        hide_short_help = true
    )]
    pub(crate) keep_alive_seconds: Option<String>,

    /// Maximum number of open connections of one address, or off [default: a quarter of all]
    ///
    /// All are 2000 for each processor, or as many as the process may have files open (ulimit -n). Trusted proxies may have all of them.
    #[arg(
        long,
        env = "LOGGIA_CONNECTIONS_PER_ADDRESS",
        value_name = "NUMBER",
        global = true,
        hide_short_help = true
    )]
    pub(crate) connections_per_address: Option<String>,

    /// Maximum number of requests of a user in a minute, with all keys together, or off [default: off]
    ///
    /// The users of an organization may send ten times as many together. Responses tell what is left in RateLimit; a request beyond the
    /// limit gets 429. Each server counts for itself.
    #[arg(
        long,
        env = "LOGGIA_RATE_LIMIT_PER_MINUTE",
        value_name = "NUMBER",
        global = true,
        hide_short_help = true
    )]
    pub(crate) rate_limit_per_minute: Option<String>,

    /// Maximum number of invalid keys from one address in a minute, or off [default: 20]
    ///
    /// Further invalid keys get 429. Valid keys still pass from every address. Each server counts for itself.
    #[arg(
        long,
        env = "LOGGIA_FAILED_AUTHENTICATIONS_PER_MINUTE",
        value_name = "NUMBER",
        global = true,
        hide_short_help = true
    )]
    pub(crate) failed_authentications_per_minute: Option<String>,

    /// Maximum number of live API keys that a user has created, 1 to 1000000 [default: 200]
    ///
    /// The keys that an organization's admins issue for a member are counted separately, up to the same number for each member. The limit
    /// does not apply to `loggia keys create`.
    #[arg(
        long,
        env = "LOGGIA_MAX_KEYS_PER_USER",
        value_name = "NUMBER",
        global = true,
        hide_short_help = true
    )]
    pub(crate) max_keys_per_user: Option<String>,

    /// Maximum number of organizations that a user may create over HTTP, 1 to 1000000 [default: 100]
    ///
    /// The limit does not apply to `loggia bootstrap`.
    #[arg(
        long,
        env = "LOGGIA_MAX_ORGANIZATIONS_PER_USER",
        value_name = "NUMBER",
        global = true,
        hide_short_help = true
    )]
    pub(crate) max_organizations_per_user: Option<String>,

    /// Trusted proxies: addresses and networks, separated by commas [default: none]
    ///
    /// An example is 192.0.2.1,10.0.0.0/8. Forwarded or X-Forwarded-For, -Host, -Proto and -Prefix are trusted only if they come from these
    /// addresses: they tell who sends invalid keys, and what links begin with. Each proxy must add the address that it was called from, and
    /// must set or remove the other headers.
    #[arg(
        long,
        env = "LOGGIA_TRUSTED_PROXIES",
        value_name = "NETWORKS",
        global = true,
        hide_short_help = true
    )]
    pub(crate) trusted_proxies: Option<String>,

    /// The URL under which clients reach this server, such as `https://example.com/loggia` [default: the URL that was called]
    ///
    /// Link and Location begin with this URL. Without it they begin with what trusted proxies report of the request, or else with http://
    /// and the host that the request names.
    #[arg(long, env = "LOGGIA_PUBLIC_URL", value_name = "URL", global = true, hide_short_help = true)]
    pub(crate) public_url: Option<String>,

    /// Origins whose pages may call this API (CORS), separated by commas [default: none]
    ///
    /// Write each origin exactly as browsers send it: `https://app.example.com,http://localhost:3000`.
    #[arg(long, env = "LOGGIA_CORS_ORIGINS", value_name = "ORIGINS", global = true, hide_short_help = true)]
    pub(crate) cors_origins: Option<String>,

    /// Further request headers that pages of those origins may send, separated by commas [default: none]
    ///
    /// The headers of this API, X-Requested-With and those of tracing (traceparent, tracestate, baggage) are always allowed.
    #[arg(long, env = "LOGGIA_CORS_HEADERS", value_name = "NAMES", global = true, hide_short_help = true)]
    pub(crate) cors_headers: Option<String>,

    /// Require If-Match for changing or deleting a record: yes or no [default: no]
    ///
    /// With yes, a request that could overwrite another client's change is refused without If-Match (428).
    #[arg(
        long,
        env = "LOGGIA_REQUIRE_IF_MATCH",
        value_name = "WHETHER",
        global = true,
        hide_short_help = true
    )]
    pub(crate) require_if_match: Option<String>,
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
    pub(super) fn check(&self, mistakes: &mut Mistakes) -> Option<Serving> {
        let usual = Limits::default();
        let drain = mistakes.check_given(
            "--drain-seconds (LOGGIA_DRAIN_SECONDS)",
            self.drain_seconds.as_deref(),
            |text| parse_seconds(text, 0),
        );
        let keep_alive = mistakes.check_given(
            "--keep-alive-seconds (LOGGIA_KEEP_ALIVE_SECONDS)",
            self.keep_alive_seconds.as_deref(),
            |text| parse_seconds(text, 1),
        );
        let connections = mistakes.check_given(
            "--connections-per-address (LOGGIA_CONNECTIONS_PER_ADDRESS)",
            self.connections_per_address.as_deref(),
            parse_connections,
        );
        let rate = mistakes.check_given(
            "--rate-limit-per-minute (LOGGIA_RATE_LIMIT_PER_MINUTE)",
            self.rate_limit_per_minute.as_deref(),
            parse_rate,
        );
        let failures = mistakes.check_given(
            "--failed-authentications-per-minute (LOGGIA_FAILED_AUTHENTICATIONS_PER_MINUTE)",
            self.failed_authentications_per_minute.as_deref(),
            parse_rate,
        );
        let proxies = mistakes.check(
            "--trusted-proxies (LOGGIA_TRUSTED_PROXIES)",
            Networks::parse(self.trusted_proxies.as_deref().unwrap_or_default()),
        );
        let public_url = self.public_url.as_deref().filter(|text| !text.trim().is_empty());
        let public_url = mistakes.check_given("--public-url (LOGGIA_PUBLIC_URL)", public_url, |text| {
            PublicUrl::parse(text.trim())
        });
        let origins = mistakes.check(
            "--cors-origins (LOGGIA_CORS_ORIGINS)",
            Origins::parse(self.cors_origins.as_deref().unwrap_or_default()),
        );
        let headers = mistakes.check(
            "--cors-headers (LOGGIA_CORS_HEADERS)",
            HeaderNames::parse(self.cors_headers.as_deref().unwrap_or_default()),
        );
        let required = mistakes.check_given(
            "--require-if-match (LOGGIA_REQUIRE_IF_MATCH)",
            self.require_if_match.as_deref(),
            parse_whether,
        );
        let keys = mistakes.check_given(
            "--max-keys-per-user (LOGGIA_MAX_KEYS_PER_USER)",
            self.max_keys_per_user.as_deref(),
            parse_per_user,
        );
        let organizations = mistakes.check_given(
            "--max-organizations-per-user (LOGGIA_MAX_ORGANIZATIONS_PER_USER)",
            self.max_organizations_per_user.as_deref(),
            parse_per_user,
        );
        let per_user = UserLimits::default();
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
            proxies: proxies?,
            public_url: public_url?,
            origins: origins?,
            headers: headers?,
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

const MAX_SECONDS: u64 = 3_600;
const HIGHEST_RATE: u32 = 1_000_000;
const MOST_CONNECTIONS: usize = 1_000_000;

fn parse_seconds(text: &str, min: u64) -> Result<u64, Unusable> {
    match text.parse() {
        Ok(seconds) if (min..=MAX_SECONDS).contains(&seconds) => Ok(seconds),
        _ => unusable(format!("must be a whole number from {min} to {MAX_SECONDS}")),
    }
}

/// Parses a number of connections; `off` gives `usize::MAX`.
fn parse_connections(text: &str) -> Result<usize, Unusable> {
    match text.parse() {
        _ if text == "off" => Ok(usize::MAX),
        Ok(number @ 1..=MOST_CONNECTIONS) => Ok(number),
        _ => unusable(format!("must be a whole number from 1 to {MOST_CONNECTIONS}, or off")),
    }
}

/// Parses a rate; `off` gives `None`.
fn parse_rate(text: &str) -> Result<Option<u32>, Unusable> {
    match text.parse() {
        _ if text == "off" => Ok(None),
        Ok(number @ 1..=HIGHEST_RATE) => Ok(Some(number)),
        _ => unusable(format!("must be a whole number from 1 to {HIGHEST_RATE}, or off")),
    }
}

const HIGHEST_PER_USER: u32 = 1_000_000;

fn parse_per_user(text: &str) -> Result<u32, Unusable> {
    match text.parse() {
        Ok(number @ 1..=HIGHEST_PER_USER) => Ok(number),
        _ => unusable(format!("must be a whole number from 1 to {HIGHEST_PER_USER}")),
    }
}

fn parse_whether(text: &str) -> Result<bool, Unusable> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => unusable("must be yes or no"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(raw: &RawServing) -> Result<Serving, String> {
        let mut mistakes = Mistakes::default();
        let serving = raw.check(&mut mistakes);
        mistakes.settle(serving).map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn without_a_word_everything_is_as_usual() {
        let serving = told(&RawServing::default()).expect("no mistake");
        assert_eq!(serving.limits(Limits::default()), Limits::default());
        assert_eq!(serving.user_limits(), UserLimits::default());
        let of_the_store = Limits { reads_at_once: 7, writes_at_once: 9, ..Limits::default() };
        assert_eq!(serving.limits(of_the_store), of_the_store);
    }

    #[test]
    fn what_is_set_is_gone_by() {
        let given = |text: &str| Some(text.to_owned());
        let raw = RawServing {
            drain_seconds: given("0"),
            keep_alive_seconds: given("3600"),
            connections_per_address: given("50"),
            rate_limit_per_minute: given("600"),
            failed_authentications_per_minute: given("off"),
            max_keys_per_user: given("1"),
            max_organizations_per_user: given("1000000"),
            trusted_proxies: given("10.0.0.0/8"),
            public_url: given("https://example.com/loggia/"),
            cors_origins: given("https://app.example.com"),
            cors_headers: given("X-Client-Version"),
            require_if_match: given("yes"),
        };
        let serving = told(&raw).expect("no mistake");
        let limits = serving.limits(Limits::default());
        assert_eq!((limits.server.drain_seconds, limits.requests_per_minute), (0, Some(600)));
        assert_eq!(limits.server.keep_alive_seconds, 3_600);
        assert_eq!(limits.server.connections_per_address, 50);
        let off = RawServing { connections_per_address: given("off"), ..RawServing::default() };
        let off = told(&off).expect("no mistake").limits(Limits::default());
        assert_eq!(off.server.connections_per_address, usize::MAX);
        assert_eq!((limits.failed_authentications, limits.require_if_match), (u32::MAX, true));
        assert_eq!(serving.user_limits(), UserLimits { live_keys: 1, organizations: 1_000_000 });
        assert_eq!(serving.proxies, Networks::parse("10.0.0.0/8").expect("a network"));
        assert_eq!(serving.origins, Origins::parse("https://app.example.com").expect("an origin"));
        assert_eq!(serving.headers, HeaderNames::parse("X-Client-Version").expect("a name"));
        assert_eq!(serving.public_url, PublicUrl::parse("https://example.com/loggia").ok());
        let empty = RawServing { public_url: given(" "), cors_headers: given(""), ..RawServing::default() };
        let serving = told(&empty).expect("no mistake");
        assert_eq!((serving.public_url, serving.headers), (None, HeaderNames::default()));
    }

    #[test]
    fn all_that_cannot_be_used_is_told_together_and_by_name() {
        let given = |text: &str| Some(text.to_owned());
        let raw = RawServing {
            drain_seconds: given("-1"),
            keep_alive_seconds: given("0"),
            connections_per_address: given("0"),
            rate_limit_per_minute: given("0"),
            failed_authentications_per_minute: given("many"),
            max_keys_per_user: given("0"),
            max_organizations_per_user: given("1000001"),
            trusted_proxies: given("proxy.example.com"),
            public_url: given("example.com"),
            cors_origins: given("*"),
            cors_headers: given("*"),
            require_if_match: given("true"),
        };
        let mistakes = told(&raw).expect_err("twelve mistakes");
        for name in [
            "(LOGGIA_DRAIN_SECONDS) must be a whole number from 0 to 3600",
            "(LOGGIA_KEEP_ALIVE_SECONDS) must be a whole number from 1 to 3600",
            "(LOGGIA_CONNECTIONS_PER_ADDRESS) must be a whole number from 1 to 1000000, or off",
            "(LOGGIA_RATE_LIMIT_PER_MINUTE) must be a whole number from 1 to 1000000, or off",
            "(LOGGIA_FAILED_AUTHENTICATIONS_PER_MINUTE) must be a whole number from 1 to 1000000, or off",
            "(LOGGIA_MAX_KEYS_PER_USER) must be a whole number from 1 to 1000000",
            "(LOGGIA_MAX_ORGANIZATIONS_PER_USER) must be a whole number from 1 to 1000000",
            "(LOGGIA_TRUSTED_PROXIES) must be IP addresses",
            "(LOGGIA_PUBLIC_URL) must be an http:// or https:// URL",
            "(LOGGIA_CORS_ORIGINS) must be origins",
            "(LOGGIA_CORS_HEADERS) must be names",
            "(LOGGIA_REQUIRE_IF_MATCH) must be yes or no",
        ] {
            assert!(mistakes.contains(name), "{name} in {mistakes}");
        }
        for bad in ["3601", "1.5", "", "5s"] {
            assert!(
                told(&RawServing { drain_seconds: given(bad), ..RawServing::default() }).is_err(),
                "{bad}"
            );
        }
    }

    #[test]
    fn the_help_tells_what_is_usual() {
        let command = RawServing::augment_args(clap::Command::new("loggia"));
        let (usual, per_user) = (Limits::default(), UserLimits::default());
        for (name, figure) in [
            ("max_keys_per_user", per_user.live_keys.to_string()),
            ("max_organizations_per_user", per_user.organizations.to_string()),
            ("drain_seconds", usual.server.drain_seconds.to_string()),
            ("keep_alive_seconds", usual.server.keep_alive_seconds.to_string()),
            ("failed_authentications_per_minute", usual.failed_authentications.to_string()),
        ] {
            let argument = command.get_arguments().find(|argument| argument.get_id() == name);
            let help = argument.and_then(clap::Arg::get_help).map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("[default: {figure}]")), "{help}");
        }
    }
}
