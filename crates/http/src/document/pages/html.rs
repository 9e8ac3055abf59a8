//! HTML for the documents: escaping, and the subset of Markdown that descriptions use.

/// Escapes text for HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Noncharacters, which stand in patterns, are not allowed in HTML.
            c if u32::from(c) & 0xFFFE == 0xFFFE => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Renders one line with `code` and **strong**.
pub(super) fn inline(text: &str) -> String {
    let mut html = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            html.push_str(&format!("<code>{}</code>", escaped(part)));
            continue;
        }
        for (index, part) in part.split("**").enumerate() {
            let part = escaped(part);
            html.push_str(&if index % 2 == 1 { format!("<strong>{part}</strong>") } else { part });
        }
    }
    html
}

/// Renders paragraphs, lists and headings.
pub(super) fn markdown(text: &str) -> String {
    let mut html = String::new();
    for block in text.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        if let Some(heading) = block.strip_prefix("## ") {
            html.push_str(&format!("<h2>{}</h2>\n", inline(heading)));
        } else if block.starts_with("- ") {
            let items = block.lines().map(|line| line.strip_prefix("- ").unwrap_or(line));
            let items: String = items.map(|item| format!("<li>{}</li>\n", inline(item))).collect();
            html.push_str(&format!("<ul>\n{items}</ul>\n"));
        } else {
            html.push_str(&format!("<p>{}</p>\n", inline(block)));
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html_and_other_markup_is_escaped() {
        assert_eq!(
            inline("a `b<c>` **d** & 'e'"),
            "a <code>b&lt;c&gt;</code> <strong>d</strong> &amp; &#39;e&#39;"
        );
        assert_eq!(
            markdown("## A\n\nb\n\n- c\n- `d`"),
            "<h2>A</h2>\n<p>b</p>\n<ul>\n<li>c</li>\n<li><code>d</code></li>\n</ul>\n"
        );
    }
}
