//! Dumps and point-in-time recovery of a Postgres database, by Postgres's own programs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use loggia_testpg::{Binaries, Server as Postgres, ServerOptions};

use super::page::{Page, run, succeed};
use super::writers::{acknowledged_before, all_are_there};
use crate::harness::{Home, Server, member, root, text};

/// The passwords of the roles.
const PASSWORDS: [(&str, &str); 2] = [("LOGGIA_OWNER_PASSWORD", "Eigner17"), ("LOGGIA_PASSWORD", "Dienst23")];

/// A server of one of the versions at hand, with the client programs of that version. The packages that tests download have none.
struct Cluster {
    postgres: Postgres,
    page: Page,
    home: Home,
}

impl Cluster {
    fn start(settings: &[(&str, &str)]) -> Self {
        let programs = ["pg_dump", "pg_restore", "pg_basebackup", "psql"];
        let whole = Binaries::installed()
            .into_iter()
            .find(|binaries| programs.iter().all(|name| binaries.program(name).is_file()))
            .unwrap_or_else(|| panic!("no installed Postgres has the client programs {programs:?}"));
        let settings =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let options = ServerOptions { settings, ..ServerOptions::default() };
        let postgres = Postgres::start_from(whole, &options).unwrap();
        Self { postgres, page: Page::read(), home: Home::new() }
    }

    /// Creates the database and its roles, as on a new machine.
    fn create(&self, database: &str) {
        self.sql("postgres", &format!("CREATE DATABASE {database}"));
        let roles = fs::read_to_string(root().join("docker/postgres-roles.sql")).unwrap();
        let mut psql = self.psql(database);
        // On a server that has them already, they stay.
        let again = database != "loggia";
        let roles = if again { roles.replace("CREATE ROLE", "-- CREATE ROLE") } else { roles };
        fs::write(self.home.path().join("roles.sql"), roles).unwrap();
        let output = psql.arg("--file=roles.sql").envs(PASSWORDS).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
    }

