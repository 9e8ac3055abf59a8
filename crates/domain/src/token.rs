//! The text of a secret that is handed out once: a prefix that names its kind, 32 random bytes as 43 base62 digits, and 6 base62 digits
//! for the CRC-32 of everything before them.
//!
//! Secret scanners find a leaked secret by its prefix; a mistyped one fails the checksum without a query to the store.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The minimum number of base62 digits that hold 256 bits.
const BODY_LENGTH: usize = 43;
/// The minimum number of base62 digits that hold 32 bits.
const CHECKSUM_LENGTH: usize = 6;

/// Encodes 32 bytes from a cryptographically secure source.
pub(crate) fn encode(prefix: &str, entropy: &[u8; 32]) -> String {
    let mut text = String::from(prefix);
    text.push_str(&base62(entropy, BODY_LENGTH));
    let checksum = checksum(&text);
    text + &checksum
}

/// Returns `true` if the text has this prefix, the form of a secret and the right checksum.
pub(crate) fn is_well_formed(prefix: &str, text: &str) -> bool {
    let is_of_the_form = text.len() == prefix.len() + BODY_LENGTH + CHECKSUM_LENGTH
        && text.starts_with(prefix)
        && text.bytes().skip(prefix.len()).all(|byte| byte.is_ascii_alphanumeric());
    if !is_of_the_form {
        return false;
    }
    let (signed, last) = text.split_at(prefix.len() + BODY_LENGTH);
    checksum(signed) == last
}

fn checksum(text: &str) -> String {
    base62(&crc32(text.as_bytes()).to_be_bytes(), CHECKSUM_LENGTH)
}

/// Encodes big-endian bytes in base62, padded with zeros on the left to `length` digits.
fn base62(bytes: &[u8], length: usize) -> String {
    let mut number = bytes.to_vec();
    let mut digits = vec![b'0'; length];
    for digit in digits.iter_mut().rev() {
        let mut remainder = 0u32;
        for byte in &mut number {
            let value = remainder << 8 | u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            remainder = value % 62;
        }
        *digit = DIGITS[usize::try_from(remainder).unwrap_or(0)];
    }
    digits.into_iter().map(char::from).collect()
}

/// Computes the CRC-32 of zip and Ethernet (CRC-32/ISO-HDLC: reflected polynomial 0xEDB88320).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_common_crc_32() {
        // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn base62_is_positional() {
        assert_eq!(base62(&[0], 2), "00");
        assert_eq!(base62(&[61], 2), "0z");
        assert_eq!(base62(&[62], 2), "10");
        assert_eq!(base62(&[0xff; 4], 6), "4gfFC3");
        assert_eq!(base62(&[0xff; 32], 43).len(), 43);
    }

    #[test]
    fn a_secret_of_one_kind_is_none_of_another() {
        let text = encode("lga_", &[7; 32]);
        assert!(is_well_formed("lga_", &text));
        assert!(!is_well_formed("lgi_", &text));
        // The checksum covers the prefix, so a secret with another prefix is malformed.
        assert!(!is_well_formed("lgi_", &text.replace("lga_", "lgi_")));
    }
}
