//! E-mail addresses: their form, and the key that is equal for two spellings of one mailbox.

use std::borrow::Cow;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use crate::serialization::as_text;

use super::{Kind, TextError, from_stored, is_visible, parse};

/// The expected form of an address whose domain is not valid.
const VALID_DOMAIN: &str =
    "an e-mail address whose domain is valid (UTS #46), with labels of at most 63 bytes in ASCII";

/// An e-mail address, stored and shown as written.
///
/// # Comparing
/// Two addresses are taken for one mailbox if their [keys](Self::key) are equal:
///
/// - The local part is compared without regard to the case of ASCII letters, and otherwise byte by byte. Only the host of the mailbox may
///   interpret it (RFC 5321 §2.3.11). Hosts ignore the case of ASCII letters; they differ in other characters. So `ﬁona`, `fiona`,
///   `straße`, `strasse`, `①` and `1` are six mailboxes, and `Ä` and `ä` are two.
/// - The domain is compared in the form of a DNS query: `bücher.example`, `BÜCHER.example` and `xn--bcher-kva.example` are equal.
///
/// # Domains
/// That form is ToASCII of UTS #46 (<https://www.unicode.org/reports/tr46/#ToASCII>), non-transitional: `ß` and `ς` are
/// letters of their own. A domain without such a form is refused.
///
/// - `UseSTD3ASCIIRules`: after mapping, a label consists of letters, digits and hyphens (RFC 5321 §4.1.2). The deny list of URLs would
///   accept `⑴.example` as the domain `(1).example`. Domains of mail have no underscore, unlike names of services in DNS.
/// - `CheckHyphens` at both ends of a label only (RFC 5321 §4.1.2). Domains such as `ab--cd.example`, with hyphens as the third and fourth
///   characters, are registered and receive mail. The rest of a label after `xn--` must decode.
/// - `VerifyDnsLength`: labels of 1 to 63 bytes, 253 in all, no root label (RFC 1035 §2.3.4).
/// - `CheckBidi` and `CheckJoiners`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The maximum number of bytes of an address as written (RFC 5321 §4.5.3.1.3, less the angle brackets).
    pub const MAX: usize = 254;

    /// Checks the form `local@domain`, and the domain. The address is not checked for delivery.
    ///
    /// A trailing dot, a domain literal (`[192.0.2.1]`), a quoted local part, and a separator of labels other than U+002E are refused.
    ///
    /// # Errors
    /// Fails with [`TextError`] if the address is too long or has another form, or if its domain is not valid in DNS.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let address = Self::formed(parse(text, 3, Self::MAX, Kind::Line)?, is_visible)?;
        let (_, domain) = address.parts();
        if ascii_domain(domain).is_none() {
            return Err(TextError::Form { expected: VALID_DOMAIN });
        }
        Ok(address)
    }

    /// Reads a stored address, which this version or an earlier one accepted.
    ///
    /// # Errors
    /// Fails with [`TextError`] if no version has ever accepted the address.
    pub fn from_stored(text: String) -> Result<Self, TextError> {
        // Earlier versions accepted letters that are invisible, such as the Hangul fillers, and any domain of letters and digits.
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

    /// Returns the address as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the local part and the domain.
    fn parts(&self) -> (&str, &str) {
        self.0.rsplit_once('@').unwrap_or((self.0.as_str(), ""))
    }

    /// Returns the form in which addresses are compared, which contains `@`. Two addresses with equal keys belong to one user.
    ///
    /// A stored address may have a domain that [`Self::parse`] refuses now. Such a domain is compared in lower case of ASCII. It never
    /// equals the key of a valid domain, since ToASCII returns only names that it accepts.
    ///
    /// Stores hold this key in a unique column. A change of these rules therefore needs a migration that recomputes the column.
    pub fn key(&self) -> String {
        let (local, domain) = self.parts();
        let domain = ascii_domain(domain).unwrap_or_else(|| Cow::Owned(domain.to_ascii_lowercase()));
        format!("{}@{domain}", local.to_ascii_lowercase())
    }
}

as_text!(EmailAddress, as_str);

/// Returns the ASCII form of a domain by the rules of [`EmailAddress`], or `None` if the domain is not valid.
fn ascii_domain(domain: &str) -> Option<Cow<'_, str>> {
    let uts46 = Uts46::new();
    uts46.to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify).ok()
}

#[cfg(test)]
mod tests;