    fn psql(&self, database: &str) -> Command {
        let mut psql = Command::new(self.postgres.binaries().program("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
        psql.args(["--dbname", &self.postgres.url(database)]).current_dir(self.home.path());
        psql
    }

    fn sql(&self, database: &str, statement: &str) -> String {
        let output = self.psql(database).args(["--command", statement]).output().unwrap();
        assert!(output.status.success(), "{statement}: {}", text(&output.stderr));
        text(&output.stdout).trim().to_owned()
    }

    fn url(&self, login: &str, database: &str) -> String {
        format!("postgres://{login}@127.0.0.1:{}/{database}", self.postgres.port())
    }

    fn migrate(&self, database: &str) {
        let mut command = self.home.command(&["migrate"]);
        let url = self.url("loggia_owner:Eigner17", database);
        let output = command.env("LOGGIA_MIGRATE_DATABASE_URL", url).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
    }

    fn serve(&self, database: &str) -> Server {
        let url = self.url("loggia:Dienst23", database);
        self.home.serve_with(|command| command.env("LOGGIA_DATABASE_URL", url))
    }

    /// Creates an organization, and returns the key of its admin.
    fn bootstrap(&self) -> String {
        let who = ["--email", "ada@example.com", "--first-name", "Ada", "--last-name", "Byron", "--json"];
        let mut command =
            self.home.command(&[&["bootstrap", "--organization", "Harbour Works"], &who[..]].concat());
        let output =
            command.env("LOGGIA_DATABASE_URL", self.url("loggia:Dienst23", "loggia")).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let made: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        member(&made, "apiKey").to_owned()
    }

    /// Returns a command of the page for this server: its port, and the programs of its version.
    fn command(&self, command: &str) -> String {
        let programs = self.postgres.binaries().folder().display().to_string();
        let port = self.postgres.port().to_string();
        format!("PATH=\"{programs}:$PATH\"; {}", command.replace("5432", &port))
    }

    fn succeed(&self, command: &str) -> String {
        succeed(&self.command(command), self.home.path(), |it| it.env("PGPASSWORD", "Sicher29"))
    }
}

#[test]
fn a_dump_beside_32_writers_has_every_write_acknowledged_before_it_began() {
    let cluster = Cluster::start(&[]);
    cluster.create("loggia");
    cluster.migrate("loggia");
    let key = cluster.bootstrap();
    let server = cluster.serve("loggia");
    cluster.sql("loggia", &cluster.page.block("sql", "CREATE ROLE loggia_backup"));
    let dump = cluster.page.block("sh", "pg_dump ");
    let before = acknowledged_before(&server, &key, || drop(cluster.succeed(&dump)));
    let check = cluster.page.block("sh", "LOGGIA_SCRATCH_DATABASE_URL=");
    let printed = cluster.succeed(&check);
    assert!(printed.contains("schema version") && printed.contains("checked in"), "{printed}");
    let left =
        cluster.sql("postgres", "SELECT count(*) FROM pg_database WHERE datname LIKE 'loggia_check_%'");
    assert_eq!(left, "0", "the database of the check is dropped");

    cluster.create("restored");
    let restore = cluster.page.block("sh", "pg_restore ").replace("--dbname=loggia", "--dbname=restored");
    cluster.succeed(&restore);
    cluster.migrate("restored");
    all_are_there(&cluster.serve("restored"), &key, &before);
    // The schema is that of the original: nothing was left to the role that restored it.
    let owner = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(cluster.sql("restored", owner), "loggia_owner");

    other_logins_cannot_dump(&cluster, &dump);
    a_damaged_dump_is_refused(&cluster, &check);
}

/// A dump by a login that is kept out must fail, and one without rows must be noticed.
fn other_logins_cannot_dump(cluster: &Cluster, dump: &str) {
    for login in ["loggia_owner", "loggia"] {
        let as_login = dump.replace("loggia_backup", login).replace("loggia.dump", "other.dump");
        let refused = run(&cluster.command(&as_login), cluster.home.path(), |it| it);
        assert!(!refused.status.success(), "{login} made a dump");
    }
    let rowless = dump.replace("loggia_backup", "loggia_owner").replace("loggia.dump", "other.dump");
    let rowless = rowless.replace("pg_dump ", "pg_dump --enable-row-security ");
    cluster.succeed(&rowless);
    let check = cluster.page.block("sh", "LOGGIA_SCRATCH_DATABASE_URL=").replace("loggia.dump", "other.dump");
    let noticed = run(&cluster.command(&check), cluster.home.path(), |it| it);
    let message = text(&noticed.stderr);
    assert!(!noticed.status.success() && message.contains("it lacks the rows"), "{message}");
}

fn a_damaged_dump_is_refused(cluster: &Cluster, check: &str) {
    let file = cluster.home.path().join("loggia.dump");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let noticed = run(&cluster.command(check), cluster.home.path(), |it| it);
    let message = text(&noticed.stderr);
    assert!(!noticed.status.success() && message.contains("pg_restore failed"), "{message}");
    let without = check.split_once(' ').unwrap().1;
    let message = text(&run(&cluster.command(without), cluster.home.path(), |it| it).stderr);
    assert!(message.contains("--scratch-database-url"), "{message}");
}

#[test]
fn backup_and_restore_of_a_database_say_what_to_run() {
    let home = Home::new();
    let url = "postgres://loggia:geheim@db.example.com:6432/work";
    for (arguments, expected) in [
        (
            ["backup", "loggia.dump"],
            "pg_dump --host=db.example.com --port=6432 --username=loggia_backup --format=custom --file=loggia.dump work",
        ),
        (
            ["restore", "loggia.dump"],
            "pg_restore --host=db.example.com --port=6432 --username=postgres --dbname=work --exit-on-error --single-transaction \
             loggia.dump",
        ),
    ] {
        let output = home.command(&arguments).env("LOGGIA_DATABASE_URL", url).output().unwrap();
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains(expected) && !message.contains("geheim"), "{message}");
        // The page has the same command, for its own server.
        let shown = Page::read()
            .block("sh", &format!("pg_{}", if arguments[0] == "backup" { "dump" } else { "restore" }));
        let like = expected.replace("db.example.com", "127.0.0.1").replace("6432", "5432");
        let like = like.replace("work", "loggia").replace("loggia.dump", "/var/backups/loggia.dump");
        assert_eq!(shown.trim_end(), like);
    }
}

/// A folder that the account of the server can write.
fn open_folder(path: &Path) -> PathBuf {
    fs::create_dir_all(path).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    path.to_owned()
}

/// Returns the settings in a block of the page, with this folder in the place of its own.
fn settings(block: &str, folder: &Path) -> Vec<(String, String)> {
    let block = block.replace("/var/backups", &folder.display().to_string());
    let lines = block.lines().map(|line| line.split_once(" = ").unwrap());
    lines.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned())).collect()
}

