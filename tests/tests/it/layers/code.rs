//! The code of a source file: its text without comments, literals and test code.

/// The attribute of an item that exists in tests only.
pub(super) const TEST: &str = "#[cfg(test)]";

/// Removes comments, and the insides of literals.
pub(super) fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = raw_string(rest).filter(|_| !ends_in_a_word(&code)) {
            length
        } else if c == '"' {
            quoted(rest, '"')
        } else if c == '\'' && is_character(rest) {
            quoted(rest, '\'')
        } else {
            code.push(c);
            c.len_utf8()
        };
        rest = &rest[length..];
    }
    code
}

fn ends_in_a_word(code: &str) -> bool {
    code.ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Returns the length of a block comment, which may contain others.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut position) = (0_usize, 0);
    while position < text.len() {
        match text.as_bytes().get(position..position + 2) {
            Some(b"/*") => (depth, position) = (depth + 1, position + 2),
            Some(b"*/") => (depth, position) = (depth - 1, position + 2),
            _ => position += 1,
        }
        if depth == 0 {
            return position;
        }
    }
    text.len()
}

/// Returns the length of a raw string, if the text begins with one.
fn raw_string(text: &str) -> Option<usize> {
    let start = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = start.len() - start.trim_start_matches('#').len();
    let inside = start[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end)? + end.len();
    Some(text.len() - inside.len() + length)
}

/// Returns the length of a literal in quotes, in which a backslash escapes the next character.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (position, c) in text.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if c == quote {
            return position + 1;
        }
    }
    text.len()
}

/// Returns `true` for a character literal, and `false` for a lifetime.
fn is_character(text: &str) -> bool {
    let mut characters = text.chars().skip(1);
    characters.next() == Some('\\') || characters.next() == Some('\'')
}

/// Removes each item that exists in tests only.
pub(super) fn without_tests(code: &str) -> String {
    let mut parts = code.split(TEST);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(&part[item_length(part)..]);
    }
    kept
}

/// Returns the length of the item with which the code begins: up to its semicolon or its closing brace.
fn item_length(code: &str) -> usize {
    let is_use = code.trim_start().starts_with("use ");
    let mut depth = 0_usize;
    for (position, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            // The braces of `use` are followed by its semicolon.
            '}' if depth <= 1 && !is_use => return position + 1,
            '}' => depth = depth.saturating_sub(1),
            ';' if depth == 0 => return position + 1,
            _ => {}
        }
    }
    code.len()
}
