//! `breeze policy`: propose, approve, check, list and explain policies.

use crate::api::effective::EffectiveProportion;
use crate::cli::acting::{self, Acting};
use crate::cli::{Done, Out, written};
use crate::config::Settings;
use crate::domain::policy;
use crate::domain::share::percent;
use crate::error::{Error, Result};
use crate::flow::effective::Question;
use crate::flow::{self, approval::Seen};
use crate::store::policies::StoredPolicy;
use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::json;
use std::path::PathBuf;

/// What to do with policies.
#[derive(Subcommand)]
pub enum Policy {
    /// Propose a policy file as the next version of its id; it governs once it is approved
    Load {
        /// The file, TOML or .json
        file: PathBuf,
        /// Allow a first day that has passed; for passed days it governs without an approval
        #[arg(long)]
        historical: bool,
        #[command(flatten)]
        acting: Acting,
    },
    /// Approve the last version of a policy that somebody else proposed
    Approve {
        /// Its id
        id: String,
        /// The version, to be sure which one it is
        #[arg(long)]
        version: Option<i32>,
        /// A word on it
        #[arg(long)]
        note: Option<String>,
        #[command(flatten)]
        acting: Acting,
    },
    /// Check a policy file: no database is needed, so its offices are not looked up
    Check {
        /// The file, TOML or .json
        file: PathBuf,
    },
    /// List every version of every policy
    List,
    /// Say which proportion applies to some goods, and why
    Explain(Explain),
}

/// Which goods, on which day.
#[derive(clap::Args)]
pub struct Explain {
    /// Office
    #[arg(long)]
    office: String,
    /// Destination country, alpha-2
    #[arg(long)]
    country: String,
    /// HS code, 4 to 10 digits
    #[arg(long)]
    commodity: String,
    /// Inspection day [default: the office's current one]
    #[arg(long, value_parser = crate::domain::day::parse)]
    day: Option<NaiveDate>,
}

/// Does it.
///
/// # Errors
/// Those of the flow; a file that cannot be read.
pub fn run(settings: &Settings, policy: Policy, out: &Out) -> Result<Done> {
    match policy {
        Policy::Load { file, historical, acting } => {
            let app = settings.open()?;
            let caller = acting.caller(&app, ("POST", "/v1/policies"))?;
            let draft = policy::parse(&written(&file)?, 1)?;
            let (store, now) = (&app.store, app.now());
            let (stored, _) =
                flow::policy::propose(store, &caller, &draft, historical, Seen::Whichever, now)?;
            out.say(&about(&stored), || proposed(&stored))?;
        }
        Policy::Approve { id, version, note, acting } => {
            let app = settings.open_existing()?;
            let caller = acting.caller(&app, ("PUT", "/v1/policies/{id}/approval"))?;
            let seen = version.map_or(Seen::Whichever, Seen::Number);
            let (store, now) = (&app.store, app.now());
            let stored = flow::policy::approve(store, &caller, &id, seen, note.as_deref(), now)?;
            out.say(&about(&stored), || {
                let policy = &stored.policy;
                format!(
                    "policy {}@{} is approved, in force from {}",
                    policy.id, policy.version, policy.from
                )
            })?;
        }
        Policy::Check { file } => return check(&file, out),
        Policy::List => {
            let app = settings.open_existing()?;
            let policies = flow::policy::list(&app.store)?;
            out.say(&policies.iter().map(about).collect::<Vec<_>>(), || table(&policies))?;
        }
        Policy::Explain(ask) => explain(settings, ask, out)?,
    }
    Ok(Done::Fine)
}