#[test]
fn a_database_is_recovered_up_to_a_time_by_its_archive() {
    is_recovered_up_to(|cluster| ("recovery_target_time", cluster.sql("loggia", "SELECT clock_timestamp()")));
}

#[test]
fn a_database_is_recovered_up_to_a_restore_point_by_its_archive() {
    is_recovered_up_to(|cluster| {
        cluster.sql("loggia", "SELECT pg_create_restore_point('before the import')");
        ("recovery_target_name", "before the import".to_owned())
    });
}

/// Recovers a database up to a target that is set between two writes. `target` returns the setting's name and value.
fn is_recovered_up_to(target: impl FnOnce(&Cluster) -> (&'static str, String)) {
    // Where every account can reach it.
    let folder = tempfile::Builder::new().prefix("loggia-archive-").tempdir_in("/var/tmp").unwrap();
    open_folder(folder.path());
    open_folder(&folder.path().join("wal"));
    let page = Page::read();
    let archive = settings(&page.block("ini", "archive_mode"), folder.path());
    let archive: Vec<_> = archive.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut cluster = Cluster::start(&archive);
    cluster.create("loggia");
    cluster.migrate("loggia");
    let key = cluster.bootstrap();
    let server = cluster.serve("loggia");
    let written = Mutex::new(Vec::new());
    let write = |name: &str| {
        let body = format!("{{\"name\": \"{name}\"}}");
        let made = server.send("POST", "/api/v1/spaces", Some(&key), Some(&body));
        written.lock().unwrap().push(member(&made.json()["data"], "_id").to_owned());
    };
    write("Before the base backup");
    let base = cluster.page.block("sh", "pg_basebackup ");
    succeed(&cluster.command(&base), folder.path(), |it| it);
    write("Before the target");
    let target = target(&cluster);
    write("After the target");
    // The last piece of the log is archived too.
    cluster.sql("loggia", "SELECT pg_switch_wal()");
    assert!(server.terminate().0.success());
    let written = written.into_inner().unwrap();

    let data = cluster.sql("postgres", "SHOW data_directory");
    cluster.postgres.stop().unwrap();
    recover(&page, folder.path(), Path::new(&data), target);
    cluster.postgres.restart().unwrap();
    let server = cluster.serve("loggia");
    all_are_there(&server, &key, &written[..2]);
    assert_eq!(
        server.get(&format!("/api/v1/spaces/{}", written[2]), Some(&key)).status,
        404,
        "it came later"
    );
    let added = server.send("POST", "/api/v1/spaces", Some(&key), Some(r#"{"name": "Onward"}"#));
    assert_eq!(added.status, 201, "{added:?}");
}

/// Puts the base backup in the place of the data, and says up to where the log is replayed.
fn recover(page: &Page, folder: &Path, data: &Path, (target, at): (&str, String)) {
    let aside = data.with_file_name("data-before");
    let account = fs::metadata(data).unwrap();
    fs::rename(data, &aside).unwrap();
    let base = folder.join("base");
    let copied = Command::new("cp").arg("-a").arg(&base).arg(data).status().unwrap();
    assert!(copied.success());
    let block = page.block("ini", "restore_command");
    let mut lines = String::new();
    for (name, value) in settings(&block, folder) {
        let (name, value) = match name.as_str() {
            "recovery_target_time" => (target.to_owned(), at.clone()),
            _ => (name, value),
        };
        lines.push_str(&format!("{name} = '{value}'\n"));
    }
    let config = data.join("postgresql.conf");
    let before = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{before}\n{lines}")).unwrap();
    fs::write(data.join("recovery.signal"), "").unwrap();
    use std::os::unix::fs::MetadataExt as _;
    let owner = format!("{}:{}", account.uid(), account.gid());
    let owned = Command::new("chown").args(["-R", &owner]).arg(data).status().unwrap();
    assert!(owned.success());
}
