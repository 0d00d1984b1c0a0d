//! Invented worlds, played on as many threads as there are.

use crate::cli::history::bar;
use crate::cli::{Done, Out};
use crate::error::{Error, Result};
use crate::flow::replay::Refit;
use crate::flow::replay::simulate::{Pair, Ratio, Verdict, judge, pair};
use serde::Serialize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// What the worlds have shown.
#[derive(Serialize)]
struct Answer {
    refit: Refit,
    worlds: Vec<Pair>,
    verdict: Verdict,
}

/// Plays worlds 1 to `worlds`.
///
/// # Errors
/// None but an internal one.
pub fn run(worlds: u64, refit: Refit, out: &Out) -> Result<Done> {
    let pairs = play(worlds, refit)?;
    let verdict = judge(&pairs);
    let answer = Answer { refit, worlds: pairs, verdict };
    out.say(&answer, || words(&answer))?;
    Ok(Done::Fine)
}

fn play(worlds: u64, refit: Refit) -> Result<Vec<Pair>> {
    let bar = bar(worlds, "inventing and replaying");
    let (next, done) = (AtomicU64::new(1), Mutex::new(Vec::new()));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let world = next.fetch_add(1, Ordering::Relaxed);
                    if world > worlds {
                        return;
                    }
                    let pair = pair(world, refit);
                    bar.inc(1);
                    if let Ok(mut done) = done.lock() {
                        done.push(pair);
                    }
                }
            });
        }
    });
    bar.finish_and_clear();
    let done = done.into_inner().map_err(|_| Error::inner("a thread broke off"))?;
    let mut pairs = done.into_iter().collect::<Result<Vec<Pair>>>()?;
    pairs.sort_unstable_by_key(|pair| pair.world);
    Ok(pairs)
}

fn words(answer: &Answer) -> String {
    let mut table = comfy_table::Table::new();
    table.set_header([
        "world",
        "declared",
        "fail",
        "inspected",
        "found per inspection",
        "aimed",
        "ratio",
        "error of the monthly rate",
        "aimed",
        "months held",
        "aimed",
    ]);
    for pair in &answer.worlds {
        table.add_row(row(pair));
    }
    let Verdict { precision_ratio, rmse_ratio, relative_rmse, coverage } = &answer.verdict;
    format!(
        "{table}\n\
         months 7 to 12; found and error are those of equal chances, then of aimed ones\n\
         failures found per inspection, aimed / equal: {}\n\
         relative error of the monthly rate, aimed / equal: {} ({:.3} / {:.3})\n\
         months whose interval holds the truth: {} with equal chances, {} aimed",
        ratio(*precision_ratio),
        ratio(*rmse_ratio),
        relative_rmse.aimed,
        relative_rmse.equal,
        percent(coverage.equal),
        percent(coverage.aimed),
    )
}

fn row(pair: &Pair) -> Vec<String> {
    let Pair { equal, aimed, .. } = pair;
    vec![
        pair.world.to_string(),
        pair.declared.to_string(),
        percent(pair.failing),
        format!("{} / {}", equal.inspections_of_year, aimed.inspections_of_year),
        percent(equal.precision),
        percent(aimed.precision),
        format!("{:.2}", aimed.precision / equal.precision),
        format!("{:.3}", equal.relative_mse.sqrt()),
        format!("{:.3}", aimed.relative_mse.sqrt()),
        format!("{}/{}", equal.months_covered, equal.months),
        format!("{}/{}", aimed.months_covered, aimed.months),
    ]
}

fn ratio(ratio: Option<Ratio>) -> String {
    ratio.map_or("–".into(), |ratio| {
        format!("{:.2} (95 %: {:.2} to {:.2})", ratio.value, ratio.ci_low, ratio.ci_high)
    })
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
