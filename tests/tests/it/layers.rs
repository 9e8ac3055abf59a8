//! The layers inside the crates: a module imports only from its own layer and from those below it.

mod code;
mod imports;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use self::imports::{imports, test_modules};
use crate::arrows::{root, sources};

/// The layers of each crate that has them, the lowest first, each with its modules. `lib.rs` or `main.rs` stands above all of them.
const LAYERS: &[(&str, &[&[&str]])] = &[
    (
        "domain",
        &[
            &["serialization"],
            &["id", "literal", "range", "revision", "text", "token"],
            &["instant", "role", "scope"],
            &["event", "once"],
            &["key", "organization", "project", "space"],
            &["policy", "task", "user"],
            &["account", "roster"],
            &["invitation", "page"],
            &["port"],
            &["error", "system"],
            &["service"],
            &["guide"],
            &["samples"],
        ],
    ),
    (
        "sqlite",
        &[
            &["limits", "error"],
            &["statement"],
            &["columns"],
            &["rows"],
            &["sessions"],
            &["schema"],
            &["moving"],
            &["write", "read", "examine", "backup"],
            &["store"],
            &["views"],
        ],
    ),
    (
        "postgres",
        &[
            &["limits", "error"],
            &["columns"],
            &["rows"],
            &["sessions"],
            &["schema"],
            &["moving"],
            &["scratch", "tenancy"],
            &["write", "read", "examine"],
            &["store"],
            &["views"],
        ],
    ),
    (
        "http",
        &[
            &["problem"],
            &["limits"],
            &["wire"],
            &["operation"],
            &["pipeline"],
            &["api"],
            &["document"],
            &["health"],
            &["server"],
            &["mount"],
            &["fuzzing"],
        ],
    ),
    (
        "client",
        &[
            &["macros", "random"],
            &["value"],
            &["problem"],
            &["error"],
            &["call", "retry"],
            &["body", "transport"],
            &["client"],
            &["list"],
            &["v1", "v2", "service"],
        ],
    ),
    (
        "serve",
        &[
            &["limits"],
            &["client"],
            &["admission"],
            &["lifecycle"],
            &["connection"],
            &["response"],
            &["server"],
            &["exchange"],
            &["serving"],
        ],
    ),
];

/// Returns the path of the module in a file below `src`, without `crate`. Returns `None` for the root of the crate.
fn module_of(src: &Path, file: &Path) -> Option<Vec<String>> {
    let path = file.strip_prefix(src).unwrap().with_extension("");
    let mut path: Vec<String> =
        path.components().map(|part| part.as_os_str().to_str().unwrap().to_owned()).collect();
    path.pop_if(|last| last == "mod");
    let is_root = matches!(path.as_slice(), [name] if name == "lib" || name == "main");
    (!is_root).then_some(path)
}

/// Returns the imports of a module that no layer allows it, in words.
fn forbidden(layers: &[&[&str]], module: &[String], text: &str) -> Vec<String> {
    let layer = |name: &str| layers.iter().position(|modules| modules.contains(&name));
    let name = module.join("::");
    let Some(own) = layer(&module[0]) else { return vec![format!("{name} stands in no layer")] };
    let found = imports(module, text).into_iter().filter_map(|imported| match layer(&imported) {
        Some(layer) => (layer > own).then(|| format!("{name} imports from {imported}, a layer above it")),
        None => Some(format!("{name} imports {imported} from the root of the crate")),
    });
    found.collect()
}

/// Returns the sources of a crate that ship, each with its module.
fn shipped(src: &Path) -> Vec<(Vec<String>, String)> {
    let files: Vec<(PathBuf, String)> = sources(src);
    let modules = || files.iter().filter_map(|(file, text)| Some((module_of(src, file)?, text)));
    let tests: BTreeSet<Vec<String>> =
        modules().flat_map(|(module, text)| test_modules(&module, text)).collect();
    let is_test = |module: &[String]| {
        (1..=module.len()).any(|length| module[length - 1] == "tests" || tests.contains(&module[..length]))
    };
    let shipped = modules().filter(|(module, _)| !is_test(module));
    shipped.map(|(module, text)| (module, text.clone())).collect()
}

#[test]
fn no_module_imports_from_a_layer_above_it() {
    for (name, layers) in LAYERS {
        let modules = shipped(&root().join("crates").join(name).join("src"));
        let found: Vec<_> =
            modules.iter().flat_map(|(module, text)| forbidden(layers, module, text)).collect();
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
        let known: BTreeSet<&str> = modules.iter().map(|(module, _)| module[0].as_str()).collect();
        let listed: BTreeSet<&str> = layers.iter().flat_map(|modules| modules.iter().copied()).collect();
        assert_eq!(known, listed, "the layers of {name} name modules that exist, each once");
        assert_eq!(layers.iter().map(|modules| modules.len()).sum::<usize>(), listed.len());
    }
}

#[test]
fn an_upward_import_is_found() {
    let layers: &[&[&str]] = &[&["low"], &["middle", "other"], &["high"]];
    let of = |module: &[&str], text: &str| {
        let module: Vec<String> = module.iter().map(|name| (*name).to_owned()).collect();
        forbidden(layers, &module, text).len()
    };
    assert_eq!(of(&["low"], "use crate::high::Thing;"), 1);
    assert_eq!(of(&["low", "deep"], "fn f() { crate::middle::call() }"), 1);
    assert_eq!(of(&["middle"], "use crate::{low, high, other};"), 1);
    assert_eq!(of(&["middle"], "use crate::{low::A, other::B};"), 0);
    assert_eq!(of(&["high", "deep"], "use crate::low::Thing;\nuse super::{a, b};"), 0);
    assert_eq!(of(&["middle"], "use crate::Root;"), 1, "the root stands above all layers");
    assert_eq!(of(&["new"], ""), 1, "a module that is in no layer");
}
