//! `breeze inspectors`: how strict inspectors are, and whose goods they meet.

use crate::api::trends::inspectors::{InspectorsAnswer, StrictnessAnswer};
use crate::cli::rates::FilterArgs;
use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow::inspectors;

/// Whose work. Repeat a filter for "or"; different filters mean "and".
#[derive(clap::Args)]
pub struct Inspectors {
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
pub fn run(settings: &Settings, ask: &Inspectors, out: &Out) -> Result<Done> {
    let app = settings.open_existing()?;
    let (caller, days) = (Caller::operator("cli"), (ask.from.as_str(), ask.to.as_str()));
    let found = inspectors::judge(&app.store, &caller, days, ask.filters.filters())?;
    let answer = InspectorsAnswer::new(found);
    out.say(&answer, || words(&answer))?;
    Ok(Done::Fine)
}

fn row(item: &StrictnessAnswer) -> [String; 7] {
    let strictness = item.strictness;
    [
        item.office.clone(),
        item.inspector.clone(),
        item.inspected.to_string(),
        item.failed.to_string(),
        format!("{:.1}", item.expected),
        format!("{:.2}", strictness.value),
        format!(
            "{:.2} to {:.2}{}",
            strictness.ci_low,
            strictness.ci_high,
            if item.flagged { " *" } else { "" }
        ),
    ]
}

fn words(answer: &InspectorsAnswer) -> String {
    if answer.items.is_empty() {
        return format!("no inspections with an inspector from {} to {}", answer.from, answer.to);
    }
    let mut table = comfy_table::Table::new();
    table.set_header([
        "office",
        "inspector",
        "inspected",
        "failed",
        "expected",
        "strictness",
        "95 %",
    ]);
    answer.items.iter().for_each(|item| {
        table.add_row(row(item));
    });
    let pairs = &answer.pairs;
    let mut lines = vec![
        table.to_string(),
        "expected: what colleagues of the office would have found among the same goods; \
         strictness: 1 as they, 2 finds twice as much"
            .into(),
        format!("strictness varies by {:.2} (standard deviation) between inspectors", answer.spread),
        "* apart from the others beyond chance, all looked at counted: a reason to talk, not a finding"
            .into(),
        format!("{} of {} pairs of inspector and exporter met oftener than by chance", pairs.flagged, pairs.possible),
    ];
    lines.extend(pairs.items.iter().map(|pair| {
        let (office, inspector, exporter) = (&pair.office, &pair.inspector, &pair.exporter_id);
        format!(
            "  {office} {inspector} and {exporter}: {} times, {:.1} expected",
            pair.met, pair.expected
        )
    }));
    lines.join("\n")
}
