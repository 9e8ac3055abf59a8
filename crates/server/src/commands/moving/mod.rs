//! `loggia export`, `loggia import` and `loggia copy`: move data between stores.

pub(crate) mod copy;
pub(crate) mod export;
pub(crate) mod import;

use indicatif::{ProgressBar, ProgressStyle};
use loggia_moving::Progress;

use crate::output;

/// Returns a progress bar, which is drawn only if standard error is a terminal.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    match ProgressStyle::with_template("{msg:30} {bar:40} {percent:>3} %  {elapsed}, {eta} to go") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Shows what is being done.
fn show(bar: &ProgressBar, progress: Progress) {
    let (message, done, of) = match progress {
        Progress::Continued { rows } => {
            return bar.suspend(|| {
                output::notice(format_args!("An interrupted copy goes on: {rows} rows are there."))
            });
        }
        Progress::Rows { step, table, done, of } => (format!("{step} {table}"), done, of),
        Progress::Bytes { step, done, of } => (step.to_owned(), done, of),
    };
    if bar.message() != message {
        bar.reset();
        bar.set_message(message);
    }
    bar.set_length(of);
    bar.set_position(done);
}

/// Returns the number of rows for each second.
fn pace(rows: u64, seconds: f64) -> f64 {
    // A number of rows is far below the greatest whole number that a float has.
    #[expect(clippy::cast_precision_loss, reason = "a pace is read by people")]
    let rows = rows as f64;
    if seconds > 0.0 { (rows / seconds).round() } else { rows }
}
