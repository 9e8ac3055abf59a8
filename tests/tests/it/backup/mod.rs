//! Backup and restore, by the commands of docs/operations/backup.md.

mod files;
mod killed;
mod page;
mod plain_copies;
mod postgres;
mod writers;
