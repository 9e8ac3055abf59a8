//! Checksums of rows, equal on both engines.

use sha2::{Digest as _, Sha256};

use super::value::Value;

/// The number of rows, and the SHA-256 of their values in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// The number of rows.
    pub rows: u64,
    /// The checksum.
    pub sha256: [u8; 32],
}

/// Computes a [`Digest`] row by row.
#[derive(Clone, Debug, Default)]
pub struct Digester {
    rows: u64,
    hash: Sha256,
}

impl Digester {
    /// Adds a row. Rows that are added in another order give another digest.
    pub fn add(&mut self, row: &[Value]) {
        self.rows += 1;
        // Each value has a tag and a length, so that no two rows have the same bytes.
        let mut put = |tag: u8, bytes: &[u8]| {
            self.hash.update([tag]);
            self.hash.update((bytes.len() as u64).to_be_bytes());
            self.hash.update(bytes);
        };
        put(b'r', &(row.len() as u64).to_be_bytes());
        for value in row {
            match value {
                Value::Null => put(b'n', &[]),
                Value::Id(id) => put(b'u', id.as_bytes()),
                Value::Integer(number) => put(b'i', &number.to_be_bytes()),
                Value::Flag(flag) => put(b'f', &[u8::from(*flag)]),
                Value::Text(text) => put(b't', text.as_bytes()),
                Value::Bytes(bytes) => put(b'b', bytes),
            }
        }
    }

    /// Returns the digest of the rows so far.
    pub fn finish(self) -> Digest {
        Digest { rows: self.rows, sha256: self.hash.finalize().into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(rows: &[Vec<Value>]) -> Digest {
        let mut digester = Digester::default();
        rows.iter().for_each(|row| digester.add(row));
        digester.finish()
    }

    #[test]
    fn rows_that_differ_in_a_value_a_type_or_their_order_have_different_digests() {
        let (one, two) = (Value::Integer(1), Value::Integer(2));
        let of = [
            digest(&[]),
            digest(&[vec![]]),
            digest(&[vec![one.clone()]]),
            digest(&[vec![two.clone()]]),
            digest(&[vec![Value::Null]]),
            digest(&[vec![one.clone(), two.clone()]]),
            digest(&[vec![one.clone()], vec![two.clone()]]),
            digest(&[vec![two.clone()], vec![one]]),
            digest(&[vec![Value::Text("ab".into()), Value::Text("c".into())]]),
            digest(&[vec![Value::Text("a".into()), Value::Text("bc".into())]]),
            digest(&[vec![Value::Bytes(b"a".to_vec()), Value::Bytes(b"bc".to_vec())]]),
        ];
        for (i, one) in of.iter().enumerate() {
            assert!(of[..i].iter().all(|other| other.sha256 != one.sha256), "{i}");
        }
    }
}
