//! Tests that look at the whole from outside: the built binary, the arrows between the crates, the schema.
//!
//! They are in `tests/it`: one program with a module for each matter, since every further program is linked anew.
