//! A page for each problem: what it means, and what to do.

use super::framed;
use super::html::inline;
use crate::problem::Code;

pub(super) fn page(code: Code) -> String {
    let word = code.as_str();
    let body = format!(
        "<main>\n<p><a href=\"/docs\">Loggia</a></p>\n<h1><code>{word}</code></h1>\n\
         <p class=\"lead\">{title}. <span class=\"status\">{status}</span></p>\n\
         <h2>What it means</h2>\n<p>{meaning}</p>\n<h2>What to do</h2>\n<p>{advice}</p>\n</main>\n",
        title = inline(code.title()),
        status = code.status().as_u16(),
        meaning = inline(code.meaning()),
        advice = inline(code.advice()),
    );
    framed(&format!("{word} · Loggia"), &body)
}
