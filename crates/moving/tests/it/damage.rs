//! Archives that are damaged, forged or hostile. Each is refused, and nothing is written.

use std::io::{Read, Write};

use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};
use loggia_moving::ImportError;
use sha2::{Digest as _, Sha256};

use crate::world::{Home, fill_home};

/// An entry of an archive.
#[derive(Clone)]
struct Entry {
    name: String,
    data: Vec<u8>,
    kind: tar::EntryType,
}

/// Takes an archive apart.
fn entries(archive: &[u8]) -> Vec<Entry> {
    let mut tar = tar::Archive::new(GzDecoder::new(archive));
    let entries = tar.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut data = Vec::new();
        entry.read_to_end(&mut data).unwrap();
        Entry { name, data, kind: tar::EntryType::Regular }
    });
    entries.collect()
}

/// Puts an archive together, without making its manifest fit.
fn packed(entries: &[Entry]) -> Vec<u8> {
    let gzip = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::new(6));
    let mut tar = tar::Builder::new(gzip);
    for Entry { name, data, kind } in entries {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(*kind);
        // `set_path` refuses some of the names.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(data.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_cksum();
        tar.append(&header, data.as_slice()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// Makes the manifest fit the other entries, as somebody would who forges an archive.
fn forged(mut entries: Vec<Entry>) -> Vec<u8> {
    let manifest = entries.pop().unwrap();
    let mut stated: serde_json::Value = serde_json::from_slice(&manifest.data).unwrap();
    let listed = entries.iter().map(|entry| {
        let sha256: String = Sha256::digest(&entry.data).iter().map(|byte| format!("{byte:02x}")).collect();
        let rows =
            if entry.name == "archive.json" { 0 } else { entry.data.iter().filter(|b| **b == b'\n').count() };
        let (name, bytes) = (serde_json::json!(entry.name), entry.data.len());
        format!(r#"{{"name":{name},"rows":{rows},"bytes":{bytes},"sha256":"{sha256}"}}"#)
    });
    let listed: Vec<_> = listed.collect();
    let head = stated.as_object_mut().unwrap();
    let text = format!(
        r#"{{"format":{},"version":{},"organization":{},"entries":[{}]}}"#,
        head["format"],
        head["version"],
        head["organization"],
        listed.join(",")
    );
    entries.push(Entry { data: text.into_bytes(), ..manifest });
    packed(&entries)
}

/// Returns the tar in an archive, or `None` if it is damaged.
fn inflated(archive: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    GzDecoder::new(archive).read_to_end(&mut plain).ok().map(|_| plain)
}

struct Refusing {
    home: Home,
    before: Vec<(&'static str, loggia_moving::Digest)>,
}

impl Refusing {
    async fn new() -> Self {
        let home = Home::empty().await;
        let before = home.picture().await;
        Self { home, before }
    }

    /// Fails the test unless the archive is refused with this in the message.
    async fn refuses(&self, what: &str, archive: &[u8], message: &str) {
        let error = match self.home.import(archive).await {
            Err(error @ ImportError::Archive(_)) => error,
            other => panic!("{what}: {other:?}"),
        };
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            text.push_str(&format!(": {error}"));
            source = error.source();
        }
        assert!(text.contains(message), "{what}: {text}");
    }

    /// Fails the test if anything was written.
    async fn end(self) {
        assert_eq!(self.home.picture().await, self.before, "nothing was written");
    }
}

async fn archive() -> Vec<u8> {
    let home = Home::new();
    let world = fill_home(&home).await;
    home.export(world.organization).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_rebuilt_from_its_entries_is_identical() {
    let archive = archive().await;
    assert_eq!(packed(&entries(&archive)), archive);
    assert_eq!(forged(entries(&archive)), archive, "the forger knows the format");
}

#[tokio::test(flavor = "multi_thread")]
async fn flipped_bits_truncation_and_trailing_bytes_are_detected() {
    let (archive, refusing) = (archive().await, Refusing::new().await);
    let plain = inflated(&archive);
    assert!(plain.is_some());
    // All bytes of the heads and ends, and every 211th between them.
    let length = archive.len();
    let positions = (0..length).filter(|i| *i < 32 || *i + 32 > length || i % 211 == 0);
    let (mut tried, mut unread) = (0, 0);
    for position in positions {
        let mut changed = archive.clone();
        changed[position] ^= 1 << (position % 8);
        // The last blocks of a compressed stream end with bits that fill a byte up, and that nothing reads.
        if position + 32 > length && inflated(&changed) == plain {
            unread += 1;
            continue;
        }
        refusing.refuses(&format!("a flipped bit in byte {position}"), &changed, "").await;
        tried += 1;
    }
    assert!(tried > 100 && unread <= 2, "{tried} bits were flipped, {unread} of which nothing reads");
    for length in [0, 1, 9, 10, 11, length / 3, length / 2, length - 9, length - 1] {
        refusing.refuses(&format!("cut off after {length} bytes"), &archive[..length], "").await;
    }
    let mut longer = archive.clone();
    longer.push(0);
    refusing.refuses("a byte more", &longer, "behind the end").await;
    let twice = [archive.as_slice(), archive.as_slice()].concat();
    refusing.refuses("twice", &twice, "behind the end").await;
    refusing.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_in_any_entry_is_detected() {
    let (archive, refusing) = (archive().await, Refusing::new().await);
    let sound = entries(&archive);
    for (i, entry) in sound.iter().enumerate() {
        // A digit of a number or of an id, so that the line is still one.
        let Some(position) = entry.data.iter().rposition(u8::is_ascii_digit) else { continue };
        let mut changed = sound.clone();
        let digit = &mut changed[i].data[position];
        *digit = if *digit == b'9' { b'8' } else { *digit + 1 };
        refusing.refuses(&format!("a digit in {}", entry.name), &packed(&changed), "").await;
    }
    refusing.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_additional_and_reordered_entries_are_refused() {
    let (archive, refusing) = (archive().await, Refusing::new().await);
    let sound = entries(&archive);
    for (i, entry) in sound.iter().enumerate() {
        let mut fewer = sound.clone();
        fewer.remove(i);
        refusing.refuses(&format!("without {}", entry.name), &packed(&fewer), "").await;
    }
    let extra = |name: &str, data: &[u8], kind: tar::EntryType| Entry {
        name: name.to_owned(),
        data: data.to_vec(),
        kind,
    };
    let regular = tar::EntryType::Regular;
    let at = sound.len() - 1;
    for (name, message) in [
        ("extra.txt", "is not expected here"),
        ("tasks/000009.jsonl", "is not expected here"),
        ("tasks/000002.jsonl", "is not expected here"),
        ("../../etc/passwd", "is not expected here"),
        ("/etc/passwd", "is not expected here"),
        ("tasks/../tasks/000001.jsonl", "is not expected here"),
        ("api_keys/000001.jsonl", "is not expected here"),
        ("archive.json", "is not expected here"),
    ] {
        let mut more = sound.clone();
        more.insert(at, extra(name, b"{}\n", regular));
        refusing.refuses(name, &packed(&more), message).await;
    }
    for kind in [
        tar::EntryType::Symlink,
        tar::EntryType::Link,
        tar::EntryType::Directory,
        tar::EntryType::GNULongName,
        tar::EntryType::XHeader,
    ] {
        let mut more = sound.clone();
        more.insert(at, extra("events/000002.jsonl", b"", kind));
        refusing.refuses(&format!("{kind:?}"), &packed(&more), "is not a regular file").await;
    }
    let mut behind = sound.clone();
    behind.push(extra("events/000002.jsonl", b"{}\n", regular));
    refusing.refuses("behind the manifest", &packed(&behind), "behind the manifest").await;
    let mut swapped = sound.clone();
    swapped.swap(1, 2);
    refusing.refuses("swapped", &forged(swapped), "is not expected here").await;
    refusing.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_contradicts_the_entries_is_refused() {
    let (archive, refusing) = (archive().await, Refusing::new().await);
    let sound = entries(&archive);
    let manifest = String::from_utf8(sound.last().unwrap().data.clone()).unwrap();
    let with = |manifest: String| {
        let mut entries = sound.clone();
        entries.last_mut().unwrap().data = manifest.into_bytes();
        packed(&entries)
    };
    let json: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let first = &json["entries"][1];
    let hash = first["sha256"].as_str().unwrap();
    let wrong = manifest.replacen(hash, &hash.chars().rev().collect::<String>(), 1);
    refusing.refuses("a wrong hash", &with(wrong), "SHA-256").await;
    let rows = format!(r#""rows":{},"bytes":{}"#, first["rows"], first["bytes"]);
    let wrong = manifest.replacen(&rows, &format!(r#""rows":2,"bytes":{}"#, first["bytes"]), 1);
    refusing.refuses("a wrong count", &with(wrong), "rows").await;
    let wrong = manifest.replacen(&rows, &format!(r#""rows":{},"bytes":9"#, first["rows"]), 1);
    refusing.refuses("a wrong size", &with(wrong), "bytes").await;
    refusing.refuses("spaces", &with(manifest.replacen(":", ": ", 1)), "spelled").await;
    refusing.refuses("no manifest", &with("{}".to_owned()), "manifest.json").await;
    let other = manifest.replacen("\"version\":1", "\"version\":2", 1);
    refusing.refuses("another version", &with(other), "contradicts").await;
    refusing.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_format_or_version_is_refused() {
    let (archive, refusing) = (archive().await, Refusing::new().await);
    for (from, to, message) in [
        ("\"version\":1", "\"version\":2", "has version 2 of the format, and this program reads version 1"),
        ("loggia-organization", "loggia-something", "another format"),
        ("\"version\":1", "\"version\":\"1\"", "archive.json"),
    ] {
        let mut other = entries(&archive);
        let head = String::from_utf8(other[0].data.clone()).unwrap().replacen(from, to, 1);
        other[0].data = head.into_bytes();
        refusing.refuses(to, &forged(other), message).await;
    }
    refusing
        .refuses("no gzip", b"{\"format\":\"loggia-organization\",\"version\":1}", "does not begin")
        .await;
    refusing.end().await;
}

/// Changes the first match in the lines of a table, and makes the manifest fit.
fn edited(archive: &[u8], table: &str, from: &str, to: &str) -> Vec<u8> {
    let mut entries = entries(archive);
    let entry = entries.iter_mut().find(|entry| entry.name.starts_with(&format!("{table}/"))).unwrap();
    let text = String::from_utf8(entry.data.clone()).unwrap();
    let changed = text.replacen(from, to, 1);
    assert_ne!(changed, text, "{table} has {from}");
    entry.data = changed.into_bytes();
    forged(entries)
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_values_and_dangling_references_are_refused() {
    let (archive, refusing) = (archive().await, Refusing::new().await);
    let nobody = "0193a5b0-7c1e-7000-8000-00000000dead";
    for (table, from, to, message) in [
        ("scopes", "\"kind\":\"organization\"", "\"kind\":\"personal\"", "is not the scope"),
        ("scopes", "\"next_member_number\":", "\"next_member_number\":-", "less than 1"),
        ("users", "\"kind\":\"person\"", "\"kind\":\"wizard\"", "kind"),
        ("users", "@example.com\"", "@\"", "email"),
        ("users", "\"home_scope\":null", &format!("\"home_scope\":\"{nobody}\""), "another organization"),
        ("organizations", "\"name\":\"", "\"name\":\"\\u0001", "name"),
        ("organizations", "\"revision\":", "\"revision\":-", "revision"),
        ("members", "\"role\":\"admin\"", "\"role\":\"owner\"", "role"),
        ("members", "\"role\":\"admin\"", "\"role\":\"viewer\"", "no active admin"),
        ("members", "\"number\":1,", "\"number\":999,", "next_member_number"),
        ("members", "\"active\":false", "\"active\":true", ""),
        ("projects", "\"visibility\":\"organization\"", "\"visibility\":\"public\"", "visibility"),
        ("projects", "\"number\":1,", "\"number\":999,", "next_project_number"),
        ("project_members", "\"number\":1,", "\"number\":999,", "next_membership_number"),
        ("spaces", "\"strength\":", "\"strength\":99", "strength"),
        ("spaces", "\"created_by\":\"", "\"created_by\":\"x", "created_by"),
        ("tasks", "\"status\":\"todo\"", "\"status\":\"never\"", "status"),
        ("tasks", "\"outline\":\"1\"", "\"outline\":\"0\"", "outline"),
        ("tasks", "\"number\":1,", "\"number\":99999,", "next_task_number"),
        ("events", "\"verb\":\"created\"", "\"verb\":\"invented\"", "verb"),
        ("events", "\"actor\":\"operator\"", "\"actor\":\"user\"", "actor"),
        ("events", "\"field\":", "\"fields\":", "changes"),
        ("invitations", "jean@example.com", "jean", "email"),
        ("invitation_projects", "\"role\":\"member\"", "\"role\":\"viewer\"", "role"),
    ] {
        refusing.refuses(&format!("{table}: {to}"), &edited(&archive, table, from, to), message).await;
    }
    for (table, column) in [
        ("members", "user_id"),
        ("projects", "created_by"),
        ("project_members", "user_id"),
        ("spaces", "created_by"),
        ("tasks", "created_by"),
        ("tasks", "project_id"),
        ("invitation_projects", "invitation_id"),
        ("invitation_projects", "project_id"),
    ] {
        let sound = entries(&archive);
        let entry = sound.iter().rfind(|entry| entry.name.starts_with(&format!("{table}/"))).unwrap();
        let line: serde_json::Value =
            serde_json::from_slice(entry.data.trim_ascii_end().rsplit(|b| *b == b'\n').next().unwrap())
                .unwrap();
        let old = format!("\"{column}\":{}", line[column]);
        // The last line, so that the order of the keys stays.
        let text = String::from_utf8(entry.data.clone()).unwrap();
        let (before, after) = text.rsplit_once(&old).unwrap();
        let dead = "ffffffff-ffff-ffff-ffff-ffffffffffff";
        let changed = format!("{before}\"{column}\":\"{dead}\"{after}");
        let mut other = sound.clone();
        other.iter_mut().rfind(|it| it.name == entry.name).unwrap().data = changed.into_bytes();
        refusing.refuses(&format!("{table}.{column}"), &forged(other), column).await;
    }
    refusing.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unordered_duplicate_overlong_and_malformed_lines_are_refused() {
    let (archive, refusing) = (archive().await, Refusing::new().await);
    let change = |table: &str, work: &dyn Fn(&str) -> String| {
        let mut other = entries(&archive);
        let entry = other.iter_mut().find(|entry| entry.name.starts_with(&format!("{table}/"))).unwrap();
        entry.data = work(std::str::from_utf8(&entry.data).unwrap()).into_bytes();
        forged(other)
    };
    let reversed = |text: &str| text.lines().rev().map(|line| format!("{line}\n")).collect();
    refusing.refuses("reversed", &change("tasks", &reversed), "order of the keys").await;
    let twice = |text: &str| {
        let first = text.lines().next().unwrap();
        format!("{first}\n{text}")
    };
    refusing.refuses("twice", &change("spaces", &twice), "order of the keys").await;
    refusing.refuses("no end", &change("spaces", &|text| text.trim_end().to_owned()), "line feed").await;
    refusing
        .refuses("an empty line", &change("spaces", &|text| format!("{text}\n")), "spaces/000001.jsonl line")
        .await;
    refusing.refuses("an empty part", &change("spaces", &|_| String::new()), "has no rows").await;
    let long = |text: &str| text.replacen("\"name\":\"", &format!("\"name\":\"{}", "x".repeat(300 << 10)), 1);
    refusing.refuses("a long line", &change("spaces", &long), "more than 262144 bytes").await;
    let not_utf8 = |text: &str| text.replacen("\"name\":\"", "\"name\":\"\\ud800", 1);
    refusing.refuses("a lone surrogate", &change("spaces", &not_utf8), "the line").await;
    refusing.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_larger_than_the_limit_is_refused() {
    let refusing = Refusing::new().await;
    let archive = archive().await;
    let mut bomb = entries(&archive);
    bomb.iter_mut().find(|entry| entry.name.starts_with("tasks/")).unwrap().data = vec![b' '; 64 << 20];
    let packed = packed(&bomb);
    assert!(packed.len() < 1 << 20, "it is small as a file");
    refusing.refuses("a bomb", &packed, "at most").await;
    // A head that lies about the size.
    let mut plain = Vec::new();
    GzDecoder::new(archive.as_slice()).read_to_end(&mut plain).unwrap();
    let mut header = tar::Header::from_byte_slice(&plain[..512]).clone();
    header.set_size(u64::MAX >> 1);
    header.set_cksum();
    plain[..512].copy_from_slice(header.as_bytes());
    let mut gzip = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::new(6));
    gzip.write_all(&plain).unwrap();
    refusing.refuses("a great size", &gzip.finish().unwrap(), "at most").await;
    refusing.end().await;
}
