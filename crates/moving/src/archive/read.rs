//! Reads an archive, and verifies all that needs no knowledge of the rows.
//!
//! Nothing is unpacked. Only regular files with the expected names in the expected order are read, each into memory of a bounded size.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;
use loggia_domain::id::OrganizationId;
use loggia_sql::moving::{Row, Source, Table, Value};
use sha2::{Digest as _, Sha256};

use super::line::decode;
use super::manifest::{Entry, Head, Manifest};
use super::write::hex;
use super::{ArchiveError, GZIP_HEAD, HEAD, MANIFEST, MAX_ENTRY, MAX_LINE, MAX_MANIFEST, part_name, tables};

/// The rows of a part, in the order of the archive.
pub(crate) struct Rows {
    pub(crate) table: &'static Table,
    /// The name of the entry, for messages.
    pub(crate) entry: String,
    pub(crate) rows: Vec<Row>,
    /// The number of bytes of the file that were read so far.
    pub(crate) read: u64,
}

/// The content of an archive that was read and verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) organization: OrganizationId,
    /// The SHA-256 of the manifest, by which two readings of one archive are compared.
    pub(crate) manifest: [u8; 32],
}

/// The limits of an archive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) entry: u64,
    pub(crate) line: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entry: MAX_ENTRY, line: MAX_LINE }
    }
}