fn check(file: &std::path::Path, out: &Out) -> Result<Done> {
    let problem = match policy::parse(&written(file)?, 1) {
        Ok(policy) => {
            let (rules, from) = (policy.rules.len(), policy.from);
            let answer = json!({ "id": policy.id, "from": from, "rules": rules, "errors": [] });
            out.say(&answer, || format!("{}: {rules} rules, in force from {from}", policy.id))?;
            return Ok(Done::Fine);
        }
        Err(problem) => problem,
    };
    let errors = problem.into_errors();
    out.say(&json!({ "errors": errors }), || {
        let lines: Vec<_> = errors
            .iter()
            .map(|fault| format!("{}: {} ({})", fault.pointer, fault.detail, fault.code.as_str()))
            .collect();
        lines.join("\n")
    })?;
    Ok(Done::Faults)
}

/// What was loaded, and what to do next.
fn proposed(stored: &StoredPolicy) -> String {
    let policy = &stored.policy;
    let name = format!("policy {}@{}", policy.id, policy.version);
    if stored.approval.is_some() {
        return format!("{name} is approved, in force from {}", policy.from);
    }
    let first = match stored.historical {
        true => format!("{name} governs the days that have passed, from {} on", policy.from),
        false => format!("{name} is proposed from {} on", policy.from),
    };
    let next = format!("breeze policy approve {} --version {}", policy.id, policy.version);
    let by = &stored.created_by;
    format!(
        "{first}; before it governs a day to come somebody other than {by} must approve it:\n  {}={} {next}",
        acting::KEY,
        "brz_…"
    )
}

fn explain(settings: &Settings, ask: Explain, out: &Out) -> Result<()> {
    let app = settings.open_existing()?;
    let question = Question::new(ask.office, &ask.country, ask.commodity, ask.day)?;
    let caller = crate::domain::key::Caller::operator("cli");
    let found = flow::effective::find(&app.store, &caller, &question, app.now())?;
    let answer = EffectiveProportion::new(&question, found)
        .ok_or_else(|| Error::inner("a policy without a default rule"))?;
    out.say(&answer, || {
        let policy = &answer.policy;
        let mut table = comfy_table::Table::new();
        table.set_header(["rule", "proportion", "why"]);
        for layer in &answer.stack {
            let share = percent(layer.proportion_ppm);
            table.add_row([&layer.rule, &share, &layer.why.en]);
        }
        let mut orders = String::new();
        for order in answer.directives.iter().flatten() {
            orders += &format!(
                "\ncertain by directive {} until {}: {}",
                order.id, order.until, order.reason
            );
        }
        format!(
            "{} by {} on {} (policy {}@{})\n{table}{orders}",
            percent(answer.winner.proportion_ppm),
            answer.winner.rule,
            answer.day,
            policy.id,
            policy.version,
        )
    })
}

fn about(stored: &StoredPolicy) -> serde_json::Value {
    let policy = &stored.policy;
    json!({
        "id": policy.id, "version": policy.version, "state": state(stored), "from": policy.from,
        "floor_ppm": policy.floor_ppm, "rules": policy.rules, "sha256": policy.sha256(),
        "historical": stored.historical, "created_at": stored.created_at,
        "created_by": stored.created_by, "approval": stored.approval,
    })
}

fn state(stored: &StoredPolicy) -> &'static str {
    if stored.approval.is_some() { "approved" } else { "proposed" }
}

fn table(policies: &[StoredPolicy]) -> String {
    let mut table = comfy_table::Table::new();
    table.set_header(["policy", "from", "floor", "rules", "proposed by", "state"]);
    for stored in policies {
        let policy = &stored.policy;
        let rules: Vec<_> = policy
            .rules
            .iter()
            .map(|rule| format!("{} {}", rule.name, percent(rule.proportion_ppm)))
            .collect();
        let state = match (&stored.approval, stored.historical) {
            (Some(approval), _) => format!("approved by {}", approval.by),
            (None, true) => "proposed; governs passed days".into(),
            (None, false) => "proposed".into(),
        };
        table.add_row([
            format!("{}@{}", policy.id, policy.version),
            policy.from.to_string(),
            percent(policy.floor_ppm),
            rules.join("\n"),
            stored.created_by.clone(),
            state,
        ]);
    }
    table.to_string()
}
