//! The settings as they were given, each with its source.

use std::collections::BTreeMap;
use std::path::Path;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use super::catalogue::Catalogue;
use super::file::SettingsFile;
use crate::usage_errors::UsageErrors;

/// The source of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The program itself.
    BuiltIn,
    /// A line of the settings file.
    File {
        /// The number of the line, from 1 on.
        line: usize,
    },
    /// The environment.
    Variable,
    /// The command line.
    Flag,
}

impl Source {
    /// Returns the rank of the source: a higher one takes precedence over a lower one.
    const fn rank(self) -> u8 {
        match self {
            Self::BuiltIn => 0,
            Self::File { .. } => 1,
            Self::Variable => 2,
            Self::Flag => 3,
        }
    }
}

/// A setting as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GivenSetting {
    /// The text, or `None` if it was not given and the program's own value is no text.
    pub(crate) text: Option<String>,
    /// The source of the text.
    pub(crate) source: Source,
}

/// All settings as they were given to a command.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    file: SettingsFile,
    settings: BTreeMap<String, GivenSetting>,
}

/// Makes the file's values the default values of the options, behind flags and variables, which are then parsed like those.
pub(crate) fn offer(command: Command, file: &SettingsFile) -> Command {
    let known = |argument: &clap::Arg| argument.get_env().and(file.get(argument.get_id().as_str()));
    let command = command.mut_args(|argument| match known(&argument) {
        Some(entry) => {
            let text = entry.text.clone();
            argument.default_value(text)
        }
        None => argument,
    });
    command.mut_subcommands(|command| offer(command, file))
}

impl Given {
    /// Collects what was given to a command and to the one that it belongs to.
    pub(crate) fn new(matches: &ArgMatches, file: SettingsFile, catalogue: &Catalogue) -> Self {
        let mut settings = BTreeMap::new();
        let mut level = Some(matches);
        while let Some(matches) = level {
            for declared in catalogue.all() {
                if matches.try_contains_id(&declared.key).is_err() {
                    continue;
                }
                let given = given(matches, &declared.key, &file);
                let known: Option<&GivenSetting> = settings.get(&declared.key);
                if known.is_none_or(|known| known.source.rank() < given.source.rank()) {
                    settings.insert(declared.key.clone(), given);
                }
            }
            level = matches.subcommand().map(|(_, below)| below);
        }
        Self { file, settings }
    }

    /// Returns what was given for a setting, or `None` if the command does not have it.
    pub(crate) fn get(&self, key: &str) -> Option<&GivenSetting> {
        self.settings.get(key)
    }

    /// Returns the source of a setting.
    pub(crate) fn source(&self, key: &str) -> Source {
        self.get(key).map_or(Source::BuiltIn, |given| given.source)
    }

    /// Returns `true` if a setting takes precedence over another one that stands for the same thing, as it does from the same source.
    pub(crate) fn prefers(&self, key: &str, over: &str) -> bool {
        let source = self.source(key);
        source != Source::BuiltIn && source.rank() >= self.source(over).rank()
    }

    /// Returns the settings file that was read.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.path.as_deref()
    }

    /// Begins the list of usage errors with those of the file.
    pub(crate) fn usage_errors(&self) -> UsageErrors {
        let places = self.settings.iter().filter_map(|(key, given)| match given.source {
            Source::File { line } => Some((key.clone(), self.file.place(key, line))),
            _ => None,
        });
        UsageErrors::with_file(self.file.errors().to_vec(), places.collect())
    }
}

fn given(matches: &ArgMatches, key: &str, file: &SettingsFile) -> GivenSetting {
    let text = matches.get_raw(key).and_then(|mut texts| texts.next());
    let source = match (matches.value_source(key), file.get(key)) {
        (Some(ValueSource::CommandLine), _) => Source::Flag,
        (Some(ValueSource::EnvVariable), _) => Source::Variable,
        (Some(_), Some(entry)) => Source::File { line: entry.line },
        _ => Source::BuiltIn,
    };
    GivenSetting { text: text.map(|text| text.to_string_lossy().into_owned()), source }
}
