//! `breeze risk backtest`: how good the risk score would have been on a file of history.

use crate::cli::history::{History, any_rejected, say_faults};
use crate::cli::{Done, Out};
use crate::domain::day;
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::flow::replay::backtest::{Split, Verdict};
use crate::flow::replay::files::Read;
use crate::flow::replay::{FitReport, Kept};
use crate::statistics::risk::{Judgement, Recipe, fit};
use chrono::NaiveDate;
use comfy_table::Table;
use serde::Serialize;
use std::time::Instant;

/// Which history, cut where.
#[derive(clap::Args)]
pub struct Backtest {
    #[command(flatten)]
    history: History,
    /// First day that is judged; what lies before it is learned from
    #[arg(long, value_name = "DAY", value_parser = day::parse)]
    split: NaiveDate,
}

/// What came of it.
#[derive(Serialize)]
struct Answer {
    read: Read,
    split: NaiveDate,
    model: FitReport,
    fit_seconds: f64,
    #[serde(flatten)]
    verdict: Verdict,
}

/// Does it.
///
/// # Errors
/// Files that cannot be read, or are none of those asked for; no result on one side of the day.
pub fn run(ask: &Backtest, out: &Out) -> Result<Done> {
    let (world, read) = ask.history.read()?;
    say_faults(&read);
    let split = Split::new(&world, ask.split);
    let lessons = split.lessons();
    if lessons.is_empty() || lessons.len() == world.declared().len() {
        let days = world.declared().first().zip(world.declared().last());
        let days = days.map(|(first, last)| format!("{} to {}", first.day, last.day));
        let words = format!(
            "--split {} leaves nothing on one side: results are of {}",
            ask.split,
            days.unwrap_or_default()
        );
        return Err(Problem::new(Code::InvalidParameter, words).into());
    }
    let start = Instant::now();
    let model = fit(&Recipe::default(), &lessons);
    let fit_seconds = start.elapsed().as_secs_f64();
    let verdict = split.judge(&model);
    let model = FitReport::of(ask.split, &model);
    let answer = Answer { read, split: ask.split, model, fit_seconds, verdict };
    out.say(&answer, || words(&answer))?;
    Ok(if any_rejected(&answer.read) { Done::Faults } else { Done::Fine })
}

fn words(answer: &Answer) -> String {
    let Answer { model, split, fit_seconds, verdict, .. } = answer;
    let kept: Vec<_> = model.kept.iter().map(shown).collect();
    let kept = if kept.is_empty() { "none".to_owned() } else { kept.join(", ") };
    format!(
        "learned from {} results before {split}, {} of them failures, in {fit_seconds:.2} s\n\
         factors that earned their place, with their variance: {kept}\n\
         results of identical goods lines agree by {:.3} (0: not at all, 1: wholly)\n{}\n{}\n{NOTES}",
        model.results,
        model.failed,
        model.line_correlation,
        measures(verdict),
        deciles(verdict),
    )
}

const NOTES: &str = "new rows: goods lines (commodity, country, weight) that were in no declaration \
    before; judge by these where rows repeat\nAUC: 0.5 is chance; calibration: 0 and 1 are right; \
    lift: failure rate of the tenth / of all";

fn shown(kept: &Kept) -> String {
    format!("{} {}", kept.factor.name(), kept.variance)
}

fn measures(verdict: &Verdict) -> String {
    let mut table = Table::new();
    table.set_header(["", "all rows", "new rows"]);
    let both = [&verdict.all_rows, &verdict.new_rows];
    let mut line = |name: String, of: &dyn Fn(&Judgement) -> String| {
        table.add_row([name, of(both[0]), of(both[1])]);
    };
    line("judged".into(), &|j| j.rows.to_string());
    line("failed".into(), &|j| j.failed.to_string());
    line("base rate".into(), &|j| three(j.base_rate));
    line("AUC".into(), &|j| three(j.auc));
    let percents = verdict.all_rows.precisions.iter().map(|precision| precision.percent);
    for percent in percents {
        line(format!("precision at {percent} %"), &|j| {
            let own = j.precisions.iter().find(|precision| precision.percent == percent);
            three(own.map(|precision| precision.precision))
        });
    }
    line("log loss".into(), &|j| three(j.log_loss));
    line("Brier score".into(), &|j| three(j.brier));
    line("calibration intercept".into(), &|j| three(j.calibration.map(|c| c.intercept)));
    line("calibration slope".into(), &|j| three(j.calibration.map(|c| c.slope)));
    table.to_string()
}

fn deciles(verdict: &Verdict) -> String {
    let mut table = Table::new();
    table.set_header(["tenth", "all rows: rate", "lift", "new rows: rate", "lift"]);
    for (all, new) in verdict.all_rows.deciles.iter().zip(&verdict.new_rows.deciles) {
        let cells = [all, new].map(|tenth| [three(tenth.rate), three(tenth.lift)]);
        table.add_row([vec![all.decile.to_string()], cells.concat()].concat());
    }
    table.to_string()
}

fn three(number: Option<f64>) -> String {
    number.map_or("–".into(), |number| format!("{number:.3}"))
}
