//! `breeze chart`: the control chart of a failure rate.

use crate::api::trends::{ChartedPeriod, ControlChart};
use crate::cli::rates::FilterArgs;
use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow::chart::{self, ChartAsk};
use crate::flow::rates::Words;

/// Which chart. Repeat a filter for "or"; different filters mean "and".
#[derive(clap::Args)]
pub struct Chart {
    /// day, week, month, quarter or year
    #[arg(long)]
    period: String,
    /// First inspection day, or a period: 2026-01-01, 2026-W05, 2026-01, 2026-Q1, 2026
    #[arg(long)]
    from: String,
    /// Last inspection day, or a period
    #[arg(long)]
    to: String,
    /// First period of a fixed baseline; without one, the twelve periods before each
    #[arg(long, requires = "baseline_to")]
    baseline_from: Option<String>,
    /// Last period of a fixed baseline
    #[arg(long, requires = "baseline_from")]
    baseline_to: Option<String>,
    #[command(flatten)]
    filters: FilterArgs,
}

/// Does it.
///
/// # Errors
/// Those of the flow.
pub fn run(settings: &Settings, ask: &Chart, out: &Out) -> Result<Done> {
    let words = Words {
        period: ask.period.clone(),
        from: ask.from.clone(),
        to: ask.to.clone(),
        filters: ask.filters.filters(),
        ..Words::default()
    };
    let ask = ChartAsk::parse(&words, (ask.baseline_from.as_deref(), ask.baseline_to.as_deref()))?;
    let app = settings.open_existing()?;
    let (caller, today) = (Caller::operator("cli"), app.now().date_naive());
    let charted = chart::control_chart(&app.store, &caller, &ask, today)?;
    let answer = ControlChart::new(&ask, &charted);
    out.say(&answer, || table(&answer))?;
    Ok(Done::Fine)
}

fn table(chart: &ControlChart) -> String {
    let mut table = comfy_table::Table::new();
    table.set_header([
        "period",
        "inspected",
        "failed",
        "rate",
        "limits",
        "z",
        "EWMA",
        "CUSUM",
        "signals",
    ]);
    for item in &chart.items {
        table.add_row(row(item));
    }
    format!(
        "{table}\nlimits: of the quality behind the goods, {}; EWMA signals outside ±{:.2}, CUSUM above \
         {:.2}\n… results are missing still, or the period is not over\nan unchanged process signals in \
         0.3 to 0.8 % of periods, where true rates scatter by 30 % in 1.6 %",
        against(chart),
        chart.ewma_limit,
        chart.cusum_limit
    )
}

fn against(chart: &ControlChart) -> String {
    match (&chart.baseline.from, &chart.baseline.to) {
        (Some(from), Some(to)) => format!("as it was from {from} to {to}"),
        _ => "as it was in the twelve periods before".into(),
    }
}

fn row(item: &ChartedPeriod) -> Vec<String> {
    let open = if item.provisional { " …" } else { "" };
    let mut row = vec![
        format!("{}{open}", item.period),
        item.rate.inspected.to_string(),
        item.rate.failed.to_string(),
        item.rate.estimated_rate.map_or_else(|| "–".into(), percent),
    ];
    match &item.limits {
        Some(limits) => row.extend([
            format!("{} to {}", percent(limits.low), percent(limits.high)),
            format!("{:.2}", limits.z),
            format!("{:.2}", limits.ewma),
            format!("{:.2} / {:.2}", limits.cusum_up, limits.cusum_down),
            item.signals.join(", ").replace('_', " "),
        ]),
        None => {
            row.extend(["–", "–", "–", "–"].map(str::to_owned));
            row.push(item.explanation.unwrap_or_default().to_owned());
        }
    }
    row
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
