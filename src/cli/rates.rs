//! `breeze rates`: failure rates of periods, and the sums that they are read from.

mod change;
mod filters;
mod sums;

pub use filters::FilterArgs;

use crate::api::trends::{CellAnswer, FailureRates};
use crate::cli::{Done, Out, percent};
use crate::config::Settings;
use crate::domain::headline::TOO_FEW;
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow::rates::{self, Question, Words};
use crate::statistics::Target;

/// Which rates. Repeat a filter for "or"; different filters mean "and".
#[derive(clap::Args)]
pub struct Rates {
    /// Hold the sums kept with each draw and result against the rows they follow from
    #[arg(long, conflicts_with_all = ["rebuild", "period", "from", "to", "split_by", "target", "region", "grouping", "country", "commodity", "office", "province", "exporter", "campaign", "selection"])]
    check: bool,
    /// Make the sums anew from the rows
    #[arg(long, conflicts_with_all = ["period", "from", "to", "split_by", "target", "region", "grouping", "country", "commodity", "office", "province", "exporter", "campaign", "selection"])]
    rebuild: bool,
    /// day, week, month, quarter or year
    #[arg(long, required_unless_present_any = ["check", "rebuild"], default_value = "")]
    period: String,
    /// First inspection day, or a period: 2026-01-01, 2026-W05, 2026-01, 2026-Q1, 2026
    #[arg(long, required_unless_present_any = ["check", "rebuild"], default_value = "")]
    from: String,
    /// Last inspection day, or a period
    #[arg(long, required_unless_present_any = ["check", "rebuild"], default_value = "")]
    to: String,
    /// region, grouping, country, office, province, exporter, campaign, chapter, heading, subheading,
    /// selection
    #[arg(long)]
    split_by: Vec<String>,
    #[command(flatten)]
    filters: FilterArgs,
    /// declarations (the goods declared) or process (the quality behind them); the usual is
    /// declarations, and process with --compare
    #[arg(long)]
    target: Option<String>,
    /// previous_year (of a part of a period, the same part) or previous_period (the whole one before)
    #[arg(long)]
    compare: Option<String>,
}

/// Does it.
///
/// # Errors
/// Those of the flow.
pub fn run(settings: &Settings, rates: &Rates, out: &Out) -> Result<Done> {
    if rates.check || rates.rebuild {
        return sums::run(settings, rates.rebuild, out);
    }
    let words = Words {
        period: rates.period.clone(),
        target: rates.target.clone(),
        from: rates.from.clone(),
        to: rates.to.clone(),
        split_by: rates.split_by.clone(),
        filters: rates.filters.filters(),
    };
    let question = Question::parse(&words, rates.compare.as_deref())?;
    let app = settings.open_existing()?;
    let found = rates::report(&app.store, &Caller::operator("cli"), &question)?;
    let answer = FailureRates::new(&question, &found);
    out.say(&answer, || table(&answer))?;
    Ok(Done::Fine)
}

/// The rates as a table, with what its marks mean.
pub(super) fn table(rates: &FailureRates) -> String {
    if rates.items.is_empty() {
        return format!("no declarations from {} to {}", rates.from, rates.to);
    }
    let mut table = comfy_table::Table::new();
    let numbers =
        ["declared", "in frames", "drawn", "inspected", "failed", "observed", "estimated", "95 %"];
    let head = ["period"].into_iter().chain(rates.split_by.iter().copied()).chain(numbers);
    let more: &[&str] = if rates.compare.is_some() { &change::COLUMNS } else { &[] };
    table.set_header(head.chain(more.iter().copied()));
    for item in &rates.items {
        table.add_row(row(item));
    }
    format!("{table}\n{}{}", change::sentences(rates), notes(rates))
}

fn row(item: &CellAnswer) -> Vec<String> {
    let rate = &item.rate;
    let shown = |share: Option<f64>| match (share, rate.inspected) {
        (None, _) | (_, ..TOO_FEW) => "–".to_owned(),
        (Some(share), _) => percent(share),
    };
    let interval = match (rate.ci_low, rate.ci_high) {
        (Some(low), Some(high)) => format!("{} to {}", percent(low), percent(high)),
        _ => "–".into(),
    };
    let star = if item.small { " *" } else { "" };
    let open = if item.provisional { " …" } else { "" };
    let period = format!("{}{open}", item.period);
    let labels = item.ordered_labels().map(|label| if label.is_empty() { "–" } else { label });
    [period]
        .into_iter()
        .chain(labels.map(str::to_owned))
        .chain([
            item.declared.to_string(),
            item.in_frames.to_string(),
            item.drawn.to_string(),
            format!("{}{star}", rate.inspected),
            rate.failed.to_string(),
            shown(rate.observed_rate),
            shown(rate.estimated_rate),
            interval,
        ])
        .chain(item.change.as_ref().map(change::row).unwrap_or_default())
        .collect()
}

fn by_order(drawn: u64) -> String {
    match drawn {
        1 => "1 was drawn by directive and weighs 1".into(),
        _ => format!(
            "{drawn} were drawn by directive and weigh 1 each, before the factor for drawn goods that were not inspected"
        ),
    }
}

/// What the marks mean, and what every rate is.
fn notes(rates: &FailureRates) -> String {
    let any = |marked: fn(&CellAnswer) -> bool| rates.items.iter().any(marked);
    let waiting: u64 = rates.items.iter().map(|item| item.not_in_frame).sum();
    let target = match Target::from(rates.target) {
        Target::Declarations => "the goods declared",
        Target::Process => "the quality behind the goods declared",
    };
    let mut notes = vec![format!("estimated: weighted back to {target}; 95 %: its interval")];
    if any(|item| item.small) {
        notes.push("* fewer than 30 inspected; no rate is shown for fewer than 5".into());
    }
    if any(|item| item.provisional) {
        notes.push("… results are missing still, so the rate may move".into());
    }
    let ordered: u64 = rates.items.iter().map(|item| item.directive.drawn).sum();
    if ordered > 0 && !rates.split_by.contains(&"selection") {
        notes.push(format!("{}: split by selection to tell them apart", by_order(ordered)));
    }
    if waiting > 0 {
        notes.push("some declarations are in no frame yet: no rate speaks of them".into());
    }
    if rates.split_by.contains(&"grouping") {
        notes.push("groupings overlap: their rows do not add up".into());
    }
    notes.join("\n")
}
