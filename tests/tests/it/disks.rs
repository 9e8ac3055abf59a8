//! SQLite files on disks that are full or read-only (promise B6). The disk is a small file system in memory, which only the server's process
//! sees: it is mounted in a mount namespace of its own, and is gone with the process.

use std::fs::{File, remove_file};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

use crate::harness::{Home, Response, Server, block_on, checked_copy, member, text};

/// The size of the disk: enough for the schema and some hundred records.
const SIZE: &str = "6m";
/// More writes than a disk of that size takes.
const MOST: usize = 2_000;

/// Returns a shell that runs a script in a mount namespace. `$0` is the program, and `disk` an empty folder.
fn in_namespace(home: &Home, script: &str) -> Command {
    std::fs::create_dir(home.path().join("disk")).unwrap();
    let plain = home.command(&[]);
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "bash", "-c", script]).arg(plain.get_program());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let url = format!("sqlite://{}", home.path().join("disk/loggia.db").display());
    command.current_dir(home.path()).env("LOGGIA_LISTEN", "127.0.0.1:0").env("LOGGIA_DATABASE_URL", url);
    command
}

/// The command that creates an organization, whose key is written into a file beside the disk.
const BOOTSTRAP: &str = "\"$0\" bootstrap --organization Harbour --email ada@example.com --first-name Ada --last-name Byron --json > made.json";

/// A server on a disk that only it sees.
struct OnDisk {
    server: Server,
    /// The disk as other processes reach it.
    disk: PathBuf,
    key: String,
}

impl OnDisk {
    fn start(home: &Home) -> Self {
        let mount = format!("mount -t tmpfs -o size={SIZE} disk disk && {BOOTSTRAP} && exec \"$0\" serve");
        let server = Server::start(in_namespace(home, &mount));
        let made: Value =
            serde_json::from_slice(&std::fs::read(home.path().join("made.json")).unwrap()).unwrap();
        let folder = home.path().join("disk");
        let disk = Path::new("/proc").join(server.process().to_string()).join("root");
        let disk = disk.join(folder.strip_prefix("/").unwrap());
        Self { server, disk, key: member(&made, "apiKey").to_owned() }
    }

    /// Creates a space with a long description.
    fn create(&self, number: usize) -> Response {
        let body = json!({"name": format!("Crate {number}"), "description": "x".repeat(2_000)}).to_string();
        self.server.send("POST", "/api/v1/spaces", Some(&self.key), Some(&body))
    }

    fn status_of(&self, id: &str) -> u16 {
        self.server.get(&format!("/api/v1/spaces/{id}"), Some(&self.key)).status
    }

    /// Writes a file that takes all the space that is left, and returns its path.
    fn fill(&self) -> PathBuf {
        let path = self.disk.join("filler");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[0; 4_096]).is_ok() {}
        path
    }
}

fn id_of(response: &Response) -> String {
    member(&response.json()["data"], "_id").to_owned()
}

#[test]
fn a_full_disk_refuses_writes_and_nothing_else_until_there_is_space_again() {
    let home = Home::new();
    let disk = OnDisk::start(&home);
    let mut stored = vec![id_of(&disk.create(0))];
    let filler = disk.fill();
    // The write-ahead log may have room that was allocated before.
    let refused = (1..MOST).map(|number| disk.create(number)).find(|response| {
        if response.status == 201 {
            stored.push(id_of(response));
        }
        response.status != 201
    });
    let refused = refused.unwrap();
    assert_eq!((refused.status, member(&refused.json(), "code")), (503, "STORE_UNAVAILABLE"), "{refused:?}");
    assert!(
        refused.head.contains("application/problem+json") && refused.head.contains("retry-after: "),
        "{refused:?}"
    );
    let change = json!({"name": "Too late"}).to_string();
    let space = format!("/api/v1/spaces/{}", stored[0]);
    let changed = disk.server.send("PATCH", &space, Some(&disk.key), Some(&change));
    assert_eq!(changed.status, 503, "{changed:?}");
    // Everything that was acknowledged is read, and the process is alive.
    assert!(stored.iter().all(|id| disk.status_of(id) == 200), "acknowledged writes are stored");
    assert_eq!(disk.server.get("/livez", None).status, 200);
    remove_file(filler).unwrap();
    let resumed = disk.create(MOST);
    assert_eq!(resumed.status, 201, "{resumed:?}");
    stored.push(id_of(&resumed));
    assert!(stored.iter().all(|id| disk.status_of(id) == 200), "acknowledged writes are stored");
    // SQLite itself cannot open a file in another namespace.
    let copy = checked_copy(&disk.disk);
    let url = format!("sqlite://{}", copy.path().join("loggia.db").display());
    let spaces: i64 = block_on(async {
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query_scalar("SELECT count(*) FROM spaces").fetch_one(&mut connection).await.unwrap()
    });
    assert_eq!(usize::try_from(spaces).unwrap(), stored.len(), "nothing that was refused is stored");
    let (status, printed) = disk.server.terminate();
    assert!(status.success() && !printed.contains("panicked"), "{printed}");
}

#[test]
fn a_read_only_disk_is_named_as_the_reason_at_the_start() {
    let home = Home::new();
    let mut command = in_namespace(
        &home,
        &format!(
            "mount -t tmpfs disk disk && {BOOTSTRAP} && mount -o remount,ro disk && exec timeout 60 \"$0\" serve"
        ),
    );
    let output = command.output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("disk/loggia.db: its file system is mounted read-only"), "{said}");
}
