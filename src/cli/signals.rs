//! `breeze signals`: list what deserves somebody's attention, and look for more.

use crate::api::signals::{SignalAnswer, SignalEvaluation};
use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::id::OfficeCode;
use crate::domain::key::Caller;
use crate::domain::signal::{SignalKind, SignalState};
use crate::error::Result;
use crate::flow;
use crate::store::signals::Filter;
use clap::Subcommand;

/// What to do with signals.
#[derive(Subcommand)]
pub enum Signals {
    /// List the signals, the latest day first
    List {
        /// capacity_shortfall, directives_over_capacity, entropy_overdue, release_wrong, rate_above_limit,
        /// rate_below_limit or rate_drift; repeat for more
        #[arg(long, value_parser = kind)]
        kind: Vec<SignalKind>,
        /// open or acknowledged
        #[arg(long, value_parser = state)]
        state: Option<SignalState>,
        /// Office; repeat for more
        #[arg(long)]
        office: Vec<OfficeCode>,
        /// How many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=100_000))]
        limit: i64,
    },
    /// Evaluate the control charts of the weeks and months that are over
    Evaluate,
}

fn kind(text: &str) -> Result<SignalKind, String> {
    let all = SignalKind::ALL.map(SignalKind::as_str).join(", ");
    SignalKind::find(text).ok_or_else(|| format!("no kind `{text}`; there are {all}"))
}

fn state(text: &str) -> Result<SignalState, String> {
    match text {
        "open" => Ok(SignalState::Open),
        "acknowledged" => Ok(SignalState::Acknowledged),
        _ => Err("choose open or acknowledged".into()),
    }
}

/// Does it.
///
/// # Errors
/// Those of the flow.
pub fn run(settings: &Settings, signals: Signals, out: &Out) -> Result<Done> {
    let Signals::List { kind, state, office, limit } = signals else {
        return evaluate(settings, out);
    };
    let app = settings.open_existing()?;
    let offices = office.into_iter().map(String::from).collect();
    let filter = Filter { kinds: kind, state, offices, days: (None, None) };
    let caller = Caller::operator("cli");
    let found = flow::signal::list(&app.store, &caller, &filter, None, limit)?;
    let found: Vec<_> = found.into_iter().map(SignalAnswer::from).collect();
    out.say(&found, || table(&found))?;
    Ok(Done::Fine)
}

/// As the service does by itself.
fn evaluate(settings: &Settings, out: &Out) -> Result<Done> {
    let app = settings.open_existing()?;
    let done = flow::watch::evaluate_for(&app.store, &Caller::operator("cli"), app.now())?;
    let done = SignalEvaluation::from(done);
    out.say(&done, || evaluated(&done))?;
    Ok(Done::Fine)
}

fn evaluated(done: &SignalEvaluation) -> String {
    let mut lines = vec![match done.periods.as_slice() {
        [] => "no period is left to evaluate".to_owned(),
        periods => {
            format!("evaluated: {}; new signals: {}", periods.join(", "), done.signals.len())
        }
    }];
    if !done.waiting.is_empty() {
        lines.push(format!("waiting for results: {}", done.waiting.join(", ")));
    }
    if !done.signals.is_empty() {
        lines.push(table(&done.signals));
    }
    lines.join("\n")
}

fn table(signals: &[SignalAnswer]) -> String {
    let mut table = comfy_table::Table::new();
    table.set_header(["day", "office", "signal", "evidence", "acknowledged"]);
    for signal in signals {
        let known = signal.acknowledgement.as_ref();
        let known = known.map(|known| format!("{}: {}", known.acknowledged_by, known.note));
        table.add_row([
            signal.day.to_string(),
            signal.office.clone(),
            signal.kind.as_str().replace('_', " "),
            evidence(&signal.evidence),
            known.unwrap_or_else(|| "-".into()),
        ]);
    }
    table.to_string()
}

/// The fields of an object, one a line.
fn evidence(evidence: &serde_json::Value) -> String {
    let fields = evidence.as_object().into_iter().flatten();
    let lines = fields.map(|(name, value)| match value.as_str() {
        Some(text) => format!("{name}: {text}"),
        None => format!("{name}: {value}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}
