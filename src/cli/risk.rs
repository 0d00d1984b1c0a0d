//! `breeze risk`: fit, activate, explain, judge and use the risk score.

use crate::app::App;
use crate::cli::acting::Acting;
use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::key::Caller;
use crate::error::{Error, Result};
use crate::flow::risk::{self, Fitted};
use crate::statistics::risk::Recipe;
use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::json;
use std::path::PathBuf;

mod backtest;
mod explain;
mod score;

/// What to do with the risk score.
#[derive(Subcommand)]
pub enum Risk {
    /// Fit a model from what was known before a day; it aims nothing until it is activated
    Fit {
        /// The day; today where it is not named
        #[arg(long, value_parser = crate::domain::day::parse)]
        as_of: Option<NaiveDate>,
        /// A file with all parameters of another recipe, JSON
        #[arg(long)]
        recipe: Option<PathBuf>,
        #[command(flatten)]
        acting: Acting,
    },
    /// Activate a model that another person fitted, and with it its recipe
    Activate {
        /// Its version
        version: i32,
        /// For the record
        #[arg(long)]
        note: Option<String>,
        #[command(flatten)]
        acting: Acting,
    },
    /// Withdraw the active model: every factor is 1 until another one is activated
    Withdraw {
        /// Its version
        version: i32,
        /// For the record
        #[arg(long)]
        note: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// List the models, the latest first
    List,
    /// Show a model with its factors and its back-test
    Show {
        /// Its version
        version: i32,
    },
    /// Score a file of declarations with the active model
    Score(score::ScoreFile),
    /// Recompute every factor of a draw's frame from the model that was kept
    Explain(explain::Explain),
    /// Learn from the results of a file before a day and judge the scores of those from it on; no
    /// database
    Backtest(backtest::Backtest),
}

/// Does it.
///
/// # Errors
/// Those of the flow; a file that cannot be read.
pub fn run(settings: &Settings, ask: Risk, out: &Out) -> Result<Done> {
    // On files alone: nothing else is opened.
    let ask = match ask {
        Risk::Backtest(ask) => return backtest::run(&ask, out),
        ask => ask,
    };
    let app = settings.open_existing()?;
    let fitted = match ask {
        Risk::Fit { as_of, recipe, acting } => {
            let caller = acting.caller(&app, ("POST", "/v1/risk-models"))?;
            fit(&app, &caller, as_of, recipe)?
        }
        Risk::Activate { version, note, acting } => {
            let caller = acting.caller(&app, ("PUT", "/v1/risk-models/{version}/activation"))?;
            risk::activate(&app.store, &caller, version, note.as_deref(), app.now())?
        }
        Risk::Withdraw { version, note, acting } => {
            let caller = acting.caller(&app, ("PUT", "/v1/risk-models/{version}/withdrawal"))?;
            risk::withdraw(&app.store, &caller, version, &note, app.now())?
        }
        Risk::Show { version } => risk::find(&app.store, version)?,
        Risk::List => return list(&app, out),
        Risk::Backtest(ask) => return backtest::run(&ask, out),
        Risk::Score(ask) => return score::run(&app, &ask, out),
        Risk::Explain(ask) => return explain::run(&app, &Caller::operator("cli"), &ask, out),
    };
    out.say(&about(&fitted), || words(&fitted))?;
    Ok(Done::Fine)
}

fn fit(
    app: &App,
    caller: &Caller,
    as_of: Option<NaiveDate>,
    recipe: Option<PathBuf>,
) -> Result<Fitted> {
    let now = app.now();
    let recipe = match recipe {
        None => Recipe::default(),
        Some(path) => {
            let text = std::fs::read_to_string(&path);
            let text =
                text.map_err(|error| Error::environment(format!("{}: {error}", path.display())))?;
            crate::domain::json::parse(text.as_bytes())?
        }
    };
    let as_of = as_of.unwrap_or_else(|| now.date_naive());
    let (model, _) = risk::fit(&app.store, caller, &recipe, as_of, now)?;
    risk::find(&app.store, model.version)
}

/// How many models are listed.
const LISTED: i64 = 50;

fn list(app: &App, out: &Out) -> Result<Done> {
    let models = risk::list(&app.store, None, LISTED)?;
    let told: Vec<_> = models.iter().map(about).collect();
    out.say(&told, || table(&models))?;
    Ok(Done::Fine)
}

fn about(fitted: &Fitted) -> serde_json::Value {
    let kept = &fitted.kept;
    json!({
        "version": kept.version, "label": kept.label(), "active": fitted.active,
        "as_of": kept.as_of, "lessons": kept.lessons, "failures": kept.failures,
        "lessons_sha256": kept.lessons_sha256, "currency": kept.currency,
        "recipe": fitted.recipe, "recipe_sha256": kept.recipe_sha256,
        "intercept": fitted.summary.intercept, "no_effects": fitted.summary.no_effects,
        "settled": fitted.summary.settled,
        "factors": kept_factors(fitted), "backtest": fitted.backtest,
        "activation": fitted.activation, "fitted_at": kept.fitted_at, "fitted_by": kept.fitted_by,
    })
}

/// The factors that earned their place, with their variances.
fn kept_factors(fitted: &Fitted) -> serde_json::Map<String, serde_json::Value> {
    let earned = fitted.summary.factors.iter().filter(|one| one.variance > 0.0);
    earned.map(|one| (one.factor.name().to_owned(), json!(one.variance))).collect()
}

fn words(fitted: &Fitted) -> String {
    let kept = &fitted.kept;
    let state = match (fitted.active, &fitted.activation) {
        (true, _) => "active",
        (false, Some(_)) => "no longer active",
        (false, None) => "not active: another person activates it",
    };
    let mut text = format!(
        "risk@{} as of {}: {} results, {} failures, {state}\n",
        kept.version, kept.as_of, kept.lessons, kept.failures
    );
    let factors = kept_factors(fitted);
    match factors.is_empty() {
        true => text += "no factor has effects: every score is the same\n",
        false => {
            for (factor, variance) in factors {
                text += &format!("  {factor}: variance {variance}\n");
            }
        }
    }
    text + &backtest(fitted)
}

fn backtest(fitted: &Fitted) -> String {
    let Some(backtest) = &fitted.backtest else {
        return "no back-test: too few results".to_owned();
    };
    let judged = &backtest.new_rows;
    let share = |rate: Option<f64>| rate.map_or("-".into(), |rate| format!("{:.1} %", rate * 1e2));
    let heads: Vec<_> = judged
        .precisions
        .iter()
        .map(|one| format!("first {} %: {}", one.percent, share(Some(one.precision))))
        .collect();
    format!(
        "back-test on {} new rows from {}: base rate {}, {}, AUC {}",
        judged.rows,
        backtest.split,
        share(judged.base_rate),
        heads.join(", "),
        judged.auc.map_or("-".into(), |auc| format!("{auc:.3}")),
    )
}

fn table(models: &[Fitted]) -> String {
    let mut table = comfy_table::Table::new();
    table.set_header(["model", "as of", "results", "failures", "factors", "state"]);
    for fitted in models {
        let kept = &fitted.kept;
        let factors: Vec<String> = kept_factors(fitted).into_iter().map(|(name, _)| name).collect();
        table.add_row([
            format!("risk@{}", kept.version),
            kept.as_of.to_string(),
            kept.lessons.to_string(),
            kept.failures.to_string(),
            factors.join(" "),
            if fitted.active { "active".into() } else { String::new() },
        ]);
    }
    table.to_string()
}