/// A file that counts the bytes that were read.
struct Counted<R> {
    file: R,
    read: std::rc::Rc<std::cell::Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

/// Reads an archive and calls `each` for every part, with the organization. Blocks the thread.
///
/// The parts that were passed on are those of a sound archive only if this returns `Ok`.
pub(crate) fn read<E: From<ArchiveError>>(
    file: impl Read,
    limits: Limits,
    mut each: impl FnMut(OrganizationId, Rows) -> Result<(), E>,
) -> Result<Reading, E> {
    let counter = std::rc::Rc::new(std::cell::Cell::new(0));
    let mut file = BufReader::new(Counted { file, read: counter.clone() });
    let mut head = [0; GZIP_HEAD.len()];
    let begins = file.fill_buf().map_err(ArchiveError::File)?;
    let length = begins.len().min(head.len());
    head[..length].copy_from_slice(&begins[..length]);
    if head != GZIP_HEAD {
        return Err(
            ArchiveError::Damaged(io::Error::other("the file does not begin as an archive does")).into()
        );
    }
    let mut tar = tar::Archive::new(GzDecoder::new(file));
    let mut found = Found::default();
    let mut manifest = None;
    // Raw entries: names in further entries and extensions would be read without a limit.
    for entry in tar.entries().map_err(ArchiveError::Damaged)?.raw(true) {
        let mut entry = entry.map_err(ArchiveError::Damaged)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if manifest.is_some() {
            return Err(ArchiveError::invalid(name, "stands behind the manifest").into());
        }
        if entry.header().entry_type() != tar::EntryType::Regular {
            return Err(ArchiveError::invalid(name, "is not a regular file").into());
        }
        let limit = if name == MANIFEST { MAX_MANIFEST } else { limits.entry };
        let size = entry.size();
        if size > limit {
            let why = format!("has {size} bytes, and at most {limit} are allowed");
            return Err(ArchiveError::invalid(name, why).into());
        }
        let mut bytes = Vec::new();
        entry.by_ref().take(limit).read_to_end(&mut bytes).map_err(ArchiveError::Damaged)?;
        if bytes.len() as u64 != size {
            return Err(ArchiveError::Damaged(io::ErrorKind::UnexpectedEof.into()).into());
        }
        if name == MANIFEST {
            manifest = Some(bytes);
        } else if let Some((organization, table, rows)) = found.add(&name, &bytes, limits)? {
            each(organization, Rows { table, entry: name, rows, read: counter.get() })?;
        }
    }
    end(tar.into_inner())?;
    let manifest = manifest.ok_or_else(|| ArchiveError::invalid(MANIFEST, "is missing"))?;
    Ok(found.check(&manifest)?)
}

/// Reads to the end, so that the checksum of gzip is compared, and refuses further bytes.
fn end(mut gzip: GzDecoder<BufReader<Counted<impl Read>>>) -> Result<(), ArchiveError> {
    let mut rest = Vec::new();
    // A tar ends with two blocks of zeros, of which one may be left.
    gzip.by_ref().take(4_096).read_to_end(&mut rest).map_err(ArchiveError::Damaged)?;
    let mut file = gzip.into_inner();
    let behind = file.fill_buf().map_err(ArchiveError::File)?;
    if rest.len() >= 4_096 || rest.iter().any(|byte| *byte != 0) || !behind.is_empty() {
        return Err(ArchiveError::Damaged(io::Error::other("there are bytes behind the end of the archive")));
    }
    Ok(())
}

/// The rows of a part, with the organization and the table.
type TableRows = (OrganizationId, &'static Table, Vec<Row>);

/// The entries that were found so far.
#[derive(Default)]
struct Found {
    organization: Option<OrganizationId>,
    entries: Vec<Entry>,
    /// The table of the last part, with its number.
    last: Option<(&'static Table, usize)>,
    /// The key of the last row, in which rows must ascend.
    key: Vec<Value>,
}

impl Found {
    /// Adds an entry, and returns the rows of a part.
    fn add(&mut self, name: &str, bytes: &[u8], limits: Limits) -> Result<Option<TableRows>, ArchiveError> {
        let mut entry = Entry {
            name: name.to_owned(),
            rows: 0,
            bytes: bytes.len() as u64,
            sha256: hex(&Sha256::digest(bytes)),
        };
        let Some(organization) = self.organization else {
            if name != HEAD {
                return Err(ArchiveError::invalid(name, format!("stands where {HEAD} must stand")));
            }
            self.organization = Some(Head::read(bytes)?);
            self.entries.push(entry);
            return Ok(None);
        };
        let table = self.table_of(name)?;
        let rows = self.rows(table, organization, name, bytes, limits)?;
        entry.rows = rows.len() as u64;
        self.entries.push(entry);
        Ok(Some((organization, table, rows)))
    }

    /// Returns the table of the part with this name, which must be the next of its table or the first of a later one.
    fn table_of(&mut self, name: &str) -> Result<&'static Table, ArchiveError> {
        let mut next = tables().skip_while(|table| self.last.is_some_and(|(last, _)| **table != *last));
        let found = next.find_map(|table| {
            let number = match self.last {
                Some((last, number)) if *last == *table => number + 1,
                _ => 1,
            };
            (part_name(table, number) == name).then_some((table, number))
        });
        let (table, number) = found.ok_or_else(|| ArchiveError::invalid(name, "is not expected here"))?;
        if number == 1 {
            self.key.clear();
        }
        self.last = Some((table, number));
        Ok(table)
    }

    fn rows(
        &mut self,
        table: &'static Table,
        organization: OrganizationId,
        name: &str,
        bytes: &[u8],
        limits: Limits,
    ) -> Result<Vec<Row>, ArchiveError> {
        let mut rows = Vec::new();
        for (i, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let invalid =
                |why: &dyn ToString| ArchiveError::invalid(format!("{name} line {}", i + 1), why.to_string());
            let line = line.strip_suffix(b"\n").ok_or_else(|| invalid(&"does not end with a line feed"))?;
            if line.len() > limits.line {
                return Err(invalid(&format!("has more than {} bytes", limits.line)));
            }
            let row = decode(table, organization, line).map_err(|error| invalid(&error))?;
            if table.source == Source::Rows {
                let key: Vec<Value> = table.key_columns().filter_map(|(i, _)| row.get(i).cloned()).collect();
                if key <= self.key {
                    return Err(invalid(&"does not stand in the order of the keys"));
                }
                self.key = key;
            }
            rows.push(row);
        }
        if rows.is_empty() {
            return Err(ArchiveError::invalid(name, "has no rows"));
        }
        Ok(rows)
    }

    /// Compares the entries with the manifest.
    fn check(self, bytes: &[u8]) -> Result<Reading, ArchiveError> {
        let stated: Manifest =
            serde_json::from_slice(bytes).map_err(|error| ArchiveError::invalid(MANIFEST, error))?;
        let organization = self.organization.ok_or_else(|| ArchiveError::invalid(HEAD, "is missing"))?;
        let manifest = Manifest::new(organization, self.entries);
        manifest.check(&stated)?;
        if serde_json::to_vec(&manifest).ok().as_deref() != Some(bytes) {
            return Err(ArchiveError::invalid(MANIFEST, "is not spelled as the format says"));
        }
        Ok(Reading { organization, manifest: Sha256::digest(bytes).into() })
    }
}
