//! `breeze defects`: which defects are found how often.

use crate::api::trends::DefectsAnswer;
use crate::api::trends::defects::ask;
use crate::cli::rates::FilterArgs;
use crate::cli::{Done, Out, percent};
use crate::config::Settings;
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow::rates;

/// Of which goods. Repeat a filter for "or"; different filters mean "and".
#[derive(clap::Args)]
pub struct Defects {
    /// First inspection day, or a period: 2026-01-01, 2026-W05, 2026-01, 2026-Q1, 2026
    #[arg(long)]
    from: String,
    /// Last inspection day, or a period
    #[arg(long)]
    to: String,
    #[command(flatten)]
    filters: FilterArgs,
}

/// Does it.
///
/// # Errors
/// Those of the flow.
pub fn run(settings: &Settings, defects: &Defects, out: &Out) -> Result<Done> {
    let ask = ask(defects.from.clone(), defects.to.clone(), defects.filters.filters())?;
    let app = settings.open_existing()?;
    let found = rates::defects(&app.store, &Caller::operator("cli"), &ask)?;
    let answer = DefectsAnswer::new(&ask, &found);
    out.say(&answer, || table(&answer))?;
    Ok(Done::Fine)
}

fn table(answer: &DefectsAnswer) -> String {
    let DefectsAnswer { inspected, failed, with_defects, failed_without_defects, .. } = answer;
    let whole = format!(
        "{inspected} inspected, {failed} failed; {with_defects} with defects named, \
         {failed_without_defects} failed without"
    );
    let mut table = comfy_table::Table::new();
    table.set_header([
        "class",
        "defect",
        "inspections",
        "share",
        "cumulated",
        "units",
        "per 1,000",
        "95 %",
    ]);
    let number = |number: Option<f64>| {
        number.map_or_else(|| "–".to_owned(), |number| format!("{number:.1}"))
    };
    for item in &answer.items {
        let per = &item.per_thousand;
        table.add_row([
            item.class.as_str().to_owned(),
            item.code.clone(),
            item.inspections.to_string(),
            percent(item.share),
            percent(item.cumulated_share),
            item.defects.to_string(),
            number(per.value),
            format!("{} to {}", number(per.ci_low), number(per.ci_high)),
        ]);
    }
    format!("{table}\nper 1,000: declarations that have it, weighted back\n{whole}")
}
