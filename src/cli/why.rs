//! `breeze why`: why a failure rate changed.

use crate::api::trends::why::{ComparedAnswer, DecompositionAnswer};
use crate::cli::rates::FilterArgs;
use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow::why::{self, Question};

/// Which change. Repeat a filter for "or"; different filters mean "and".
#[derive(clap::Args)]
pub struct Why {
    /// A period: 2026-10, 2026-Q3, 2026, 2026-W05, 2026-11-24
    #[arg(long)]
    now: String,
    /// The period before it
    #[arg(long, required_unless_present = "compare", conflicts_with = "compare")]
    before: Option<String>,
    /// Which period that is: previous_year or previous_period
    #[arg(long)]
    compare: Option<String>,
    #[command(flatten)]
    filters: FilterArgs,
}

/// Does it.
///
/// # Errors
/// Those of the flow.
pub fn run(settings: &Settings, ask: &Why, out: &Out) -> Result<Done> {
    let app = settings.open_existing()?;
    let question = Question {
        now: ask.now.clone(),
        before: ask.before.clone(),
        compare: ask.compare.clone(),
        filters: ask.filters.filters(),
    };
    let why = why::explain(&app.store, &Caller::operator("cli"), &question)?;
    let answer = DecompositionAnswer::new(&why);
    out.say(&answer, || words(&answer))?;
    Ok(Done::Fine)
}

fn points(share: f64) -> String {
    format!("{:+.2}", 100.0 * share)
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".into(), |share| format!("{:.1} %", 100.0 * share))
}

fn side(name: &str, side: &ComparedAnswer) -> String {
    let rate = &side.rate;
    let missing = if side.provisional { "; results are missing still" } else { "" };
    format!(
        "{name} {}: {} of {} inspected failed ({}); estimated {} (95 %: {} to {}){missing}",
        side.period,
        rate.failed,
        rate.inspected,
        percent(rate.observed_rate),
        percent(rate.estimated_rate),
        percent(rate.ci_low),
        percent(rate.ci_high)
    )
}

/// The sentence, the rates, and the parts in points.
fn words(answer: &DecompositionAnswer) -> String {
    let parts = &answer.parts;
    let quality = parts.quality;
    let mut table = comfy_table::Table::new();
    table.set_header(["part", "points", "what it means"]);
    let limits = format!(
        "like goods failed more or less often (95 %: {} to {})",
        points(quality.ci_low),
        points(quality.ci_high)
    );
    table.add_row(["quality".into(), points(quality.value), limits]);
    for (part, value, meaning) in [
        ("mix", parts.mix, "other goods were declared"),
        ("targeting", parts.targeting, "other goods were drawn"),
        ("inspectors", parts.inspectors, "stricter or milder inspectors were at work"),
        ("imbalance", parts.imbalance, "the sample is not composed as the declarations are"),
        ("observed", answer.observed_change, "all of them: change of failed/inspected"),
        ("estimated", answer.estimated_change, "all but targeting: change of the estimated rate"),
    ] {
        table.add_row([part.to_owned(), points(value), meaning.to_owned()]);
    }
    let (now, before) = (side("now", &answer.now), side("before", &answer.before));
    let (strictness, sentence) = (&answer.strictness, &answer.sentence.en);
    let apart = [("now", &strictness.flagged_now), ("before", &strictness.flagged_before)];
    let apart = apart.into_iter().filter(|(_, names)| !names.is_empty()).map(|(when, names)| {
        let names = names.iter().map(|name| format!("{} of {}", name.inspector, name.office));
        let names = names.collect::<Vec<_>>().join(", ");
        format!("\napart from colleagues {when}: {names} (`breeze inspectors`)")
    });
    let apart: String = apart.collect();
    format!("{sentence}\n{now}\n{before}\n{table}{apart}")
}
