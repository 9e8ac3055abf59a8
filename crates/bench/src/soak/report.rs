//! The figures of a soak: a table in the document, and a plot beside it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Sample, Soak, count, mebibytes};
use crate::curves::{Curve, curves};
use crate::report::replaced;

const BEGIN: &str = "<!-- Written by `cargo xtask bench --soak`; changes here are lost. -->";
const END: &str = "<!-- End of what `cargo xtask bench --soak` writes. -->";

/// The minutes between two labels of the plot.
const LABELLED: f64 = 5.0;

/// Writes the table into the document, and the plot into the folder `performance` beside it.
pub(super) fn write(soak: &Soak, document: &Path) -> Result<()> {
    let text =
        fs::read_to_string(document).with_context(|| format!("{} cannot be read", document.display()))?;
    let text =
        replaced(&text, BEGIN, END, &table(soak)?).context("the document has no markers for a soak")?;
    fs::write(document, text)?;
    fs::write(document.with_file_name("performance").join("soak-sqlite.svg"), plot(&soak.samples))?;
    Ok(())
}

fn table(soak: &Soak) -> Result<String> {
    let (middle, last) = soak.thirds();
    let minutes = |samples: &[Sample]| {
        let at = |sample: Option<&Sample>| sample.map_or(0.0, |sample| sample.minutes);
        format!("{:.0} to {:.0}", at(samples.first()), at(samples.last()))
    };
    let row = |name: &str, figure: &dyn Fn(&Sample) -> f64| -> Result<String> {
        let [middle, last] = soak.compare(figure)?;
        let cell = |it: crate::result::Summary| format!("{:.2} ({:.2} to {:.2})", it.median, it.min, it.max);
        Ok(format!("| {name} | {} | {} |\n", cell(middle), cell(last)))
    };
    let mut text = format!(
        "{:.0} requests a second in an open loop, half of the {:.0} of a closed loop with 32 connections. One in twenty writes.\n\n\
         | median (range) | minutes {} | minutes {} |\n|---|---|---|\n",
        soak.rate,
        soak.capacity,
        minutes(middle),
        minutes(last)
    );
    text += &row("resident memory, MiB", &|sample| mebibytes(sample.resident))?;
    text += &row("open file descriptors", &|sample| count(sample.descriptors))?;
    text += &row("p50, ms", &|sample| sample.open.p50 / 1_000.0)?;
    text += &row("p99, ms", &|sample| sample.open.p99 / 1_000.0)?;
    text += &row("write-ahead log, MiB", &|sample| mebibytes(sample.log))?;
    text += &row("database, MiB", &|sample| mebibytes(sample.database))?;
    if let (Some(first), Some(last)) = (soak.samples.first(), soak.samples.last()) {
        let seconds = (last.minutes - first.minutes) * 60.0;
        let writes = soak.rate / 20.0 * seconds;
        let grown = mebibytes(last.database.saturating_sub(first.database)) * 1_048_576.0;
        text += &format!(
            "\nThe database grew by {:.0} bytes for each write: a new space or a change, with its event.\n",
            grown / writes.max(1.0)
        );
    }
    text += "\n![Memory, descriptors, latency and size over time](performance/soak-sqlite.svg)\n";
    Ok(text)
}

fn plot(samples: &[Sample]) -> String {
    let mut next = LABELLED;
    let places: Vec<String> = samples
        .iter()
        .map(|sample| {
            if sample.minutes < next {
                return String::new();
            }
            next += LABELLED;
            format!("{:.0}", sample.minutes)
        })
        .collect();
    let curve = |name: &str, figure: &dyn Fn(&Sample) -> f64| Curve {
        name: name.to_owned(),
        values: samples.iter().map(|sample| Some(figure(sample))).collect(),
    };
    curves(
        "half of the capacity on SQLite, over minutes",
        &places,
        &[
            curve("resident memory, MiB", &|sample| mebibytes(sample.resident)),
            curve("open descriptors", &|sample| count(sample.descriptors)),
            curve("p50, microseconds", &|sample| sample.open.p50),
            curve("p99, microseconds", &|sample| sample.open.p99),
            curve("database, MiB", &|sample| mebibytes(sample.database)),
            curve("write-ahead log, MiB", &|sample| mebibytes(sample.log)),
        ],
    )
}
