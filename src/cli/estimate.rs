//! `breeze estimate`: recompute rates from a results file, with no database and no network.

use crate::api::trends::FailureRates;
use crate::cli::rates::table;
use crate::cli::{Done, Out, results};
use crate::error::{Error, Result};
use crate::flow::rates::results::{Question, estimate, read};
use std::path::PathBuf;

/// Which rates. They speak of all months of the file.
#[derive(clap::Args)]
pub struct Estimate {
    /// The results file, CSV or gzipped CSV
    file: PathBuf,
    /// month, quarter or year
    #[arg(long, default_value = "month")]
    period: String,
    /// region, office, chapter, selection; repeated or with commas
    #[arg(long)]
    split_by: Vec<String>,
    /// declarations (the goods declared) or process (the quality behind them)
    #[arg(long, default_value = "declarations")]
    target: String,
}

/// Recomputes and prints them.
///
/// # Errors
/// A file that cannot be read, with row and column; a question that it cannot answer.
pub fn run(ask: &Estimate, out: &Out) -> Result<Done> {
    let unread = |words: String| Error::environment(format!("{}: {words}", ask.file.display()));
    let text = results::open(&ask.file).map_err(|error| unread(error.to_string()))?;
    let results = read(text).map_err(|fault| unread(fault.to_string()))?;
    let question = Question {
        period: ask.period.clone(),
        split_by: ask.split_by.clone(),
        target: Some(ask.target.clone()),
    };
    let (asked, rates) = estimate(&results, &question)?;
    let rates = FailureRates::new(&asked, &rates);
    out.say(&rates, || {
        let scope = match results.is_whole {
            true => "responses recomputed from the file's items",
            false => "a file of some offices or regions: responses are those that it states",
        };
        format!("{}\n{scope}", table(&rates))
    })?;
    Ok(Done::Fine)
}
