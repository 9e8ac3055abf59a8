//! `loggia settings` and `loggia serve --check`: what is set, where, and whether it can be used.

use std::fmt::Write as _;

use anyhow::anyhow;
use clap::Args;
use serde::Serialize;

use crate::cli::{Command, Invocation, catalogue};
use crate::commands::migrate::MigrateDatabaseArgs;
use crate::database::Database;
use crate::output;
use crate::settings::catalogue::Declared;
use crate::settings::given::{Given, Source};
use crate::settings::{DatabaseSource, RawListen, RawSettings, Settings};
use crate::usage_errors::{Checked, UsageErrors};

/// The arguments of `loggia settings`.
#[derive(Args, Clone, Debug)]
pub(crate) struct SettingsArgs {
    #[command(flatten)]
    pub(crate) listen: RawListen,
    #[command(flatten)]
    migrate: MigrateDatabaseArgs,
    /// Only check the settings: print all errors and exit with 1 if there is one
    #[arg(long)]
    check: bool,
    /// Print {"file","settings","errors"} instead of text
    #[arg(long)]
    json: bool,
}

/// A review of the settings, which opens and starts nothing.
#[derive(Debug)]
pub(crate) struct Review {
    given: Given,
    errors: Vec<String>,
    check: bool,
    json: bool,
}

impl Review {
    /// Checks the settings of a command that asks for a review only. Returns `None` for any other command.
    pub(crate) fn from_invocation(invocation: &Invocation) -> Option<Self> {
        let (listen, migrate, check, json) = match &invocation.command {
            Command::Settings(args) => (&args.listen, Some(&args.migrate), args.check, args.json),
            Command::Serve(args) if args.check => (&args.listen, None, true, false),
            _ => return None,
        };
        let given = invocation.given.clone();
        let mut usage_errors = given.usage_errors();
        let migrate = migrate.and_then(|migrate| migrate.chosen(&given));
        let checked =
            check_all(invocation.settings.clone(), listen.clone(), migrate, &given, &mut usage_errors);
        let errors = usage_errors.settle(checked).err().map(|error| error.all().to_vec()).unwrap_or_default();
        Some(Self { given, errors, check, json })
    }

    /// Prints the settings or only the outcome, and fails if there are errors.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let settings = if self.check && !self.json { Vec::new() } else { shown(&self.given) };
        if self.json {
            let file = self.given.file().map(|path| path.display().to_string());
            output::json(&Answer { file, settings, errors: &self.errors })?;
        } else if !self.check {
            output::listing(text(&self.given, &settings))?;
        }
        match self.errors.as_slice() {
            [] if self.check && !self.json => output::result("the settings have no errors"),
            [] => Ok(()),
            [only] => Err(anyhow!("{only}")),
            several => Err(anyhow!("{} errors\n  {}", several.len(), several.join("\n  "))),
        }
    }
}

fn check_all(
    settings: RawSettings,
    listen: RawListen,
    migrate: Option<Checked<Database>>,
    given: &Given,
    usage_errors: &mut UsageErrors,
) -> Option<()> {
    let settings = Settings::check(settings, DatabaseSource::Common, given, usage_errors);
    let listen = usage_errors.take(listen.listen);
    let migrate = usage_errors.take_given(migrate);
    settings.zip(listen).zip(migrate).map(|_| ())
}

#[derive(Serialize)]
struct Answer<'a> {
    file: Option<String>,
    settings: Vec<Shown>,
    errors: &'a [String],
}

/// A setting as it is shown.
#[derive(Serialize)]
struct Shown {
    key: String,
    flag: String,
    variable: String,
    value: Option<String>,
    source: ShownSource,
    default: String,
    range: String,
    meaning: String,
}

#[derive(Serialize)]
struct ShownSource {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

fn shown(given: &Given) -> Vec<Shown> {
    let catalogue = catalogue();
    let refused = refused();
    let show = |declared: &Declared| {
        let text = given.get(&declared.key).and_then(|given| given.text.clone());
        let source = match given.source(&declared.key) {
            Source::BuiltIn => ShownSource { kind: "built-in", line: None },
            Source::File { line } => ShownSource { kind: "file", line: Some(line) },
            Source::Variable => ShownSource { kind: "environment", line: None },
            Source::Flag => ShownSource { kind: "flag", line: None },
        };
        Shown {
            key: declared.key.clone(),
            flag: declared.flag.clone(),
            variable: declared.variable.clone(),
            value: text.map(|text| if declared.is_secret { without_password(&text) } else { text }),
            source,
            default: declared.default.clone(),
            range: range(declared, &refused),
            meaning: declared.meaning.clone(),
        }
    };
    catalogue.all().map(show).collect()
}

/// Returns a database's URL without its login, or a word if it is none: it may hold a password.
fn without_password(url: &str) -> String {
    match Database::parse(url) {
        Ok(Database::Sqlite(_)) => url.to_owned(),
        Ok(database @ Database::Postgres(_)) => format!("postgres://{database}"),
        Err(_) => "(hidden)".to_owned(),
    }
}

/// Collects the error of each parser for a text that no setting accepts: its range, in the words of the parser.
fn refused() -> UsageErrors {
    const IMPOSSIBLE: &str = "\u{1}";
    let catalogue = catalogue();
    let options = catalogue.all().map(|declared| format!("{}={IMPOSSIBLE}", declared.flag));
    let words = ["loggia", "settings"].map(str::to_owned).into_iter().chain(options);
    let mut usage_errors = UsageErrors::default();
    if let Ok(Invocation { settings, command: Command::Settings(args), .. }) = Invocation::parse_from(words) {
        let given = Given::default();
        let migrate = args.migrate.chosen(&given);
        // There is no value: each one is an error.
        let _ = check_all(settings, args.listen, migrate, &given, &mut usage_errors);
    }
    usage_errors
}

/// Returns the range of a setting.
fn range(declared: &Declared, refused: &UsageErrors) -> String {
    if declared.key.ends_with("_file") {
        return "the path of a file".to_owned();
    }
    let reason = refused.reason(&declared.key).unwrap_or_default();
    reason.strip_prefix("must be ").unwrap_or(reason).to_owned()
}

fn text(given: &Given, settings: &[Shown]) -> String {
    let mut text = match given.file() {
        Some(file) => format!("Settings file: {}\n", file.display()),
        None => "Settings file: none\n".to_owned(),
    };
    for setting in settings {
        let source = match setting.source.line {
            Some(line) => format!("file, line {line}"),
            None => setting.source.kind.to_owned(),
        };
        let value = setting.value.as_deref().unwrap_or(&setting.default);
        let Shown { key, flag, variable, range, meaning, .. } = setting;
        let _ = write!(
            text,
            "\n{key} = {value}  ({source})\n  {meaning}\n  Range: {range}\n  {flag}, {variable}\n"
        );
    }
    text.trim_end().to_owned()
}
