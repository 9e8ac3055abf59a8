//! The modules that a source file names, according to its text: paths that begin with `crate` or `super`, in `use` and elsewhere.

use std::collections::BTreeSet;

use super::code::{TEST, code, without_tests};

/// Returns the first segments after `crate` of all paths in a file of that module, without comments, literals and test code.
pub(super) fn imports(module: &[String], text: &str) -> BTreeSet<String> {
    let code = without_tests(&code(text));
    let tokens = tokens(&code);
    let mut found = BTreeSet::new();
    let mut rest = tokens.as_slice();
    while let [first, after @ ..] = rest {
        // A path begins here unless something stands before `::`.
        if matches!(*first, "crate" | "super" | "self") && after.first() == Some(&"::") {
            let mut paths = Vec::new();
            rest = tree(rest, &mut Vec::new(), &mut paths);
            found.extend(paths.into_iter().filter_map(|path| top(module, &path)));
        } else if matches!(after, ["::", ..]) {
            // Another path, whose later segments are no beginning.
            rest = after.get(2..).unwrap_or_default();
        } else {
            rest = after;
        }
    }
    found
}

/// Returns the modules that a file declares for tests only.
pub(super) fn test_modules(module: &[String], text: &str) -> Vec<Vec<String>> {
    let code = code(text);
    let declared = code.split(TEST).skip(1).filter_map(|item| {
        let name = item.trim_start().strip_prefix("mod ")?.split_once(';')?.0;
        name.chars().all(|c| c.is_alphanumeric() || c == '_').then(|| name.to_owned())
    });
    declared.map(|name| module.iter().cloned().chain([name]).collect()).collect()
}

/// Splits code into words, `::` and single signs.
fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(c) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if is_word(c) {
            rest.find(|c: char| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            c.len_utf8()
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    tokens
}

/// Reads a path or a tree of paths in braces, which continues `path`, and returns the tokens after it.
fn tree<'t, 'c>(
    tokens: &'t [&'c str],
    path: &mut Vec<&'c str>,
    paths: &mut Vec<Vec<&'c str>>,
) -> &'t [&'c str] {
    let (length, mut rest) = (path.len(), tokens);
    loop {
        match rest {
            ["{", after @ ..] => {
                rest = after;
                while let [next, after @ ..] = rest {
                    match *next {
                        "}" => {
                            rest = after;
                            break;
                        }
                        "," => rest = after,
                        "as" => rest = after.get(1..).unwrap_or_default(),
                        _ => rest = tree(rest, path, paths),
                    }
                }
                break;
            }
            [segment, "::", after @ ..] => {
                path.push(segment);
                rest = after;
            }
            [segment, after @ ..] => {
                path.push(segment);
                paths.push(path.clone());
                rest = after;
                break;
            }
            [] => break,
        }
    }
    path.truncate(length);
    rest
}

/// Returns the first segment of a path after `crate`, or `None` if the path leads into the same part of the crate.
fn top(module: &[String], path: &[&str]) -> Option<String> {
    let ups = path.iter().take_while(|segment| matches!(**segment, "super" | "self")).count();
    let names = path.iter().filter(|segment| !matches!(**segment, "crate" | "super" | "self"));
    let own = match path.first() {
        Some(&"crate") => 0,
        _ => module.len().saturating_sub(path[..ups].iter().filter(|segment| **segment == "super").count()),
    };
    let first = module[..own].iter().map(String::as_str).chain(names.copied()).next()?;
    (first != "*").then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imported(module: &[&str], text: &str) -> Vec<String> {
        let module: Vec<String> = module.iter().map(|name| (*name).to_owned()).collect();
        imports(&module, text).into_iter().collect()
    }

    #[test]
    fn every_form_of_an_import_is_read() {
        for text in [
            "use crate::high::Thing;",
            "pub(crate) use crate::high::Thing as Other;",
            "use crate::high;",
            "use crate::high::*;",
            "use crate::{high};",
            "use crate::{\n    high::{self, Thing},\n};",
            "use crate :: high :: Thing;",
            "fn f(x: &crate::high::Thing) {}",
            "    crate::high::call();",
            "macro_rules! m { () => { $crate::high::call() } }",
            "use super::super::high::Thing;",
            "let x: Vec<crate::high::Thing> = \"{\".chars();",
        ] {
            assert_eq!(imported(&["low", "deep"], text), ["high"], "{text}");
        }
        assert_eq!(imported(&["low"], "use crate::{a, b::{c, d}, e as f};"), ["a", "b", "e"]);
        assert_eq!(imported(&["low"], "use super::{a, b};\nuse crate::c::D;"), ["a", "b", "c"]);
    }

    #[test]
    fn a_path_within_the_module_names_the_module() {
        assert_eq!(imported(&["low", "deep"], "use super::other::Thing;\nuse self::child::Thing;"), ["low"]);
        assert_eq!(imported(&["low"], "use self::child::Thing;"), ["low"]);
        assert!(
            imported(&["low"], "use std::fmt;\nuse child::Thing;\nuse other_crate::high::Thing;").is_empty()
        );
    }

    #[test]
    fn comments_literals_and_test_code_name_nothing() {
        for text in [
            "// use crate::high::Thing;",
            "/// See [`crate::high::Thing`].\nfn f() {}",
            "/* use crate::high; /* nested */ use crate::high; */",
            "const A: &str = \"crate::high\";",
            "const A: &str = \"\\\" crate::high\";",
            "const A: &str = r#\"\" crate::high\"#;",
            "const A: char = '\"'; const B: &str = \"crate::high\"; const C: char = '\\''; const D: &str = \"crate::high\";",
            "#[cfg(test)]\nmod tests {\n    use crate::high::Thing;\n    fn f() {}\n}",
            "#[cfg(test)]\nuse crate::{high::Thing};",
            "#[cfg(test)]\nfn f() { crate::high::call() }",
            "pub(crate) struct A;",
        ] {
            assert!(imported(&["low"], text).is_empty(), "{text}");
        }
        let after = "#[cfg(test)]\nmod tests {}\nfn f<'a>(x: &'a str) { crate::high::call() }";
        assert_eq!(imported(&["low"], after), ["high"], "code after the tests is read");
        assert_eq!(imported(&["low"], "#[cfg(test)]\nuse a::{b, c};\nuse crate::high::Thing;"), ["high"]);
        assert_eq!(
            imported(&["low"], "fn f(c: char) -> bool { c == '{' }\nuse crate::high::Thing;"),
            ["high"]
        );
    }

    #[test]
    fn modules_for_tests_only_are_known() {
        let text = "mod a;\n#[cfg(test)]\nmod b;\n#[cfg(test)]\nmod tests {\n    fn f() {}\n}";
        assert_eq!(test_modules(&["low".to_owned()], text), [["low".to_owned(), "b".to_owned()]]);
    }
}
