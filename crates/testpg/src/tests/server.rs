use std::fs::Permissions;
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{ask, start};
use crate::{Binaries, Server, ServerError, ServerOptions};

fn is_alive(pid: u32) -> bool {
    let kill =
        Command::new("sh").args(["-c", "kill -s 0 \"$0\"", &pid.to_string()]).stderr(Stdio::null()).status();
    kill.unwrap().success()
}

async fn data_folder(server: &Server) -> PathBuf {
    PathBuf::from(ask(&server.url("postgres"), "SHOW data_directory").await.unwrap().remove(0))
}

#[tokio::test]
async fn a_server_accepts_tcp_and_socket_connections_and_leaves_nothing_behind() {
    let server = start();
    for url in [server.url("postgres"), server.socket_url("postgres")] {
        let settings = "SELECT current_setting(name) FROM unnest(ARRAY['is_superuser', 'server_encoding', \
            'fsync', 'synchronous_commit', 'max_connections']) WITH ORDINALITY AS a (name, place) ORDER BY place";
        assert_eq!(ask(&url, settings).await.unwrap(), ["on", "UTF8", "off", "on", "300"]);
        // Postgres 16 and later have no setting `lc_collate`, so the catalogue is read.
        let collation = "SELECT datcollate::text FROM pg_database WHERE datname = current_database()";
        assert_eq!(ask(&url, collation).await.unwrap(), ["C"]);
    }
    let (pid, data) = (server.pid().unwrap(), data_folder(&server).await);
    assert!(is_alive(pid) && data.exists());
    let port = server.port();
    drop(server);
    assert!(!is_alive(pid), "the server still runs");
    assert!(!data.parent().unwrap().exists(), "the directory is still there");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[tokio::test]
async fn committed_data_survives_every_kind_of_shutdown() {
    type End = fn(&mut Server) -> Result<(), ServerError>;
    let options = ServerOptions { durable: true, max_connections: 20, ..ServerOptions::default() };
    let mut server = Server::start(&options).unwrap();
    let url = server.url("postgres");
    assert_eq!(ask(&url, "SHOW fsync").await.unwrap(), ["on"]);
    ask(&url, "CREATE TABLE kept (n int)").await.unwrap();
    let ways: [End; 3] = [Server::stop, Server::kill_immediately, Server::kill_9];
    for (rounds, end) in ways.into_iter().enumerate() {
        ask(&url, "INSERT INTO kept SELECT count(*) FROM kept").await.unwrap();
        let before = server.pid();
        end(&mut server).unwrap();
        assert_eq!(server.pid(), None);
        assert!(ask(&url, "SELECT 1::text").await.is_err(), "it responds although it was stopped");
        server.restart().unwrap();
        assert_ne!(server.pid(), before);
        let kept = ask(&url, "SELECT n::text FROM kept ORDER BY n").await.unwrap();
        assert_eq!(kept, (0..=rounds).map(|n| n.to_string()).collect::<Vec<_>>());
    }
    server.restart().unwrap();
    assert_eq!(ask(&url, "SELECT count(*)::text FROM kept").await.unwrap(), ["3"]);
}

#[test]
fn a_setting_that_postgres_rejects_is_reported_with_its_message() {
    let settings = vec![("no_such_setting".to_owned(), "1".to_owned())];
    let error = Server::start(&ServerOptions { settings, ..ServerOptions::default() }).unwrap_err();
    assert!(
        error.to_string().contains("unrecognized configuration parameter \"no_such_setting\""),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_runs_from_the_folder_it_is_given() {
    let binaries = Binaries::installed().pop().unwrap();
    let server = Server::start_from(binaries.clone(), &ServerOptions::default()).unwrap();
    assert_eq!(server.binaries(), &binaries);
    let reported = ask(&server.url("postgres"), "SHOW server_version").await.unwrap().remove(0);
    assert_eq!(reported.split(' ').next(), Some(binaries.full_version().to_string().as_str()));
}

#[test]
fn a_private_folder_is_not_reachable_by_another_account() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    std::fs::create_dir(&inside).unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
    let is_root = std::fs::metadata(folder.path()).unwrap().uid() == 0;
    assert_eq!(Server::reaches(&inside).unwrap(), !is_root);
    assert!(Server::reaches("/".as_ref()).unwrap());
}
