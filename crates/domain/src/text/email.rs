//! E-mail addresses.

use super::{Kind, TextError, fold, from_stored, is_visible, parse};

/// An e-mail address, kept as it was written and compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The greatest number of bytes that mail can carry (RFC 5321 §4.5.3.1.3, less the angle brackets).
    pub const MAX: usize = 254;

    /// Checks the form `local@domain`. Whether mail arrives there is another question.
    ///
    /// # Errors
    /// [`TextError`] where it is too long or has no such form.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        Self::formed(parse(text, 3, Self::MAX, Kind::Line)?, is_visible)
    }

    /// Reads what a store holds: an address that this version or an earlier one accepted.
    ///
    /// # Errors
    /// [`TextError`] if no version has ever accepted it.
    pub fn from_stored(text: String) -> Result<Self, TextError> {
        // Earlier versions took letters that show nothing, such as the Hangul fillers.
        Self::formed(from_stored(text, 3, Self::MAX, Kind::Line)?, |_| true)
    }

    fn formed(text: String, is_welcome: fn(char) -> bool) -> Result<Self, TextError> {
        let form = TextError::Form { expected: "an e-mail address such as ada@example.com" };
        let is_letter = |c: char| c.is_alphanumeric() && is_welcome(c);
        let (local, domain) = text.rsplit_once('@').ok_or(form)?;
        let label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| is_letter(c) || c == '-')
        };
        let local_is_fine = (1..=64).contains(&local.len())
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(|c| is_letter(c) || ".!#$%&'*+/=?^_`{|}~-".contains(c));
        if text.len() > Self::MAX {
            return Err(TextError::TooLong { max: Self::MAX });
        }
        if !local_is_fine || !domain.split('.').all(label) {
            return Err(form);
        }
        Ok(Self(text))
    }

    /// An address that is nobody's and never will be: the domain `invalid` is kept free (RFC 2606 §2).
    pub(crate) fn of_nobody(id: uuid::Uuid) -> Self {
        Self(format!("{id}@invalid"))
    }

    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as it is compared.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

#[cfg(test)]
mod tests;
