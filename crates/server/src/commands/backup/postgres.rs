//! The commands to run for a Postgres database, which Postgres's own programs back up and restore.

use std::path::Path;

use loggia_postgres::PostgresOptions;

/// The login in the commands: docs/operations/backup.md has the statement that creates it.
const BACKUP_LOGIN: &str = "loggia_backup";

/// Returns the message of `loggia backup FILE`.
pub(crate) fn how_to_dump(options: &PostgresOptions, file: &Path) -> String {
    let (database, file) = (options.database(), file.display());
    let server = server(options);
    format!(
        "nothing was written: pg_dump backs up a Postgres database. Run it in the version of the server or a later one:\n\n  \
         pg_dump {server} --username={BACKUP_LOGIN} --format=custom --file={file} {database}\n\n\
         The login must bypass row-level security, which is forced on the owner of the tables too; otherwise pg_dump fails. This creates \
         one:\n\n  \
         CREATE ROLE {BACKUP_LOGIN} LOGIN BYPASSRLS PASSWORD '…' IN ROLE pg_read_all_data;\n  \
         GRANT CONNECT ON DATABASE {database} TO {BACKUP_LOGIN};\n\n\
         Then check that the file can be restored: loggia backup --check {file}"
    )
}

/// Returns the message of `loggia restore FILE`.
pub(crate) fn how_to_restore(options: &PostgresOptions, file: &Path) -> String {
    let (database, file) = (options.database(), file.display());
    let server = server(options);
    format!(
        "nothing was restored: pg_restore restores a Postgres database. Stop all servers, create an empty database and the roles \
         (docker/postgres-roles.sql), and run as a superuser:\n\n  \
         pg_restore {server} --username=postgres --dbname={database} --exit-on-error --single-transaction {file}\n\n\
         Then run `loggia migrate` with the owner's login: a database that another server wrote is not served before."
    )
}

fn server(options: &PostgresOptions) -> String {
    format!("--host={} --port={}", options.host(), options.port())
}
