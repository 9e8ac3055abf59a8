//! A server's settings, given on the command line.

use clap::FromArgMatches;

use super::*;

fn parsed(words: &[&str]) -> Result<Serving, String> {
    let command = RawServing::augment_args(clap::Command::new("loggia"));
    let matches = command.get_matches_from([&["loggia"], words].concat());
    let mut usage_errors = UsageErrors::default();
    let serving = RawServing::from_arg_matches(&matches).expect("arguments").check(&mut usage_errors);
    usage_errors.settle(serving).map_err(|usage_errors| usage_errors.to_string())
}

#[test]
fn without_settings_the_defaults_apply() {
    let serving = parsed(&[]).expect("no usage error");
    assert_eq!(serving.limits(Limits::default()), Limits::default());
    assert_eq!(serving.user_limits(), UserLimits::default());
    let of_the_store = Limits { reads_at_once: 7, writes_at_once: 9, ..Limits::default() };
    assert_eq!(serving.limits(of_the_store), of_the_store);
}

#[test]
fn every_setting_takes_effect() {
    let serving = parsed(&[
        "--drain-seconds=0",
        "--keep-alive-seconds=3600",
        "--connections-per-address=50",
        "--rate-limit-per-minute=600",
        "--failed-authentications-per-minute=off",
        "--max-keys-per-user=1",
        "--max-organizations-per-user=1000000",
        "--trusted-proxies=10.0.0.0/8",
        "--public-url=https://example.com/loggia/",
        "--cors-origins=https://app.example.com",
        "--cors-headers=X-Client-Version",
        "--require-if-match=yes",
    ]);
    let serving = serving.expect("no usage error");
    let limits = serving.limits(Limits::default());
    assert_eq!((limits.server.drain_seconds, limits.requests_per_minute), (0, Some(600)));
    assert_eq!(limits.server.keep_alive_seconds, 3_600);
    assert_eq!(limits.server.connections_per_address, 50);
    let off = parsed(&["--connections-per-address=off"]).expect("no usage error").limits(Limits::default());
    assert_eq!(off.server.connections_per_address, usize::MAX);
    assert_eq!((limits.failed_authentications, limits.require_if_match), (u32::MAX, true));
    assert_eq!(serving.user_limits(), UserLimits { live_keys: 1, organizations: 1_000_000 });
    assert_eq!(serving.proxies, Networks::parse("10.0.0.0/8").expect("a network"));
    assert_eq!(serving.origins, Origins::parse("https://app.example.com").expect("an origin"));
    assert_eq!(serving.headers, HeaderNames::parse("X-Client-Version").expect("a name"));
    assert_eq!(serving.public_url, PublicUrl::parse("https://example.com/loggia").ok());
    let serving = parsed(&["--public-url= ", "--cors-headers="]).expect("no usage error");
    assert_eq!((serving.public_url, serving.headers), (None, HeaderNames::default()));
    let empty = parsed(&["--trusted-proxies=", "--cors-origins="]).expect("no usage error");
    assert_eq!((empty.proxies, empty.origins), (Networks::default(), Origins::default()));
}

#[test]
fn all_invalid_settings_are_reported_together_and_by_name() {
    let usage_errors = parsed(&[
        "--drain-seconds=-1",
        "--keep-alive-seconds=0",
        "--connections-per-address=0",
        "--rate-limit-per-minute=0",
        "--failed-authentications-per-minute=many",
        "--max-keys-per-user=0",
        "--max-organizations-per-user=1000001",
        "--trusted-proxies=proxy.example.com",
        "--public-url=example.com",
        "--cors-origins=*",
        "--cors-headers=*",
        "--require-if-match=true",
    ]);
    let usage_errors = usage_errors.expect_err("twelve usage errors");
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
        assert!(usage_errors.contains(name), "{name} in {usage_errors}");
    }
    for bad in ["3601", "1.5", "", "5s"] {
        assert!(parsed(&[&format!("--drain-seconds={bad}")]).is_err(), "{bad}");
    }
}

#[test]
fn the_help_states_the_defaults() {
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
