//! The settings that there are, as the command line declares them: every option with an environment variable is one.

use std::collections::BTreeMap;

use clap::{Arg, Command};

/// The settings by their keys, each once although several commands have it.
#[derive(Clone, Debug)]
pub(crate) struct Catalogue(BTreeMap<String, Declared>);

/// A setting as it is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Declared {
    /// The key in the settings file, which is also the id of the option.
    pub(crate) key: String,
    /// The option, such as `--listen`.
    pub(crate) flag: String,
    /// The environment variable.
    pub(crate) variable: String,
    /// The value without a setting, in words if it depends on something.
    pub(crate) default: String,
    /// The first sentence of the help.
    pub(crate) meaning: String,
    /// `true` if the value is never shown.
    pub(crate) is_secret: bool,
}

/// The option that names the settings file: a setting of the command line and the environment only.
pub(crate) const CONFIG: &str = "config";

/// The commands whose options concern one run of them, and no server: they may come from the environment, but not from the file.
const OF_ONE_RUN: [&str; 3] = ["backup", "copy", "doctor"];

impl Catalogue {
    /// Collects the settings of a command and of its subcommands.
    pub(crate) fn from_command(command: &Command) -> Self {
        let mut settings = BTreeMap::new();
        collect(command, &mut settings);
        Self(settings)
    }

    /// Returns the setting with that key.
    pub(crate) fn get(&self, key: &str) -> Option<&Declared> {
        self.0.get(key)
    }

    /// Returns all settings, ordered by their keys.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Declared> {
        self.0.values()
    }
}

fn collect(command: &Command, settings: &mut BTreeMap<String, Declared>) {
    for argument in command.get_arguments() {
        if let Some(declared) = Declared::from_argument(argument) {
            settings.insert(declared.key.clone(), declared);
        }
    }
    let further = command.get_subcommands().filter(|command| !OF_ONE_RUN.contains(&command.get_name()));
    further.for_each(|command| collect(command, settings));
}

impl Declared {
    fn from_argument(argument: &Arg) -> Option<Self> {
        let key = argument.get_id().to_string();
        let variable = argument.get_env()?.to_string_lossy().into_owned();
        if key == CONFIG {
            return None;
        }
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let (meaning, in_words) = match help.split_once(" [default: ") {
            Some((meaning, default)) => (meaning.to_owned(), default.trim_end_matches(']').to_owned()),
            None => (help, "none".to_owned()),
        };
        let declared = argument.get_default_values().first();
        Some(Self {
            flag: format!("--{}", argument.get_long()?),
            variable,
            default: declared.map_or(in_words, |text| text.to_string_lossy().into_owned()),
            meaning,
            is_secret: argument.is_hide_env_values_set(),
            key,
        })
    }
}
