//! Replays the committed corpora, and many similar inputs, on every run of this crate's tests.
//!
//! Without coverage guidance this finds less than the programs in `fuzz/` do. But it needs only a stable compiler, and it starts from the
//! corpora that those programs have found.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{TARGETS, Target};

/// The number of inputs that are derived from each corpus.
const MADE: usize = 20_000;
/// The maximum length of a derived input in bytes.
const LONGEST: usize = 1_024;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// Returns the names of the files in a folder of `fuzz/`, without their extensions.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(fuzz().join(folder)).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("an entry").path());
    names.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect()
}

/// Returns the inputs of a corpus, always in the same order.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = fuzz().join("corpus").join(name);
    let entries = std::fs::read_dir(&folder).expect("each target has a corpus");
    let paths: BTreeSet<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.into_iter().map(|path| std::fs::read(path).expect("an input")).collect()
}

/// A pseudo-random sequence (xorshift64*) that is the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).expect("31 bits") % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        // The boundaries of rules, and characters that people type.
        const OFTEN: &[u8] =
            b"\0\t\n !\"#%&'*+,-./0179:;=?@AWZ\\_aezT{}[]~\x7f\x80\xbf\xc2\xe2\xed\xef\xf0\xff";
        if self.below(2) == 0 {
            OFTEN[self.below(OFTEN.len())]
        } else {
            u8::try_from(self.below(256)).expect("a byte")
        }
    }

    /// Returns an input that is similar to those of the corpus.
    fn input(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = corpus[self.below(corpus.len())].clone();
        for _ in 0..=self.below(4) {
            let (at, to) = (self.below(input.len() + 1), self.below(input.len() + 1));
            let (from, to) = (at.min(to), at.max(to));
            match self.below(6) {
                0 => input.insert(at, self.byte()),
                1 if at < input.len() => input[at] = self.byte(),
                2 if at < input.len() => input[at] ^= 1 << self.below(8),
                3 => drop(input.drain(from..to)),
                4 => input.extend_from_within(from..to),
                _ => {
                    let other = &corpus[self.below(corpus.len())];
                    let cut = self.below(other.len() + 1);
                    input.truncate(at);
                    input.extend_from_slice(&other[cut..]);
                }
            }
        }
        input.truncate(LONGEST);
        input
    }
}

/// Runs one input. Prints the input if the target panics.
fn run(target: Target, input: &[u8]) {
    let outcome = std::panic::catch_unwind(|| target(input));
    assert!(outcome.is_ok(), "with the input b\"{}\"", input.escape_ascii());
}

fn replay(name: &str) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target");
    let corpus = corpus(name);
    assert!((5..=200).contains(&corpus.len()), "a corpus is small, and not empty: {}", corpus.len());
    run(*target, b"");
    for input in &corpus {
        assert!(input.len() <= 4_096, "inputs are small");
        run(*target, input);
    }
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for _ in 0..MADE {
        run(*target, &chance.input(&corpus));
    }
}

macro_rules! replays {
    ($($name:ident)+) => {
        const REPLAYED: &[&str] = &[$(stringify!($name)),+];

        $(#[test]
        fn $name() {
            replay(stringify!($name));
        })+
    };
}

replays! {
    accept_encoding addresses api_key cursor dates etags framing idempotency_key identifiers json links merge_patch outline query
    text
}

#[test]
fn every_target_has_a_program_a_corpus_and_a_replay() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(REPLAYED.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), targets);
    assert_eq!(names("fuzz_targets"), targets);
    assert_eq!(names("corpus"), targets);
    let manifest = std::fs::read_to_string(fuzz().join("Cargo.toml")).expect("a manifest");
    for name in &targets {
        let program = format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"");
        assert!(manifest.contains(&program), "{name} is a program");
        let source =
            std::fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs"))).expect("a source");
        assert!(source.contains(&format!("fuzzing::{name}(data)")), "{name} runs its target");
    }
}
