//! Rebuilds the crate when a migration is added: the macro that embeds them does not notice new files by itself.

fn main() {
    println!("cargo::rerun-if-changed=sqlite");
    println!("cargo::rerun-if-changed=postgres");
}
