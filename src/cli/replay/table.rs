//! A replay as tables.

use super::Answer;
use crate::flow::replay::{
    Comparison, FitReport, MonthReport, OfficeReport, Report, RulePair, RuleShown, Totals,
};
use comfy_table::Table;

/// Offices that are shown; `--json` has all.
const OFFICES: usize = 20;
/// Pairs of rules that are shown.
const PAIRS: usize = 10;

/// The whole answer in words.
pub fn words(answer: &Answer) -> String {
    let mut parts = vec![totals(answer)];
    for (name, report) in sides(answer) {
        parts.push(format!("{name}\n{}\n{}", months(&report.months), offices(&report.offices)));
        parts.push(fits(&report.fits));
    }
    parts.extend(answer.comparison.as_ref().map(rules));
    parts.push(NOTES.into());
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

const NOTES: &str = "found per inspection: what the draws found; with equal chances: what as many \
    inspections of each frame would have found with all chances alike; lift: the first / the \
    second\nestimated: failure rate of what was declared, from what was drawn; 95 %: its interval; \
    held: whether it holds the true rate";

fn sides(answer: &Answer) -> impl Iterator<Item = (&str, &Report)> {
    let against = answer.against.as_deref().zip(answer.replay_against.as_ref());
    [(answer.policy.as_str(), &answer.replay)].into_iter().chain(against)
}

type Line = (&'static str, fn(&Totals) -> String);

const LINES: [Line; 19] = [
    ("first day", |t| t.from.map(|day| day.to_string()).unwrap_or_default()),
    ("last day", |t| t.to.map(|day| day.to_string()).unwrap_or_default()),
    ("frames", |t| t.frames.to_string()),
    ("declarations", |t| t.declared.to_string()),
    ("of these would fail", |t| t.failing.to_string()),
    ("inspections asked for", |t| format!("{:.1}", t.asked)),
    ("inspections to be expected", |t| format!("{:.1}", t.expected)),
    ("inspections", |t| t.inspections.to_string()),
    ("failures found", |t| t.failures_found.to_string()),
    ("found per inspection", |t| percent(t.precision)),
    ("found with equal chances", |t| percent(t.equal_precision)),
    ("lift", |t| t.lift.map_or("–".into(), |lift| format!("{lift:.2}"))),
    ("days over capacity", |t| t.days_over_capacity.to_string()),
    ("smallest given / asked", |t| format!("{:.3}", t.worst_shrink)),
    ("months that hold the truth", |t| format!("{} of {}", t.months_covered, t.months_estimated)),
    ("relative error of the rate", |t| t.relative_rmse.map_or("–".into(), |e| format!("{e:.3}"))),
    ("factor at 1/5 and at 8", |t| {
        let [least, most] = [t.shares.least_factor, t.shares.most_factor];
        format!("{} and {}", percent(Some(least)), percent(Some(most)))
    }),
    ("chance at the floor", |t| percent(Some(t.shares.floor))),
    ("certain to be drawn", |t| percent(Some(t.shares.certain))),
];

fn totals(answer: &Answer) -> String {
    let mut table = Table::new();
    table.set_header(std::iter::once("").chain(sides(answer).map(|(name, _)| name)));
    for (name, of) in LINES {
        let own = sides(answer).map(|(_, report)| of(&report.totals));
        table.add_row(std::iter::once(name.to_owned()).chain(own));
    }
    table.to_string()
}

fn months(months: &[MonthReport]) -> String {
    let mut table = Table::new();
    table.set_header([
        "month",
        "declared",
        "inspected",
        "found",
        "per inspection",
        "equal chances",
        "estimated",
        "95 %",
        "true",
        "held",
    ]);
    for month in months {
        let interval = month.ci_low.zip(month.ci_high);
        table.add_row([
            month.month.clone(),
            month.declared.to_string(),
            month.inspections.to_string(),
            month.failures_found.to_string(),
            percent(month.precision),
            percent(month.equal_precision),
            percent(month.estimated_rate),
            interval.map_or("–".into(), |(low, high)| {
                format!("{} to {}", percent(Some(low)), percent(Some(high)))
            }),
            percent(Some(month.true_rate)),
            month.covered.map_or("–", |held| if held { "yes" } else { "no" }).into(),
        ]);
    }
    table.to_string()
}

fn offices(offices: &[OfficeReport]) -> String {
    let mut table = Table::new();
    table.set_header([
        "office",
        "days",
        "frames",
        "declared",
        "capacity",
        "inspected",
        "found",
        "days over capacity",
        "smallest given / asked",
    ]);
    for office in offices.iter().take(OFFICES) {
        table.add_row([
            office.office.clone(),
            office.days.to_string(),
            office.frames.to_string(),
            office.declared.to_string(),
            office.capacity.to_string(),
            office.inspections.to_string(),
            office.failures_found.to_string(),
            office.days_over_capacity.to_string(),
            format!("{:.3}", office.worst_shrink),
        ]);
    }
    match offices.len().saturating_sub(OFFICES) {
        0 => table.to_string(),
        more => format!("{table}\n… and {more} offices more: see them all with --json"),
    }
}

/// The last model, and how many there were.
fn fits(fits: &[FitReport]) -> String {
    let Some(last) = fits.last() else { return String::new() };
    let kept: Vec<_> =
        last.kept.iter().map(|kept| format!("{} {}", kept.factor.name(), kept.variance)).collect();
    let kept = if kept.is_empty() { "none".to_owned() } else { kept.join(", ") };
    format!(
        "models: {}; the last before {}, from {} results; factors that earned their place, with \
         their variance: {kept}",
        fits.len(),
        last.day,
        last.results,
    )
}

fn rules(comparison: &Comparison) -> String {
    if comparison.rules.is_empty() {
        return "both policies ask for the same proportion of every declaration".into();
    }
    let mut table = Table::new();
    table.set_header(["policy", "against", "declarations"]);
    for RulePair { policy, against, declarations } in comparison.rules.iter().take(PAIRS) {
        table.add_row([shown(policy), shown(against), declarations.to_string()]);
    }
    let more = match comparison.rules.len().saturating_sub(PAIRS) {
        0 => String::new(),
        more => format!("\n… and {more} pairs more: see them all with --json"),
    };
    format!("declarations of which they ask something else\n{table}{more}")
}

fn shown(rule: &RuleShown) -> String {
    let proportion = f64::from(rule.proportion_ppm) / 10_000.0;
    let exponent = f64::from(rule.exponent_milli) / 1_000.0;
    format!("{}: {proportion} %, exponent {exponent}", rule.rule)
}

fn percent(share: Option<f64>) -> String {
    share.map_or("–".into(), |share| format!("{:.1} %", 100.0 * share))
}
