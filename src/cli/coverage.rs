//! `breeze coverage`: what the rules asked, what was drawn, what was inspected.

use crate::api::trends::CoverageAnswer;
use crate::api::trends::coverage::CoverageItem;
use crate::cli::rates::FilterArgs;
use crate::cli::{Done, Out, percent};
use crate::config::Settings;
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow::rates::{self, Ask, Words};

/// Which coverage. Repeat a filter for "or"; different filters mean "and".
#[derive(clap::Args)]
pub struct Coverage {
    /// day, week, month, quarter or year
    #[arg(long)]
    period: String,
    /// First inspection day, or a period: 2026-01-01, 2026-W05, 2026-01, 2026-Q1, 2026
    #[arg(long)]
    from: String,
    /// Last inspection day, or a period
    #[arg(long)]
    to: String,
    /// region, grouping, country, office, province, exporter, campaign, chapter, heading, subheading,
    /// selection
    #[arg(long)]
    split_by: Vec<String>,
    #[command(flatten)]
    filters: FilterArgs,
}

/// Does it.
///
/// # Errors
/// Those of the flow.
pub fn run(settings: &Settings, coverage: &Coverage, out: &Out) -> Result<Done> {
    let Coverage { period, from, to, split_by, filters } = coverage;
    let ask = Ask::parse(&Words {
        period: period.clone(),
        target: None,
        from: from.clone(),
        to: to.clone(),
        split_by: split_by.clone(),
        filters: filters.filters(),
    })?;
    let app = settings.open_existing()?;
    let found = rates::coverage(&app.store, &Caller::operator("cli"), &ask)?;
    let answer = CoverageAnswer::new(&ask, &found);
    out.say(&answer, || table(&answer))?;
    Ok(Done::Fine)
}

fn table(answer: &CoverageAnswer) -> String {
    if answer.items.is_empty() {
        return format!("no declarations from {} to {}", answer.from, answer.to);
    }
    let mut table = comfy_table::Table::new();
    let numbers = [
        "declared",
        "in frames",
        "asked",
        "expected",
        "drawn",
        "inspected",
        "open",
        "not inspected",
        "at floor",
        "shrunk days",
    ];
    let head = ["period"].into_iter().chain(answer.split_by.iter().copied()).chain(numbers);
    table.set_header(head);
    for item in &answer.items {
        table.add_row(row(item));
    }
    format!(
        "{table}\nasked: mean proportion of the rules; expected: sum of the chances; shares are of the \
         rows in frames"
    )
}

fn row(item: &CoverageItem) -> Vec<String> {
    let reached = &item.reached;
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
    let with = |count: u64, of: Option<f64>| format!("{count} ({})", share(of));
    let labels = item.ordered_labels().map(|label| if label.is_empty() { "–" } else { label });
    [item.period.clone()]
        .into_iter()
        .chain(labels.map(str::to_owned))
        .chain([
            reached.declared.to_string(),
            reached.in_frames.to_string(),
            share(reached.target_proportion),
            format!("{:.1}", reached.expected_size),
            with(reached.drawn, reached.drawn_proportion),
            with(reached.inspected, reached.inspected_proportion),
            reached.open.to_string(),
            reached.not_inspected.to_string(),
            share(reached.floor_share),
            format!("{} of {}", reached.shrunk_days, reached.office_days),
        ])
        .collect()
}
