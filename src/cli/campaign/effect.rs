//! `breeze campaign effect`: what a campaign did.

use crate::api::campaign_effect::{EffectAnswer, RangeAnswer, TimesAnswer};
use crate::api::rate::RateAnswer;
use crate::app::App;
use crate::cli::{Done, Out};
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow::campaign_effect::{self, Before};

/// Does it.
///
/// # Errors
/// Those of the flow.
pub fn run(app: &App, id: &str, before: Option<&str>, out: &Out) -> Result<Done> {
    let before = before.map(Before::parse).transpose()?;
    let today = app.now().date_naive();
    let caller = Caller::operator("cli");
    let effect = campaign_effect::measure(&app.store, &caller, id, before, today)?;
    let answer = EffectAnswer::new(id, effect);
    out.say(&answer, || words(&answer))?;
    Ok(Done::Fine)
}

fn words(answer: &EffectAnswer) -> String {
    let days = |range: RangeAnswer| format!("{} to {}", range.from, range.to);
    let mut table = comfy_table::Table::new();
    table.set_header(["goods", &days(answer.before.range), &days(answer.during)]);
    let mut add = |name: &str, times: &TimesAnswer| {
        table.add_row([name.to_owned(), rate(&times.before), rate(&times.during)]);
    };
    add("of the campaign", &answer.inside);
    if let Some(elsewhere) = &answer.elsewhere {
        add("the same elsewhere", elsewhere);
    }
    let mut lines = vec![answer.sentence.en.clone(), table.to_string()];
    if let Some(trend) = &answer.trend_before {
        let moving = match trend.slope {
            Some(slope) => format!(
                "{:+.1} % a month against elsewhere (95 %: {:+.1} to {:+.1})",
                100.0 * slope.value,
                100.0 * slope.ci_low,
                100.0 * slope.ci_high
            ),
            None => "too few months to tell".into(),
        };
        lines.push(format!("before it began, {} months: {moving}", trend.months));
    }
    if answer.provisional {
        lines.push("results are missing still, so the rates may move".into());
    }
    lines.join("\n")
}

fn rate(rate: &RateAnswer) -> String {
    match (rate.estimated_rate, rate.ci_low, rate.ci_high) {
        (Some(value), Some(low), Some(high)) => {
            let [value, low, high] = [value, low, high].map(|share| 100.0 * share);
            format!("{value:.1} % ({low:.1} to {high:.1}), {} inspected", rate.inspected)
        }
        _ => "nothing inspected".into(),
    }
}
