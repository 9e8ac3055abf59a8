//! E-mail addresses: their form, and which two name one mailbox.

use std::borrow::Cow;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::{Kind, TextError, from_stored, is_visible, parse};

/// What an address should be whose form is right but for the domain.
const VALID_DOMAIN: &str =
    "an e-mail address whose domain is valid (UTS #46), with labels of at most 63 bytes in ASCII";

/// An e-mail address, kept and shown as it was written.
///
/// # Comparing
/// Two addresses name one mailbox if their [keys](Self::key) are equal:
///
/// - The local part is compared in lower case of ASCII, and by nothing else. Only the host of the mailbox may interpret it
///   (RFC 5321 §2.3.11). Hosts ignore the case of ASCII letters; what they do with other characters differs. So `ﬁona`,
///   `fiona`, `straße`, `strasse`, `①` and `1` are six mailboxes, and `Ä` and `ä` are two.
/// - The domain is compared in the form that DNS is asked for: `bücher.example`, `BÜCHER.example` and
///   `xn--bcher-kva.example` are one.
///
/// # Domains
/// That form is ToASCII of UTS #46 (<https://www.unicode.org/reports/tr46/#ToASCII>), non-transitional: `ß` and `ς` are
/// letters of their own. A domain without such a form is refused.
///
/// - `UseSTD3ASCIIRules`: after mapping, a label has letters, digits and hyphens alone (RFC 5321 §4.1.2). The list that URLs go by
///   would let `⑴.example` be the domain `(1).example`. Domains of mail have no underscore; names of services in DNS do.
/// - `CheckHyphens` at both ends of a label alone (RFC 5321 §4.1.2). Names with hyphens in the third and fourth place are
///   registered and take mail, such as `ab--cd.example`; what follows `xn--` must decode in any case.
/// - `VerifyDnsLength`: labels of 1 to 63 bytes, 253 in all, no root label (RFC 1035 §2.3.4).
/// - `CheckBidi` and `CheckJoiners`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The greatest number of bytes that mail can carry (RFC 5321 §4.5.3.1.3, less the angle brackets), of the address as it is written.
    pub const MAX: usize = 254;

    /// Checks the form `local@domain`, and the domain. Whether mail arrives there is another question.
    ///
    /// Refused are a trailing dot, a domain literal (`[192.0.2.1]`), a quoted local part, and any separator of labels but U+002E.
    ///
    /// # Errors
    /// [`TextError`] if it is too long, has no such form, or has a domain that DNS cannot have.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let address = Self::formed(parse(text, 3, Self::MAX, Kind::Line)?, is_visible)?;
        let (_, domain) = address.parts();
        if ascii_domain(domain).is_none() {
            return Err(TextError::Form { expected: VALID_DOMAIN });
        }
        Ok(address)
    }

    /// Reads what a store holds: an address that this version or an earlier one accepted.
    ///
    /// # Errors
    /// [`TextError`] if no version has ever accepted it.
    pub fn from_stored(text: String) -> Result<Self, TextError> {
        // Earlier versions took letters that show nothing, such as the Hangul fillers, and any domain of letters and digits.
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

    /// The local part and the domain.
    fn parts(&self) -> (&str, &str) {
        self.0.rsplit_once('@').unwrap_or((self.0.as_str(), ""))
    }

    /// The form in which addresses are compared: equal for two that name one mailbox, different for any others. It contains `@`.
    ///
    /// A stored address may have a domain that [`Self::parse`] refuses by now. That is compared in lower case of ASCII. No
    /// other domain has that form: ToASCII ignores the case of ASCII, and gives only what it accepts.
    pub fn key(&self) -> String {
        let (local, domain) = self.parts();
        let domain = ascii_domain(domain).unwrap_or_else(|| Cow::Owned(domain.to_ascii_lowercase()));
        format!("{}@{domain}", local.to_ascii_lowercase())
    }
}

/// The domain in the form that DNS is asked for, by the rules of [`EmailAddress`]. `None` if it has none.
fn ascii_domain(domain: &str) -> Option<Cow<'_, str>> {
    let uts46 = Uts46::new();
    uts46.to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify).ok()
}

#[cfg(test)]
mod tests;
