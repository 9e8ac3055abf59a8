//! Archives and copies on SQLite files. `tests/tests/it/moving.rs` moves between both engines, with the program.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's helpers may fail as loudly as the test")]

mod archives;
mod copies;
mod damage;
mod users;
mod world;
