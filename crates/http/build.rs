//! Extracts the two files of Swagger UI that the service sends from the archive of its release.
//!
//! The archive holds each file as a deflate stream (PKWARE APPNOTE.TXT 4.3). A gzip file (RFC 1952) is the same stream between a header and
//! a trailer with the same checksum and length, so nothing is inflated or compressed here.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

/// The files, below the one folder of the archive, which is named after the version.
const FILES: [&str; 2] = ["dist/swagger-ui-bundle.js", "dist/swagger-ui.css"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo passes the folder to a build script in no other way"
    )]
    let folder = std::env::var_os("OUT_DIR").map(PathBuf::from).ok_or("cargo has set no OUT_DIR")?;
    for path in FILES {
        let file = gzip_file(SWAGGER_UI_VENDORED, path);
        let file = file.ok_or_else(|| format!("the archive has no deflated {path}"))?;
        let name = path.trim_start_matches("dist/");
        fs::write(folder.join(format!("{name}.gz")), file)?;
    }
    Ok(())
}

/// The number of the method deflate (4.4.5).
const DEFLATE: usize = 8;
/// The signature of the record at the end of the archive (4.3.16).
const END_OF_DIRECTORY: &[u8] = b"PK\x05\x06";
/// The signature of an entry of the directory (4.3.12).
const ENTRY: &[u8] = b"PK\x01\x02";
/// The length of an entry and of a file's local header, without their names and extra fields.
const ENTRY_LENGTH: usize = 46;
const LOCAL_HEADER_LENGTH: usize = 30;
/// A gzip header that names the method, deflate, and neither a time, a name nor an operating system.
const GZIP_HEADER: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Returns a file of the archive as a gzip file; `None` if it is not there or not deflated.
fn gzip_file(archive: &[u8], path: &str) -> Option<Vec<u8>> {
    let end = archive.windows(END_OF_DIRECTORY.len()).rposition(|bytes| bytes == END_OF_DIRECTORY)?;
    let mut place = number(archive, end + 16, 4)?;
    loop {
        let entry = archive.get(place..)?;
        if !entry.starts_with(ENTRY) {
            return None;
        }
        let name_length = number(entry, 28, 2)?;
        let name = entry.get(ENTRY_LENGTH..ENTRY_LENGTH + name_length)?;
        if name.splitn(2, |byte| *byte == b'/').nth(1) == Some(path.as_bytes()) {
            let (checksum, length) = (entry.get(16..20)?, entry.get(24..28)?);
            let stream = stream(archive, entry)?;
            return Some([GZIP_HEADER, stream, checksum, length].concat());
        }
        place += ENTRY_LENGTH + name_length + number(entry, 30, 2)? + number(entry, 32, 2)?;
    }
}

/// Returns the deflate stream of a file, from the entry of the directory that is about it.
fn stream<'a>(archive: &'a [u8], entry: &[u8]) -> Option<&'a [u8]> {
    let header = number(entry, 42, 4)?;
    let (name_length, extra_length) = (number(archive, header + 26, 2)?, number(archive, header + 28, 2)?);
    let begin = header + LOCAL_HEADER_LENGTH + name_length + extra_length;
    let stream = archive.get(begin..begin + number(entry, 20, 4)?)?;
    (number(entry, 10, 2)? == DEFLATE).then_some(stream)
}

/// Reads a number, whose lowest byte comes first.
fn number(bytes: &[u8], place: usize, length: usize) -> Option<usize> {
    let bytes = bytes.get(place..place + length)?;
    Some(bytes.iter().rev().fold(0, |number, byte| (number << 8) | usize::from(*byte)))
}
