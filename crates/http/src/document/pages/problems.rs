//! A page for each problem: its meaning and advice.

use super::framed;
use super::html::inline;
use crate::problem::{Code, FieldErrorCode};

pub(super) fn page(code: Code) -> String {
    let word = code.as_str();
    let body = format!(
        "<main>\n<p><a href=\"../../docs\">Loggia</a></p>\n<h1><code>{word}</code></h1>\n\
         <p class=\"lead\">{title}. <span class=\"status\">{status}</span></p>\n\
         <h2>What it means</h2>\n<p>{meaning}</p>\n<h2>What to do</h2>\n<p>{advice}</p>\n{field_error_codes}</main>\n",
        title = inline(code.title()),
        status = code.status().as_u16(),
        meaning = inline(code.meaning()),
        advice = inline(code.advice()),
        field_error_codes = if code == Code::VALIDATION_FAILED { field_error_codes() } else { String::new() },
    );
    framed(&format!("{word} · Loggia"), &body)
}

/// Returns the table of the codes that `errors` may contain. Each row has an anchor, so that a link can lead to it.
fn field_error_codes() -> String {
    let rows: String = FieldErrorCode::ALL
        .iter()
        .map(|code| {
            let (word, meaning, advice) = (code.as_str(), inline(code.meaning()), inline(code.advice()));
            format!(
                "<tr id=\"{word}\"><td><code>{word}</code></td><td>{meaning}</td><td>{advice}</td></tr>\n"
            )
        })
        .collect();
    format!("<h2>Codes of validation errors</h2>\n<table>\n{rows}</table>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_error_code_is_on_the_page_of_invalid_requests_and_no_other() {
        for code in Code::ALL {
            let page = page(*code);
            for field_error in FieldErrorCode::ALL {
                let row = format!("<tr id=\"{}\">", field_error.as_str());
                assert_eq!(page.contains(&row), *code == Code::VALIDATION_FAILED, "{code:?}, {row}");
            }
        }
    }
}
