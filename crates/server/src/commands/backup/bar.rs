//! The progress bar of a backup.

use indicatif::{ProgressBar, ProgressStyle};
use loggia_sqlite::backup::Progress;

/// A progress bar, which is drawn only if standard error is a terminal.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new(0);
        Self(match ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {msg}") {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        })
    }

    pub(super) fn show(&self, progress: Progress) {
        match progress {
            Progress::Copying { done, total } => {
                self.0.set_length(total);
                self.0.set_position(done);
            }
            Progress::Checking => self.0.set_message("checking the copy"),
        }
    }

    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}
