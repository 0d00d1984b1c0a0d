//! `breeze risk explain`: recompute every factor of a draw's frame.

use crate::app::App;
use crate::cli::{Done, Out};
use crate::domain::draw::Candidate;
use crate::domain::key::Caller;
use crate::error::{Error, Result};
use crate::flow::risk;
use crate::statistics::risk::Score;
use std::path::PathBuf;

/// Which draw.
#[derive(clap::Args)]
pub struct Explain {
    /// The draw, as CNTAO-20261124-1
    draw: String,
    /// Write every row with its score and the points of each factor here, CSV
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Recomputes the factors; exit code 1 where one comes out otherwise than in the frame.
///
/// # Errors
/// Not found; a file that cannot be written.
pub fn run(app: &App, caller: &Caller, ask: &Explain, out: &Out) -> Result<Done> {
    let unwritten = |error: csv::Error| Error::environment(format!("the file: {error}"));
    let mut file = match &ask.out {
        Some(path) => {
            Some(csv::WriterBuilder::new().flexible(true).from_path(path).map_err(unwritten)?)
        }
        None => None,
    };
    if let Some(file) = &mut file {
        let heading = [
            "declaration_number",
            "rule",
            "proportion_ppm",
            "factor",
            "past",
            "probability",
            "points",
        ];
        file.write_record(heading).map_err(unwritten)?;
    }
    let explained =
        risk::explain(&app.store, caller, &ask.draw, |candidate, score| match &mut file {
            Some(file) => file.write_record(row(candidate, score)).map_err(unwritten),
            None => Ok(()),
        })?;
    if let Some(mut file) = file {
        file.flush()?;
    }
    out.say(&explained, || {
        let mut text = format!(
            "{}: {} rows, model {}, {} factors differ, the past of {} reads otherwise by now",
            explained.draw,
            explained.rows,
            explained.model,
            explained.differing.len(),
            explained.past_differs.len()
        );
        for (number, frozen, recomputed) in explained.differing.iter().take(20) {
            text += &format!("\n  {number}: {frozen} in the frame, {recomputed} recomputed");
        }
        text
    })?;
    Ok(if explained.differing.is_empty() { Done::Fine } else { Done::Faults })
}

fn row(candidate: &Candidate, score: Option<&Score>) -> [String; 7] {
    let points = score.map(|score| {
        let points = score.contributions.iter().filter(|one| one.log_odds != 0.0);
        let points = points.map(|one| format!("{}={:.6}", one.factor.name(), one.points()));
        points.collect::<Vec<_>>().join(" ")
    });
    [
        candidate.declaration_number.clone(),
        candidate.rule.clone(),
        candidate.proportion_ppm.to_string(),
        candidate.factor.to_string(),
        candidate.scored.as_ref().map(|scored| scored.past.clone()).unwrap_or_default(),
        score.map(|score| score.probability.to_string()).unwrap_or_default(),
        points.unwrap_or_default(),
    ]
}
