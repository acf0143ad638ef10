//! Shows the progress on a terminal, and nothing if there is none.

use indicatif::{ProgressBar, ProgressStyle};

/// A progress bar over all measurements.
pub(crate) struct Progress {
    bar: ProgressBar,
    label: String,
}

impl Progress {
    /// Creates a bar with this many steps, on standard error.
    pub(crate) fn new(steps: usize) -> Self {
        let bar = ProgressBar::new(steps as u64);
        let style = ProgressStyle::with_template(
            "{bar:30} {pos}/{len} {elapsed} (about {eta} more) {wide_msg}",
        );
        bar.set_style(style.expect("the template is right"));
        Self { bar, label: String::new() }
    }

    /// Begins a step.
    pub(crate) fn begin(&mut self, label: String) {
        self.bar.set_message(label.clone());
        self.label = label;
    }

    /// Shows how many deliveries there were in this step.
    pub(crate) fn delivered(&mut self, deliveries: u64) {
        if !self.bar.is_hidden() {
            self.bar.set_message(format!("{}: {deliveries} deliveries", self.label));
        }
    }

    /// Prints a line that stays.
    pub(crate) fn note(&self, words: &str) {
        self.bar.suspend(|| eprintln!("{words}"));
    }

    /// Ends a step.
    pub(crate) fn done(&mut self) {
        self.bar.inc(1);
    }

    /// Removes the bar.
    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}
