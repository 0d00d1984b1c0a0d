//! `breeze risk score`: score a file of declarations with the active model.

use crate::app::App;
use crate::cli::history::{in_file, open};
use crate::cli::{Done, Out};
use crate::domain::problem::FieldError;
use crate::error::{Error, Result};
use crate::flow::risk::{FileRow, FileScores};
use crate::statistics::risk::{Contribution, Score};
use chrono::NaiveDate;
use serde_json::json;
use std::path::PathBuf;

/// Which file.
#[derive(clap::Args)]
pub struct ScoreFile {
    /// Declarations, CSV or NDJSON, plain or gzip: the file of an import
    file: PathBuf,
    /// Where the scores go, CSV: number, probability, points of each factor
    #[arg(long)]
    out: PathBuf,
    /// What is known of exporters is what was known before this day; today where it is not named
    #[arg(long, value_parser = crate::domain::day::parse)]
    as_of: Option<NaiveDate>,
}

/// Rejected rows that are named on standard error.
const SHOWN: u64 = 20;

/// How far it has come.
#[derive(Clone, Copy, Default)]
struct Tally {
    scored: u64,
    rejected: u64,
}

/// Scores it; exit code 1 where rows were rejected.
///
/// # Errors
/// A file that cannot be read or written; no active model.
pub fn run(app: &App, ask: &ScoreFile, out: &Out) -> Result<Done> {
    let now = app.now();
    let rows = FileScores::active(&app.store, ask.as_of.unwrap_or_else(|| now.date_naive()))?;
    let source = open(&ask.file)?;
    let unwritten =
        |error: csv::Error| Error::environment(format!("{}: {error}", ask.out.display()));
    let mut file = csv::Writer::from_path(&ask.out).map_err(unwritten)?;
    let names = ["declaration_number", "probability", "intercept"].into_iter();
    file.write_record(names.chain(rows.factors())).map_err(unwritten)?;
    let mut tally = Tally::default();
    let scored = rows.each(&app.store, &source, now, |row| match row {
        FileRow::Scored { number, score } => {
            tally.scored += 1;
            file.write_record(record(number, &score)).map_err(unwritten)
        }
        FileRow::Rejected { line, errors } => {
            tally.reject(line, &errors);
            Ok(())
        }
    });
    scored.map_err(|error| match error {
        Error::Problem(problem) => in_file(&ask.file)(*problem),
        other => other,
    })?;
    file.flush()?;
    out.say(
        &json!({"model": rows.label(), "scored": tally.scored, "rejected": tally.rejected}),
        || {
            let Tally { scored, rejected } = tally;
            format!(
                "{}: {scored} scored, {rejected} rejected, by {}",
                ask.out.display(),
                rows.label()
            )
        },
    )?;
    Ok(if tally.rejected == 0 { Done::Fine } else { Done::Faults })
}

impl Tally {
    fn reject(&mut self, line: u64, errors: &[FieldError]) {
        self.rejected += 1;
        if self.rejected <= SHOWN {
            let words: Vec<_> = errors.iter().map(|error| error.detail.as_str()).collect();
            eprintln!("row {line}: {}", words.join("; "));
        }
    }
}

/// Number, probability, then the points of the intercept and of each factor: they add up to the
/// logarithm of the odds to base 2.
fn record(number: String, score: &Score) -> Vec<String> {
    let intercept = score.intercept / std::f64::consts::LN_2;
    let points = score.contributions.iter().map(Contribution::points);
    let numbers = [score.probability, intercept].into_iter().chain(points);
    [number].into_iter().chain(numbers.map(|number| number.to_string())).collect()
}
