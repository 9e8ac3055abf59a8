//! The settings file: TOML, one key a setting, each taken as a text for the parser that reads flags and environment variables too.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::catalogue::Catalogue;

/// The file that is read if no other is named and it exists.
pub(crate) const DEFAULT: &str = "loggia.toml";

/// A settings file, with the errors that were found in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct SettingsFile {
    /// The path, or `None` if there is no file.
    pub(crate) path: Option<PathBuf>,
    entries: BTreeMap<String, Entry>,
    errors: Vec<String>,
}

/// A setting in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The value as the text that a flag would have.
    pub(crate) text: String,
    /// The number of the line, from 1 on.
    pub(crate) line: usize,
}

impl SettingsFile {
    /// Reads the named file, or else the default one if it exists. A file that cannot be read is an error of its own.
    pub(crate) fn find(named: Option<&Path>, catalogue: &Catalogue) -> Self {
        let path = named.unwrap_or(Path::new(DEFAULT));
        if named.is_none() && !path.exists() {
            return Self::default();
        }
        let mut file = Self { path: Some(path.to_owned()), ..Self::default() };
        match fs::read_to_string(path) {
            Ok(text) => file.parse(path, &text, catalogue),
            Err(error) => file.errors.push(format!("{} cannot be read: {error}", path.display())),
        }
        file
    }

    fn parse(&mut self, path: &Path, text: &str, catalogue: &Catalogue) {
        let line = |offset: usize| 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
        let (table, not_toml) = DeTable::parse_recoverable(text);
        let mut errors = Vec::new();
        for error in not_toml {
            let line = line(error.span().map_or(0, |span| span.start));
            errors.push((line, format!("{}:{line}: not TOML: {}", path.display(), error.message())));
        }
        let mut has_secret = false;
        for (key, value) in table.get_ref() {
            let line = line(key.span().start);
            let place = format!("{}:{line}: {}", path.display(), key.get_ref());
            let Some(setting) = catalogue.get(key.get_ref()) else {
                errors.push((line, format!("{place} is not a setting; `loggia settings` lists them")));
                continue;
            };
            match text_of(value.get_ref()) {
                Ok(text) => {
                    has_secret |= setting.is_secret && holds_password(&text);
                    self.entries.insert(setting.key.clone(), Entry { text, line });
                }
                Err(error) => errors.push((line, format!("{place} {error}"))),
            }
        }
        errors.sort();
        self.errors.extend(errors.into_iter().map(|(_, error)| error));
        if let Err(error) = access(path, has_secret) {
            self.errors.push(format!("{} {error}", path.display()));
        }
    }

    /// Returns the entry of a setting.
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// Returns the errors in the file itself. The values are checked with those of flags and variables.
    pub(crate) fn errors(&self) -> &[String] {
        &self.errors
    }

    /// Returns the place of a line, for messages.
    pub(crate) fn place(&self, key: &str, line: usize) -> String {
        let path = self.path.as_deref().unwrap_or(Path::new(DEFAULT));
        format!("{}:{line}: {key}", path.display())
    }
}

/// Returns a value as the text that a flag would have: a list is joined by commas, and true and false are yes and no.
fn text_of(value: &DeValue<'_>) -> Result<String, &'static str> {
    const NOT_A_SETTING: &str = "must be a text, a whole number, true, false, or a list of texts";
    match value {
        DeValue::String(text) => Ok(text.clone().into_owned()),
        DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().to_owned()),
        DeValue::Boolean(whether) => Ok(if *whether { "yes" } else { "no" }.to_owned()),
        DeValue::Array(values) => {
            let texts = values.iter().map(|value| match value.get_ref() {
                DeValue::String(text) => Ok(text.as_ref()),
                _ => Err(NOT_A_SETTING),
            });
            Ok(texts.collect::<Result<Vec<_>, _>>()?.join(","))
        }
        _ => Err(NOT_A_SETTING),
    }
}

/// Returns `true` if a URL holds a password, before the host or as a parameter.
fn holds_password(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let login = authority.rsplit_once('@').map(|(login, _)| login);
    let has_parameter = url
        .split_once('?')
        .is_some_and(|(_, query)| query.split('&').any(|parameter| parameter.starts_with("password=")));
    // A password may contain `/` although it should be escaped: an `@` behind it means one, too.
    has_parameter || login.map_or_else(|| rest.contains('@'), |login| login.contains(':'))
}

/// Refuses a file that others may write, and one with a password that others may read. Its group may read it if it belongs to root, as
/// the settings of services do.
#[cfg(unix)]
fn access(path: &Path, has_secret: bool) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;

    let Ok(file) = fs::metadata(path) else { return Ok(()) };
    refuse(file.uid(), file.mode() & 0o7777, has_secret)
}

/// Returns no error: this system has no modes.
#[cfg(not(unix))]
fn access(_path: &Path, _has_secret: bool) -> Result<(), String> {
    Ok(())
}

#[cfg(unix)]
fn refuse(owner: u32, mode: u32, has_secret: bool) -> Result<(), String> {
    let (kept, wanted) = if owner == 0 { (0o007, "0640") } else { (0o077, "0600") };
    if mode & 0o002 != 0 {
        return Err(format!(
            "can be written by every user (its mode is {mode:04o}): make it {wanted} with chmod"
        ));
    }
    if has_secret && mode & kept != 0 {
        return Err(format!(
            "contains a password and can be read by other users (its mode is {mode:04o}): make it {wanted} with chmod, or name a \
             file that contains the URL with database_url_file"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_found_wherever_a_url_may_hold_it() {
        for (url, expected) in [
            ("postgres://ada:secret@example.com/l", true),
            ("postgres://ada:se/cret@example.com/l", true),
            ("postgres://example.com/l?sslmode=require&password=secret", true),
            ("postgres://ada@example.com/l", false),
            ("postgres://example.com:5432/l?sslmode=require", false),
            ("sqlite://loggia.db", false),
            ("sqlite:///srv/a:b/loggia.db", false),
        ] {
            assert_eq!(holds_password(url), expected, "{url}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_a_password_is_for_its_owner_or_for_a_group_of_root() {
        for (owner, mode, has_secret, is_refused) in [
            (1_000, 0o600, true, false),
            (1_000, 0o640, true, true),
            (1_000, 0o644, true, true),
            (1_000, 0o644, false, false),
            (1_000, 0o666, false, true),
            (0, 0o640, true, false),
            (0, 0o644, true, true),
            (0, 0o644, false, false),
        ] {
            assert_eq!(refuse(owner, mode, has_secret).is_err(), is_refused, "{owner} {mode:o} {has_secret}");
        }
    }
}
