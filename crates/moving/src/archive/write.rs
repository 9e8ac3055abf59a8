//! Writes an archive.

use std::io::{self, Write};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use loggia_domain::id::OrganizationId;
use loggia_sql::moving::Table;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::manifest::{Entry, Head, Manifest};
use super::{HEAD, MANIFEST, part_name};

/// A part of a table: whole lines.
pub(crate) struct Part {
    pub(crate) table: &'static Table,
    pub(crate) number: usize,
    pub(crate) rows: u64,
    pub(crate) lines: Vec<u8>,
}

/// The sending side of a thread that writes an archive.
pub(crate) type Writing = mpsc::Sender<Part>;

/// Writes the parts that are sent until the sender is dropped, then the manifest. Blocks the thread.
pub(crate) fn write<W: Write>(
    file: W,
    organization: OrganizationId,
    mut parts: mpsc::Receiver<Part>,
) -> io::Result<W> {
    // Neither a time nor the kind of system, so that equal data gives equal bytes.
    let gzip: GzEncoder<W> = GzBuilder::new().mtime(0).operating_system(255).write(file, Compression::new(6));
    let mut tar = tar::Builder::new(gzip);
    let mut entries = Vec::new();
    let head = serde_json::to_vec(&Head::new(organization))?;
    entries.push(append(&mut tar, HEAD.to_owned(), 0, &head)?);
    while let Some(part) = parts.blocking_recv() {
        let name = part_name(part.table, part.number);
        entries.push(append(&mut tar, name, part.rows, &part.lines)?);
    }
    let manifest = serde_json::to_vec(&Manifest::new(organization, entries))?;
    append(&mut tar, MANIFEST.to_owned(), 0, &manifest)?;
    tar.into_inner()?.finish()
}

fn append(tar: &mut tar::Builder<impl Write>, name: String, rows: u64, data: &[u8]) -> io::Result<Entry> {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_path(&name)?;
    header.set_size(data.len() as u64);
    header.set_mode(0o600);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_cksum();
    tar.append(&header, data)?;
    Ok(Entry { name, rows, bytes: data.len() as u64, sha256: hex(&Sha256::digest(data)) })
}

/// Returns the bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
