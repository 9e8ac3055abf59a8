//! The Dockerfile, parsed without an engine. The parser knows the instructions that the file uses, and rejects all others.

use std::collections::BTreeSet;

use super::{file, settings_of};

/// An instruction, with its continuation lines joined.
#[derive(Debug)]
pub(super) struct Instruction {
    pub(super) name: String,
    /// The `--name=value` words before the arguments.
    pub(super) options: Vec<(String, String)>,
    pub(super) arguments: String,
}

/// The instructions between one FROM and the next.
#[derive(Debug)]
pub(super) struct Stage {
    image: String,
    name: Option<String>,
    pub(super) instructions: Vec<Instruction>,
}

/// The instructions that are accepted (<https://docs.docker.com/reference/dockerfile/>).
const KNOWN: [&str; 13] = [
    "FROM",
    "ARG",
    "RUN",
    "CMD",
    "EXPOSE",
    "ENV",
    "COPY",
    "ENTRYPOINT",
    "VOLUME",
    "USER",
    "WORKDIR",
    "HEALTHCHECK",
    "LABEL",
];

/// Returns the stages in order.
pub(super) fn stages() -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for instruction in instructions(&file("Dockerfile")) {
        if instruction.name == "FROM" {
            let words: Vec<&str> = instruction.arguments.split_whitespace().collect();
            let (image, name) = match words[..] {
                [image] => (image, None),
                [image, "AS", name] => (image, Some(name.to_owned())),
                _ => panic!("{instruction:?}"),
            };
            stages.push(Stage { image: image.to_owned(), name, instructions: Vec::new() });
        } else {
            stages.last_mut().unwrap().instructions.push(instruction);
        }
    }
    stages
}

fn instructions(dockerfile: &str) -> Vec<Instruction> {
    let lines = dockerfile.lines().filter(|line| !line.trim_start().starts_with('#'));
    let joined = lines.fold(String::new(), |text, line| match line.trim_end().strip_suffix('\\') {
        Some(goes_on) => text + goes_on,
        None => text + line + "\n",
    });
    joined.lines().map(str::trim).filter(|line| !line.is_empty()).map(instruction).collect()
}

fn instruction(line: &str) -> Instruction {
    let (name, mut rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    assert!(KNOWN.contains(&name), "{name} is no instruction that is known here: {line}");
    let mut options = Vec::new();
    while let Some(option) = rest.trim_start().strip_prefix("--") {
        let (option, after) = option.split_once(char::is_whitespace).unwrap();
        let (option, value) = option.split_once('=').unwrap_or((option, ""));
        options.push((option.to_owned(), value.to_owned()));
        rest = after;
    }
    let arguments = rest.trim().to_owned();
    assert!(!arguments.is_empty(), "{name} says nothing");
    Instruction { name: name.to_owned(), options, arguments }
}

impl Stage {
    /// Returns the arguments of the only instruction of that name.
    pub(super) fn only(&self, name: &str) -> &str {
        let mut found = self.instructions.iter().filter(|instruction| instruction.name == name);
        match (found.next(), found.next()) {
            (Some(only), None) => &only.arguments,
            other => panic!("one {name} is expected: {other:?}"),
        }
    }

    /// Returns the words of an instruction in exec form, which needs no shell.
    fn exec(&self, name: &str) -> Vec<String> {
        let words = self.only(name);
        let words = words.strip_prefix("CMD ").unwrap_or(words);
        serde_json::from_str(words).unwrap_or_else(|_| panic!("{name} is not in exec form: {words}"))
    }

    /// Returns the environment that the stage sets.
    pub(super) fn environment(&self) -> Vec<(&str, &str)> {
        self.only("ENV").split_whitespace().map(|pair| pair.split_once('=').unwrap()).collect()
    }

    fn copies(&self) -> impl Iterator<Item = &Instruction> {
        self.instructions.iter().filter(|instruction| instruction.name == "COPY")
    }
}

/// Returns the stage that becomes the image.
pub(super) fn last_stage() -> Stage {
    stages().pop().unwrap()
}

#[test]
fn a_copy_from_another_stage_is_from_an_earlier_one() {
    let mut earlier: Vec<String> = Vec::new();
    let mut count = 0;
    for stage in stages() {
        for copy in stage.copies() {
            for (_, from) in copy.options.iter().filter(|(name, _)| name == "from") {
                assert!(earlier.contains(from), "{from} in {copy:?} is none of {earlier:?}");
                count += 1;
            }
        }
        earlier.extend(stage.name);
    }
    assert_eq!(count, 2, "the program with its libraries, and the folder for its data");
}

#[test]
fn the_image_has_no_shell_and_its_program_is_not_root() {
    let stage = last_stage();
    assert_eq!(stage.image, "scratch");
    assert!(
        stage.instructions.iter().all(|instruction| instruction.name != "RUN"),
        "nothing there could run it"
    );
    assert_eq!(stage.only("USER"), "10001:10001");
    let data = stage.copies().find(|copy| copy.arguments == "/image/data /data").unwrap();
    assert!(stage.copies().any(|copy| copy.arguments == "/image/root /"));
    assert!(data.options.contains(&("chown".to_owned(), "10001:10001".to_owned())), "{data:?}");
    assert_eq!((stage.only("VOLUME"), stage.only("WORKDIR")), ("/data", "/data"));
}

#[test]
fn the_commands_of_the_image_are_there_and_need_no_shell() {
    let stage = last_stage();
    assert_eq!(stage.exec("ENTRYPOINT"), ["/loggia"]);
    assert_eq!(stage.exec("CMD"), ["serve"]);
    assert_eq!(stage.exec("HEALTHCHECK"), ["/loggia", "healthcheck"]);
    let known = settings_of("serve");
    assert!(
        known.is_superset(&settings_of("healthcheck")),
        "the health check has the settings of the server"
    );
    for (name, _) in stage.environment() {
        assert!(known.contains(name), "{name} is none of {known:?}");
    }
}

#[test]
fn the_image_is_built_with_the_workspaces_own_version_profile_and_files() {
    let stages = stages();
    let build = stages.iter().find(|stage| stage.name.as_deref() == Some("build")).unwrap();
    let manifest = file("Cargo.toml");
    let version = manifest.split("rust-version = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert_eq!(build.image, format!("rust:{version}-slim-bookworm"));
    let steps = build.only("RUN");
    assert!(steps.contains(" --profile dist ") && manifest.contains("\n[profile.dist]\n"), "{steps}");
    assert!(steps.contains("sh docker/image-root.sh target/dist/loggia /image"), "{steps}");
    file("docker/image-root.sh");

    let ignored = file(".dockerignore");
    let ignored: BTreeSet<&str> = ignored.lines().collect();
    let expected = BTreeSet::from([".env", ".git", "fuzz", "target", "*.db", "*.db-shm", "*.db-wal"]);
    assert_eq!(ignored, expected, "secrets and large files are excluded, and every source file is included");
}

#[test]
fn another_grammar_is_not_taken_for_this_one() {
    let read =
        instructions("# a comment\nFROM a AS b\nRUN --mount=type=cache one \\\n    # between\n    two\n");
    let shown: Vec<_> = read.iter().map(|found| (found.name.as_str(), found.arguments.as_str())).collect();
    assert_eq!(shown, [("FROM", "a AS b"), ("RUN", "one     two")]);
    assert_eq!(read[1].options, [("mount".to_owned(), "type=cache".to_owned())]);
    for wrong in ["FORM a", "ONBUILD RUN x", "RUN"] {
        assert!(std::panic::catch_unwind(|| instruction(wrong)).is_err(), "{wrong}");
    }
}
