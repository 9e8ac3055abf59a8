//! The nesting depth of a JSON text, found in one pass and without a stack.

/// Returns `true` if arrays and objects are nested deeper than `most`. The parser rejects text that is not JSON.
pub(crate) fn is_deeper_than(most: usize, text: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                if depth > most {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_brackets_that_are_open_at_once_count() {
        let nested = |depth: usize| format!("{}1{}", "[{\"a\":".repeat(depth / 2), "}]".repeat(depth / 2));
        assert!(!is_deeper_than(32, &nested(32)));
        assert!(is_deeper_than(32, &nested(34)));
        assert!(!is_deeper_than(0, "1") && is_deeper_than(0, "[]"));
        assert!(!is_deeper_than(2, &format!("[{}]", "[],".repeat(1_000))));
        assert!(!is_deeper_than(1, r#"{"[[[[": "{{\"{{[[\\"}"#), "brackets in texts are none");
        assert!(is_deeper_than(1, r#"{"\\": [1]}"#), "a text that ends with a backslash has ended");
        assert!(!is_deeper_than(1, "]]]]["), "closing what is not open saves nothing");
    }
}
